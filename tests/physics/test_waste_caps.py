"""Caps on a day, counted by hand: of a service, of a truck, of a disposal site."""

from datetime import date

import numpy as np
import pytest
import waste_kit as kit

from jumeau.engine.checks import own_checks
from jumeau.networks.waste import NETWORK
from jumeau.simulation.clock import DAY
from jumeau.territory.check import check_data

FLAT = {"weekend_ratio": 1.0, "holiday_ratio": 1.0, "summer_ratio": 1.0, "peak_delay": 1.0, "breakdown_rate": 0.0}
WEEK = date(2025, 3, 3), date(2025, 3, 9)
WARM = 7 * DAY


def line(count, step=100.0):
    return np.array([[step * (row + 1), 0.0] for row in range(count)])


def ran(layers, *, warmup=WARM, **options):
    found = kit.bench(layers, *WEEK, factors=FLAT, warmup=warmup, **options).run()
    return found.outcome.indicators, {
        kind: table[table["time"] >= 0.0] for kind, table in found.events("waste").items()
    }


def per_day(table, weights=None):
    day = np.floor(table["time"].to_numpy() / DAY).astype(int)
    return np.bincount(day, None if weights is None else table[weights].to_numpy(), minlength=7)[:7].tolist()


@pytest.mark.parametrize("order", [None, " ".join(f"S{row:04d}" for row in range(25))])
def test_a_round_of_25_sites_under_a_cap_of_10_takes_three_days(order):
    layers = kit.collection(line(25), services={"stops_cap": [10]}, rounds={"order": [order]})
    found, events = ran(layers)
    assert per_day(events["stop"]) == [10, 10, 5, 0, 0, 0, 0]
    assert found["visits"] == 25
    # 15 are left over on Monday, 5 on Tuesday.
    assert found["missed_sites"] == 20
    assert per_day(events["missed"]) == [15, 5, 0, 0, 0, 0, 0]
    if order:
        assert events["stop"]["site"].tolist() == list(range(25))


@pytest.mark.parametrize("order", [None, " ".join(f"S{row:04d}" for row in range(25))])
def test_what_a_cap_leaves_over_comes_first_on_the_next_day_of_the_round(order):
    layers = kit.collection(
        line(25), services={"stops_cap": [10]}, rounds={"order": [order], "weekdays": ["mon tue wed thu fri"]}
    )
    _found, events = ran(layers)
    assert per_day(events["stop"]) == [10, 10, 10, 10, 10, 0, 0]
    # Nobody waits for ever: all are served within three days.
    stops = events["stop"]
    assert set(stops[stops["time"] < 3 * DAY]["site"]) == set(range(25))


def test_a_truck_that_may_stop_ten_times():
    layers = kit.collection(line(25), trucks={"stops_cap": [10]})
    _found, events = ran(layers)
    assert per_day(events["stop"]) == [10, 10, 5, 0, 0, 0, 0]


def test_two_trucks_share_what_one_of_them_may_not_take():
    layers = kit.collection(
        line(25),
        trucks={"stops_cap": [10], "count": [2]},
        services={"policy": ["fullest"], "sites_per_day": [25], "weekdays": ["mon"]},
    )
    found, events = ran(layers)
    assert per_day(events["stop"]) == [20, 0, 0, 0, 0, 0, 0]
    assert found["trucks"] == 2
    stops = events["stop"]
    assert stops.groupby(["truck", "number"]).size().max() == 10
    assert per_day(events["missed"]) == [5, 0, 0, 0, 0, 0, 0]


def test_a_truck_that_goes_out_twice_on_a_day_keeps_its_cap():
    names = ["R1"] * 8 + ["R2"] * 8
    rounds = {
        "round_id": ["R1", "R2"],
        "stream": ["glass"] * 2,
        "truck_id": ["T1"] * 2,
        "weekdays": ["mon"] * 2,
    }
    layers = kit.collection(line(16), containers={"round_id": names}, rounds=rounds, trucks={"stops_cap": [10]})
    found, events = ran(layers)
    assert per_day(events["stop"]) == [10, 6, 0, 0, 0, 0, 0]
    assert found["missed_sites"] == 6


