"""EPANET itself, through its toolkit and nothing of ours: the yardstick of files that are read, run and written."""

import ctypes
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from wntr.epanet.toolkit import ENepanet

_NODES, _LINKS, _HEAD, _ELEVATION, _FLOW = 0, 2, 10, 0, 8
#: m3/h per unit of flow, in EPANET's order.
_FLOWS = (101.940648, 0.22712471, 157.725491, 189.420417, 51.3950768, 3.6, 0.06, 41.6666667, 1.0, 1.0 / 24.0)


@dataclass(frozen=True)
class Heads:
    """Heads [m] and flows [m3/h] at every instant that EPANET solves [s]; columns are in the order of the names."""

    nodes: tuple[bytes, ...]
    junctions: frozenset[bytes]
    links: tuple[bytes, ...]
    times: np.ndarray
    head: np.ndarray
    flow: np.ndarray
    elevation: np.ndarray


class RefusedError(Exception):
    """EPANET does not run the file."""


def epanet(path, extra=""):
    """Return what EPANET finds in a file, some lines added at its end."""
    data = re.split(rb"(?im)^\s*\[END", Path(path).read_bytes())[0] + b"\n" + extra.encode()
    copy = Path(path).with_suffix(".alone.inp")
    copy.write_bytes(data)
    engine = ENepanet()
    library, project = engine.ENlib, ctypes.c_void_p()
    library.EN_createproject(ctypes.byref(project))
    try:
        if library.EN_open(project, str(copy).encode(), str(copy.with_suffix(".rpt")).encode(), b"") > 100:
            raise RefusedError(str(path))
        return _solved(library, project)
    finally:
        library.EN_close(project)
        library.EN_deleteproject(project)
        copy.unlink()


def _solved(library, project):
    count, unit, value = ctypes.c_int(), ctypes.c_int(), ctypes.c_double()
    name = ctypes.create_string_buffer(64)

    def names(kind, function):
        library.EN_getcount(project, kind, ctypes.byref(count))
        found = []
        for place in range(1, count.value + 1):
            function(project, place, name)
            found.append(name.value)
        return tuple(found)

    def values(function, size, code):
        found = np.empty(size)
        for place in range(size):
            function(project, place + 1, code, ctypes.byref(value))
            found[place] = value.value
        return found

    def kind_of(place):
        library.EN_getnodetype(project, place, ctypes.byref(count))
        return count.value

    nodes, links = names(_NODES, library.EN_getnodeid), names(_LINKS, library.EN_getlinkid)
    library.EN_getflowunits(project, ctypes.byref(unit))
    metre, cubic = 0.3048 if unit.value < 5 else 1.0, _FLOWS[unit.value]
    now, step = ctypes.c_long(), ctypes.c_long(1)
    times, head, flow = [], [], []
    if library.EN_openH(project) > 100:
        raise RefusedError
    library.EN_initH(project, 0)
    while step.value > 0:
        if library.EN_runH(project, ctypes.byref(now)) > 100:
            break
        times.append(now.value)
        head.append(values(library.EN_getnodevalue, len(nodes), _HEAD) * metre)
        flow.append(values(library.EN_getlinkvalue, len(links), _FLOW) * cubic)
        if library.EN_nextH(project, ctypes.byref(step)) > 100:
            break
    library.EN_closeH(project)
    elevation = values(library.EN_getnodevalue, len(nodes), _ELEVATION) * metre
    junctions = frozenset(name for place, name in enumerate(nodes, start=1) if kind_of(place) == 0)
    return Heads(nodes, junctions, links, np.array(times), np.array(head), np.array(flow), elevation)


def gap(first, second):
    """Return the largest gap of heads [m] and of flows [m3/h]; infinite where instants differ."""
    assert sorted(first.nodes) == sorted(second.nodes)
    assert sorted(first.links) == sorted(second.links)
    if not np.array_equal(first.times, second.times):
        return np.inf, np.inf
    node = [second.nodes.index(name) for name in first.nodes]
    link = [second.links.index(name) for name in first.links]
    flow = np.abs(np.abs(first.flow) - np.abs(second.flow[:, link])).max(initial=0.0)
    return float(np.abs(first.head - second.head[:, node]).max()), float(flow)
