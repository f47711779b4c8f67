"""The territory of a finished run, wherever it lies now."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jumeau.territory.bundled import BUNDLED
from jumeau.territory.model import Territory
from jumeau.territory.storage import read_territory


def territory_of_run(provenance: Mapping[str, Any], results_dir: Path) -> Territory:
    """Return the territory of a run: a bundled one by its name, else the file of its name that has its checksum.

    A run's folder does not say where on which machine its territory lay: it is looked for from the current folder, in
    the folder of the run, and in the two above with their folders.

    Parameters
    ----------
    provenance : mapping
        Content of `provenance.json`.
    results_dir : Path
        Folder of the run.

    Raises
    ------
    InputError
        When it is nowhere.
    """
    place = dict(provenance.get("territory", {}))
    written = str(place.get("path", ""))
    name = Path(written).name
    above = [results_dir, *list(results_dir.absolute().parents)[:2]]
    places = [Path(written), *(folder / part for folder in above for part in (written, name))]
    found = [file for file in places if file.is_file()]
    if not found and name and written not in BUNDLED:
        found = [file for folder in above[1:] for file in sorted(folder.glob(f"*/{glob.escape(name)}"))]
    read = [read_territory(file) for file in dict.fromkeys(file.resolve() for file in found)]
    same = [territory for territory in read if territory.checksum == place.get("checksum")]
    return next(iter(same or read), None) or read_territory(written)
