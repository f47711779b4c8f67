"""What the `sweep:` of a scenario may say and becomes: situations, nested selections, messages with their line."""

from itertools import pairwise

import numpy as np
import pytest

from jumeau.engine.plan import fingerprints
from jumeau.engine.ready import make_ready
from jumeau.engine.scenario import read_scenario_text
from jumeau.engine.sweep_points import read_sweep
from jumeau.engine.where import Where, select
from jumeau.errors import InputError
from jumeau.network import discover

TEXT = """name: swept
territory: bourg_exemple
networks: [water]
period: {start: 2025-01-01, end: 2025-01-31}
variants:
  loggers:
    title: {fr: Écoute, en: Listening}
    measures:
      - measure: water.acoustic_loggers
        where: {attributes: {material: [grey_iron]}}
      - measure: water.remote_reading
sweep:
  measure: water.acoustic_loggers
  parameter: count
  values: [5, 2, 10]
"""


@pytest.fixture(scope="module")
def listed(town, tmp_path_factory):
    """The scenario as it stands, ready to run."""
    return ready(TEXT, tmp_path_factory.mktemp("sweep"), town)


def values(text, tmp_path, town):
    """The values of a sweep that is read, and not resolved."""
    return [point.value for point in read_sweep(read_scenario_text(text, tmp_path / "swept.yaml").on(town)).points]


def ready(text, tmp_path, town):
    return make_ready(read_scenario_text(text, tmp_path / "swept.yaml"), town)


def refused(text, tmp_path, town):
    """Return the only problem of a scenario that is refused."""
    with pytest.raises(InputError) as error:
        ready(text, tmp_path, town)
    (problem,) = error.value.problems
    return problem


def test_values_become_situations_in_order(listed):
    found = listed
    assert [item.name for item in found.situations] == [
        "baseline", "loggers", "loggers_count_2", "loggers_count_5", "loggers_count_10",
    ]  # fmt: skip
    assert found.situations[3].title == {"fr": "Écoute, nombre\N{NO-BREAK SPACE}: 5", "en": "Listening, number: 5"}
    counts = [sum(i.count for i in s.networks["water"].bill if i.kind == "acoustic_logger") for s in found.situations]
    assert counts[2:] == [2, 5, 10]
    assert found.swept.spec()["values"] == [2.0, 5.0, 10.0]
    # The rest of the variant stays: the other measure, the filter.
    assert all(len(situation.measures) == 2 for situation in found.situations[2:])


def test_loggers_are_nested_along_a_sweep(listed):
    found = listed
    placed = [
        {asset for item in situation.networks["water"].bill if item.kind == "acoustic_logger" for asset in item.assets}
        for situation in found.situations[2:]
    ]
    assert placed[0] < placed[1] < placed[2]


def test_a_range_is_its_equal_steps(tmp_path, town):
    text = TEXT.replace("values: [5, 2, 10]", "from: 2\n  to: 10\n  steps: 4")
    assert values(text, tmp_path, town) == [2.0, 4.0, 6.0, 8.0, 10.0]
    share = TEXT.replace("parameter: count", "parameter: coverage")
    share = share.replace("values: [5, 2, 10]", "from: 10 %\n  to: 0.3\n  steps: 2")
    assert values(share, tmp_path, town) == pytest.approx([0.1, 0.2, 0.3])


def test_a_price_of_devices_changes_no_run(tmp_path, town):
    text = TEXT.replace("  measure: water.acoustic_loggers\n  parameter: count\n", "  factor: water.logger_price\n")
    found = ready(text.replace("[5, 2, 10]", "[500 EUR, 1000 EUR]"), tmp_path, town)
    assert found.swept.before == ("baseline", "baseline")
    prints = {repr(fingerprints(situation, "")) for situation in found.situations[1:]}
    assert len(prints) == 1


def test_a_factor_of_the_world_moves_before_and_after(tmp_path, town):
    text = TEXT.replace("  measure: water.acoustic_loggers\n  parameter: count\n", "  factor: water.mains_bursts\n")
    found = ready(text.replace("[5, 2, 10]", "[0.1 /km/year, 0.2 /km/year]"), tmp_path, town)
    assert all(name.startswith("before_loggers_mains_bursts") for name in found.swept.before)
    factors = {item.name: item.networks["water"].factors.value("mains_bursts") for item in found.situations}
    for own, before in zip(found.swept.names, found.swept.before, strict=True):
        assert factors[own] == factors[before]
    assert factors["baseline"] == factors["loggers"]


