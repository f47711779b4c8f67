"""`check`, `run` and `territory check` refuse the same: the first two under the scenario's own assumptions."""

import pytest

from jumeau.cli import main
from jumeau.territory.model import Territory
from jumeau.territory.storage import write_territory

TEXT = """
name: checked
title: Checked
territory: {territory}
networks: [{network}]
period: {{start: 2025-01-01, end: 2025-01-31}}
seed: 1
replications: 2
assumptions: {{{network}: {{{given}}}}}
"""


pytestmark = pytest.mark.usefixtures("town_once")


def with_layers(town, *names):
    """The town with the layers alone that a network asks for."""
    layers = {name: town.layers[name] for name in town.layers if name.startswith(names)}
    return Territory(town.name, town.crs, layers, town.columns[town.columns["layer"].isin(layers)], town.meta)


@pytest.fixture(scope="module")
def as_shipped():
    """Exit status of `territory check` on the bundled town: no scenario has a part in it."""
    return main(["territory", "check", "bourg_exemple", "--lang", "en"])


@pytest.fixture
def statuses(capsys, write_scenario, tmp_path, request):
    """A function that returns the exit status of the three commands, and what the first two said."""

    def of(network, given, territory="bourg_exemple"):
        path = write_scenario(TEXT.format(network=network, given=given, territory=territory))
        said = []
        found = []
        for words in (("check", path), ("run", path, "-o", tmp_path / "out"), ("territory", "check", territory)):
            if words[0] == "run" and found[0] == 0:
                continue  # what a check lets pass may take long to run
            if words[0] == "territory" and territory == "bourg_exemple":
                found.append(request.getfixturevalue("as_shipped"))
                continue
            found.append(main([*map(str, words), "--lang", "en"]))
            said.append(capsys.readouterr().err)
        return found, said

    return of


def beyond(name, value):
    """A value outside the range of its row, as one stands by it."""
    return f"{name}: {{value: {value}, outside_bounds: true, reason: a trial}}"


@pytest.mark.parametrize(
    ("network", "given", "words"),
    [
        ("waste", beyond("street_width", "40 m"), ["trucks may use no street"]),
        (
            "waste",
            beyond("unloading_time", "500 min"),
            ["unloading takes longer than any shift", "E1"],
        ),
        (
            "waste",
            beyond("density_glass", "9000 kg/m3"),
            ["hold more than any truck", "glass"],
        ),
        ("water", "known_leaks: [{pipe: P9, start: 2025-01-02, diameter: 3 mm}]", ["known_leaks", "P9"]),
    ],
)
def test_an_assumption_that_cannot_be_met_is_refused_before_a_run(statuses, network, given, words):
    found, said = statuses(network, given)
    assert found == [2, 2, 0]  # as shipped, nothing is wrong with the town
    assert said[0] == said[1]
    for word in words:
        assert word in said[0]


def test_an_assumption_may_make_a_territory_usable(statuses, town, tmp_path):
    narrow = with_layers(town, "streets", "street_nodes", "zones", "waste")
    narrow = narrow.with_layers({"streets": town.layer("streets").assign(width=2.0)})
    path = write_territory(narrow, tmp_path / "narrow.gpkg")
    assert statuses("waste", "street_width: 2.8 m", path)[0] == [2, 2, 2]
    assert statuses("waste", "street_width: 1.8 m", path)[0] == [0, 2]


def lit(town, lamps):
    return with_layers(town, "streets", "zones", "lamps", "cabinets").with_layers({"lamps": lamps})


def test_a_night_profile_has_to_be_declared(statuses, town, tmp_path):
    lamps = town.layer("lamps")
    lamps["profile"] = [None, "eco", "22:00-06:00=0.5", *[None] * (len(lamps) - 3)]
    path = write_territory(lit(town, lamps), tmp_path / "dimmed.gpkg")
    found, said = statuses("lighting", "control: photocell", path)
    assert found == [2, 2, 2]
    assert "unknown night profile: eco" in said[0]
    assert str(lamps["lamp_id"].iloc[1]) in said[0]
    profiles = "profiles: {eco: [{from: '22:00', to: '06:00', level: 50 %}]}"
    assert statuses("lighting", profiles, path)[0] == [0, 2]


def test_an_unknown_cabinet_is_told_once_by_each_command(capsys, write_scenario, town, tmp_path):
    lamps = town.layer("lamps")
    lamps.loc[lamps.index[3], "cabinet_id"] = "Z"
    path = write_territory(lit(town, lamps), tmp_path / "lost.gpkg")
    scenario = write_scenario(TEXT.format(network="lighting", given="control: photocell", territory=path))
    for words in (("check", scenario), ("run", scenario, "-o", tmp_path / "out"), ("territory", "check", path)):
        assert main([*map(str, words), "--lang", "en"]) == 2
        captured = capsys.readouterr()
        said = captured.err or captured.out
        assert said.count("(value: Z)") == 1
        assert said.count("correct the name, add what it names, or leave it empty") == 1
