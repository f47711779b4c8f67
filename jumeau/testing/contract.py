"""What every network must fulfil, as functions that a test calls: `for check in CHECKS: check(network, territory)`.

They hold for a network that leaves something to chance as for one that does not.
"""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import simpy

from jumeau.accounts import LINES, VOCABULARY
from jumeau.accounts.quantity import faults
from jumeau.attributes import check_values, typed
from jumeau.i18n import catalogue_files
from jumeau.network import Network, Outcome
from jumeau.randomness import Streams
from jumeau.reported import FRAMEWORKS, LAYER, POPULATION
from jumeau.simulation.clock import DAY
from jumeau.simulation.events import ASSET, NUMBER
from jumeau.simulation.shared import shared_factors
from jumeau.simulation.world import World
from jumeau.study import SUMMARY, TEXT, StudyContext
from jumeau.territory.model import Territory
from jumeau.testing.bench import Bench, Ran
from jumeau.units import conversion_factor
from jumeau.yardsticks import PUBLISHERS, Sum, yardstick_layer

Check = Callable[[Network, Territory], None]

#: Sums over networks, assets and lines agree to this share of the whole.
EXACT = 1e-9


def _require(true: object, message: str) -> None:
    if not true:
        raise AssertionError(message)


def _same_bytes(first: Outcome, second: Outcome) -> bool:
    def packed(outcome: Outcome) -> bytes:
        numbers = [*outcome.indicators.values(), *outcome.quantities.values()]
        frames = [frame.to_numpy(dtype=np.float64).ravel() for frame in outcome.assets.values()]
        return np.concatenate([np.array(numbers, dtype=np.float64), *frames]).tobytes()

    return packed(first) == packed(second)


def _same_events(first: Ran, second: Ran, network: str) -> bool:
    one, two = first.events(network), second.events(network)
    return list(one) == list(two) and all(one[kind].equals(two[kind]) for kind in one)


def folder_has_its_files(network: Network, territory: Territory) -> None:  # noqa: ARG001 - all checks are called alike
    """The files that a network is read from, or shown by, are there."""
    for name in ("attributes.csv", "factors.csv", "indicators.csv", "quantities.csv", "appearance.yaml"):
        _require((network.folder / name).is_file(), f"no {name}")


def units_parse(network: Network, territory: Territory) -> None:  # noqa: ARG001
    """Every unit is in the vocabulary."""
    for attribute in (*network.attributes, *network.attributes.outputs()):
        if attribute.type in ("float", "integer"):
            conversion_factor(attribute.unit, attribute.unit)
    for item in network.said:
        conversion_factor(item.unit, item.unit)
    for columns in network.events.values():
        for column in columns:
            if column.type == NUMBER:
                conversion_factor(column.unit or "1", column.unit or "1")


def factors_have_sources(network: Network, territory: Territory) -> None:  # noqa: ARG001
    """Every factor has a source and lies in its range; none has the name of a shared one, which would price twice."""
    _require(not network.factors.problems(), "; ".join(network.factors.problems()))
    twice = sorted(set(network.factors) & set(shared_factors()))
    _require(not twice, f"factors that all networks share: {twice}")


