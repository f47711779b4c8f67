"""Electricity by tariff: classes of hours, delivery options, the smallest subscription, the account."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from lighting_kit import YEAR, Lit, events, small_town

from jumeau.accounts.delivery import CLASSES, LARGE, SMALL, delivery
from jumeau.networks.lighting.billing import class_energy
from jumeau.networks.lighting.outcome import Outages
from jumeau.simulation.clock import Clock
from jumeau.simulation.shared import shared_factors
from jumeau.simulation.time_classes import TimeClasses

HOUR = 3600.0


def bench_of(town=None, tariff=None, prices=None, **assumptions):
    bench = Lit(small_town() if town is None else town, prices=prices)
    given = {**assumptions, **({} if tariff is None else {"tariff": tariff})}
    bench.bench = replace(bench.bench, assumptions=given)
    return bench


def test_classes_last_as_the_calendar_says():
    # 2025: 151 days from November to March, less the hour of 30 March; 214 others, with that of 26 October.
    found = TimeClasses.of(YEAR).seconds() / HOUR
    assert found == pytest.approx([151 * 16, 151 * 8 - 1, 214 * 16, 214 * 8 + 1], abs=1e-9)
    # Off-peak hours of the afternoon, to the minute, and a leap year.
    leap = TimeClasses.of(Clock(date(2024, 2, 1), date(2024, 2, 29)), ((12.25, 14.5), (1.0, 6.75))).seconds() / HOUR
    assert leap == pytest.approx([29 * 16, 29 * 8, 0, 0], abs=1e-9)


def test_splitting_agrees_with_counting_second_by_second():
    classes = TimeClasses.of(Clock(date(2025, 10, 25), date(2025, 11, 2)), ((22.5, 6.1),))
    start, end = np.array([5_000.0, 90_000.0, 200_000.0]), np.array([95_000.0, 90_500.0, 700_000.0])

    def integral(time):
        return np.asarray(time) ** 2 / 1e6  # anything but a constant flow

    found = classes.split(integral, start, end)
    for row in range(3):
        edges = np.arange(start[row], end[row] + 1.0)
        middles = (edges[:-1] + edges[1:]) / 2
        local = (Clock(date(2025, 10, 25), date(2025, 11, 2)).origin + pd.to_timedelta(middles, unit="s")).tz_convert(
            "Europe/Paris"
        )
        hour = local.hour + local.minute / 60 + local.second / 3600
        kind = 2 * (local.month < 11) + ((hour >= 22.5) | (hour < 6.1))
        assert found[row] == pytest.approx(
            np.bincount(np.asarray(kind), np.diff(integral(edges)), minlength=4), rel=1e-9, abs=1e-6
        )


def test_classes_add_up_to_the_electricity_faults_included():
    bench = Lit(small_town()).having(failure_scale_hps=4000.0)
    bench.apply("dimming", profile=[{"from": "22:00", "to": "06:00", "level": "50 %"}])
    bench.apply("remote_management", np.arange(40) % 3 == 0)
    ran = bench.run()
    outages = Outages.read(events(ran, "failure"), events(ran, "repair"), ran.world.clock.duration)
    found = class_energy(ran.prepared.state, outages.lamp, outages.start, outages.end)
    assert len(outages.lamp) > 5
    assert (found >= 0).all()
    assert found.sum(axis=1) == pytest.approx(ran.outcome.assets["lamps"]["energy"].to_numpy(), rel=1e-9)


def test_hours_of_a_lamp_by_class_agree_with_a_sum_over_steps():
    bench = bench_of(tariff={})
    state = bench.prepare().state
    grid = YEAR.grid(600.0)
    local = grid.utc.tz_convert("Europe/Paris")
    kind = 2 * ~np.isin(local.month, [11, 12, 1, 2, 3]) + ((grid.hour >= 22) | (grid.hour < 6))
    dark = state.night.dark[state.classes[0].switching][-grid.size :]
    by_hand = np.bincount(kind, dark * 600.0 / HOUR, minlength=4) * 0.115
    none = np.zeros(0)
    found = class_energy(state, none.astype(int), none, none)
    assert found[0] == pytest.approx(by_hand, rel=1e-9)


def test_delivery_by_hand():
    factors = shared_factors()
    energy = np.array([[1000.0, 2000.0, 500.0, 3000.0]])
    found = delivery(energy, np.array([9.0]), np.array(["LU"], dtype=object), 2.0, factors)
    assert found.fixed[0] == pytest.approx(2 * 1.15 * (16.80 + 22.00 + 93.13 * 9))
    assert found.variable[0] == pytest.approx(0.0125 * 6500)
    four = delivery(energy, np.array([9.0]), np.array(["CU4"], dtype=object), 1.0, factors)
    assert four.fixed[0] == pytest.approx(1.15 * (38.80 + 10.11 * 9))
    assert four.variable[0] == pytest.approx(0.0749 * 1000 + 0.0397 * 2000 + 0.0166 * 500 + 0.0116 * 3000)


def test_the_cheapest_option_is_that_of_an_exhaustive_search():
    factors, generator = shared_factors(), np.random.default_rng(5)
    power = generator.uniform(0.5, 60.0, 200)
    energy = generator.uniform(0.0, 2500.0, (200, 4)) * power[:, None]
    free = delivery(energy, power, np.full(200, "", dtype=object), 1.0, factors)
    for row in range(200):
        options = LARGE if power[row] > 36.0 else SMALL
        costs = {
            name: delivery(energy[[row]], power[[row]], np.array([name], dtype=object), 1.0, factors).total[0]
            for name in options
        }
        assert free.total[row] == pytest.approx(min(costs.values()))
        assert free.option[row] == min(costs, key=costs.get)
    assert {"LU", "CU4"} <= set(free.option)


def test_a_point_without_power_pays_nothing_and_an_option_of_another_size_is_not_taken():
    energy, options = np.ones((2, 4)), np.array(["LU", "LU"], dtype=object)
    found = delivery(energy, np.array([0.0, 40.0]), options, 1.0, shared_factors())
    assert found.total[0] == 0.0
    assert found.option[1] in LARGE


def test_the_account_bills_by_tariff_when_asked_and_the_plain_price_no_longer_counts():
    tariff = {"option": "LU"}
    found = bench_of(tariff=tariff).still()
    price = shared_factors()
    supply = sum(found[f"electricity_{name}"] * price.value(f"supply_{name}") for name in CLASSES)
    fixed = 2 * 1.15 * (38.80 + 93.13 * 3)
    years = YEAR.years
    assert found["subscription_cost"] == pytest.approx(fixed * years)
    assert found["energy_cost"] == pytest.approx(
        fixed * years + supply + found["electricity"] * (0.0125 + price.value("electricity_excise"))
    )
    dear = bench_of(tariff=tariff, prices={"electricity_price": 9.0, "subscription_price": 900.0}).still()
    assert dear["cost"] == pytest.approx(found["cost"])
    # By default the plain prices stand and no entry of a tariff does.
    plain = bench_of().still()
    assert plain["energy_cost"] == pytest.approx(0.16 * plain["electricity"] + 120 * 6.0 * years)
    assert plain["taxed_electricity"] == plain["plain_electricity"] == plain["delivery_fixed"] == 0.0
    # Energy and CO2 are what they were.
    for name in ("energy", "carbon", "electricity"):
        assert plain[name] == found[name]


def test_an_hour_off_in_winter_evenings_spares_more_than_one_in_summer_nights():
    bills = {}
    for hours in (("19:00", "20:00"), ("02:00", "03:00")):
        bench = bench_of(tariff={"option": "CU4"})
        before = bench.still()
        after = bench.apply("switch_off", **{"from": hours[0], "to": hours[1]}).still()
        saved = before["electricity"] - after["electricity"]
        bills[hours[0]] = (before["energy_cost"] - after["energy_cost"]) / saved
    assert bills["19:00"] > 1.2 * bills["02:00"]


def test_a_subscription_above_the_peak_is_told_and_may_be_lowered():
    town = small_town()
    cabinets = town.layers["cabinets"].assign(subscribed_power=[12.0, 3.0])
    town = replace(town, layers={**town.layers, "cabinets": cabinets})
    known = bench_of(town, tariff={"option": "LU"})
    prepared = known.prepare()
    assert prepared.notes[0]["en"] == "1 cabinet(s) subscribe 9 kVA more than their peaks need (C0)"
    boxes = known.run().outcome.assets["cabinets"]
    assert list(boxes["billed_power"]) == [12.0, 3.0]
    assert list(boxes["optimal_power"]) == [3.0, 3.0]
    assert (boxes["optimal_delivery_cost"] <= boxes["delivery_cost"]).all()
    lowered = bench_of(town, tariff={"option": "LU"}, subscribe="optimal").still()
    assert lowered["subscribed_power"] == 6.0
    spared = known.still()["subscription_cost"] - lowered["subscription_cost"]
    assert spared == pytest.approx(1.15 * 93.13 * 9 * YEAR.years)


def test_lamps_without_cabinet_stay_at_the_plain_price():
    town = small_town(cabinet_id=[None] * 10 + ["C0"] * 30)
    found = bench_of(town, tariff={}).still()
    assert -found["plain_electricity"] == pytest.approx(found["electricity"] * 0.75)
