"""Which loggers hear a pipe, as the column `listeners` of `water_pipes` says it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import texts
from jumeau.errors import Problem
from jumeau.i18n import _

Ints = NDArray[np.int64]


def hearer_text(names: Iterable[str]) -> str:
    """Return junctions, each once, as the column holds them; empty for none."""
    unique = list(dict.fromkeys(names))
    return json.dumps(unique, ensure_ascii=False) if unique else ""


def hearer_names(text: str) -> tuple[str, ...]:
    """Return the junctions that the column names.

    Raises
    ------
    ValueError
        When it is no JSON list of texts.
    """
    if not text:
        return ()
    found = json.loads(text)
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise ValueError(text)
    return tuple(found)


def pipes_hearers(pipes: gpd.GeoDataFrame, device: Mapping[str, int]) -> tuple[Ints, ...]:
    """Return the numbers of the loggers that hear each pipe, given those of loggers by junction.

    Parameters
    ----------
    pipes : GeoDataFrame
    device : mapping of str to int
        Number of the logger at each junction that has one.

    Returns
    -------
    tuple of ndarray of int
        One array per pipe, empty where nothing is said.
    """
    return tuple(
        np.array([device[name] for name in hearer_names(text) if name in device], dtype=np.int64)
        for text in texts(pipes, "listeners")
    )


def hearer_problems(pipes: gpd.GeoDataFrame) -> Iterator[Problem]:
    """Yield the pipes where the column is no list; junctions that are not there are no fault of a part of a town."""
    hint = _("write the identifiers of the junctions in straight quotes, as a JSON list, or leave it empty")
    for pipe, text in zip(texts(pipes, "pipe_id"), texts(pipes, "listeners"), strict=True):
        try:
            hearer_names(text)
        except ValueError:
            yield Problem(
                _("the loggers that hear a pipe are no list"),
                layer="water_pipes",
                column="listeners",
                features=(str(pipe),),
                value=str(text),
                hint=hint,
            )
