"""Runs the text of an EPANET file, and reads what EPANET wrote of it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.water.formats.epanet_engine import decoded
from jumeau.networks.water.formats.epanet_units import Units
from jumeau.networks.water.physics import diagnosis
from jumeau.simulation.clock import HOUR

#: Bytes of an identifier, and of the titles and file names that stand ahead of them.
_NAME, _TITLES = 32, 3 * 80 + 2 * 260 + 2 * 32

# Codes of links.
_PIPE, _PRV, _PSV, _PBV, _FCV = 1, 3, 4, 5, 6

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Results:
    """What EPANET says at each step that it reports; rows are instants [s], columns names.

    Attributes
    ----------
    node : dict of str to DataFrame
        `demand` [m3/s], `head` and `pressure` [m].
    link : dict of str to DataFrame
        `flowrate` [m3/s], `velocity` [m/s], `headloss` ([m/m] of pipes, [m] of others), `status` (0 closed, 1 open,
        2 at work), `setting` (speed of pumps; [m] or [m3/s] of valves).
    """

    node: dict[str, pd.DataFrame]
    link: dict[str, pd.DataFrame]


def run_text(text: bytes, units: Units) -> tuple[Results, str]:
    """Run a file that EPANET reads, in a folder of its own; return what it found, and its report.

    Parameters
    ----------
    text : bytes
    units : Units
        Of the file.

    Raises
    ------
    InputError
        With EPANET's reason, in words.
    """
    from wntr.epanet.toolkit import ENepanet  # type: ignore[import-untyped]  # takes seconds

    with tempfile.TemporaryDirectory(prefix="jumeau-") as folder:
        file = Path(folder) / "network.inp"
        file.write_bytes(text)
        report, binary = file.with_suffix(".rpt"), file.with_suffix(".bin")
        engine = ENepanet()
        try:
            engine.ENopen(str(file), str(report), str(binary))
            engine.ENsolveH()
            engine.ENsolveQ()
            engine.ENreport()
        except Exception as error:
            raise InputError(
                Problem(
                    _("EPANET cannot solve the network: {reason}").format(reason=diagnosis.reason(error, Path(folder))),
                    hint=_(
                        "look for pipes far too small for their demand, for pumps that cannot reach the head asked of "
                        "them, and for zones that only closed valves feed"
                    ),
                )
            ) from error
        finally:
            if engine.isOpen():
                engine.ENclose()
        return _read(binary, units), report.read_text(encoding="utf-8", errors="replace")


def _read(file: Path, units: Units) -> Results:
    """Return what the binary results hold (EPANET 2.2 toolkit, « Output file »)."""
    data = file.read_bytes()
    head = np.frombuffer(data, dtype=np.int32, count=15)
    nodes, tanks, links, pumps, step, first = (int(head[place]) for place in (2, 3, 4, 5, 13, 12))
    place = 15 * 4 + _TITLES
    names = [decoded(data[at : at + _NAME].split(b"\0", 1)[0]) for at in
             range(place, place + _NAME * (nodes + links), _NAME)]  # fmt: skip
    place += _NAME * (nodes + links) + 2 * 4 * links
    kind = np.frombuffer(data, dtype=np.int32, count=links, offset=place)
    # Kinds, then indices and areas of tanks, heights, lengths and diameters, energy of pumps and its peak.
    place += 4 * links + 2 * 4 * tanks + 4 * nodes + 2 * 4 * links + (4 + 6 * 4) * pumps + 4
    width = 4 * nodes + 8 * links
    steps = int(np.frombuffer(data[-12:], dtype=np.int32)[0])
    table = np.frombuffer(data, dtype=np.float32, count=steps * width, offset=place).reshape(steps, width)
    times = first + step * np.arange(steps)
    column = 0

    def taken(count: int) -> Singles:
        nonlocal column
        column += count
        return table[:, column - count : column]

    demand, height, pressure, _quality = (taken(nodes) for _ in range(4))
    flow, velocity, loss, _quality, status, setting, _reaction, _friction = (taken(links) for _ in range(8))
    cubic = units.flow / HOUR

    def framed(values: Singles, owners: list[str]) -> pd.DataFrame:
        return pd.DataFrame(values, columns=owners, index=times)

    scale = np.select([np.isin(kind, (_PRV, _PSV, _PBV)), kind == _FCV], [units.pressure, cubic], 1.0)
    state = np.select([status <= 2, status == 4], [0.0, 2.0], 1.0).astype(np.float32)
    down = np.where(kind <= _PIPE, 1e-3, units.length).astype(np.float32)
    return Results(
        node={
            "demand": framed(demand * np.float32(cubic), names[:nodes]),
            "head": framed(height * np.float32(units.length), names[:nodes]),
            "pressure": framed(pressure * np.float32(units.pressure), names[:nodes]),
        },
        link={
            "flowrate": framed(flow * np.float32(cubic), names[nodes:]),
            "velocity": framed(velocity * np.float32(units.length), names[nodes:]),
            "headloss": framed(loss * down, names[nodes:]),
            "status": framed(state, names[nodes:]),
            "setting": framed(setting * scale.astype(np.float32), names[nodes:]),
        },
    )
