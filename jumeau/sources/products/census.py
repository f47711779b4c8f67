"""Residents by IRIS: the infra-communal base of INSEE's census, joined to the contours of the IRIS."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj

from jumeau.errors import InputError, Problem, shorten
from jumeau.i18n import _, format_number, local
from jumeau.sources.cells import as_numbers, as_text
from jumeau.sources.imported import Imported, observed_columns
from jumeau.sources.products.catalogue import catalogue
from jumeau.sources.products.communes import of_commune
from jumeau.sources.products.options import CensusOptions
from jumeau.sources.products.recognition import recognised
from jumeau.sources.products.tables import placed, rows_of

#: An IRIS is the commune's code and four digits (INSEE).
DIGITS = 9


def read_census(path: Path, options: CensusOptions, crs: pyproj.CRS) -> Imported:
    """Return the residents of each IRIS as the layer `population`.

    Parameters
    ----------
    path : Path
        A file `base-ic-evol-struct-pop`, of any vintage.
    options : CensusOptions
        With `contours`.
    crs : CRS
        The territory's.

    Raises
    ------
    InputError
        When either file is missing or not that product, or no IRIS of the commune is in both.
    """
    if not options.contours:
        hint = _("state « contours: » with a file of CONTOURS-IRIS in the import")
        raise InputError(Problem(_("a census by IRIS tells no place"), file=str(path), hint=hint))
    rows = _rows("rp_iris", path, options.commune)
    areas = _rows("contours_iris", Path(options.contours), options.commune, crs)
    residents = as_numbers(rows["residents"].map(_pointed), ".")[0]
    known = pd.DataFrame({"iris": _codes(rows["iris"]), "residents": residents.to_numpy()}).dropna()
    told = known.drop_duplicates("iris").set_index("iris")["residents"]
    drawn = gpd.GeoDataFrame({"iris": _codes(areas["iris"])}, geometry=areas["geometry"].to_numpy(), crs=crs)
    # An island, or a part beyond a river, is of the same IRIS.
    shapes = drawn.dissolve("iris").geometry
    both = shapes.index.intersection(told.index)
    if not len(both):
        message = _("no IRIS of the commune is in both the census and the contours")
        hint = _("check the code of the commune, and that both are of about the same year")
        raise InputError(Problem(message, file=str(path), value=options.commune, hint=hint))
    frame = gpd.GeoDataFrame(
        {"cell_id": both, "residents": told[both].to_numpy()}, geometry=shapes[both].to_numpy(), crs=crs
    )
    notes = [
        _("population: {count} IRIS with {residents} residents, from the census").format(
            count=format_number(len(frame)), residents=format_number(float(frame["residents"].sum()), 0)
        )
    ]
    for lost, text in (
        (told.index.difference(both), _("IRIS of the census without a contour, left out: {count} ({ids})")),
        (shapes.index.difference(both), _("IRIS without a row of the census, left out: {count} ({ids})")),
    ):
        if len(lost):
            notes.append("    " + text.format(count=len(lost), ids=shorten(list(lost))))
    layers = {"population": frame}
    source = f"census by IRIS, INSEE ({path.name})"
    return Imported(layers, observed_columns(layers, source, catalogue()["rp_iris"].licence), tuple(notes))


def _rows(product: str, path: Path, commune: str, crs: pyproj.CRS | None = None) -> pd.DataFrame:
    """Return the rows of a commune of a product, with their places where a CRS is given."""
    found = [item for item in recognised(path)[0] if item.product.name == product]
    if not found:
        label = local(catalogue()[product].label)
        message = _("no table of {product} that gives a layer").format(product=label)
        hint = _("« jumeau territory new --from » tells what each file of a folder is")
        raise InputError(Problem(message, file=str(path), hint=hint))
    kept = []
    for item in found:
        for table in item.tables:
            for part in rows_of(item.held, table, item.names(table), None):
                own = part[of_commune(part["commune"], commune)] if commune else part
                kept.append(own if crs is None else placed(own, table, None, crs).to_crs(crs))
    whole: pd.DataFrame = pd.concat(kept, ignore_index=True)
    return whole


def _codes(column: pd.Series) -> pd.Series:
    """Return codes of IRIS as texts of nine signs: a spreadsheet takes the zero of the first départements away."""
    return as_text(column).fillna("").str.strip().str.upper().str.zfill(DIGITS)


def _pointed(cell: object) -> object:
    return cell.replace(",", ".").replace(" ", "") if isinstance(cell, str) else cell
