"""`jumeau portfolio`: chooses projects under yearly budgets."""

from __future__ import annotations

import argparse
from pathlib import Path

from jumeau.commands.parser import Commands
from jumeau.commands.status import DONE
from jumeau.commands.terminal import width, write, write_files
from jumeau.i18n import _
from jumeau.redaction import show


def add(commands: Commands) -> None:
    """Add the command."""
    portfolio = commands.add("portfolio", _("choose projects under yearly budgets"), _portfolio)
    portfolio.add_argument("file", type=Path, help=_("portfolio file (YAML)"))
    portfolio.add_argument("-o", "--output", type=Path, help=_("folder to write the plan in"))


def _portfolio(arguments: argparse.Namespace) -> int:
    from jumeau.evaluation.portfolio_file import read_portfolio
    from jumeau.report.portfolio import Solved, portfolio_lines, write_portfolio

    solved = Solved(read_portfolio(arguments.file))
    write(portfolio_lines(solved, width()))
    if arguments.output:
        show()
        write_files(write_portfolio(solved, arguments.output))
    return DONE
