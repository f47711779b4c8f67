"""Reads and writes EPANET files (`.inp`)."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyproj
import shapely

from jumeau.errors import InputError, Problem
from jumeau.files import atomic
from jumeau.i18n import _
from jumeau.networks.water.formats.epanet_model import layers_of, model_of
from jumeau.networks.water.formats.epanet_text import InpText
from jumeau.sources.imported import Imported, observed_columns

#: Harmless oddities that `wntr` refuses: an analysis of water quality that hydraulics do not need.
_ODDITIES = (re.compile(r"^\s*QUALITY\s+CHEMICAL\s+TIME.*$", re.IGNORECASE | re.MULTILINE),)


def read_inp(
    path: Path | str, crs: pyproj.CRS, *, offset: tuple[float, float] = (0.0, 0.0), scale: float = 1.0
) -> Imported:
    """Read an EPANET network.

    Parameters
    ----------
    path : Path or str
    crs : pyproj.CRS
        In which the coordinates stand, once scaled and moved.
    offset : tuple of float
        Added to the coordinates [m].
    scale : float
        Coordinates are multiplied by it first (many networks are drawn in feet, or in no unit at all).

    Raises
    ------
    InputError
        With every fault of the file, each with its line, section and value.
    """
    file = Path(path)
    text = _text(file)
    problems = InpText.scan(text, file).check()
    if problems:
        raise InputError(*problems)
    for oddity in _ODDITIES:
        text = oddity.sub(" QUALITY NONE", text)
    model = _parsed(text, file)
    if not any(node.coordinates != (0.0, 0.0) for _name, node in model.nodes()):
        hint = _("export it from EPANET with its map ([COORDINATES])")
        raise InputError(Problem(_("the network has no coordinates"), file=str(file), layer="[COORDINATES]", hint=hint))
    layers = {name: _moved(frame, offset, scale) for name, frame in layers_of(model, crs).items()}
    source = _("EPANET file {name}").format(name=file.name)
    return Imported(layers, observed_columns(layers, source), ())


def write_inp(layers: Mapping[str, gpd.GeoDataFrame], path: Path | str) -> Path:
    """Write the layers of a water network as an EPANET file, in m3/h; the same layers give the same bytes.

    Raises
    ------
    InputError
        When the folder cannot be written to, or a value that EPANET needs is missing.
    """
    model = model_of(layers)
    model.name = None

    def write(target: Path) -> None:
        import wntr  # type: ignore[import-untyped]

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wntr.network.write_inpfile(model, str(target), units="CMH", version=2.2)
        lines = target.read_text(encoding="utf-8").splitlines()
        # The date and the program's version would make two files of the same network differ.
        kept = [line for line in lines if not line.startswith("; ")]
        target.write_text("\n".join(kept) + "\n", encoding="utf-8")

    return atomic(Path(path), write)


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            Problem(_("the file cannot be read: {reason}").format(reason=reason), file=str(file))
        ) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _parsed(text: str, file: Path) -> Any:
    """Return the model that `wntr` reads; its own errors are told with their line where it knows it."""
    import wntr

    with tempfile.TemporaryDirectory(prefix="jumeau-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        copy = Path(folder) / "network.inp"
        copy.write_text(text, encoding="utf-8")
        try:
            return wntr.network.WaterNetworkModel(str(copy))
        except Exception as error:
            told: BaseException = error
            while told.__cause__ is not None:
                told = told.__cause__
            reason = str(told).replace(str(copy), file.name).splitlines()
            message = _("EPANET's reader refuses the file: {reason}").format(reason=reason[0] if reason else told)
            line = getattr(error, "line_num", None) or getattr(told, "line_num", None) or getattr(told, "lineno", None)
            hint = _("correct that line, or open the file in EPANET and save it again")
            raise InputError(Problem(message, file=str(file), line=line, hint=hint)) from error


def _moved(frame: gpd.GeoDataFrame, offset: tuple[float, float], scale: float) -> gpd.GeoDataFrame:
    if scale == 1.0 and offset == (0.0, 0.0):
        return frame
    present = frame.geometry.notna().to_numpy()
    shapes = frame.geometry.to_numpy().copy()
    shapes[present] = shapely.transform(shapes[present], lambda xy: xy * scale + offset)
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
