"""What a territory file says of a product of public data."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from jumeau.sources.products.communes import check_commune
from jumeau.territory.file import ImportOptions


def _commune(text: str) -> str:
    return check_commune(text) if text else ""


#: INSEE code of a commune, as a text.
CommuneCode = Annotated[str, AfterValidator(_commune)]


class CommuneOptions(ImportOptions):
    """A table of which the rows of one commune are wanted."""

    commune: CommuneCode = ""
    """INSEE code of the commune, as a text."""


class ProductOptions(ImportOptions):
    """A product of public data."""

    commune: CommuneCode = ""
    """INSEE code of the commune to keep, as a text; all that the file holds by default."""
    within: str = ""
    """File with the limit to keep: of the commune, or all its areas; that of the same product by default."""


class CensusOptions(ImportOptions):
    """Residents by IRIS."""

    commune: CommuneCode = ""
    """INSEE code of the commune to keep, as a text; all that both files hold by default."""
    contours: str = ""
    """File of CONTOURS-IRIS, which tells where the IRIS are."""


class ReliefOptions(ImportOptions):
    """Grids of heights."""

    every: Annotated[int, Field(ge=1)] = 1
    """Keep one row and column in so many."""