@pytest.mark.parametrize("rank", ["", "spaces"])
def test_limited_selections_are_nested(town, rank):
    network, layer = discover()["mobility"], town.layers["parking"]
    masks = [
        select(Where(count=count, rank=rank), layer, "parking", network.attributes, town, None, "where")
        for count in (1, 10, 40, 5000)
    ]
    assert [int(mask.sum()) for mask in masks] == [1, 10, 40, len(layer)]
    assert all((less <= more).all() for less, more in pairwise(masks))
    if rank:
        spaces = layer["spaces"].to_numpy()
        assert spaces[masks[1]].min() >= spaces[~masks[1]].max()
    half = select(Where(share=0.5, rank=rank), layer, "parking", network.attributes, town, None, "where")
    assert half.sum() == np.ceil(len(layer) / 2)
    # Another order of the rows chooses the same features.
    turned = layer.iloc[::-1]
    again = select(Where(count=10, rank=rank), turned, "parking", network.attributes, town, None, "where")
    if not rank:
        assert set(turned["parking_id"][again]) == set(layer["parking_id"][masks[1]])


WRONG = [
    ("parameter: count", "parameter: cuont", "parameter: cuont", ["cuont", "count"]),
    ("parameter: count", "parameter: where", "parameter: where", ["where", "number"]),
    ("acoustic_loggers\n  par", "acoustic_logers\n  par", "logers", ["acoustic_loggers"]),
    ("  parameter: count\n", "", "sweep:", ["go together"]),
    ("[5, 2, 10]", "[]", "values", ["empty"]),
    ("[5, 2, 10]", "[5]", "values", ["no curve"]),
    ("[5, 2, 10]", "[5, 2, 5]", "values", ["twice"]),
    ("[5, 2, 10]", "[5, many]", "values", ["values[1]", "many"]),
    ("[5, 2, 10]", "[5, true]", "values", ["values[1]"]),
    ("[5, 2, 10]", "[5, 0]", "values", ["values[1]"]),
    ("[5, 2, 10]", str(list(range(1, 42))), "values", ["40"]),
    ("values: [5, 2, 10]", "from: 2\n  to: 10\n  steps: 0", "steps: 0", ["step"]),
    ("values: [5, 2, 10]", "from: 2\n  to: 10\n  steps: 90", "steps: 90", ["91", "40"]),
    ("values: [5, 2, 10]", "from: 2\n  to: 2\n  steps: 3", "steps: 3", ["twice"]),
    ("values: [5, 2, 10]", "from: 2\n  to: 4\n  steps: 7", "steps: 7", ["twice"]),
    ("values: [5, 2, 10]", "from: 2\n  to: 10", "sweep:", ["steps"]),
    ("values: [5, 2, 10]", "values: [5, 2]\n  steps: 3", "sweep:", ["not both"]),
    ("parameter: count", "parameter: coverage", "values", ["values[0]", "5"]),
    ("values: [5, 2, 10]", "values: [5, 2]\n  variant: logers", "variant: logers", ["loggers"]),
    ("values: [5, 2, 10]", "values: [5, 2]\n  judge: water.reel_losses", "judge", ["real_losses"]),
    ("values: [5, 2, 10]", "values: [5, 2]\n  judge: simple_payback", "judge", ["collective_value"]),
    ("values: [5, 2, 10]", "values: [5, 2]\n  beside: [water.reel_losses]", "beside", ["real_losses"]),
    ("values: [5, 2, 10]", "values: [5, 2]\n  replications: {}\nreplications: 5", "replications: {", ["twice"]),
    (
        "  measure: water.acoustic_loggers\n  parameter: count\n",
        "  factor: water.loger_price\n",
        "factor",
        ["logger_price"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "words"), WRONG)
def test_what_cannot_be_swept_is_told_with_its_line(tmp_path, town, english, old, new, at, words):
    assert old in TEXT
    text = TEXT.replace(old, new)
    with pytest.raises(InputError) as error:
        values(text, tmp_path, town)
    (problem,) = error.value.problems
    assert problem.file.endswith("swept.yaml")
    assert at in text.splitlines()[problem.line - 1]
    for word in words:
        assert word in str(problem)


def test_a_value_that_the_measure_refuses_is_told_at_its_line(tmp_path, town, english):
    text = TEXT.replace("parameter: count", "parameter: where.share").replace("[5, 2, 10]", "[50 %, 0 %]")
    problem = refused(text, tmp_path, town)
    assert "values: [" in text.splitlines()[problem.line - 1]
    assert "empty" in str(problem)


def test_a_budget_that_affords_nothing_is_told(tmp_path, town, english):
    text = TEXT.replace("values: [5, 2, 10]", "values: [5, 2]\n  budget: 100 EUR")
    problem = refused(text, tmp_path, town)
    assert "budget: 100 EUR" in text.splitlines()[problem.line - 1]
    assert "affords" in str(problem)


@pytest.mark.parametrize(
    "limits", ["{count: 3, share: 10 %}", "{rank: length}", "{count: 0}", "{count: 3, rank: material}"]
)
def test_limits_of_a_filter_that_cannot_be_are_refused(tmp_path, town, limits):
    text = TEXT.replace("{attributes: {material: [grey_iron]}}", limits)
    with pytest.raises(InputError):
        ready(text, tmp_path, town)
