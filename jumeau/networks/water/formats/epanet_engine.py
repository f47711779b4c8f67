"""EPANET's own reading of its files: nobody knows better what a line of them means.

A faulty line can stop EPANET 2.2 with the whole process (it writes its message past the end of a buffer): a file is
therefore tried in a process of its own first.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Size of the texts that EPANET hands over; its identifiers have 31 bytes at most.
_LONGEST = 256

#: Opens a file: arguments are the library, the file and the report. It prints EPANET's code.
_TRIAL = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
project = ctypes.c_void_p()
library.EN_createproject(ctypes.byref(project))
print(library.EN_open(project, sys.argv[2].encode(), sys.argv[3].encode(), b""))
library.EN_close(project)
"""

#: A file that EPANET has not read after so long [s] is refused.
_PATIENCE = 300


@cache
def _library() -> str:
    """Return the path of EPANET's library, which comes with `wntr`."""
    from wntr.epanet import toolkit  # type: ignore[import-untyped]  # takes seconds

    found = find_spec("wntr.epanet")
    if found is None or found.origin is None:
        raise ImportError("wntr")
    return str(Path(found.origin).parent / toolkit.libepanet)


def refusal(text: bytes) -> tuple[str, ...] | None:
    """Return what EPANET says against a file, line by line; None where it reads it.

    Parameters
    ----------
    text : bytes
        The file.
    """
    key = sha256(text).digest()
    if key not in _KNOWN:
        _KNOWN[key] = _tried(text)
    return _KNOWN[key]


#: What was tried already, by digest.
_KNOWN: dict[bytes, tuple[str, ...] | None] = {}


def _tried(text: bytes) -> tuple[str, ...] | None:
    with tempfile.TemporaryDirectory(prefix="jumeau-") as folder:
        file = Path(folder) / "network.inp"
        file.write_bytes(text)
        report = file.with_suffix(".rpt")
        words = [sys.executable, "-c", _TRIAL, _library(), str(file), str(report)]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=_PATIENCE, check=False)
            code = int(done.stdout) if done.returncode == 0 else 200
        except subprocess.TimeoutExpired:
            code = 200
        said = report.read_text(encoding="utf-8", errors="replace").splitlines() if report.is_file() else []
    if code <= 100:
        return None
    told = (line.strip() for line in said)
    return tuple(line for line in told if line and not line.startswith(("*", "Page", "Analysis")))


