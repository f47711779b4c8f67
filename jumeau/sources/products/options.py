"""What a territory file says of a product of public data."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from jumeau.sources.products.communes import check_commune
from jumeau.territory.file import ImportOptions


def _commune(text: str) -> str:
    return check_commune(text) if text else ""


class ProductOptions(ImportOptions):
    """A product of public data."""

    commune: Annotated[str, AfterValidator(_commune)] = ""
    """INSEE code of the commune to keep, as a text; all that the file holds by default."""
    within: str = ""
    """File with the limit to keep: of the commune, or all its areas; that of the same product by default."""


class ReliefOptions(ImportOptions):
    """Grids of heights."""

    every: Annotated[int, Field(ge=1)] = 1
    """Keep one row and column in so many."""
