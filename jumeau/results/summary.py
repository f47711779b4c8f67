"""What `summary.json` says of a run, read back: enough for tables, without the runs themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from jumeau.accounts import FIGURES, TOTAL
from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.redaction import everywhere, presentable
from jumeau.results.comparison import BASELINE, Record
from jumeau.results.run_id import check_one_run
from jumeau.results.storage import PUBLISHED, SUMMARY_VERSION, check_version, no_results
from jumeau.results.titles import without_notes


class Findings(Protocol):
    """What tables ask of a run: `Results` has it all, and so has the `Summary` of a folder."""

    @property
    def records(self) -> Sequence[Record]:
        """The paired comparison, indicator by indicator."""
        ...

    def figures(self) -> list[Record]:
        """Return the four figures of each variant: by network, then in total."""
        ...

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the situations, the baseline first."""
        ...

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks simulated."""
        ...

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Titles, labels, period, notes."""
        ...

    @property
    def replications(self) -> int:
        """Number of pairs."""
        ...

    @property
    def draw_count(self) -> int:
        """Number of draws of simulated assumptions; a single one has no range, and counts for none."""
        ...

    @property
    def sample_count(self) -> int:
        """Number of draws of prices, emission factors and lives; 0 where nothing says what was paid."""
        ...

    @property
    def failed(self) -> int:
        """Number of runs that were set aside."""
        ...

    @property
    def curve(self) -> Mapping[str, Any] | None:
        """The curve of a sweep, as docs/summary.md tells; None without one."""
        ...

    @property
    def published(self) -> pd.DataFrame:
        """What is published of the place beside the baseline; empty where nothing is."""
        ...

    def shown(self) -> Findings:
        """Return what tables show one by one: of a sweep, the value that it ends on alone."""
        ...


@dataclass(frozen=True)
class Summary:
    """The summary of a run's folder.

    Attributes
    ----------
    records : tuple of Record
    provenance : mapping
        As `provenance.json` has it.
    replications, draws, sample_count, failed : int
        Pairs; draws of simulated assumptions, of prices, emission factors and lives; runs that were set aside.
    curve : mapping or None
        Of a sweep, as docs/summary.md tells.
    published : DataFrame
        What is published of the place beside the baseline.
    """

    records: tuple[Record, ...]
    provenance: Mapping[str, Any]
    replications: int
    draws: int
    sample_count: int = 0
    failed: int = 0
    curve: Mapping[str, Any] | None = None
    published: pd.DataFrame = field(default_factory=pd.DataFrame)

    def shown(self) -> Summary:
        """Return the summary without the values of a sweep, but for the one that it ends on: its curve tells them."""
        if self.curve is None:
            return self
        points = {row["variant"] for row in self.curve["rows"]} - {self.curve["shown"]}
        points |= {f"before_{name}" for name in points | {self.curve["shown"]}}
        records = tuple(record for record in self.records if record.variant not in points)
        return replace(self, records=records, provenance=without_notes(self.provenance, points))

    def figures(self) -> list[Record]:
        """Return the four figures of each variant: by network, then in total."""
        return [record for record in self.records if record.indicator in FIGURES]

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the situations, the baseline first."""
        return (BASELINE, *dict.fromkeys(record.variant for record in self.records))

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks simulated."""
        return tuple(name for name in dict.fromkeys(record.network for record in self.records) if name != TOTAL)

    @property
    def draw_count(self) -> int:
        """Number of draws of simulated assumptions; a single one has no range, and counts for none."""
        return self.draws if self.draws > 1 else 0


def read_summary(folder: Path) -> Summary:
    """Read the summary of a run's folder.

    Raises
    ------
    InputError
        When the folder holds no finished run, files of several ones, or one that another version of Jumeau wrote.
    """
    path = folder / "summary.json"
    if not path.is_file():
        raise InputError(no_results(folder, path.name))
    found, provenance = _read(path), _read(folder / "provenance.json")
    check_version(found.get("version"), SUMMARY_VERSION, path)
    check_one_run(folder)
    try:
        return Summary(
            tuple(_record(row) for row in found["records"]),
            # A folder is handed on: whoever did may have changed what it says.
            everywhere(provenance, presentable),
            int(found["replications"]),
            int(found["draws"]),
            int(found.get("samples", 0)),
            int(found.get("failed", 0)),
            found.get("sweep"),
            pd.DataFrame(found.get(PUBLISHED, [])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(_unreadable(path, error)) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(_unreadable(path, error)) from error
    if not isinstance(content, dict):
        raise InputError(_unreadable(path, type(content).__name__))
    return content


def _unreadable(path: Path, error: object) -> Problem:
    return Problem(_("not a readable result file: {error}").format(error=error), file=str(path))


#: Numbers of a record that are not known are null in the file, as others that are not there at all.
_NUMBERS = ("baseline", "variant_value", "difference", "threshold")
_RANGES = ("ci95", "range80", "quantiles")


def _record(row: Mapping[str, Any]) -> Record:
    """Return a record as it was before it was written."""
    known = {item.name: row[item.name] for item in fields(Record)}
    for name in _NUMBERS:
        known[name] = _number(known[name])
    for name in _RANGES:
        known[name] = None if known[name] is None else tuple(_number(value) for value in known[name])
    return Record(**known)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
