"""What a batch is made of: its setting, what came of each row, and all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from shapely import from_wkb
from shapely.geometry.base import BaseGeometry

from jumeau.batches.listing import Row
from jumeau.results.summary import Summary

#: How a row ends.
DONE, QUARANTINED = "done", "quarantined"


@dataclass(frozen=True)
class Setting:
    """What every process of a batch is told once; plain data, so that it can be sent as JSON.

    Attributes
    ----------
    listing : str
        Path of the list, for messages and relative paths.
    columns : tuple of str
        Of the list, those that are paths into the scenario.
    template, template_file : str
        Text of the template, and where it was read.
    folder : str
        Of the batch.
    lang : str
    resume : bool
    reports : bool
        Whether each territory gets its report.
    """

    listing: str
    columns: tuple[str, ...]
    template: str
    template_file: str
    folder: str
    lang: str
    resume: bool = False
    reports: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the setting as plain data."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Setting:
        """Return the setting that plain data say."""
        return cls(**{**data, "columns": tuple(data["columns"])})


@dataclass(frozen=True)
class Checked:
    """A row whose territory can be read.

    Attributes
    ----------
    key : str
        Of the content: scenario with the row's values, territory, code of Jumeau; empty where the row was refused.
    finished : bool
        Whether its folder holds the whole run of that very content.
    reported : bool
        Whether it holds its report in the language asked for.
    title : str
        Of the territory, in the current language.
    synthetic : bool
        Whether the territory is invented.
    residents : float or None
        As far as the territory tells.
    outline : str
        WKB in hexadecimal digits, longitude and latitude in WGS 84 [degree]; empty where the territory has no place.
    place : str
        What the outline is: `zones`, `hull` or `point`.
    """

    key: str
    finished: bool
    reported: bool
    title: str
    synthetic: bool
    residents: float | None
    outline: str
    place: str


@dataclass(frozen=True)
class Cost:
    """What a territory cost: its own process's processor time [s], memory at the peak [MB], folder on disk [MB]."""

    processor: float = 0.0
    memory: float = 0.0
    disk: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What came of a row.

    Attributes
    ----------
    row : Row
    status : str
        `done` or `quarantined`.
    reason : str
        Why it was set aside; empty where it was not.
    checked : Checked or None
        None where its territory could not be read.
    summary : Summary or None
        Of its run; None where it was set aside.
    evaluation : mapping
        Content of its `evaluation.json`.
    kept : bool
        Whether it was finished before, and unchanged.
    cost : Cost
        Of this launch.
    """

    row: Row
    status: str = DONE
    reason: str = ""
    checked: Checked | None = None
    summary: Summary | None = None
    evaluation: Mapping[str, Any] = field(default_factory=dict)
    kept: bool = False
    cost: Cost = field(default_factory=Cost)

    def aside(self, reason: str) -> Outcome:
        """Return the row as set aside."""
        return replace(self, status=QUARANTINED, reason=reason, summary=None, evaluation={})

    @property
    def title(self) -> str:
        """How people call it: as the list says, else the territory, else by its name."""
        own = self.checked.title if self.checked is not None else ""
        return self.row.title or own or self.row.name

    @property
    def outline(self) -> BaseGeometry | None:
        """Outline in WGS 84; None where none is known."""
        return from_wkb(self.checked.outline) if self.checked is not None and self.checked.outline else None

    @property
    def residents(self) -> float | None:
        """Residents, as far as the territory tells."""
        return self.checked.residents if self.checked is not None else None


@dataclass(frozen=True)
class Batch:
    """All the rows of a list, in its order, with what came of each.

    Attributes
    ----------
    listing, scenario : str
        Names of the files.
    title : str or mapping
        Of the scenario.
    folder : Path
    outcomes : sequence of Outcome
    files : tuple of Path
        Table and map written.
    """

    listing: str
    scenario: str
    title: Any
    folder: Path
    outcomes: Sequence[Outcome]
    files: tuple[Path, ...] = ()

    def __repr__(self) -> str:
        return f"<Batch of {len(self.outcomes)} territories: {len(self.done)} done, {len(self.quarantine)} set aside>"

    @property
    def done(self) -> list[Outcome]:
        """The rows whose run is whole."""
        return [item for item in self.outcomes if item.status == DONE]

    @property
    def quarantine(self) -> list[Outcome]:
        """The rows that were set aside."""
        return [item for item in self.outcomes if item.status == QUARANTINED]

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the variants of all runs."""
        return tuple(dict.fromkeys(name for item in self.done if item.summary for name in item.summary.variants[1:]))

    def table(self) -> Any:
        """Return one row per territory and variant, as `batch.csv` has it; what columns are is in `batch.json`."""
        from jumeau.batches.table import batch_table

        return batch_table(self)
