"""Parts: the result of one run of some networks, written atomically under the key of its content.

A part is a SHA-256 of its key and of the rest, then the rest: a file that is truncated, damaged or under another's name
is recognised, and the run redone.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.files import atomic, sweep, write_text
from jumeau.simulation.board import Post

DIGEST = 32


@dataclass(frozen=True)
class Part:
    """What one run of some networks leaves.

    Attributes
    ----------
    indicators, quantities : mapping of str to float
        `<network>_<name>` -> value.
    assets : mapping of str to ndarray
        `<network>/<layer>/<column>` -> one value per feature.
    events : mapping of (str, str) to DataFrame, or None
        The journal by network and kind of event, for the first replication only.
    posts : tuple of Post
        What its networks wrote on the board in its course, for those that hear it.
    """

    indicators: Mapping[str, float]
    quantities: Mapping[str, float]
    assets: Mapping[str, NDArray[np.float64]]
    events: Mapping[tuple[str, str], pd.DataFrame] | None = None
    posts: tuple[Post, ...] = ()


def joined(parts: Sequence[Part]) -> Part:
    """Return the parts of one run's networks as one, networks in the order of their names."""
    if len(parts) == 1:
        return parts[0]
    events = None
    if all(part.events is not None for part in parts):
        tables = [item for part in parts for item in (part.events or {}).items()]
        events = dict(sorted(tables, key=lambda item: item[0][0]))
    return Part(
        {name: value for part in parts for name, value in part.indicators.items()},
        {name: value for part in parts for name, value in part.quantities.items()},
        {name: values for part in parts for name, values in part.assets.items()},
        events,
    )


def encode(part: Part, key: str = "") -> bytes:
    """Return the bytes of a part under a key, the same for the same figures."""
    arrays: dict[str, NDArray[np.generic]] = {f"asset:{name}": values for name, values in part.assets.items()}
    for name in ("indicators", "quantities"):
        arrays[name] = np.array(list(getattr(part, name).values()), dtype=np.float64)
    header = {
        "indicators": list(part.indicators),
        "quantities": list(part.quantities),
        "posts": part.posts,
        "events": None if part.events is None else [[*key, *map(str, part.events[key].columns)] for key in part.events],
    }
    for (network, kind), table in (part.events or {}).items():
        for column in table.columns:
            values = table[column].to_numpy()
            arrays[f"event:{network}/{kind}/{column}"] = values.astype(str) if values.dtype == object else values
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    content = buffer.getvalue()
    return _digest(key, content) + content


def _digest(key: str, content: bytes) -> bytes:
    return sha256(key.encode() + b"|" + content).digest()


def decode(data: bytes, key: str = "") -> Part | None:
    """Return the part, or None when the bytes are not whole, or are those of another key."""
    if len(data) <= DIGEST or _digest(key, data[DIGEST:]) != data[:DIGEST]:
        return None
    with np.load(io.BytesIO(data[DIGEST:])) as arrays:
        header = json.loads(arrays["header"].tobytes())
        indicators, quantities = (
            {name: float(value) for name, value in zip(header[kind], arrays[kind], strict=True)}
            for kind in ("indicators", "quantities")
        )
        assets = {name.removeprefix("asset:"): arrays[name] for name in arrays.files if name.startswith("asset:")}
        events = None
        if header["events"] is not None:
            events = {
                (network, kind): pd.DataFrame(
                    {column: _objects(arrays[f"event:{network}/{kind}/{column}"]) for column in columns}
                )
                for network, kind, *columns in header["events"]
            }
    return Part(indicators, quantities, assets, events, tuple((*post,) for post in header["posts"]))


def _objects(values: NDArray[np.generic]) -> NDArray[np.generic]:
    return values.astype(object) if values.dtype.kind == "U" else values


class PartStore:
    """The folder of the parts.

    Parameters
    ----------
    folder : Path or None
        None keeps nothing on disk.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def read(self, key: str) -> Part | None:
        """Return a valid part, or None when it is absent or damaged."""
        if self.folder is None:
            return None
        try:
            return decode((self.folder / f"{key}.part").read_bytes(), key)
        except OSError:
            return None

    def write(self, key: str, part: Part) -> None:
        """Write a part, whole or not at all; what told of an earlier failure goes.

        Raises
        ------
        InputError
            When the system refuses: full disk, read-only folder.
        """
        if self.folder is not None:
            self.put(key, encode(part, key))

    def put(self, key: str, data: bytes) -> None:
        """Write the bytes of a part that was encoded under its key; see `write`."""
        if self.folder is not None:
            atomic(self.folder / f"{key}.part", lambda target: target.write_bytes(data))
            (self.folder / f"{key}.failed").unlink(missing_ok=True)

    def quarantine(self, key: str, report: str) -> None:
        """Keep the report of a failed run beside the parts."""
        if self.folder is not None:
            write_text(self.folder / f"{key}.failed", report)

    def sweep(self) -> None:
        """Remove what killed processes left half written; only for who holds the lock of the campaign's folder."""
        if self.folder is not None:
            sweep(self.folder)

    def clear(self) -> None:
        """Remove every part and failure report."""
        if self.folder is not None:
            for path in [*self.folder.glob("*.part"), *self.folder.glob("*.failed")]:
                path.unlink(missing_ok=True)
