"""A territory file that is drafted: what it says, and its text, short and commented."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jumeau.errors import shorten
from jumeau.i18n import _, local
from jumeau.sources.products.catalogue import Product
from jumeau.sources.products.place import Place

_PLAIN = re.compile(r"[A-Za-z][\w. /-]*[\w]|[A-Za-z]")
#: Words that would not be texts in some YAML.
_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


@dataclass(frozen=True)
class Entry:
    """One import.

    Attributes
    ----------
    format, file : str
    product : Product
    layers : tuple of str
        What it gives, for the comment.
    keys : mapping of str to str
        Further keys of the entry.
    only : tuple of str
        Layers to take, where it would give others.
    parts : tuple of str
        Names of what is read of a folder.
    """

    format: str
    file: str
    product: Product
    layers: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """Return what a person calls it: the file, or what is read of a folder."""
        return shorten(self.parts) if len(self.parts) > 1 else self.file


@dataclass(frozen=True)
class Draft:
    """A territory file.

    Attributes
    ----------
    name, title : str
    place : Place
    data : Path
    entries : tuple of Entry
    people : mapping of str to int
        Totals that the user states.
    within : str
        Code of the commune at whose limit the territory ends; empty where no limit is there.
    """

    name: str
    title: str
    place: Place
    data: Path
    entries: tuple[Entry, ...]
    people: Mapping[str, int]
    within: str = ""

    def text(self, target: Path) -> str:
        """Return the YAML of a file that will stand at `target`."""
        lines = [
            "# "
            + _("Change it at will (docs/territory.md), then: jumeau territory build {file}").format(file=target.name),
            f"name: {self.name}",
            f"title: {scalar(self.title)}",
            f"crs: {self.place.crs}",
            f"timezone: {self.place.timezone}",
            f"country: {self.place.country}",
        ]
        if self.place.subdivision:
            lines.append(f'subdivision: "{self.place.subdivision}"')
        lines += [f"data: {scalar(_relative(self.data, target))}", "imports:"]
        before = None
        for entry in self.entries:
            licence = f" ({entry.product.licence})" if entry.product.licence else ""
            label = f"{local(entry.product.label)}{licence}"
            told = "  # " + _("{key}: {value}").format(key=label, value=", ".join(entry.layers))
            if entry.product != before:
                lines.append(told if len(told) <= 118 else told[:117] + "…")
            before = entry.product
            lines.append(f"  - {_flow(entry)}")
        if self.within:
            lines.append(f'within: "{self.within}"')
        if self.people:
            inside = ", ".join(f"{key}: {value}" for key, value in self.people.items())
            lines.append(f"population: {{{inside}}}")
        return "\n".join(lines) + "\n"


def _flow(entry: Entry) -> str:
    keys = {"format": entry.format, "file": scalar(entry.file)}
    keys |= {key: scalar(value) for key, value in entry.keys.items()}
    inside = ", ".join(f"{key}: {value}" for key, value in keys.items())
    return f"{{{inside}, only: [{', '.join(entry.only)}]}}" if entry.only else f"{{{inside}}}"


def scalar(text: str) -> str:
    """Return a text as YAML writes it, quoted where it could be read as anything else."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)


def _relative(folder: Path, target: Path) -> str:
    """Return a folder as the file names it: relative, unless nothing but the root is common."""
    here = target.absolute().parent
    try:
        relative = os.path.relpath(folder.absolute(), here)
    except ValueError:  # another drive
        return str(folder.absolute())
    return Path(relative).as_posix() if relative.count("..") <= 3 else str(folder.absolute())
