"""What a campaign returns, and what its folder holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from jumeau.accounts import FIGURES, TOTAL
from jumeau.errors import InputError
from jumeau.i18n import _
from jumeau.results.account import QUANTITY, SITUATION
from jumeau.results.comparison import BASELINE, Record, compare
from jumeau.results.sampled import Sampled
from jumeau.results.tables import figures_html, figures_table, records_table
from jumeau.results.titles import without_notes
from jumeau.results.views import explore_assets, plot_figures

if TYPE_CHECKING:
    from jumeau.evaluation import Curve, Evaluation


#: Layer of what a situation installs, of any network; see `engine/devices.py`.
DEVICES = "devices"


def asset_table(network: str, layer: str, situation: str) -> str:
    """Return the name of a table of assets: `lighting_lamps__led`, `water_pipes__led`."""
    stem = layer if layer.startswith(f"{network}_") else f"{network}_{layer}"
    return f"{stem}__{situation}"


@dataclass(frozen=True)
class Results:
    """Everything that a campaign found.

    Attributes
    ----------
    dataset : Dataset
        One variable per network and indicator, dims (scenario, replication), central assumptions.
    draws : Dataset or None
        The same with dims (scenario, draw, replication), for uncertain assumptions.
    assets : mapping of str to GeoDataFrame
        Per-asset means over replications, and the devices installed; keys as `asset_table` gives them.
    bill : DataFrame
        What each variant installs: the columns of `BillItem`, and `variant`.
    factors : DataFrame
        Every factor used: `network, name, value, low, high, unit, year, source, licence, confidence, description,
        overridden`.
    origins : DataFrame
        Shares of observed, imputed and synthetic values by layer and column.
    reported : DataFrame
        Indicators of public frameworks, by variant: `framework, id, label, unit, before, after, low, high` (95 %
        interval of the difference), `target, limit`.
    published : DataFrame
        What is published of the place beside the baseline: `network, framework, id, label, unit, body, year, published,
        simulated`; empty where the territory holds no yardstick.
    overrides : mapping of str to tuple of str
        By variant, what was changed: `path: old -> new`.
    journal : DataFrame
        Events of the first replication, by variant and network.
    provenance : mapping
        Scenario as resolved, seed, versions, checksums, durations: whatever may differ between identical runs.
    thresholds : mapping of str to float
        What the user declared negligible, by variable.
    failures : tuple of str
        Runs that failed and were set aside, one message each.
    """

    dataset: xr.Dataset
    draws: xr.Dataset | None
    assets: Mapping[str, gpd.GeoDataFrame]
    bill: pd.DataFrame
    factors: pd.DataFrame
    origins: pd.DataFrame
    overrides: Mapping[str, tuple[str, ...]]
    journal: pd.DataFrame
    provenance: Mapping[str, Any]
    thresholds: Mapping[str, float] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    reported: pd.DataFrame = field(default_factory=pd.DataFrame)
    published: pd.DataFrame = field(default_factory=pd.DataFrame)

    @cached_property
    def records(self) -> list[Record]:
        """The paired comparison of every variant with the baseline, indicator by indicator."""
        return compare(self.dataset, self.draws, self.thresholds, self.sampled)

    @cached_property
    def sampled(self) -> Sampled | None:
        """Samples of the account; None for results that do not say what they were valued with."""
        if not any(QUANTITY in array.attrs for array in self.dataset.data_vars.values()):
            return None
        return self.samples()

    def samples(self, **options: Any) -> Sampled:
        """Return samples of the account with other values, laws or euros than the run's; options as `Sampled`'s."""
        return Sampled(self.dataset, self.draws, self.bill, self.factors, seed=int(self.provenance["seed"]), **options)

    def under_id(self, provenance: Mapping[str, Any]) -> Results:
        """Return the same results with the id of the run in their provenance; what was computed of them stands."""
        return self.keeping(provenance=provenance)

    def keeping(self, **changes: Any) -> Results:
        """Return the same figures with other provenance or assets; what was computed of them stands."""
        made = replace(self, **changes)
        for name in ("records", "sampled", "journal_text", "evaluation", "_curve"):
            if name in self.__dict__ and (name != "evaluation" or "provenance" not in changes):
                made.__dict__[name] = self.__dict__[name]
        return made

    @cached_property
    def journal_text(self) -> str:
        """The journal as it is written to a file."""
        text: str = self.journal.to_csv(index=False, lineterminator="\n")
        return text

    def compare(self) -> pd.DataFrame:
        """Return the paired comparison as a table: one row per record, its unit in the column `unit`."""
        return records_table(self.records)

    def figures(self) -> list[Record]:
        """Return the four figures (energy, fuel, carbon, cost) of each variant: by network, then in total."""
        return [record for record in self.records if record.indicator in FIGURES]

    def table(self) -> pd.DataFrame:
        """Return the four figures by variant and network, `total` being all networks together.

        Returns
        -------
        DataFrame
            Index `variant, network`; columns in two levels, the figure with its unit (`energy [kWh]`), then `before`,
            `after`, `difference`, `p10`, `p50`, `p90` of the difference, and `verdict`.
        """
        return figures_table(self.figures())

    def network(self, name: str) -> xr.Dataset:
        """Return what was found of one network, or of `total`, variables named by indicator: `electricity`, `cost`.

        Raises
        ------
        InputError
            When the results hold no such network.
        """
        found = {
            str(array.attrs["indicator"]): array
            for array in self.dataset.data_vars.values()
            if array.attrs["network"] == name
        }
        if not found:
            known = dict.fromkeys(str(array.attrs["network"]) for array in self.dataset.data_vars.values())
            raise InputError(
                _("the results have no network « {name} »").format(name=name),
                hint=_("one of: {names}").format(names=", ".join(known)),
            )
        return xr.Dataset(found, attrs=self.dataset.attrs)

    def evaluate(self, block: Any = None, **options: Any) -> Evaluation:
        """Evaluate every variant over a horizon; see `jumeau.evaluation.evaluate`.

        Parameters
        ----------
        block : EvaluationBlock or mapping, optional
            Horizon, rates, calendar, financing; those of the scenario by default.
        **options
            `prices`, `base_year`, `folder`.
        """
        # The one way up: evaluation reads results, and this is only its door for scripts.
        from jumeau.evaluation import evaluate

        return evaluate(self, block, **options)

    @cached_property
    def evaluation(self) -> Evaluation:
        """The evaluation that the scenario asks for."""
        return self.evaluate()

    def sweep(self) -> Curve:
        """Return the curve of the sweep that the scenario asks for: knee, marginal value, regret, with intervals.

        Raises
        ------
        InputError
            When the scenario has no `sweep:`.
        """
        return self._curve

    @cached_property
    def _curve(self) -> Curve:
        from jumeau.evaluation import read_sweep

        return read_sweep(self)

    def only(self, names: Sequence[str]) -> Results:
        """Return the results of some situations, the baseline among them; records keep what was corrected for all."""
        wanted = [name for name in self.variants if name in names]
        told = without_notes(self.provenance, {*self.variants} - {*wanted})
        told["variants"] = {key: item for key, item in self.provenance["variants"].items() if key in wanted}
        factors = self.factors
        if SITUATION in factors:
            factors = factors[factors[SITUATION].isin(["", *wanted])].reset_index(drop=True)
        reported = self.reported
        if "variant" in reported:
            reported = reported[reported["variant"].isin(wanted)].reset_index(drop=True)
        made = replace(
            self,
            dataset=self.dataset.sel(scenario=wanted),
            draws=None if self.draws is None else self.draws.sel(scenario=wanted),
            bill=self.bill[self.bill["variant"].isin(wanted)].reset_index(drop=True),
            factors=factors,
            reported=reported,
            overrides={key: item for key, item in self.overrides.items() if key in wanted},
            journal=self.journal[self.journal["scenario"].isin(wanted)] if "scenario" in self.journal else self.journal,
            provenance=told,
        )
        made.__dict__["records"] = [record for record in self.records if record.variant in wanted]
        return made

    @property
    def curve(self) -> Mapping[str, Any] | None:
        """The curve of the sweep as plain data; None where the scenario has none."""
        return self.sweep().summary() if self.swept else None

    def shown(self) -> Results:
        """Return the results without the values of a sweep, but for the one that it ends on: its curve tells them."""
        if not self.swept:
            return self
        spec = self.sweep().spec
        points = {*spec["names"], *spec["before"]} - {BASELINE, self.sweep().ending}
        return self.only([name for name in self.variants if name not in points])

    @property
    def swept(self) -> bool:
        """Whether the scenario has a sweep."""
        return bool(self.provenance.get("sweep"))

    def plot(self) -> NDArray[Any]:
        """Draw the four figures of all networks together, by variant, with their ranges; return the four axes."""
        return plot_figures(self)

    def explore(self, network: str, layer: str, column: str, variant: str = BASELINE, **options: Any) -> Any:
        """Return an interactive map of a figure by asset; needs the extra `explore`.

        Parameters
        ----------
        network, layer, column : str
            For instance `lighting`, `lamps`, `energy`.
        variant : str
        **options
            Those of `GeoDataFrame.explore`.

        Raises
        ------
        InputError
            When the results hold no such layer or column, or the packages for maps are missing.
        """
        return explore_assets(self.assets, asset_table(network, layer, variant), column, **options)

    @property
    def variants(self) -> tuple[str, ...]:
        """Scenario names, the baseline first."""
        return tuple(str(name) for name in self.dataset["scenario"].values)

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks simulated."""
        names = dict.fromkeys(str(array.attrs["network"]) for array in self.dataset.data_vars.values())
        return tuple(name for name in names if name != TOTAL)

    @property
    def replications(self) -> int:
        """Number of paired replications."""
        return int(self.dataset.sizes["replication"])

    @property
    def draw_count(self) -> int:
        """Number of draws of simulated assumptions; a single one has no range, and counts for none."""
        count = 0 if self.draws is None else int(self.draws.sizes["draw"])
        return count if count > 1 else 0

    @property
    def sample_count(self) -> int:
        """Number of draws of prices, emission factors and lives; 0 where results do not say what was paid."""
        return 0 if self.sampled is None else self.sampled.count

    @property
    def failed(self) -> int:
        """Number of runs that were set aside."""
        return len(self.failures)

    def __repr__(self) -> str:
        attrs, sizes = self.dataset.attrs, self.dataset.sizes
        draws = 0 if self.draws is None else self.draws.sizes["draw"]
        failed = f", {len(self.failures)} failed runs" if self.failures else ""
        return (
            f"<Results {attrs.get('title', '')!r}, {attrs.get('period', '')}\n"
            f"  networks: {', '.join(self.networks)}\n"
            f"  situations: {', '.join(self.variants)}\n"
            f"  {sizes['replication']} replications, {draws} draws{failed}; see .table(), .compare(), .plot()>"
        )

    def _repr_html_(self) -> str:
        return figures_html(self.figures(), self.provenance)