@pytest.mark.parametrize("where", ["services", "trucks", "disposal"])
def test_tonnes_of_a_day(where):
    # 20 sites of 10 kg a day: about 70 kg each on a Monday, 1.4 t in all; half a tonne a day takes three days.
    layers = kit.collection(line(20), mass_rate=10.0, volume=1000.0, **{where: {"tonnes_cap": [0.5]}})
    _found, events = ran(layers, warmup=42 * DAY)
    density = 0.330
    mass = per_day(events["pickup"].assign(mass=events["pickup"]["volume"] * density), "mass")
    unloaded = per_day(events["unload"], "mass")
    assert max(mass) <= 500.0 + 1e-6
    assert max(unloaded) <= 500.0 + 1e-6
    assert min(mass[:2]) > 380.0
    assert sum(day > 0.0 for day in mass) >= 3
    # Whatever is left over is told, and each site is served once in the week.
    assert events["missed"]["site"].nunique() > 5
    assert sorted(events["stop"]["site"]) == list(range(20))


def test_a_disposal_site_is_shared_by_all_streams():
    glass = kit.collection(line(10), mass_rate=10.0, volume=1000.0, disposal={"tonnes_cap": [0.4]})
    paper = kit.collection(line(10), mass_rate=3.0, volume=2000.0, stream="paper")
    layers = {
        name: kit.gpd.GeoDataFrame(kit.pd.concat([frame, paper[name]], ignore_index=True), crs=kit.CRS)
        if name in ("waste_containers", "waste_trucks", "waste_services", "waste_rounds")
        else frame
        for name, frame in glass.items()
    }
    layers["waste_rounds"]["round_id"] = ["R1", "R2"]
    layers["waste_trucks"]["truck_id"] = layers["waste_rounds"]["truck_id"] = ["T1", "T2"]
    layers["waste_containers"]["round_id"] = ["R1"] * 10 + ["R2"] * 10
    found, events = ran(layers, warmup=42 * DAY)
    unloaded = per_day(events["unload"], "mass")
    # About 0.9 t a week in all: three days, whatever the stream.
    assert max(unloaded) <= 400.0 + 1e-6
    assert found["visits"] == 20
    assert sum(day > 0.0 for day in unloaded) >= 3


def test_dynamic_rounds_keep_caps_and_tell_what_they_leave():
    dynamic = {"policy": ["dynamic"], "weekdays": [kit.EVERY_DAY], "overflow_value": [1000.0]}
    wide = kit.collection(line(30), mass_rate=200.0, services=dynamic)
    tight = kit.collection(line(30), mass_rate=200.0, services=dynamic | {"stops_cap": [4]})
    options = {"assumptions": {"rehearsals": False}}
    free, events = ran(wide, **options)
    assert max(per_day(events["stop"])) > 4
    assert free["missed_sites"] == 0
    found, events = ran(tight, **options)
    assert max(per_day(events["stop"])) == 4
    assert found["missed_sites"] > 0
    assert found["overflow_volume"] > free["overflow_volume"]


def test_rehearsals_know_the_caps():
    services = {"policy": ["dynamic"], "weekdays": [kit.EVERY_DAY], "stops_cap": [4]}
    found, events = ran(kit.collection(line(12), mass_rate=60.0, services=services))
    assert max(per_day(events["stop"])) <= 4
    assert found["visits"] > 0


def test_caps_that_nothing_reaches_change_nothing():
    free = ran(kit.collection(line(12)))[0]
    wide = ran(
        kit.collection(
            line(12),
            trucks={"stops_cap": [100], "tonnes_cap": [100.0]},
            services={"stops_cap": [100], "tonnes_cap": [100.0]},
            disposal={"tonnes_cap": [100.0]},
        )
    )[0]
    assert wide == pytest.approx(free, nan_ok=True)


def test_measures_state_caps_with_units():
    layers = kit.collection(line(3))
    found = kit.measured(layers, "service_caps", stops=10, tonnes="8 t/day").layers["waste_services"]
    assert (found["stops_cap"].tolist(), found["tonnes_cap"].tolist()) == ([10], [8.0])
    found = kit.measured(layers, "truck_caps", tonnes="9000 kg/day").layers["waste_trucks"]
    assert found["tonnes_cap"].tolist() == [9.0]
    assert found["measures"].tolist() == ["truck_caps"]
    found = kit.measured(layers, "disposal_cap", tonnes="40 t/day").layers["waste_disposal"]
    assert found["tonnes_cap"].tolist() == [40.0]


@pytest.mark.parametrize("layer", ["trucks", "services", "disposal"])
def test_a_site_that_weighs_more_than_a_cap_is_refused(english, layer):
    # 4,000 l of glass at 330 kg/m3 are 1.32 t.
    layers = kit.collection(line(2), **{layer: {"tonnes_cap": [1.0]}})
    found = [
        item
        for item in check_data(kit.territory(layers), [NETWORK.attributes], own_checks([NETWORK]))
        if not item.warning
    ]
    assert [(item.layer, item.column) for item in found] == [("waste_containers", "volume")]
    assert "cap" in found[0].hint
