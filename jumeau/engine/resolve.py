"""From a scenario and a territory to resolved situations: layers, bill, factors, and a log of every override."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel

from jumeau.bill import Bill
from jumeau.engine.applied import Applied
from jumeau.engine.assumptions import assumptions_of
from jumeau.engine.radio import Radio, radio_of
from jumeau.engine.scenario import Scenario
from jumeau.engine.where import select
from jumeau.errors import InputError, Problem
from jumeau.factors import FactorTable
from jumeau.i18n import LANGUAGES, LocalText, _, in_all_languages, language, local
from jumeau.network import Layers, Measure, MeasureContext, Measured, Network, discover, ordered
from jumeau.results.comparison import BASELINE
from jumeau.simulation.clock import Clock
from jumeau.simulation.delivery import Delivery
from jumeau.simulation.shared import SHARED
from jumeau.territory.model import Territory, layer_digest

#: Values of factors, by network (and `shared`).
Draw = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Step:
    """A measure with what it was given: enough to apply it again when factors change.

    Attributes
    ----------
    measure : Measure
    selected : ndarray of bool
        The features concerned; they stay the same whatever the factors.
    parameters : BaseModel
    applied : Applied
        What it made first, given again where nothing that it reads is another.
    """

    measure: Measure
    selected: NDArray[np.bool_]
    parameters: BaseModel
    applied: Applied = field(default_factory=Applied, compare=False, repr=False)

    def apply(self, layers: Layers, context: MeasureContext) -> Measured:
        """Return what the measure makes of the layers."""

        def make(factors: FactorTable) -> Measured:
            return self.measure.apply(layers, self.selected, self.parameters, replace(context, factors=factors))

        return self.applied(layers, context.factors, make)


@dataclass(frozen=True)
class NetworkSituation:
    """One network in one situation.

    Attributes
    ----------
    base, layers : mapping of str to GeoDataFrame
        Before and after measures.
    steps : tuple of Step
        The measures, in order.
    bill : tuple of BillItem
    factors : FactorTable
        Overrides included.
    assumptions : BaseModel
        The network's structured assumptions.
    radio_bill : tuple of BillItem
        Its part of the radio network, which no measure brings; `bill` holds it too.
    delivery : mapping of str to Delivery
        What becomes of the messages of its devices, by kind; empty where nothing is said of radio.
    """

    base: Layers
    layers: Layers
    steps: tuple[Step, ...]
    bill: Bill
    factors: FactorTable
    assumptions: BaseModel
    radio_bill: Bill = ()
    delivery: Mapping[str, Delivery] = field(default_factory=dict)

    def with_factors(self, values: Mapping[str, float], source: str, territory: Territory) -> NetworkSituation:
        """Return the network with other factor values, its measures applied again under them."""
        factors = self.factors.override(values, source)
        layers = self.base
        bill: Bill = ()
        for step in self.steps:
            measured = step.apply(layers, MeasureContext(factors, territory))
            layers, bill = measured.layers, (*bill, *measured.bill)
        return replace(self, layers=layers, bill=(*bill, *self.radio_bill), factors=factors)

    def radio_digest(self) -> bytes:
        """Return what tells one delivery from another; nothing where nothing is said of radio."""
        return b"".join(kind.encode() + self.delivery[kind].digest() for kind in sorted(self.delivery))

    def fingerprint(self, digests: Callable[[gpd.GeoDataFrame], bytes] = layer_digest) -> str:
        """Return a SHA-256 of all that decides what runs find of the network; prices and bills are not among it.

        Parameters
        ----------
        digests : callable
            Gives the digest of a layer.
        """
        digest = sha256()
        for layer in sorted(self.layers):
            digest.update(layer.encode() + digests(self.layers[layer]))
        digest.update(written_out(self.factors.for_runs()))
        digest.update(self.assumptions.model_dump_json().encode())
        digest.update(self.radio_digest())
        return digest.hexdigest()

    def drawn_fingerprint(self, digests: Callable[[gpd.GeoDataFrame], bytes] = layer_digest) -> str:
        """Return a SHA-256 of all that decides what runs find of it under other factors: its measures are taken again.

        Parameters
        ----------
        digests : callable
            Gives the digest of a layer.
        """
        digest = sha256(self.fingerprint(digests).encode())
        for layer in sorted(self.base):
            digest.update(layer.encode() + digests(self.base[layer]))
        for step in self.steps:
            digest.update(step.measure.name.encode() + step.selected.tobytes() + repr(step.parameters).encode())
        return digest.hexdigest()


@dataclass(frozen=True)
class Situation:
    """The baseline or a variant, resolved.

    Attributes
    ----------
    name : str
    title : str or mapping
    networks : mapping of str to NetworkSituation
    shared : FactorTable
        Factors that every network shares, the price list among them.
    log : tuple of str
        Every override, `path: old -> new`, and what measures said.
    measures : tuple of (str, int)
        Labels of the measures in order (message ids), each with the number of features selected.
    territory : Territory
    """

    name: str
    title: LocalText
    networks: Mapping[str, NetworkSituation]
    shared: FactorTable
    log: tuple[str, ...]
    measures: tuple[tuple[str, int], ...]
    territory: Territory

    def with_factors(self, values: Draw, source: str) -> Situation:
        """Return the situation with other factor values, by network (a draw of uncertain assumptions)."""
        networks = {
            name: item.with_factors(values[name], source, self.territory) if values.get(name) else item
            for name, item in self.networks.items()
        }
        return replace(self, networks=networks, shared=self.shared.override(values.get(SHARED, {}), source))

    @property
    def shared_for_runs(self) -> FactorTable:
        """Return the shared factors that simulations read: the prices by which somebody decides among them."""
        return self.shared.for_runs(name for network in ordered(self.networks) for name in network.decides_on)

    def simulated(self, values: Draw) -> Draw:
        """Return those of some factor values that simulations read: the others only value what runs found."""
        tables = {name: item.factors.for_runs() for name, item in self.networks.items()}
        tables[SHARED] = self.shared_for_runs
        read = {
            owner: {name: value for name, value in items.items() if name in tables[owner]}
            for owner, items in values.items()
        }
        return {owner: items for owner, items in read.items() if items}


def written_out(factors: FactorTable) -> bytes:
    """Return the names and values of factors as bytes, for a digest."""
    return repr([(name, factors.value(name)) for name in factors]).encode()


def resolve(scenario: Scenario, territory: Territory) -> list[Situation]:
    """Return the baseline, then each variant in the order of the file.

    The variant starts from the baseline: its measures come after the baseline's own.

    Raises
    ------
    InputError
        When a layer is missing, a selection is empty or a measure refuses its parameters.
    """
    networks = ordered(scenario.networks())
    data = scenario.data
    base: dict[str, Layers] = {network.name: network.layers(territory) for network in networks}
    situations = [situation_of(scenario, territory, base, networks, BASELINE, data.baseline, [])]
    for name, variant in data.variants.items():
        situations.append(situation_of(scenario, territory, base, networks, name, variant, data.baseline.measures))
        bare = _without(scenario, variant, name)
        if bare is not None:
            situations.append(situation_of(scenario, territory, base, networks, *bare, data.baseline.measures))
    return situations


def _without(scenario: Scenario, variant: Any, name: str) -> tuple[str, Any] | None:
    """Return the name and the variant that lacks the measures to be shown apart; None where there is one already.

    Where sensors come with a better use of trucks, the reader has to see what that alone would have brought.
    """
    networks = discover()

    def apart(call: Any) -> bool:
        owner, key = call.measure.split(".", 1)
        return networks[owner].measures[key].shown_without

    kept = [call for call in variant.measures if not apart(call)]
    if len(kept) == len(variant.measures) or not kept:
        return None
    data = scenario.data
    if any(other.measures == kept and other.assumptions == variant.assumptions for other in data.variants.values()):
        return None
    labels = [
        networks[call.measure.split(".", 1)[0]].measures[call.measure.split(".", 1)[1]].label
        for call in variant.measures
        if apart(call)
    ]
    titles = {}
    for lang in LANGUAGES:
        with language(lang):
            named = ", ".join(dict.fromkeys(_(label).lower() for label in labels))
            titles[lang] = _("{title}, without {measures}").format(title=local(variant.title or name), measures=named)
    other = name
    while other == name or other in data.variants:
        other += "_without"
    return other, variant.model_copy(update={"measures": kept, "title": titles})


def situation_of(
    scenario: Scenario,
    territory: Territory,
    base: Mapping[str, Layers],
    networks: list[Network],
    name: str,
    variant: Any,
    inherited: list[Any],
) -> Situation:
    """Return one situation, resolved.

    Parameters
    ----------
    scenario : Scenario
    territory : Territory
    base : mapping of str to mapping
        Layers before any measure, by network.
    networks : list of Network
    name : str
    variant : BaseModel
        Its block, as the scenario's model has it.
    inherited : list of BaseModel
        Measures of the baseline, which come first.

    Raises
    ------
    InputError
        When a selection is empty or a measure refuses its parameters.
    """
    path = BASELINE if name == BASELINE else f"variants.{name}"
    log: list[str] = []
    shared, _rest = assumptions_of(scenario, variant, SHARED, scenario.shared_factors(), None, log, path)
    made: dict[str, NetworkSituation] = {}
    labels: list[tuple[str, int]] = []
    for network in networks:
        factors, structured = assumptions_of(
            scenario, variant, network.name, network.factors, network.assumptions, log, path
        )
        layers = base[network.name]
        bill: Bill = ()
        steps: list[Step] = []
        context = MeasureContext(factors, territory)
        calls: list[tuple[Any, tuple[str | int, ...]]] = [
            (call, (BASELINE, "measures", place)) for place, call in enumerate(inherited)
        ]
        calls += [(call, (*path.split("."), "measures", place)) for place, call in enumerate(variant.measures)]
        for call, keys in calls:
            where_path = ".".join(str(key) for key in keys)
            owner, key = call.measure.split(".", 1)
            if owner != network.name:
                continue
            measure = network.measures[key]
            layer = layers[measure.layer]
            given = {field: getattr(call, field) for field in measure.parameters.model_fields}
            try:
                selected = select(
                    call.where, layer, measure.layer, network.attributes, territory, scenario.folder, "where"
                )
                step = Step(measure, selected, measure.parameters.model_construct(**given))
                measured = step.apply(layers, context)
            except InputError as error:
                raise InputError(*(_at_call(scenario, keys, item) for item in error.problems)) from error
            log += _changes(where_path, layers, measured.layers, network)
            log += [f"{where_path}: {note}" for note in measured.notes]
            layers, bill = measured.layers, bill + measured.bill
            steps.append(step)
            labels.append((measure.label, int(selected.sum())))
        made[network.name] = NetworkSituation(base[network.name], layers, tuple(steps), bill, factors, structured)
    block = variant.radio or scenario.data.baseline.radio
    if block is not None:
        keys = (*(path.split(".") if variant.radio else (BASELINE,)), "radio")
        radio = _radio(scenario, territory, made, block, keys)
        made = {
            item: replace(
                found,
                bill=(*found.bill, *radio.bills.get(item, ())),
                radio_bill=radio.bills.get(item, ()),
                delivery=radio.delivery.get(item, {}),
            )
            for item, found in made.items()
        }
        log += [f"{path}: {note}" for note in radio.notes]
    title = variant.title or (in_all_languages("Present situation") if name == BASELINE else name)
    return Situation(name, title, made, shared, tuple(log), tuple(labels), territory)


def _radio(
    scenario: Scenario,
    territory: Territory,
    made: Mapping[str, NetworkSituation],
    block: Any,
    keys: tuple[str | int, ...],
) -> Radio:
    period = scenario.data.period
    clock = Clock(
        period.start, period.end, territory.timezone, territory.country, territory.meta.get("subdivision", "")
    )
    carriers = {name: (item.bill, item.layers) for name, item in made.items()}
    try:
        return radio_of(block, carriers, territory, clock, scenario.folder)
    except InputError as error:
        raise InputError(*(_at_call(scenario, keys, item) for item in error.problems)) from error


def _at_call(scenario: Scenario, keys: tuple[str | int, ...], problem: Problem) -> Problem:
    """Return a problem of a measure with the place of its call in the scenario, where it has none of its own."""
    called = scenario.problem(keys, problem.message)
    if problem.file:
        return replace(problem, message=called.message)
    return replace(problem, message=called.message, file=called.file, line=called.line)


def _changes(path: str, before: Layers, after: Layers, network: Network) -> list[str]:
    """Return one line per column that a measure changed: how many features, from what to what."""
    lines = []
    for name, frame in after.items():
        old = before[name]
        if frame is old:
            continue
        if len(frame) != len(old):
            lines.append(f"{path}: {network.name}.{name}: {len(old)} -> {len(frame)}")
            continue
        for column in frame.columns:
            if column == frame.geometry.name or str(column).endswith("_origin"):
                continue
            if column not in old.columns:
                lines.append(f"{path}: {network.name}.{name}.{column}: — -> {_brief(frame[column])} ({len(frame)})")
                continue
            same = (frame[column] == old[column]) | (frame[column].isna() & old[column].isna())
            changed = ~same.to_numpy(dtype=bool)
            if changed.any():
                lines.append(
                    f"{path}: {network.name}.{name}.{column}: {_brief(old[column][changed])} -> "
                    f"{_brief(frame[column][changed])} ({int(changed.sum())})"
                )
    return lines


def _brief(series: Any) -> str:
    """Return a column's values in a few words: the value when there is one, else mean or commonest."""
    known = series.dropna()
    values = known.unique()
    if len(values) == 0:
        return "—"
    if len(values) == 1:
        value = values[0]
        return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value) or "—"
    if pd.api.types.is_numeric_dtype(known) and not pd.api.types.is_bool_dtype(known):
        return f"⌀ {float(known.mean()):.6g}"
    return ", ".join(sorted({str(value) or "—" for value in values})[:4]) + ("…" if len(values) > 4 else "")