def factors_are_read(network: Network, territory: Territory) -> None:  # noqa: ARG001
    """Every factor is read by the network's code, or prices one of its quantities."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(network.folder.rglob("*.py")))
    texts = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    stems = {text for text in texts if isinstance(text, str) and text}
    valued = {name for item in network.quantities.values() for name in (item.price, item.emission)}
    for name in network.factors:
        # Families such as `gear_loss_hps` are read by their stem.
        read = any(name == text or (text.endswith("_") and name.startswith(text)) for text in stems)
        _require(read or name in valued, f"the factor {name} is read by nobody")


def declarations_agree(network: Network, territory: Territory) -> None:  # noqa: ARG001
    """Names are told once: no output has the name of an input, no indicator that of a quantity or of a line."""
    table = network.attributes
    for row in table.outputs():
        _require(row.layer in table.layers, f"{row.layer}.{row.attribute}: unknown layer")
        _require(row.attribute not in {item.attribute for item in table.of(row.layer)}, f"{row.attribute} is an input")
        _require(row.description and row.cell_methods, f"{row.layer}.{row.attribute}: no description or cell methods")
    names = [item.name for item in network.said]
    _require(len(names) == len(set(names)), f"said twice: {sorted({name for name in names if names.count(name) > 1})}")
    for row in table.outputs():
        _require(not row.sums_to or row.sums_to in names, f"{row.attribute} sums to {row.sums_to}, which nobody says")
    prices = {**network.factors, **shared_factors()}
    for item in network.quantities.values():
        _require(not faults(item), "; ".join(faults(item)))
        _require(item.name in VOCABULARY or item.name not in LINES, f"{item.name} is a line of the account")
        for name in (item.price, item.emission):
            _require(not name or name in prices, f"{item.name}: nobody states {name}")
    for kind, columns in network.events.items():
        for column in columns:
            known = column.type != ASSET or column.layer in table.layers
            _require(known, f"{kind}.{column.column}: unknown layer {column.layer!r}")


def reported_indicators_are_fed(network: Network, territory: Territory) -> None:  # noqa: ARG001
    """Each indicator of a public framework is made of figures that the network gives, in units that fit."""
    units = {item.name: (item.unit, item.cell_methods == "time: sum") for item in network.said}
    for spec in network.reported:
        _require(spec.framework in FRAMEWORKS, f"{spec.id}: unknown framework {spec.framework!r}")
        for name in spec.numerators:
            _require(name in units, f"{spec.id}: no figure {name!r}")
            _require(units[name] == units[spec.numerators[0]], f"{spec.id}: figures of several units added up")
        _require(bool(spec.label and spec.source), f"{spec.id}: no label or no source")
        unit, summed = units[spec.numerators[0]]
        if spec.denominator.startswith(LAYER):
            layer = spec.denominator.removeprefix(LAYER)
            _require(layer in network.attributes.layers, f"{spec.id}: no layer {layer!r}")
            spec.factor(unit, "item", yearly=summed)
        elif spec.denominator == POPULATION:
            spec.factor(unit, "person", yearly=summed)
        elif spec.denominator:
            _require(spec.denominator in units, f"{spec.id}: no figure {spec.denominator!r}")
            spec.factor(unit, units[spec.denominator][0], yearly=False)
        else:
            spec.factor(unit, "", yearly=False)


def yardsticks_fit(network: Network, territory: Territory) -> None:  # noqa: ARG001
    """What is published is held against figures and columns that the network has, in units that fit."""
    table, said = network.attributes, {item.name: item for item in network.said}
    _require(
        not network.yardsticks or yardstick_layer(network.name) in table.layers, "no layer holds what is published"
    )
    for spec in network.yardsticks:
        _require(spec.framework in PUBLISHERS, f"{spec.id}: unknown publisher {spec.framework!r}")
        _require(bool(spec.label and spec.source), f"{spec.id}: no label or no source")
        _require(bool(spec.figure or spec.standing), f"{spec.id}: nothing to compare with")
        _require(spec.denominator in ("", POPULATION), f"{spec.id}: unknown denominator {spec.denominator!r}")
        conversion_factor(spec.published_unit, spec.unit)
        _require(not spec.scale or spec.scale in network.factors, f"{spec.id}: no factor {spec.scale!r}")
        if spec.figure:
            _require(spec.figure in said, f"{spec.id}: no figure {spec.figure!r}")
            spec.factor(said[spec.figure].unit, yearly=said[spec.figure].cell_methods == "time: sum")
        if spec.standing:
            item = Sum.read(spec.standing)
            spec.factor(table.get(item.layer, item.column).unit, yearly=False)
            if item.attribute:
                known = set(table.get(item.layer, item.attribute).choices)
                _require(set(item.values) <= known, f"{spec.id}: unknown {item.attribute}: {item.values}")


def studies_are_declared(network: Network, territory: Territory) -> None:  # noqa: ARG001
    """Each study has its tables declared, in units that parse; its parameters are frozen and refuse unknown keys."""
    _require(set(network.study_tables) == set(network.studies), "studies.csv names other studies than those there are")
    for name, study in network.studies.items():
        _require(SUMMARY in network.study_tables[name], f"{name}: no summary is declared")
        config = study.parameters.model_config
        _require(config.get("frozen") and config.get("extra") == "forbid", f"{name}: parameters are not a frozen block")
        _require(set(study.needs) <= set(network.attributes.layers), f"{name}: needs a layer that is not declared")
        for table in network.study_tables[name].values():
            for column in table:
                _require(bool(column.description), f"{name}.{column.table}.{column.column}: no description")
                if column.type != TEXT:
                    conversion_factor(column.unit or "1", column.unit or "1")


def sizings_are_declared(network: Network, territory: Territory) -> None:  # noqa: ARG001
    """What can be sized needs layers that there are, and every parameter has a default."""
    for name, sizing in network.sizings.items():
        _require(set(sizing.needs) <= set(network.attributes.layers), f"{name}: needs layers that no table declares")
        sizing.parameters()


def studies_give_what_they_declare(network: Network, territory: Territory) -> None:
    """Studies that ask for nothing give the tables and figures declared, and leave the layers as they were."""
    for name, study in network.studies.items():
        if any(field.is_required() for field in study.parameters.model_fields.values()):
            continue
        layers = network.layers(territory)
        before = {key: frame.copy() for key, frame in layers.items()}
        found = study.run(layers, study.parameters(), StudyContext(network.factors, territory))
        declared = network.study_tables[name]
        _require(set(found.tables) == set(declared) - {SUMMARY}, f"{name}: tables are not those declared")
        _require(set(found.summary) == {item.column for item in declared[SUMMARY]}, f"{name}: summary is not")
        for table, frame in found.tables.items():
            columns = [column for column in frame.columns if column != "geometry"]
            told = {item.column for item in declared[table]}
            _require(set(columns) == told, f"{name}.{table}: columns {set(columns) ^ told} are not those declared")
        for key, frame in layers.items():
            _require(frame.equals(before[key]), f"{name}: the layer {key} was changed")


def defaults_are_valid(network: Network, territory: Territory) -> None:  # noqa: ARG001
    """The defaults of attributes fulfil what the table asks of values."""
    for attribute in network.attributes:
        if attribute.default and attribute.type != "geometry":
            given = typed(pd.Series([None], dtype=object), attribute)
            problems = check_values(given, pd.Series(["a"]), attribute)
            _require(not problems, f"{attribute.layer}.{attribute.attribute}: {problems}")


def labels_are_translated(network: Network, territory: Territory) -> None:  # noqa: ARG001
    """Whatever people read of the network is in the French catalogue, its own or the house's."""
    files = {*catalogue_files("fr"), *network.folder.glob("locale/fr.po")}
    catalogue = "\n".join(path.read_text(encoding="utf-8") for path in sorted(files))
    joined = re.sub(r'"\n"', "", catalogue)
    labels = [
        network.label,
        *(item.label for item in network.said),
        *(item.label for item in network.measures.values()),
    ]
    labels += [text for spec in network.reported for text in (spec.label, spec.note) if text]
    labels += [text for spec in network.yardsticks for text in (spec.label, spec.note) if text]
    labels += [factor.description for factor in network.factors.values()]
    labels += [row.description for row in network.attributes.outputs()]
    labels += [item.label for item in network.studies.values()]
    labels += [item.label for item in network.sizings.values()]
    labels += [
        item.description for tables in network.study_tables.values() for table in tables.values() for item in table
    ]
    for label in labels:
        escaped = label.replace('"', '\\"')
        _require(f'msgid "{escaped}"' in joined, f"no French for {label!r}")


