"""Public aid: what grants leave to the authority, programmes with their rates and years, certificates by sheet."""

import numpy as np
import pytest
from lighting_kit import Lit, small_town

from jumeau.errors import InputError
from jumeau.evaluation.financing import finance_project
from jumeau.evaluation.flows import lay_out
from jumeau.evaluation.parameters import Financing
from jumeau.evaluation.programmes import PROGRAMMES
from jumeau.evaluation.project import Project, Purchase
from jumeau.evaluation.reference import reference_table
from jumeau.evaluation.schedule import Schedule

FAST = {"samples": 400}


def purchase(price=1000.0, sign=1.0, **changes):
    alone = {
        "network": "lighting",
        "kind": "led_luminaire",
        "label": "",
        "price": np.full(2, price),
        "life": np.full(2, 30.0),
        "fee": np.zeros(2),
        "embodied": np.zeros(2),
        "count": 10.0,
        "sign": sign,
    }
    return Purchase(**{**alone, **changes})


def booked(given, *purchases, item="grants", schedule=None, **more):
    """Return what the authority receives by year, two samples."""
    schedule = schedule or Schedule(4)
    project = Project("p", 2, {"lighting": schedule}, purchases)
    ledger = lay_out(project, np.zeros(schedule.years), detailed=True)
    finance_project(
        ledger,
        project,
        Financing.model_validate(given),
        vat=0.2,
        fctva=0.16404,
        cee_price=np.array([0.008, 0.009]),
        inflation=np.zeros(2),
        **more,
    )
    return ledger.booked.get(("lighting", item, "authority"), np.zeros((2, schedule.years)))


def test_grants_together_leave_a_fifth_to_the_authority():
    given = {
        "grants": [{"name": "a", "share": "50 %"}, {"name": "b", "share": "40 %"}, {"name": "c", "amount": "50 EUR"}]
    }
    paid = booked(given, purchase(), own_share=0.2)
    assert paid.sum(axis=1) == pytest.approx([800.0, 800.0])
    # Below the limit each is paid in full, in its year.
    less = {"grants": [{"name": "a", "share": "50 %", "year": 2}, {"name": "c", "amount": "50 EUR"}]}
    assert list(booked(less, purchase(), own_share=0.2)[0]) == pytest.approx([0, 50, 500, 0, 0])
    assert reference_table().value("own_share") == 0.2


def test_a_programme_pays_its_own_uncertain_rate():
    given = {"grants": [{"name": "State", "programme": "detr", "ceiling": "300 EUR"}]}
    paid = booked(given, purchase(), own_share=0.2, rates={"detr": np.array([0.25, 0.5])})
    assert paid.sum(axis=1) == pytest.approx([250.0, 300.0])
    for programme in PROGRAMMES.values():
        factor = reference_table()[programme.rate]
        assert factor.low < factor.value < factor.high <= 0.8
        assert programme.source


def test_one_way_to_say_a_grant():
    for grant in ({"name": "a"}, {"name": "a", "share": "20 %", "programme": "detr"}):
        with pytest.raises(ValueError, match="programme"):
            Financing.model_validate({"grants": [grant]})


@pytest.mark.parametrize(
    ("start", "network", "pays"), [(2023, "lighting", True), (2024, "all", True), (2026, "all", False)]
)
def test_the_fonds_vert_paid_for_lighting_for_two_years(start, network, pays):
    fonds_vert = PROGRAMMES["fonds_vert"]
    assert fonds_vert.closed(network, start, "all") is not pays
    assert not fonds_vert.closed("water", 2026, "all")
    assert not PROGRAMMES["detr"].closed("lighting", 2030, "all")


def test_a_closed_programme_is_refused_with_its_years(results):
    block = {"financing": {"grants": [{"name": "State", "programme": "fonds_vert", "network": "lighting"}]}}
    with pytest.raises(InputError, match="2023"):
        results.evaluate({**FAST, **block, "start": 2026})
    found = results.evaluate({**FAST, **block, "start": 2024})
    assert found.changes("led").sel(item="grants", actor="authority", network="lighting").sum() > 0


def test_certificates_come_with_the_first_purchase_and_stated_kinds_stand_over_sheets():
    sheets = {"cee_sheets": True}
    schedule = Schedule(4, {0: 0.25, 2: 0.75})
    paid = booked(sheets, purchase(certificates=93_000.0), item="cee", schedule=schedule)
    assert paid[0] == pytest.approx([186.0, 0, 558.0, 0, 0])
    assert paid[1].sum() == pytest.approx(93_000 * 0.009)
    # What the baseline would have installed brings none; a kind whose certificates are stated keeps these.
    both = purchase(certificates=93_000.0), purchase(certificates=62_000.0, sign=-1.0)
    assert booked(sheets, *both, item="cee")[0].sum() == pytest.approx(31_000 * 0.008)
    stated = booked({**sheets, "cee": {"led_luminaire": "1000 kWh"}}, purchase(certificates=93_000.0), item="cee")
    assert stated[0].sum() == pytest.approx(10 * 1000 * 0.008)
    assert booked({}, purchase(certificates=93_000.0), item="cee").sum() == 0.0


def certificates(bench):
    return {item.kind: item.count * item.certificates for item in bench.bill}


def test_sheets_of_lighting():
    # RES-EC-104: 9 300 kWh cumac a luminaire. RES-EC-103: 8 kWh cumac a watt of lamps and gear.
    assert certificates(Lit(small_town()).apply("led_retrofit")) == {"led_luminaire": 40 * 9300.0}
    for unfit in ({"efficacy": "85 lm/W"}, {"ulr": "5 %"}):
        assert certificates(Lit(small_town()).apply("led_retrofit", **unfit)) == {"led_luminaire": 0.0}
    profile = [{"from": "23:00", "to": "05:00", "level": "50 %"}]
    dimmed = certificates(Lit(small_town()).apply("dimming", profile=profile))
    assert dimmed == {"bipower_ballast": pytest.approx(8 * 40 * 115.0)}
    # Luminaires renewed in the same scenario bring their own sheet only.
    both = Lit(small_town()).apply("led_retrofit", np.arange(40) < 30).apply("dimming", profile=profile)
    assert certificates(both)["driver_profile"] == 0.0
    assert certificates(both)["bipower_ballast"] == pytest.approx(8 * 10 * 115.0)
