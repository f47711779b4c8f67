"""What a territory file says of its border: an area outside of which nothing is taken."""

from __future__ import annotations

from pydantic import field_validator

from jumeau.territory.crs import parse_crs
from jumeau.territory.mapping import Source


class Within(Source):
    """The area of a file: all that `where` keeps, together."""

    crs: str | None = None
    """CRS of the coordinates, where the file states none or a wrong one."""
    name: str = ""
    """Name of the area; the title of the territory by default."""
    source: str = ""
    licence: str = ""

    @field_validator("crs")
    @classmethod
    def _known_crs(cls, text: str | None) -> str | None:
        if text:
            parse_crs(text)
        return text
