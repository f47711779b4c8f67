"""The command line: parses what is typed, hands it to a command (`jumeau.commands`), tells of what stops it.

Exit status 0 done, 2 what was given cannot be used (a full disk, a read-only folder included), 130 interrupted (143 by
SIGTERM, 129 by SIGHUP), 1 anything else.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from jumeau.commands import (
    batch,
    browser,
    check,
    evaluation,
    factors,
    measures,
    new,
    pictures,
    portfolio,
    register,
    remarks,
    report,
    run,
    schema,
    serve,
    show,
    size,
    study,
    territory,
    zones,
)
from jumeau.commands.parser import Action, Commands, Parser, wanted_language
from jumeau.commands.status import BAD_INPUT, DONE, FAILED, INTERRUPTED
from jumeau.errors import InputError, Interrupted, JumeauError
from jumeau.files import refusal
from jumeau.i18n import _, set_language
from jumeau.redaction import show as print  # noqa: A004 - whatever is printed here holds names of files and features
from jumeau.signals import stoppable

#: What adds the commands, in the order of the help.
COMMANDS = (
    run.add_demo,
    territory.add,
    new.add,
    measures.add,
    factors.add,
    zones.add,
    check.add,
    run.add,
    batch.add,
    show.add,
    browser.add,
    report.add,
    pictures.add,
    serve.add,
    study.add,
    size.add,
    evaluation.add,
    portfolio.add,
    register.add,
    remarks.add,
    schema.add,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        Words after the program's name; the process's own by default.

    Returns
    -------
    int
        Exit status.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    set_language(wanted_language(words))
    arguments = _parser().parse_args(words)
    set_language(arguments.lang)
    action: Action = arguments.action
    with stoppable() as stop:
        status = _status_of(action, arguments)
    return stop.status(INTERRUPTED) if status == INTERRUPTED else status


def _parser() -> Parser:
    from jumeau import __version__

    parser = Parser(prog="jumeau", description=_("Digital twin and scenario engine for territories."))
    parser.add_argument("--version", action="version", version=f"jumeau {__version__}", help=_("print the version"))
    commands = Commands(parser)
    for add in COMMANDS:
        add(commands)
    return parser


def _status_of(action: Action, arguments: argparse.Namespace) -> int:
    """Do what is asked; tell of whatever stops it, and return the exit status."""
    try:
        status = action(arguments)
        sys.stdout.flush()  # here a full disk can be told of
    except InputError as error:
        print(_("error: {message}").format(message=error), file=sys.stderr)
        return BAD_INPUT
    except (Interrupted, KeyboardInterrupt) as error:
        print("\n" + (str(error) or _("interrupted")), file=sys.stderr)
        return INTERRUPTED
    except JumeauError as error:
        print(_("error: {message}").format(message=error), file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # The reader of our output left (`jumeau … | head`): nothing to tell it.
        _mute()
        return DONE
    except OSError as error:
        where = error.filename if error.filename is not None else _("standard output")
        print(_("error: {message}").format(message=refusal(error, str(where))), file=sys.stderr)
        _mute()
        return BAD_INPUT
    return status


def _mute() -> None:
    """Let what is still held back for standard output go nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
