"""The help of every command is printed in both languages: argparse formats texts, and stops at a lone percent sign."""

import argparse

import pytest

from jumeau.cli import _parser, main
from jumeau.i18n import LANGUAGES


def commands(parser, words=()):
    """Every command, and every command of a command, as it is typed."""
    yield words
    for action in parser._actions:  # argparse has no other way to list its commands
        if isinstance(action, argparse._SubParsersAction):
            for name, made in action.choices.items():
                yield from commands(made, (*words, name))


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_of_every_command(capsys, language):
    found = list(commands(_parser()))
    assert ("evaluate",) in found
    for words in found:
        with pytest.raises(SystemExit) as stopped:
            main([*words, "--help", "--lang", language])
        assert stopped.value.code == 0, words
        assert "--help" in capsys.readouterr().out, words
    with pytest.raises(SystemExit):
        main(["evaluate", "--lang", language, "--help"])
    # One percent sign is typed, one is read.
    told = capsys.readouterr().out
    assert "%%" not in told
    assert "%" in told
