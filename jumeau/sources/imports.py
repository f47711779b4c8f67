"""Whole networks in somebody else's format: what imports of all formats have in common."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyproj

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.input_file import regular_file_or_folder
from jumeau.sources.format import Reader
from jumeau.sources.imported import Imported
from jumeau.sources.paths import expand
from jumeau.territory.file import ImportOptions, TerritoryFile


def import_network(item: ImportOptions, read: Reader, folder: Path, crs: pyproj.CRS, whole: TerritoryFile) -> Imported:
    """Read a network in somebody else's format, in the CRS of its file.

    Parameters
    ----------
    item : ImportOptions
        What the territory file says of it.
    read : Reader
        That of the format.
    folder : Path
        What a relative path starts from.
    crs : pyproj.CRS
        The territory's, for a file that does not say its own.
    whole : TerritoryFile
        For source, licence and date where the import states none.

    Raises
    ------
    InputError
        With everything that is wrong with the file.
    """
    path = regular_file_or_folder(expand(item.file, folder))
    for key in ("within", "contours"):
        if beside := getattr(item, key, ""):
            item = item.model_copy(update={key: str(regular_file_or_folder(expand(beside, folder)))})
    try:
        found = read(path, item, crs)
    except OSError as error:
        # A folder where the format has one file, or what the system does not let anybody read.
        message = _("cannot be read: {error}").format(error=error.strerror or error)
        raise InputError(
            Problem(message, file=str(path), hint=_("check the path, and whether it is a file"))
        ) from error
    found = _only(found, item.only, str(path))
    source, licence = item.source or whole.source, item.licence or whole.licence
    told = found.columns["source"]
    # What a reader guessed does not come from the file: there its own word stands.
    kept = told.where(found.columns["origin"] != "observed", source or told)
    own = found.columns
    columns = own.assign(source=kept, licence=licence or own["licence"], date=whole.date or own["date"])
    return replace(found, columns=columns)


def placed(found: Imported, crs: pyproj.CRS) -> Imported:
    """Return what was read in the territory's CRS."""
    layers = {name: frame.to_crs(crs) if frame.crs != crs else frame for name, frame in found.layers.items()}
    return replace(found, layers=layers)


def _only(found: Imported, names: tuple[str, ...], file: str) -> Imported:
    """Return the layers that are asked for."""
    if not names:
        return found
    hint = _("layers of the file: {names}").format(names=", ".join(sorted(found.layers)))
    absent = [name for name in names if name not in found.layers]
    if absent:
        message = _("the file has no such layer")
        raise InputError(*(Problem(message, file=file, layer=name, hint=hint) for name in absent))
    layers = {name: frame for name, frame in found.layers.items() if name in names}
    return replace(found, layers=layers, columns=found.columns[found.columns["layer"].isin(names)])
