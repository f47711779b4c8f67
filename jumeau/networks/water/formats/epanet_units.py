"""The units of an EPANET file, which its unit of flow decides."""

from __future__ import annotations

from dataclasses import dataclass

from jumeau.networks.water.formats.epanet_engine import Engine
from jumeau.simulation.clock import HOUR

#: Names of the units of flow, in EPANET's order, with m3/s per unit (NIST SP 811; 1 acre is 43,560 square feet).
FLOWS = {
    "CFS": 0.028316846592,
    "GPM": 3.785411784e-3 / 60.0,
    "MGD": 3785.411784 / 86400.0,
    "IMGD": 4546.09 / 86400.0,
    "AFD": 1233.48183754752 / 86400.0,
    "LPS": 1e-3,
    "LPM": 1e-3 / 60.0,
    "MLD": 1000.0 / 86400.0,
    "CMH": 1.0 / 3600.0,
    "CMD": 1.0 / 86400.0,
}
_FOOT = 0.3048  # [m]

#: EPANET's own figures for a column of water: psi per foot, kPa per psi.
_PSI, _KPA = 0.4333, 6.895

# Codes of options.
_EMITTER_EXPONENT, _HEAD_LOSS, _GRAVITY = 3, 7, 12


@dataclass(frozen=True)
class Units:
    """Our units per unit of the file.

    Attributes
    ----------
    flow : float
        [m3/h].
    length : float
        Of lengths, heights and levels [m].
    diameter : float
        Of links [mm].
    pressure : float
        [m].
    power : float
        [kW].
    roughness : float
        [mm] with Darcy-Weisbach, one for other formulas.
    emitter : float
        [m3/h at 1 m].
    """

    flow: float = 1.0
    length: float = 1.0
    diameter: float = 1.0
    pressure: float = 1.0
    power: float = 1.0
    roughness: float = 1.0
    emitter: float = 1.0

    @property
    def volume(self) -> float:
        """Of tanks [m3]."""
        return self.length**3


def units_of(engine: Engine, pressure: str = "") -> Units:
    """Return the units of an open file.

    Parameters
    ----------
    engine : Engine
    pressure : str
        What the file says of its unit of pressure: `KPA`, or nothing that matters.
    """
    place = engine.whole("getflowunits")
    american = place < list(FLOWS).index("LPS")
    flow = list(FLOWS.values())[place] * HOUR
    gravity = engine.number("getoption", _GRAVITY) or 1.0
    darcy = engine.number("getoption", _HEAD_LOSS) == 1.0
    per_metre = {"PSI": _PSI / _FOOT, "KPA": _KPA * _PSI / _FOOT, "METERS": 1.0}
    # EPANET's rule: American units of flow go with psi whatever the file says, metric ones with metres unless kPa.
    unit = "PSI" if american else "KPA" if pressure == "KPA" else "METERS"
    scale = per_metre[unit] * gravity
    exponent = engine.number("getoption", _EMITTER_EXPONENT) or 0.5
    length = _FOOT if american else 1.0
    return Units(
        flow=flow,
        length=length,
        diameter=25.4 if american else 1.0,
        pressure=1.0 / scale,
        power=0.7457 if american else 1.0,
        roughness=length if darcy else 1.0,
        emitter=float(flow * scale**exponent),
    )
