"""The shopping list: products that a territory lacks, with file, address, licence and what they would make better."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from jumeau.i18n import _, local
from jumeau.sources.products.catalogue import Product, catalogue, preference
from jumeau.sources.products.communes import departement
from jumeau.sources.products.place import Place

#: Layers that all networks live on.
NEEDED = ("streets", "buildings", "addresses", "population")


@dataclass(frozen=True)
class Missing:
    """A product that the territory lacks.

    Attributes
    ----------
    product : Product
    gives : tuple of str
        Layers that it would give, or give better than now.
    file, address : str
        For the commune.
    """

    product: Product
    gives: tuple[str, ...]
    file: str
    address: str


def shopping_list(
    have: Iterable[str], given: Mapping[str, str], layers: Collection[str], commune: str, place: Place
) -> list[Missing]:
    """Return what is missing, the most useful first.

    Parameters
    ----------
    have : iterable of str
        Products that are there.
    given : mapping of str to str
        Layer -> product that gives it.
    layers : collection of str
        Layers that a territory may have.
    commune : str
        INSEE code, empty where there is none.
    place : Place
    """
    known, order = set(have), preference()
    words = _Words(commune, place)
    found = []
    for product in catalogue().values():
        if not product.file:
            continue
        if not (product.world if place.country != "FR" else product.national):
            continue
        better = tuple(
            layer for layer in product.gives() if layer in layers and _better(product.name, layer, given, order)
        )
        if product.gives() and not better:
            continue  # what it would give is there from a source at least as good
        if product.name in known:
            # It is there, but a table of it is not: a territory cannot do without these layers.
            better = tuple(layer for layer in better if product.tables and layer in NEEDED and layer not in given)
            if not better:
                continue
        found.append(Missing(product, better, words.fill(local(product.file)), words.fill(local(product.address))))
    # What gives nothing yet comes last.
    return sorted(found, key=lambda item: (not item.gives, item.product.rank))


def _better(name: str, layer: str, given: Mapping[str, str], order: Mapping[str, Sequence[str]]) -> bool:
    if layer not in given:
        return True
    ranked = order.get(layer, ())
    return name in ranked and (given[layer] not in ranked or ranked.index(name) < ranked.index(given[layer]))


class _Words:
    """Fills a template with the commune, its département and IGN's name of the projection."""

    def __init__(self, commune: str, place: Place) -> None:
        self.words = words_of(commune, place.projection)

    def fill(self, template: str) -> str:
        """Return the text; what is not known is left open."""
        text = template
        for name, value in self.words.items():
            text = text.replace(f"{{{name}}}", value or "…")
        return text


def words_of(commune: str, projection: str) -> dict[str, str]:
    """Return what templates of files and addresses may hold: `commune`, `departement`, `departement3`, `projection`."""
    of = departement(commune) if commune else ""
    return {"commune": commune, "departement": of, "departement3": of.zfill(3) if of else "", "projection": projection}


def told(items: Sequence[Missing]) -> list[str]:
    """Return the list as lines: what can be used in full, the rest by name."""
    lines = []
    for number, item in enumerate((item for item in items if item.gives), 1):
        product = item.product
        label = _("{number}. {product}: would give {layers}")
        layers = ", ".join(item.gives)
        lines.append("  " + label.format(number=number, product=local(product.label), layers=layers))
        mark = " " + _("(recalled, unverified)") if product.unverified else ""
        parts = [_("{key}: {value}").format(key=_(name), value=local(text)) for name, text in product.improves.items()]
        better = " · ".join(parts)
        rows = [
            (_("file"), item.file),
            (_("address"), item.address + mark),
            (_("licence"), product.licence),
            (_("improves"), better),
            (_("beware"), local(product.traps)),
        ]
        lines += ["     " + _("{key}: {value}").format(key=key, value=value) for key, value in rows if value]
    later = [f"{local(item.product.label)}, {item.file}" for item in items if not item.gives]
    if later:
        lines += ["  " + _("Known, not used yet:"), *(f"     {text}" for text in later)]
    return lines
