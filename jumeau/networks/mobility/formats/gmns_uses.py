"""Which links of a GMNS network are roads for cars: by their uses, their lanes and their kind."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jumeau.i18n import _
from jumeau.networks.mobility.formats.gmns_table import Faults, Table

#: Words for cars, and for all that is none. `use_group.csv` may name groups of them.
CARS = frozenset(
    (
        "all", "auto", "autos", "car", "cars", "automobile", "vehicle", "vehicles", "motor_vehicle", "motor",
        "drive", "private", "passenger", "sov", "da", "hov", "hov2", "hov3", "hov3+", "ev",
    )
)  # fmt: skip
OTHERS = frozenset(
    (
        "walk", "pedestrian", "pedestrians", "ped", "foot", "bike", "bikes", "bicycle", "bicycles", "cycle", "bus",
        "buses", "transit", "tram", "rail", "train", "ferry", "truck", "trucks", "hgv", "taxi", "emergency",
        "shoulder", "parking", "none", "delivery", "micromobility", "scooter", "wheelchair", "horse",
    )
)  # fmt: skip

#: Kinds of links where no car goes, for tables that tell no uses.
_PATHS = frozenset(
    (
        "sidewalk", "crosswalk", "walkway", "footway", "footpath", "path", "cycletrack", "cycleway", "bikeway",
        "bike_path", "bikepath", "shared_use_path", "pedestrian", "steps", "trail", "busway", "rail", "railway",
        "tram", "ferry",
    )
)  # fmt: skip


def for_cars(links: Table, groups: Path, encoding: str | None) -> NDArray[np.bool_]:
    """Return the links that cars may use, shape (rows,); those left out are counted in the notes.

    Parameters
    ----------
    links : Table
    groups : Path
        `use_group.csv`, whether it exists or not.
    encoding : str or None
    """
    uses = [_words(text) for text in links.texts("allowed_uses")]
    known = _groups(groups, links.faults, encoding)
    found, strange = np.zeros(len(uses), dtype=bool), np.zeros(len(uses), dtype=bool)
    kind = np.array([text.lower().replace(" ", "_") for text in links.texts("facility_type")], dtype=object)
    for row, words in enumerate(uses):
        meant = {one for word in words for one in known.get(word, (word,))}
        found[row] = bool(meant & CARS) if meant else kind[row] not in _PATHS
        strange[row] = not found[row] and bool(meant - CARS - OTHERS)
    hint = _("known uses: {names}; or say in use_group.csv which of them a word stands for").format(
        names=", ".join(sorted(CARS | OTHERS))
    )
    links.tell(strange, "allowed_uses", _("an unknown use: whether cars may pass cannot be known"), hint)
    # Lanes are those that motor vehicles may use: a road has one.
    lanes = links.texts("lanes")
    without = found & np.isin(lanes.astype(str), ("0", "0.0"))
    for left, message in (
        (
            ~found & ~strange,
            _("{file}: {count} link(s) left out, where no car may go (`allowed_uses`, `facility_type`)"),
        ),
        (without, _("{file}: {count} link(s) left out, without a lane for motor vehicles (`lanes`)")),
    ):
        if left.any():
            links.faults.notes.append(message.format(file=links.path.name, count=int(left.sum())))
    return np.asarray(found & ~without)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[,;|/\s]+", text.lower()) if word]


def _groups(path: Path, faults: Faults, encoding: str | None) -> dict[str, tuple[str, ...]]:
    """Return the uses of each group; one may name another."""
    if not path.is_file():
        return {}
    table = Table.read(path, ("use_group", "uses"), faults, encoding)
    told = {
        name.lower(): tuple(_words(text))
        for name, text in zip(table.texts("use_group"), table.texts("uses"), strict=True)
    }

    def whole(name: str, above: tuple[str, ...] = ()) -> tuple[str, ...]:
        if name not in told or name in above:
            return (name,)
        return tuple(one for word in told[name] for one in whole(word, (*above, name)))

    return {name: whole(name) for name in told}
