"""What a row changes: paths into the template, values with their units, and where a refusal is told."""

from pathlib import Path

import pytest
import yaml
from batch_kit import TEMPLATE

from jumeau.batches.listing import Listing, Row
from jumeau.batches.overrides import paths_of, read_template, scenario_text, with_row
from jumeau.engine.scenario import read_located
from jumeau.errors import InputError
from jumeau.yaml_file import parse_yaml

FILE = Path("template.yaml")
TEMPLATE_DATA = read_template(TEMPLATE, FILE)


def resolved(*columns):
    return paths_of(Listing(Path("list.csv"), columns, (), {}), TEMPLATE_DATA)


@pytest.mark.parametrize(
    ("column", "path"),
    [
        ("replications", ("replications",)),
        ("period.end", ("period", "end")),
        ("crews.lighting_team.count", ("crews", "lighting_team", "count")),
        ("shared.electricity_price", ("assumptions", "shared", "electricity_price")),
        ("lighting.gear_loss_led", ("assumptions", "lighting", "gear_loss_led")),
        ("variants.led.measures.0.where.share", ("variants", "led", "measures", 0, "where", "share")),
        ("variants.led.measures[0].where.share", ("variants", "led", "measures", 0, "where", "share")),
        ("variants.led.measures[lighting.led_retrofit].power", ("variants", "led", "measures", 0, "power")),
        ("variants.led.measures.lighting.led_retrofit.power", ("variants", "led", "measures", 0, "power")),
        ("variants.led.assumptions.shared.electricity_price",
         ("variants", "led", "assumptions", "shared", "electricity_price")),
    ],
)  # fmt: skip
def test_columns_are_paths(column, path):
    assert resolved(column) == {column: path}


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (["replication"], "replications"),
        (["scenario"], "--scenario"),
        (["variants.lde.measures[0].power"], "\xa0led\xa0"),
        (["variants.led.measures[1].power"], "1 éléments"),
        (["variants.led.measures[lighting.dimming].power"], "lighting.led_retrofit"),
        (["replications.minimum"], "\xa02\xa0"),
        (["crews.0.count", "crews..count"], "nom|chemin|liste"),
        (["networks", "networks[0]"], "même chose"),
        (["shared.electricity_price", "assumptions.shared"], "même chose"),
    ],
)
def test_columns_that_lead_nowhere_are_refused(columns, told):
    with pytest.raises(InputError, match=told) as refused:
        resolved(*columns)
    assert {problem.line for problem in refused.value.problems} == {1}
    assert all(problem.column in columns for problem in refused.value.problems)


def scenario(**cells):
    columns = tuple(cells)
    row = Row(7, "a", "a.gpkg", cells=tuple(cells.items()))
    data = with_row(TEMPLATE_DATA, resolved(*columns), Path("list.csv"), row, "../a.gpkg")
    return read_located(data, FILE, scenario_text(data.data))


def test_values_take_effect_and_leave_the_template():
    found = scenario(**{"replications": "5", "shared.electricity_price": "0,25 EUR/kWh", "period.end": "2025-02-28"})
    assert found.data.replications == 5
    assert found.shared_factors()["electricity_price"].value != 0.25
    assert found.data.assumptions.shared.electricity_price == pytest.approx(0.25)
    assert found.data.territory == "../a.gpkg"
    assert TEMPLATE_DATA.data["replications"] == 2


def test_the_text_says_what_the_data_do():
    data = {
        "name": "lots", "code": "01004", "hour": "22:30", "word": "no", "exponent": "1e3", "number": 1e3, "tiny": 1e-7,
        "empty": "", "nothing": None, "text": "two\nlines", "list": [1, "2", True, {"a": "é: #"}], "tilde": "~",
    }  # fmt: skip
    assert parse_yaml(scenario_text(data)).data == data
    assert parse_yaml(scenario_text(TEMPLATE_DATA.data)).data == TEMPLATE_DATA.data
    assert yaml.safe_load(scenario_text(TEMPLATE_DATA.data))["name"] == "lots"


@pytest.mark.parametrize(
    ("column", "text", "told"),
    [
        ("shared.electricity_price", "25 EUR/MWhh", "MWhh"),
        ("replications", "0", "1"),
        ("replications", "many", "many"),
        ("crews.team.cuont", "2", "count"),
        ("variants.led.measures[0].where.share", "150 %", "150"),
        ("variants.led.measures[0].wher", "{share: 50 %}", "where"),
        ("period.end", "2024-01-31", "2024"),
        ("seed", "'", "guillemet"),
    ],
)
def test_what_is_wrong_with_a_value_is_told_at_its_cell(column, text, told):
    with pytest.raises(InputError, match=told) as refused:
        scenario(**{column: text})
    problem = next(item for item in refused.value.problems if item.column)
    assert (problem.file, problem.line, problem.column) == ("list.csv", 7, column)
    assert problem.value == text


def test_what_is_wrong_with_the_template_is_told_at_its_line():
    template = read_template(TEMPLATE.replace("seed: 42", "sede: 42"), FILE)
    with pytest.raises(InputError) as refused:
        read_located(template, FILE, "")
    assert str(refused.value).startswith("template.yaml:7")
