"""What a picture or page says about itself: title, period, territory, and that it is a simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from jumeau.i18n import LocalText, _, format_day, local
from jumeau.report.numbers import unit_label
from jumeau.results.titles import network_label
from jumeau_viz.appearance import Indicator

BASELINE = "baseline"


@dataclass(frozen=True)
class Captions:
    """The words that go with the results of one campaign.

    Attributes
    ----------
    title : str or mapping of language to str
        Title of the scenario.
    variants : mapping of str to str or mapping
        Title of each variant.
    start, end : str
        Period simulated, ISO dates; empty when unknown.
    territory : str or mapping
        Its name.
    synthetic : bool
        Whether the territory is an invented one.
    networks : mapping of str to str or mapping
        How each network is called.
    base_year : int
        In whose euros money is; 0 when unknown.
    """

    title: LocalText
    variants: Mapping[str, LocalText]
    start: str = ""
    end: str = ""
    territory: LocalText = ""
    synthetic: bool = False
    networks: Mapping[str, LocalText] = field(default_factory=dict)
    base_year: int = 0

    @classmethod
    def from_provenance(cls, provenance: Mapping[str, Any]) -> Captions:
        """Read the captions of a run's `provenance.json`."""
        scenario = provenance.get("scenario", {})
        title = scenario.get("title") if isinstance(scenario, Mapping) else scenario
        period = provenance.get("period", {})
        territory = provenance.get("territory", {})
        return cls(
            title=title or provenance.get("title") or _("Scenario"),
            variants={
                name: (entry.get("title") or name) if isinstance(entry, Mapping) else str(entry)
                for name, entry in dict(provenance.get("variants", {})).items()
            },
            start=str(period.get("start", "")),
            end=str(period.get("end", "")),
            territory=territory.get("name", ""),
            synthetic=bool(territory.get("synthetic", False)),
            networks={name: entry["label"] for name, entry in dict(provenance.get("networks", {})).items()},
            base_year=int(provenance.get("base_year", 0)),
        )

    def heading(self) -> str:
        """Return the scenario's title in the current language."""
        return local(self.title)

    def variant(self, name: str) -> str:
        """Return a variant's title in the current language."""
        return local(self.variants.get(name, name))

    def network(self, name: str) -> str:
        """Return how a network, or all of them together, is called."""
        return network_label({"networks": {key: {"label": label} for key, label in self.networks.items()}}, name)

    def before(self) -> str:
        """Return how the baseline is called."""
        title = self.variants.get(BASELINE)
        return _("Before: {variant}").format(variant=local(title)) if title else _("Before: today's situation")

    def after(self, variant: str) -> str:
        """Return how a variant is called."""
        return _("After: {variant}").format(variant=self.variant(variant))

    def difference(self, variant: str) -> str:
        """Return how the difference of a variant is called."""
        return _("Difference, after minus before: {variant}").format(variant=self.variant(variant))

    def period(self) -> str:
        """Return the period, written as in the current language."""
        if not (self.start and self.end):
            return ""
        return _("Period: {start} to {end}").format(start=_day(self.start), end=_day(self.end))

    def place(self) -> str:
        """Return the territory's name, marked when it is invented."""
        name = local(self.territory)
        if not self.synthetic or _("synthetic") in name.lower():
            return name
        return _("{territory} (synthetic town, not a real one)").format(territory=name)

    def money(self) -> str:
        """Return the sentence that says in whose euros money is; empty when that is unknown."""
        return _("Money in euros of {year}.").format(year=self.base_year) if self.base_year else ""

    def warning(self) -> str:
        """Return the sentence without which no figure leaves the house."""
        return _("Simulation, not measurement")

    def notes(self) -> tuple[str, ...]:
        """Return the lines printed under every picture."""
        return tuple(line for line in (self.warning(), self.period(), self.place()) if line)


def _day(text: str) -> str:
    try:
        day: date = datetime.fromisoformat(text).date()
    except ValueError:
        return text
    return format_day(day)


def with_unit(indicator: Indicator) -> str:
    """Return the name of a quantity, with its unit if the name does not say it, in the current language."""
    name, unit = local(indicator.label), unit_label(indicator.unit)
    return name if not unit or unit.lower() in name.lower().split() else f"{name} [{unit}]"
