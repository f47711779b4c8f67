"""Reads and writes EPANET files (`.inp`)."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pyproj

from jumeau.errors import InputError, Problem
from jumeau.files import atomic
from jumeau.i18n import _
from jumeau.networks.water.formats import epanet_frames, epanet_refusals
from jumeau.networks.water.formats.epanet_engine import decoded, refusal
from jumeau.networks.water.formats.epanet_frames import carries
from jumeau.networks.water.formats.epanet_merge import (
    ENCODING,
    carried_text,
    check_text,
    encoding_of,
    merged,
    read_text,
)
from jumeau.networks.water.formats.epanet_model import model_of
from jumeau.networks.water.formats.epanet_sections import (
    carried,
    controls_in,
    joined,
    options_in,
    pressure_unit,
    split,
    without_files,
)
from jumeau.networks.water.formats.epanet_units import Units
from jumeau.networks.water.formats.feature_rows import Layers
from jumeau.sources.imported import Imported, observed_columns


def read_inp(
    path: Path | str, crs: pyproj.CRS, *, offset: tuple[float, float] = (0.0, 0.0), scale: float = 1.0
) -> Imported:
    """Read an EPANET network.

    Its layers are what EPANET itself reads; the text travels with them, in `water_file`.

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
    data = _bytes(file)
    text = decoded(data)
    problems = epanet_refusals.of_other_versions(text, file)
    if problems:
        raise InputError(*problems)
    sections = [without_files(section) for section in split(text) if not epanet_refusals.says_nothing(section)]
    encoding = "utf-8" if _is_utf8(data) else "cp1252"
    tried = joined(sections).encode(encoding, errors="replace")
    said = refusal(tried)
    if said is not None:
        raise InputError(*epanet_refusals.of_epanet(text, file, said))
    read = read_text(tried, pressure_unit(sections))
    tables = {**read.tables, "water_controls": controls_in(sections), "water_file": carried(sections)}
    if encoding != "utf-8":
        tables["water_settings"] = [*tables["water_settings"], {"name": ENCODING, "value": encoding}]
    frames, notes = epanet_frames.frames_of(tables, crs, file, offset, scale)
    if "UNITS" not in options_in(sections):
        notes = (_("no unit of flow is stated (UNITS): EPANET's own, US gallons per minute (GPM), holds"), *notes)
    source = _("EPANET file {name}").format(name=file.name)
    return Imported(frames, observed_columns(frames, source), notes)


def write_inp(layers: Mapping[str, gpd.GeoDataFrame], path: Path | str) -> Path:
    """Write the layers of a water network as an EPANET file; the same layers give the same bytes.

    Layers that came from an EPANET file keep its words and units; others are written in m3/h.

    Raises
    ------
    InputError
        When the folder cannot be written to, or a value that EPANET needs is missing.
    """
    data, _encoding = inp_of(layers)

    def write(target: Path) -> None:
        target.write_bytes(data)

    return atomic(Path(path), write)


def inp_of(layers: Layers) -> tuple[bytes, str]:
    """Return the EPANET file of the layers of a water network, and its encoding.

    Raises
    ------
    InputError
        When a value that EPANET needs is missing.
    """
    if carries(layers):
        encoding = encoding_of(layers)
        data = joined(merged(layers)).encode(encoding, errors="replace")
        check_text(data, "water_controls")
        return data, encoding
    import wntr  # type: ignore[import-untyped]

    model = model_of(layers)
    model.name = None
    with tempfile.TemporaryDirectory(prefix="jumeau-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        target = Path(folder) / "network.inp"
        wntr.network.write_inpfile(model, str(target), units="CMH", version=2.2)
        lines = target.read_text(encoding="utf-8").splitlines()
    # The date and the program's version would make two files of the same network differ.
    kept = [line for line in lines if not line.startswith("; ")]
    return ("\n".join(kept) + "\n").encode(), "utf-8"


def units_in(layers: Layers) -> Units:
    """Return the units of the EPANET file of the layers."""
    return carried_text(layers).units if carries(layers) else Units()


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            Problem(_("the file cannot be read: {reason}").format(reason=reason), file=str(file))
        ) from error


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
