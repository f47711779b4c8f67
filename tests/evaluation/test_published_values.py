"""Published values beside simulated ones: recomputed from layers and figures; no figure of a run follows them."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from jumeau.cli import main
from jumeau.engine.campaign import run
from jumeau.engine.scenario import read_scenario
from jumeau.engine.yardsticks import standing_yardsticks
from jumeau.i18n import language
from jumeau.network import discover
from jumeau.report.html import annex_path, write_report
from jumeau.report.yardsticks import yardstick_lines, yardstick_rows
from jumeau.results.storage import read_results
from jumeau.results.summary import read_summary
from jumeau.sources.imported import observed_columns
from jumeau.sources.published import published_layer
from jumeau.territory.storage import read_territory, write_territory

SCENARIO = """
name: held
territory: {territory}
period: {{start: 2025-03-03, end: 2025-03-04}}
warmup: 0 days
seed: 7
replications: 1
networks: [waste, water]
baseline: {{}}
assumptions: {{waste: {{tonnage_scale: 0.5}}}}
variants:
  later: {{measures: []}}
"""

WATER = [
    ("P104.3", 80.0, "%"), ("P106.3", 3.0, "m3/km/day"), ("VP.077", 96.0, "km"), ("D101.0", 12000.0, "person"),
    ("VP.232", 700000.0, "m3"), ("D102.0", 2.1, "EUR/m3"),
]  # fmt: skip
WASTE = [("OMR", 200.0, "kg/person/year"), ("VERRE", 30.0, "kg/person/year")]


def thrown(town, stream):
    """Kilograms of a stream per inhabitant and year."""
    containers = town.layer("waste_containers")
    mass = float(containers["mass_rate"][containers["stream"] == stream].sum())
    return mass * 365.25 / float(town.layer("population")["residents"].sum())


@pytest.fixture(scope="module")
def towns(tmp_path_factory):
    """Return the bundled town as it is, and with what is published."""
    place = tmp_path_factory.mktemp("published")
    plain = read_territory("bourg_exemple")
    layers = {
        **published_layer("water_yardsticks", "sispea", "Régie du bourg (11)", 2024, WATER, plain.crs),
        **published_layer("waste_yardsticks", "sinoe", "Ain (01)", 2021, WASTE, plain.crs),
    }
    held = plain.with_layers(layers, pd.concat([plain.columns, observed_columns(layers, "made for the test", "")]))
    return write_territory(plain, place / "plain.gpkg"), write_territory(held, place / "held.gpkg")


@pytest.fixture(scope="module")
def folders(towns, tmp_path_factory):
    """Return the folders of the same run on both."""
    made = []
    for town in towns:
        place = tmp_path_factory.mktemp(town.stem)
        (place / "held.yaml").write_text(SCENARIO.format(territory=town), encoding="utf-8")
        run(read_scenario(place / "held.yaml"), folder=place / "run")
        made.append(place / "run")
    return made


def test_no_figure_follows_what_is_published(folders):
    plain, held = (read_results(folder) for folder in folders)
    for name, values in plain.dataset.data_vars.items():
        assert values.to_numpy().tobytes() == held.dataset[name].to_numpy().tobytes(), name
    written = [json.loads((folder / "summary.json").read_text()) for folder in folders]
    assert written[0]["records"] == written[1]["records"]
    assert "published" not in written[0]
    assert plain.published.empty
    assert (folders[0] / "journal.csv").read_bytes() == (folders[1] / "journal.csv").read_bytes()


def test_simulated_values_are_those_of_the_baseline(folders):
    results = read_results(folders[1])
    table = results.published.set_index("id")
    data = results.dataset.sel(scenario="baseline")
    town = read_territory("bourg_exemple")
    people = float(town.layer("population")["residents"].sum())
    assert table.loc["P104.3", "simulated"] == pytest.approx(float(data["water_network_yield"].mean()))
    assert table.loc["P106.3", "simulated"] == pytest.approx(float(data["water_loss_index"].mean()))
    length = float(town.layer("water_pipes")["length"].sum())
    assert table.loc["VP.077/D101.0", "simulated"] == pytest.approx(length / people)
    assert table.loc["VP.077/D101.0", "published"] == pytest.approx(8.0)
    billed = float(data["water_metered_volume"].mean()) * 1000.0 / people / 2.0
    assert table.loc["VP.232/D101.0", "simulated"] == pytest.approx(billed, rel=1e-3)
    # What is thrown in, whatever happens to be collected in two days, by the baseline's own scale.
    assert table.loc["OMR", "simulated"] == pytest.approx(0.5 * thrown(town, "residual"))
    assert table.loc["VERRE", "simulated"] == pytest.approx(0.5 * thrown(town, "glass"))
    assert "P105.3" not in table.index  # nobody published it


def test_it_is_read_back_and_written_in_both_languages(folders, tmp_path):
    results, summary = read_results(folders[1]), read_summary(folders[1])
    with language("en"):
        assert yardstick_lines(results.published) == yardstick_lines(summary.published)
        assert yardstick_lines(read_summary(folders[0]).published) == []
    with language("fr"):
        lines = yardstick_lines(results.published, 80)
        rows = yardstick_rows(results.published)
        write_report(results, tmp_path / "r.html", "fr")
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("Publié et simulé")
    assert [line.strip() for line in lines[-2:]] == ["Ain (01), 2021", "Régie du bourg (11), 2024"]
    assert "SISPEA P104.3, Régie du bourg (11), 2024" in [row.origin for row in rows]
    page = annex_path(tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Publié et simulé" in page
    assert "SISPEA P106.3" in page


def test_a_territory_tells_what_needs_no_run(towns, capsys):
    table = standing_yardsticks(read_territory(towns[1]), discover().values()).set_index("id")
    assert bool(table.loc["P104.3", "needs_run"])
    assert np.isnan(table.loc["P104.3", "simulated"])
    town = read_territory("bourg_exemple")
    assert table.loc["VERRE", "simulated"] == pytest.approx(thrown(town, "glass"))
    assert main(["territory", "check", str(towns[1]), "--lang", "fr"]) == 0
    told = capsys.readouterr().out
    assert "Publié et simulé" in told
    assert "après une simulation" in told
    assert standing_yardsticks(town, discover().values()).empty


def test_nobody_known_gives_no_value_per_inhabitant(towns):
    held = read_territory(towns[1])
    empty = held.with_layers({"population": gpd.GeoDataFrame(geometry=[], crs=held.crs)})
    found = standing_yardsticks(empty, discover().values())
    assert set(found["id"]) == {"P104.3", "P106.3", "VP.232/D101.0"}
