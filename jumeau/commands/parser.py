"""The parser of the command line: its own words are in the catalogue, what is typed is read strictly."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from jumeau.commands.status import BAD_INPUT
from jumeau.i18n import DEFAULT_LANGUAGE, LANGUAGES, _
from jumeau.redaction import show

#: What a command does, given what was typed; it returns the exit status.
Action = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """A parser whose own words are in the catalogue too."""

    def format_help(self) -> str:
        """Return the help, in the current language."""
        text = super().format_help()
        for word in ("usage:", "positional arguments:", "options:", "show this help message and exit"):
            text = text.replace(word, _(word))
        return text

    def format_usage(self) -> str:
        """Return the usage, in the current language."""
        return super().format_usage().replace("usage:", _("usage:"))

    def error(self, message: str) -> None:  # type: ignore[override]
        """Tell what is wrong with what was typed, and leave."""
        for word in (
            "the following arguments are required:",
            "unrecognized arguments:",
            "invalid choice:",
            "invalid int value:",
            "expected one argument",
            "not allowed with argument",
            "(choose from",
            "argument ",
        ):
            message = message.replace(word, _(word))
        self.print_usage(sys.stderr)
        show(_("error: {message}").format(message=message), file=sys.stderr)
        sys.exit(BAD_INPUT)


class Commands:
    """The commands of a parser, to which each module adds its own.

    Parameters
    ----------
    parser : Parser
    common : Parser, optional
        Words that all commands take; those of the language by default.
    """

    def __init__(self, parser: Parser, common: Parser | None = None) -> None:
        self._common = common or _language_words()
        self._made = parser.add_subparsers(
            title=_("commands"), metavar=_("COMMAND"), required=True, parser_class=Parser
        )

    def add(self, name: str, text: str, action: Action) -> Parser:
        """Add a command; its words are added to the parser returned."""
        made = self._made.add_parser(name, help=text, description=text, parents=[self._common])
        made.set_defaults(action=action)
        return made

    def group(self, name: str, text: str) -> Commands:
        """Add a command that has commands of its own."""
        return Commands(self._made.add_parser(name, help=text), self._common)


def _language_words() -> Parser:
    common = Parser(add_help=False)
    common.add_argument(
        "--lang",
        choices=LANGUAGES,
        default=wanted_language([]),
        help=_("language of what is printed and written"),
    )
    return common


def wanted_language(words: Sequence[str]) -> str:
    """Return the language asked for, before the parser exists (its help is translated too)."""
    for place, word in enumerate(words):
        if word == "--lang" and place + 1 < len(words) and words[place + 1] in LANGUAGES:
            return words[place + 1]
        if word.startswith("--lang=") and word[7:] in LANGUAGES:
            return word[7:]
    asked = os.environ.get("JUMEAU_LANG", DEFAULT_LANGUAGE)
    return asked if asked in LANGUAGES else DEFAULT_LANGUAGE


class Names:
    """Names that networks announce; they are only loaded where the names are asked for."""

    def __init__(self, read: Callable[[], Iterable[str]]) -> None:
        self.read = read

    def __iter__(self) -> Iterator[str]:
        return iter(self.read())

    def __contains__(self, name: object) -> bool:
        return name in list(self)


def folder_word(parser: Parser) -> None:
    """Let a command take the folder of a run."""
    parser.add_argument("folder", type=Path, help=_("folder of the results"))


def network_word(parser: Parser, text: str, read: Callable[[], Iterable[str]] | None = None) -> None:
    """Let a command take the name of a network, or none."""
    parser.add_argument(
        "network", nargs="?", choices=Names(read or _networks), metavar=_("NETWORK"), default=None, help=text
    )


def _networks() -> Iterable[str]:
    from jumeau.network import discover

    return discover()


def positive(text: str) -> int:
    """Read a number of things."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(_("must be at least 1"))
    return value


def assigned(text: str) -> tuple[str, str]:
    """Read `spacing=200 m`."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise argparse.ArgumentTypeError(_("write « KEY=VALUE »"))
    return key.strip(), value.strip()


def later(text: str) -> tuple[int, Path]:
    """Read `2035=FOLDER`."""
    year, equals, folder = text.partition("=")
    if not equals or not year.strip().isdecimal():
        raise argparse.ArgumentTypeError(_("write « 2035=FOLDER »"))
    return int(year), Path(folder)