def territory_has_sound_layers(network: Network, territory: Territory) -> None:
    """The territory has what the network needs, and values that its table allows."""
    _require(set(network.attributes.needed) <= set(territory.layers), "the territory lacks a layer")
    for layer in network.attributes.layers:
        if layer not in territory.layers:
            continue
        frame = territory.layer(layer)
        ids = frame[network.attributes.identifier(layer)]
        for attribute in network.attributes.of(layer):
            if attribute.type != "geometry" and attribute.attribute in frame:
                problems = check_values(frame[attribute.attribute], ids, attribute)
                _require(not problems, f"{layer}.{attribute.attribute}: {problems}")
    found = network.behaviour.check(territory, network.factors, network.assumptions())
    _require(not found, f"its own check finds {found}")


def outcome_is_what_is_declared(network: Network, territory: Territory) -> None:
    """A run gives the indicators, quantities, outputs and events that the tables declare, finite where they must be."""
    ran = Bench(network, territory).run()
    outcome = ran.outcome
    _require(set(outcome.indicators) == {item.name for item in network.indicators}, "indicators are not those declared")
    _require(set(outcome.quantities) == set(network.quantities), "quantities are not those declared")
    for item in network.indicators:
        finite = np.isfinite(outcome.indicators[item.name])
        _require(finite or item.cell_methods.endswith("mean"), f"{item.name} is not finite")
    for name, amount in outcome.quantities.items():
        _require(np.isfinite(amount), f"{name} is not finite")
    for layer, frame in outcome.assets.items():
        declared = {row.attribute for row in network.attributes.outputs(layer)}
        _require(set(frame.columns) <= declared, f"{layer}: {sorted(set(frame.columns) - declared)} are not declared")


