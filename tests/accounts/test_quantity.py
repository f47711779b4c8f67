"""Quantities: the shared vocabulary, and what a network may say of its own."""

import pytest

from jumeau.accounts import VOCABULARY, read_quantities
from jumeau.accounts.quantity import ACTORS, faults

HEAD = "name,label,unit,carrier,actor,price,cost_line,emission,carbon_line,better,group,description\n"
OWN = {
    "name": "fountain_water",
    "label": "Water of fountains",
    "unit": "m3",
    "carrier": "",
    "actor": "authority",
    "price": "water_price",
    "cost_line": "materials_cost",
    "emission": "water_carbon",
    "carbon_line": "carbon_use",
    "better": "lower",
    "group": "service",
    "description": "What fountains let run",
}


@pytest.fixture
def read(tmp_path):
    """Read the quantities of a network that says these rows."""

    def from_rows(*rows):
        path = tmp_path / "quantities.csv"
        path.write_text(HEAD + "\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
        return read_quantities(path)

    return from_rows


def row(name, **given):
    return [({"name": name} | given).get(key, "") for key in OWN]


def test_the_shared_vocabulary_is_sound():
    assert [fault for item in VOCABULARY.values() for fault in faults(item)] == []
    assert {item.actor for item in VOCABULARY.values()} <= set(ACTORS)


def test_a_name_alone_means_the_shared_quantity(read):
    found = read(row("staff_hours"), row("electricity", label="Electricity of pumps"))
    assert found["staff_hours"] == VOCABULARY["staff_hours"]
    assert found["electricity"].label == "Electricity of pumps"
    assert found["electricity"].price == "electricity_price"
    assert found["electricity"].description == VOCABULARY["electricity"].description
    assert list(found) == ["staff_hours", "electricity"]


def test_a_quantity_of_its_own_is_declared_in_full(read):
    (found,) = read(list(OWN.values())).values()
    assert {key: getattr(found, key) for key in OWN} == OWN
    assert faults(found) == []


@pytest.mark.parametrize("changed", [{"unit": "MWh"}, {"price": "water_price"}, {"actor": "users"}])
def test_nobody_changes_what_is_shared(read, changed):
    with pytest.raises(ValueError, match=r"quantities\.csv: electricity is a shared quantity, its") as refused:
        read(row("electricity", **changed))
    assert next(iter(changed)) in str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"actor": "nobody"}, "unknown actor 'nobody'"),
        ({"carrier": "steam"}, "unknown carrier 'steam'"),
        ({"cost_line": "water_cost"}, "unknown line 'water_cost'"),
        ({"carbon_line": "carbon_water"}, "unknown line 'carbon_water'"),
        ({"cost_line": ""}, "a price without a line of cost"),
        ({"carbon_line": ""}, "emissions without a line"),
        ({"price": ""}, "neither money nor priced"),
        ({"label": ""}, "no label or no description"),
        ({"description": ""}, "no label or no description"),
        ({"unit": "buckets"}, "buckets"),
        ({"carrier": "diesel", "unit": "kWh"}, "kWh"),
    ],
)
def test_a_faulty_declaration_is_refused(read, wrong, words):
    with pytest.raises(ValueError, match=words):
        read(list((OWN | wrong).values()))
