"""Where products are downloaded from: the addresses shipped, and those of the user's own file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, unquote, urlsplit

from pydantic import Field

from jumeau.errors import InputError, Problem, nearest
from jumeau.i18n import _
from jumeau.sources.products.catalogue import catalogue
from jumeau.sources.products.place import place_of_commune
from jumeau.sources.products.shopping import words_of
from jumeau.yaml_file import read_yaml, validate
from jumeau.yaml_types import Block

SHIPPED = Path(__file__).with_name("resolver.yaml")
SCHEMES = ("http", "https")

_WORD = re.compile(r"\{(\w+)\}")


class Address(Block):
    """Where one product is had."""

    url: str
    """Address; `{commune}`, `{departement}`, `{departement3}` and `{projection}` are replaced."""
    file: str = ""
    """Name of the file; the last part of the address by default."""
    sha256: Annotated[str, Field(pattern=r"^([0-9a-fA-F]{64})?$")] = ""
    """Checksum that the file must have."""


class Resolver(Block):
    """A file of addresses."""

    addresses: Mapping[str, str | Address]
    """Product -> address."""


@dataclass(frozen=True)
class Wanted:
    """One file to download.

    Attributes
    ----------
    product, url, file, sha256, licence : str
    """

    product: str
    url: str
    file: str
    sha256: str
    licence: str


def wanted_files(commune: str, products: Sequence[str], own: Path | None = None) -> list[Wanted]:
    """Return what is to be downloaded for a commune.

    Parameters
    ----------
    commune : str
        INSEE code.
    products : sequence of str
        All that have an address by default.
    own : Path, optional
        The user's file: its addresses replace and join those shipped.

    Raises
    ------
    InputError
        When a product has no address, or an address cannot be used; all at once.
    """
    addresses = {**_read(SHIPPED), **(_read(own) if own is not None else {})}
    words = words_of(commune, place_of_commune(commune).projection)
    problems: list[Problem] = []
    found: list[Wanted] = []
    for name in products or list(addresses):
        if name not in addresses:
            problems.append(_unknown(name, addresses))
            continue
        told = addresses[name]
        address = told if isinstance(told, Address) else Address(url=told)
        url, unknown = _filled(address.url, words, quoted=True)
        file, more = _filled(address.file or unquote(Path(urlsplit(url).path).name), words)
        faults = _faults(url, file, unknown | more)
        file_of = str(own) if own is not None and name in _read(own) else str(SHIPPED)
        problems += [Problem(fault, file=file_of, value=url, column=name) for fault in faults]
        product = catalogue().get(name)
        found.append(Wanted(name, url, file, address.sha256.lower(), product.licence if product else ""))
    twice = sorted({item.file for item in found if [other.file for other in found].count(item.file) > 1})
    if twice:
        problems.append(
            Problem(_("several products would be the same file"), value=", ".join(twice), hint=_("state `file:`"))
        )
    if problems:
        raise InputError(*problems)
    return found


def _read(path: Path) -> Mapping[str, str | Address]:
    found: Resolver = validate(Resolver, read_yaml(path))
    return found.addresses


def _filled(template: str, words: Mapping[str, str], *, quoted: bool = False) -> tuple[str, set[str]]:
    """Return a template with its words, and the words that are not known."""
    unknown = {word for word in _WORD.findall(template) if not words.get(word)}
    return _WORD.sub(
        lambda match: quote(words.get(match[1], "")) if quoted else words.get(match[1], ""), template
    ), unknown


def _faults(url: str, file: str, unknown: set[str]) -> list[str]:
    faults = [_("unknown word « {name} » in the address").format(name=word) for word in sorted(unknown)]
    try:
        parts = urlsplit(url)
        usable = parts.scheme in SCHEMES and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        faults.append(_("the address does not begin with http:// or https://"))
    if not file or file != Path(file).name or file.startswith(".") or "\\" in file:
        faults.append(_("the address tells no name of a file: state `file:`"))
    return faults


def _unknown(name: str, addresses: Mapping[str, str | Address]) -> Problem:
    near = nearest(name, list(addresses))
    hint = _("did you mean « {near} »?").format(near=near) + " " if near else ""
    hint += _("with an address: {names}; give others with « --resolver »").format(names=", ".join(addresses))
    known = name in catalogue()
    message = _("the product has no stable address") if known else _("unknown product")
    return Problem(message, value=name, hint=hint)