def sums_agree(network: Network, territory: Territory) -> None:
    """Assets add up to the network's figures, and the parts of the account to the whole."""
    bench = Bench(network, territory)
    outcome = bench.run().outcome
    whole = {**outcome.indicators, **outcome.quantities}
    for row in network.attributes.outputs():
        if row.sums_to and row.layer in outcome.assets and row.attribute in outcome.assets[row.layer]:
            total = float(np.nansum(outcome.assets[row.layer][row.attribute]))
            _require(np.isclose(total, whole[row.sums_to], rtol=EXACT, atol=EXACT), f"{row.attribute}: {total}")
    lines = bench.account(outcome)
    direct = {item.cost_line for item in network.quantities.values()}
    for name in {LINES[line].part_of for line in lines} - {""} - direct:
        parts = sum(amount for line, amount in lines.items() if LINES[line].part_of == name)
        _require(np.isclose(parts, lines[name], rtol=EXACT, atol=EXACT), f"{name} is not the sum of its parts")


def empty_layers_give_zeros(network: Network, territory: Territory) -> None:
    """Where there is nothing, nothing is used, and nothing fails."""
    bench = Bench(network, territory)
    outcome = bench.run({name: frame.iloc[:0] for name, frame in bench.layers.items()}).outcome
    for name, amount in {**outcome.indicators, **outcome.quantities}.items():
        _require(amount == 0 or np.isnan(amount), f"{name} = {amount}")


def same_seed_gives_same_bytes(network: Network, territory: Territory) -> None:
    """Two runs of one seed and replication are the same to the byte."""
    first, second = (Bench(network, territory).run() for _time in range(2))
    _require(_same_events(first, second, network.name), "events differ")
    _require(_same_bytes(first.outcome, second.outcome), "figures differ")


def nothing_chosen_changes_nothing(network: Network, territory: Territory) -> None:
    """Layers that went through no measure and were read again give the very same figures."""
    bench = Bench(network, territory)
    first, second = bench.run(bench.layers), bench.run(bench.typed(bench.layers))
    _require(_same_bytes(first.outcome, second.outcome), "figures differ")


def inputs_are_not_changed(network: Network, territory: Territory) -> None:
    """A run leaves its layers as they are."""
    bench = Bench(network, territory)
    layers = bench.layers
    before = {name: frame.copy() for name, frame in layers.items()}
    bench.run(layers)
    for name, frame in layers.items():
        _require(frame.equals(before[name]), f"the layer {name} was changed")


def prepared_state_is_picklable(network: Network, territory: Territory) -> None:
    """What is prepared can be sent to another process."""
    made = Bench(network, territory).prepare()
    _require(pickle.loads(pickle.dumps(made)) is not None, "nothing came back")  # noqa: S301 - our own bytes


def another_network_changes_no_draw(network: Network, territory: Territory) -> None:
    """A stranger in the same world, that draws and waits, changes nothing of the network."""

    def stranger(world: World) -> None:
        streams = Streams(1, 0, "stranger")

        def live() -> Iterator[simpy.Event]:
            for day in range(10):
                streams.column("asset", "failure", 100, index=day)
                yield world.env.timeout(DAY / 3.0)

        world.env.process(live())  # type: ignore[arg-type]

    bench = Bench(network, territory)
    alone, beside = bench.run(), bench.run(meanwhile=stranger)
    _require(_same_events(alone, beside, network.name), "events differ")
    _require(_same_bytes(alone.outcome, beside.outcome), "figures differ")


CHECKS: tuple[Check, ...] = (
    folder_has_its_files,
    units_parse,
    factors_have_sources,
    factors_are_read,
    declarations_agree,
    reported_indicators_are_fed,
    yardsticks_fit,
    studies_are_declared,
    studies_give_what_they_declare,
    sizings_are_declared,
    defaults_are_valid,
    labels_are_translated,
    territory_has_sound_layers,
    outcome_is_what_is_declared,
    sums_agree,
    empty_layers_give_zeros,
    same_seed_gives_same_bytes,
    nothing_chosen_changes_nothing,
    inputs_are_not_changed,
    prepared_state_is_picklable,
    another_network_changes_no_draw,
)


def check_network(network: Network, territory: Territory) -> dict[str, Any]:
    """Return what fails of a network on a territory, by the name of the check; empty when all is well."""
    found = {}
    for check in CHECKS:
        try:
            check(network, territory)
        except AssertionError as error:
            found[check.__name__] = str(error)
    return found