class Engine:
    """A file that EPANET has opened; indices start at one, as its own do.

    Parameters
    ----------
    library : ctypes.CDLL
    project : ctypes.c_void_p
    """

    def __init__(self, library: Any, project: ctypes.c_void_p) -> None:
        self._library = library
        self._project = project

    def _call(self, name: str, *given: Any) -> int:
        return int(getattr(self._library, f"EN_{name}")(self._project, *given))

    def number(self, name: str, *indices: int) -> float | None:
        """Return a number by a function of EPANET's; None where it has none."""
        value = ctypes.c_double()
        return float(value.value) if self._call(name, *indices, ctypes.byref(value)) == 0 else None

    def column(self, name: str, places: Sequence[int], code: int) -> NDArray[np.float64]:
        """Return one number of many nodes or links; zero where there is none."""
        found = np.zeros(len(places))
        function, value = getattr(self._library, f"EN_{name}"), ctypes.c_double()
        project, kind, reference = self._project, ctypes.c_int(code), ctypes.byref(value)
        for row, place in enumerate(places):
            if function(project, place, kind, reference) == 0:
                found[row] = value.value
        return found

    def numbers(self, name: str, count: int, *indices: int) -> tuple[float, ...] | None:
        """Return several numbers by one function."""
        values = [ctypes.c_double() for _ in range(count)]
        failed = self._call(name, *indices, *(ctypes.byref(value) for value in values))
        return None if failed else tuple(float(value.value) for value in values)

    def whole(self, name: str, *indices: int) -> int:
        """Return a whole number, zero where there is none."""
        value = ctypes.c_int()
        return int(value.value) if self._call(name, *indices, ctypes.byref(value)) == 0 else 0

    def pair(self, name: str, *indices: int) -> tuple[int, int]:
        """Return two whole numbers."""
        one, two = ctypes.c_int(), ctypes.c_int()
        self._call(name, *indices, ctypes.byref(one), ctypes.byref(two))
        return int(one.value), int(two.value)

    def seconds(self, code: int) -> int:
        """Return a time parameter [s]."""
        value = ctypes.c_long()
        self._call("gettimeparam", code, ctypes.byref(value))
        return int(value.value)

    def demand_model(self) -> tuple[bool, float, float, float]:
        """Return whether demands follow pressure, the minimum and required pressures, and the exponent."""
        kind, values = ctypes.c_int(), [ctypes.c_double() for _ in range(3)]
        self._call("getdemandmodel", ctypes.byref(kind), *(ctypes.byref(value) for value in values))
        least, wanted, exponent = (float(value.value) for value in values)
        return kind.value == 1, least, wanted, exponent

    def text(self, name: str, *indices: int) -> str:
        """Return a text, empty where there is none."""
        buffer = ctypes.create_string_buffer(_LONGEST)
        return decoded(buffer.value) if self._call(name, *indices, buffer) == 0 else ""

    def must(self, name: str, *given: Any) -> None:
        """Call a function of EPANET's.

        Raises
        ------
        RuntimeError
            When it fails; warnings pass.
        """
        code = self._call(name, *given)
        if code > 100:
            raise RuntimeError(f"EPANET: {code}")

    def set_node(self, place: int, code: int, value: float) -> None:
        """Give a node a value."""
        self.must("setnodevalue", place, code, ctypes.c_double(value))

    def set_link(self, place: int, code: int, value: float) -> None:
        """Give a link a value."""
        self.must("setlinkvalue", place, code, ctypes.c_double(value))

    def set_option(self, code: int, value: float) -> None:
        """Set an option."""
        self.must("setoption", code, ctypes.c_double(value))

    def place(self, kind: str, name: str) -> int:
        """Return the index of a node or of a link (`kind`), zero where there is none of that name."""
        found = ctypes.c_int()
        code = self._call(f"get{kind}index", name.encode("utf-8", errors="replace"), ctypes.byref(found))
        return int(found.value) if code == 0 else 0

    def set_seconds(self, code: int, value: int) -> None:
        """Set a time parameter [s]."""
        self.must("settimeparam", code, ctypes.c_long(value))

    def moments(self) -> Generator[tuple[int, Callable[[], int]], None, None]:
        """Run hydraulics to the end; yield each instant [s], and a function that moves on and returns the step [s]."""
        self.must("openH")
        try:
            self.must("initH", 0)
            now, step = ctypes.c_long(), ctypes.c_long(1)

            def move() -> int:
                self.must("nextH", ctypes.byref(step))
                return int(step.value)

            while step.value > 0:
                self.must("runH", ctypes.byref(now))
                yield int(now.value), move
        finally:
            self._call("closeH")


def decoded(data: bytes) -> str:
    """Return the text of a file or of an identifier: UTF-8 where it is, else that of Western Windows."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


@contextmanager
def opened(text: bytes) -> Iterator[Engine]:
    """Open a file that EPANET is known to read.

    Parameters
    ----------
    text : bytes
    """
    library = ctypes.CDLL(_library())
    project = ctypes.c_void_p()
    library.EN_createproject(ctypes.byref(project))
    with tempfile.TemporaryDirectory(prefix="jumeau-") as folder:
        file = Path(folder) / "network.inp"
        file.write_bytes(text)
        code = int(library.EN_open(project, str(file).encode(), str(file.with_suffix(".rpt")).encode(), b""))
        try:
            if code > 100:
                raise ValueError(f"EPANET: {code}")
            yield Engine(library, project)
        finally:
            library.EN_close(project)
            library.EN_deleteproject(project)
