"""`jumeau territory fetch`: downloads the products of a commune that have a stable address."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from jumeau.commands.parser import Commands
from jumeau.commands.status import BAD_INPUT, DONE
from jumeau.commands.territory_new import commune
from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.redaction import show


def add(territory: Commands) -> None:
    """Add the command to those of `territory`."""
    fetch = territory.add("fetch", _("download the open data of a commune that have a stable address"), _fetch)
    fetch.add_argument("--commune", required=True, help=_("INSEE code of the commune, for instance 12174"))
    fetch.add_argument("--to", dest="folder", type=Path, required=True, help=_("folder to write to"))
    fetch.add_argument("--products", default="", help=_("products, separated by commas; all by default"))
    fetch.add_argument("--resolver", type=Path, help=_("file of addresses (YAML) that replace those shipped"))


def _fetch(arguments: argparse.Namespace) -> int:
    from jumeau.sources.products.fetch import fetch
    from jumeau.sources.products.manifest import Manifest
    from jumeau.sources.products.resolver import wanted_files

    products = [name.strip() for name in arguments.products.split(",") if name.strip()]
    files = wanted_files(commune(arguments.commune), products, arguments.resolver)
    folder: Path = arguments.folder
    manifest = Manifest.read(folder)
    problems: list[Problem] = []
    for item in files:
        target = folder / item.file
        if target.exists():
            show(_("{file}: there already; remove it to download it anew").format(file=item.file))
            continue
        try:
            fetched = fetch(item.url, target, item.sha256, _progress(item.file))
        except InputError as error:
            # One product that moved must not keep the others away.
            problems += error.problems
            continue
        finally:
            _end_line()
        manifest.record(item, fetched)
        told = _("{file}: {size} bytes, {licence}, sha256 {sum}")
        show(told.format(file=item.file, size=format_number(fetched.size), licence=item.licence, sum=fetched.sha256))
    if problems:
        for problem in problems:
            show(_("error: {message}").format(message=problem), file=sys.stderr)
        return BAD_INPUT
    show(_("Then: jumeau territory new --from {folder} -o FILE.yaml").format(folder=folder))
    return DONE


def _progress(file: str) -> Callable[[int, int], None]:
    """Return what tells how far a download is, on a terminal only."""

    def told(done: int, whole: int) -> None:
        if sys.stderr.isatty():
            share = f"{100 * done // whole} %" if whole else f"{done // 1_000_000} MB"
            sys.stderr.write(f"\r{file}: {share}   ")
            sys.stderr.flush()

    return told


def _end_line() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
