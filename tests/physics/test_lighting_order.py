"""The order of 27 December 2018: LED chosen by the flux needed, perimeters, dark corridors and curfews."""

import csv

import geopandas as gpd
import numpy as np
import pytest
import shapely
from lighting_kit import LAMBERT, Lit, small_town
from pydantic import ValidationError

from jumeau.networks.lighting import NETWORK
from jumeau.networks.lighting.luminaires import FILE, Luminaires, colour_share
from jumeau.networks.lighting.parameters import Curfew, DarkCorridor, LedRetrofit
from jumeau.networks.lighting.perimeters import inside, legal_caps
from jumeau.networks.lighting.physics.legal import Surroundings, colour_limit, density_limit, judge
from jumeau.networks.lighting.physics.sizing import chosen, needed_flux

COUNTS = ("flux_noncompliant", "cct_noncompliant", "ulr_noncompliant", "legal_unknown")


def with_zones(town, **kinds):
    """Add zones by kind: a box of x and y offsets from the first lamp [m], or a point."""
    first = town.layers["lamps"].geometry.iloc[0]
    shapes = [
        shapely.box(first.x + box[0], first.y + box[1], first.x + box[2], first.y + box[3])
        if len(box) == 4
        else shapely.Point(first.x + box[0], first.y + box[1])
        for box in kinds.values()
    ]
    frame = gpd.GeoDataFrame({"zone_id": list(kinds), "kind": list(kinds)}, geometry=shapes, crs=LAMBERT)
    return type(town)(town.name, town.crs, {**town.layers, "light_zones": frame}, town.columns)


def test_the_flux_that_a_street_needs():
    # A street of 30 m by 8 m at 7.5 lx, 55 % on the ground, 85 % left: 3 850 lm by the lumen method.
    needed = needed_flux(np.array([7.5]), np.array([240.0]), 0.55, 0.85)
    assert needed[0] == pytest.approx(7.5 * 240 / 0.4675)
    assert needed[0] * 0.55 * 0.85 / 240 == pytest.approx(7.5)


def test_the_smallest_product_that_does_and_the_largest_that_may():
    flux = np.array([1000.0, 2000.0, 4000.0, 8000.0])
    needed = np.array([500.0, 2000.0, 2001.0, 9000.0, 5000.0, 3000.0, 700.0])
    cap = np.array([np.inf, 4000.0, np.inf, np.inf, 8000.0, 2500.0, 900.0])
    product, short, over = chosen(flux, needed, cap)
    assert flux[product].tolist() == [1000, 2000, 4000, 8000, 4000, 2000, 1000]
    assert short.tolist() == [False, False, False, True, True, True, False]
    # Strictly below the cap: at 8 000 lm the product of 8 000 lm is one too many; 1 000 lm on 900 is told.
    assert over.tolist() == [False] * 6 + [True]


def test_leds_are_chosen_by_the_flux_needed():
    # 200 m2 of a residential street (7.5 lx): 3 209 lm, so 3 500 lm and 29.2 W at 120 lm/W; 37.5 lm/m2 become 17.5.
    bench = Lit(small_town()).apply("led_retrofit")
    lamps = bench.layers["lamps"]
    assert set(lamps["flux"]) == {3500.0}
    assert lamps["power"].tolist() == pytest.approx([3500 / 120] * 40)
    found = bench.still()
    assert [found[name] for name in COUNTS] == [0, 0, 0, 0]
    assert Lit(small_town()).still()["flux_noncompliant"] == 40
    assert bench.notes == ()


def test_the_class_of_the_street_or_a_stated_illuminance_counts():
    town = small_town(lighting_class=["P6", "C5", "C3", ""] * 10, road_class="tertiary", lit_area=300.0)
    flux = Lit(town).apply("led_retrofit").layers["lamps"]["flux"][:4].to_numpy()
    needed = np.array([2.0, 7.5, 15.0, 10.0]) * 300 / 0.4675
    packages = Luminaires.of(120.0).flux
    assert flux.tolist() == [packages[packages >= value][0] for value in needed]
    stated = Lit(town).apply("led_retrofit", illuminance="5 lx").layers["lamps"]["flux"].to_numpy()
    assert set(stated) == {3500.0}


def test_the_order_stops_what_the_class_asks(english):
    # 20 lx on 200 m2 need 8 556 lm, that is 43 lm/m2: the largest package below 35 is one of 6 000 lm.
    bench = Lit(small_town(lighting_class="C2")).apply("led_retrofit")
    assert set(bench.layers["lamps"]["flux"]) == {6000.0}
    assert bench.still()["flux_noncompliant"] == 0
    assert "40 luminaire(s) give less than the lighting class asks" in bench.notes[0]
    # Outside a built-up area 25 lm/m2 hold: 4 500 lm on 200 m2.
    outside = Lit(small_town(lighting_class="C2", built_up=False)).apply("led_retrofit")
    assert set(outside.layers["lamps"]["flux"]) == {4500.0}
    assert outside.still()["flux_noncompliant"] == 0
    assert Lit(small_town(built_up=False, flux=5000.0)).still()["flux_noncompliant"] == 40


def test_an_imposed_power_is_flagged(english):
    # 70 W at 120 lm/W are 42 lm/m2.
    bench = Lit(small_town()).apply("led_retrofit", power="70 W", cct="4000 K", ulr="5 %")
    assert "40 of 40 new luminaires lie above the flux density" in bench.notes[0]
    assert "`sizing: needed_flux`" in bench.notes[0]
    assert "colder light" in bench.notes[1]
    assert "upwards" in bench.notes[2]
    found = bench.still()
    assert [found[name] for name in COUNTS] == [40, 40, 40, 0]
    ratio = Lit(small_town(power=150.0)).apply("led_retrofit", sizing="power_ratio")
    assert set(ratio.layers["lamps"]["power"]) == {0.45 * 150}
    assert "40 of 40" in ratio.notes[0]


def test_lamps_without_a_street_or_an_area_keep_a_share_of_their_power(english):
    town = small_town(lit_area=[200.0, np.nan] * 20, usage=["road"] * 38 + ["projector"] * 2)
    bench = Lit(town).apply("led_retrofit")
    assert bench.layers["lamps"]["power"][:2].tolist() == pytest.approx([3500 / 120, 45.0])
    assert bench.layers["lamps"]["power"][38] == 45.0
    assert any(note.startswith("21 lamp(s) without a street or a lit area") for note in bench.notes)


def test_a_range_of_ones_own():
    products = [{"flux": "5000 lm", "power": "36 W"}, {"flux": "3300 lm", "power": "24 W"}]
    lamps = Lit(small_town()).apply("led_retrofit", products=products).layers["lamps"]
    assert set(zip(lamps["flux"], lamps["power"].round(9), strict=True)) == {(3300.0, 24.0)}
    for wrong in (
        {"power": "40 W", "products": products},
        {"power_ratio": 0.5, "illuminance": "5 lx"},
        {"products": [{"flux": "3300 lm"}]},
    ):
        with pytest.raises(ValidationError):
            LedRetrofit.model_validate(wrong)


def test_warm_light_costs_power():
    plain, amber = (Lit(small_town()).apply("led_retrofit", cct=cct).layers["lamps"] for cct in ("3000 K", "1800 K"))
    assert set(amber["flux"]) == set(plain["flux"])
    assert amber["power"][0] == pytest.approx(plain["power"][0] / 0.65)
    shares = colour_share(np.array([1500.0, 2000.0, 2450.0, 9000.0]), NETWORK.factors)
    assert shares == pytest.approx([0.65, 0.75, 0.9, 1.04])


def test_the_shipped_range_has_sources_and_grows():
    with FILE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert all(row["source"] and row["confidence"] in ("low", "medium", "high") for row in rows)
    assert all(float(row["low"]) <= float(row["relative"]) <= float(row["high"]) for row in rows)
    shop = Luminaires.of(120.0)
    assert (np.diff(shop.flux) > 0).all()
    assert (np.diff(shop.flux / shop.efficacy) > 0).all()


CAPS = legal_caps(NETWORK.factors)


@pytest.mark.parametrize(
    ("where", "built_up", "density", "kelvin"),
    [
        ("", True, 35, 3000), ("", False, 25, 3000), ("reserve", True, 25, 2400), ("park", True, 35, 2700),
        ("park", False, 25, 2400), ("core", True, 25, 2400), ("observatory", True, 25, 3000),
    ],
)  # fmt: skip
def test_limits_of_roads_by_place(where, built_up, density, kelvin):
    around = Surroundings(np.array([built_up]), {where: np.array([True])} if where else {})
    road = np.array(["a"], dtype=object)
    assert density_limit(road, around, CAPS)[0] == density
    assert colour_limit(road, around, CAPS)[0] == kelvin
    one = np.ones(1)
    verdict = judge(road, one * kelvin, one * 0.0, one * density * 100.0, one * 100.0, CAPS, around)
    assert [verdict.cct[0], verdict.ulr[0], verdict.flux[0]] == [False, False, True]
    verdict = judge(road, one * (kelvin + 1), one * 0.04, one * density * 99.9, one * 100.0, CAPS, around)
    assert [verdict.cct[0], verdict.ulr[0], verdict.flux[0]] == [True, True, False]


def test_heritage_sends_nothing_upwards_near_an_observatory():
    category, ulr = np.array(["b", "b"], dtype=object), np.array([0.0, 0.01])
    none = np.full(2, np.nan)
    around = Surroundings(np.ones(2, dtype=bool), {"observatory": np.ones(2, dtype=bool)})
    assert judge(category, none, ulr, none, none, CAPS, around).ulr.tolist() == [False, True]
    assert judge(category, none, ulr, none, none, CAPS).ulr.tolist() == [False, False]
    # In a reserve its colour is capped too, which is otherwise free.
    reserve = Surroundings(np.ones(2, dtype=bool), {"reserve": np.ones(2, dtype=bool)})
    assert judge(category, np.array([2400.0, 2700.0]), ulr * 0, none, none, CAPS, reserve).cct.tolist() == [False, True]
    assert judge(category, none, ulr * 0, none, none, CAPS, reserve).unknown.all()


def test_zones_are_drawn_or_stated():
    # Lamps stand every metre of 40, on five rows 50 m apart.
    town = with_zones(
        small_town(), reserve=(-0.5, -1, 9.5, 300), outside=(9.5, -1, 19.5, 300), corridor=(29.5, -1, 60, 300)
    )
    layers = NETWORK.layers(town)
    assert inside(layers, "reserve", NETWORK.factors).sum() == 10
    assert inside(layers, "outside", NETWORK.factors).sum() == 10
    assert inside(layers, "park", NETWORK.factors).sum() == 0
    # 2 000 K do in a reserve; 5 000 lm on 200 m2 are 25 lm/m2, too much there and outside built-up areas.
    found = Lit(with_zones(small_town(flux=5000.0), reserve=(-0.5, -1, 9.5, 300), outside=(9.5, -1, 19.5, 300))).still()
    assert [found[name] for name in COUNTS] == [20, 0, 0, 0]
    stated = Lit(
        small_town(
            flux=5000.0, perimeter=["reserve"] * 10 + [None] * 30, built_up=[True] * 10 + [False] * 10 + [True] * 20
        )
    )
    assert [stated.still()[name] for name in COUNTS] == [20, 0, 0, 0]
    assert Lit(town).still()["corridor_lamps"] == 10


def test_an_observatory_is_a_circle_of_ten_kilometres():
    near, far = (with_zones(small_town(), observatory=(distance, 0.0)) for distance in (-9_990.0, -10_060.0))
    assert inside(NETWORK.layers(near), "observatory", NETWORK.factors).sum() > 5
    assert inside(NETWORK.layers(far), "observatory", NETWORK.factors).sum() == 0
    middle = with_zones(small_town(), observatory=(-9_980.0, 0.0))
    # Within the circle: x below 20 m on the first row, whatever the rows do by their 200 m of breadth.
    expected = sum((9_980 + x) ** 2 + y**2 <= 1e8 for x, y in ((i % 100, 50.0 * (i % 5)) for i in range(40)))
    assert inside(NETWORK.layers(middle), "observatory", NETWORK.factors).sum() == expected


def test_new_luminaires_are_as_warm_as_the_place_asks():
    zones = {"reserve": (-0.5, -1, 9.5, 300), "park": (9.5, -1, 19.5, 300)}
    bench = Lit(with_zones(small_town(lighting_class="C2"), **zones)).apply("led_retrofit")
    lamps = bench.layers["lamps"]
    assert lamps["cct"][[0, 10, 20]].tolist() == [2400.0, 2700.0, 3000.0]
    assert lamps["flux"][[0, 10, 20]].tolist() == [4500.0, 6000.0, 6000.0]
    assert [bench.still()[name] for name in COUNTS] == [0, 0, 0, 0]


def test_a_dark_corridor_before_and_after():
    cct = [2000.0, 4000.0, 3000.0, np.nan] * 10
    town = with_zones(small_town(technology="LED", power=50.0, flux=5000.0, cct=cct), corridor=(-0.5, -1, 19.5, 300))
    before = Lit(town).still()
    assert [before[name] for name in ("corridor_lamps", "corridor_warm_share", "corridor_dark_share")] == [20, 25, 0]
    bench = Lit(town).apply(
        "dark_corridor",
        cct="1800 K",
        dimming=[{"from": "22:00", "to": "06:00", "level": "30 %"}],
        switch_off={"from": "23:00", "to": "05:30", "dates": ["03-15..10-31"]},
    )
    after = bench.still()
    # Ten of the twenty are colder than 1 800 K and known; 2 000 K too: fifteen are replaced, five are unknown.
    counts = {item.kind: item.count for item in bench.bill}
    assert counts == {"led_luminaire": 15, "driver_profile": 20, "astronomical_clock": 2}
    assert after["corridor_warm_share"] == 75
    # Off from 15 March to 31 October: 231 of 365 nights, at hours that are always dark at Paris but in June.
    assert after["corridor_dark_share"] == pytest.approx(100 * 231 / 365, abs=1.0)
    assert after["dark_heart_share"] == pytest.approx(0.5 * after["corridor_dark_share"])
    lamps = bench.layers["lamps"]
    assert lamps["dark_corridor"].sum() == 20
    assert (lamps["measures"][20:] == "").all()
    assert len(bench.notes) == 3  # lamps elsewhere, unknown colours, cabinets that feed both


def test_a_corridor_that_nothing_draws_is_what_is_selected():
    bench = Lit(small_town())
    bench.apply("dark_corridor", np.arange(40) < 8, switch_off={"from": "23:00", "to": "06:00"})
    assert bench.still()["corridor_lamps"] == 8
    assert bench.still()["corridor_dark_share"] == 100
    assert bench.still()["corridor_warm_share"] == 100  # sodium lamps of 2 000 K
    with pytest.raises(ValidationError):
        DarkCorridor.model_validate({})


def test_curfews_by_category(english):
    # Heritage and parks by 1:00; car parks two hours after the activity, until 7:00; roads have none.
    town = small_town(lamps=8, legal_category=["a", "b", "e", "c"] * 2, cabinet_id=[f"C{i % 2}" for i in range(8)])
    before = Lit(town).still()
    assert before["curfew_noncompliant"] == 2
    bench = Lit(town).apply("curfew", closing="19:30")
    assert list(bench.layers["lamps"]["profile"][:4]) == ["", "20:30-12:00=0", "21:30-07:00=0", ""]
    assert bench.still()["curfew_noncompliant"] == 0
    assert bench.notes[0].startswith("4 lamp(s) have no curfew")
    plain = Lit(town).apply("curfew")
    assert list(plain.layers["lamps"]["profile"][:4]) == ["", "01:00-12:00=0", "", ""]
    assert any(note.startswith("2 lamp(s) of car parks") for note in plain.notes)
    assert plain.still()["curfew_noncompliant"] == 0
    late = Curfew.model_validate({"closing": "23:30", "opening": "05:00"})
    profile = Lit(town).apply("curfew", **late.model_dump(mode="json")).layers["lamps"]["profile"]
    # A park that closes at 23:30 is off by half past midnight, and its car park until 4:00.
    assert list(profile[1:3]) == ["00:30-12:00=0", "01:30-04:00=0"]


def test_detection_stands_for_the_curfew():
    town = small_town(lamps=4, technology="LED", power=20.0, legal_category="b")
    assert Lit(town).still()["curfew_noncompliant"] == 4
    assert Lit(town).apply("motion_detection").still()["curfew_noncompliant"] == 0


def test_the_share_that_cannot_be_judged():
    found = Lit(
        small_town(legal_category=["a", None, "a", "a"] * 10, cct=[2000.0, 2000.0, np.nan, 2000.0] * 10)
    ).still()
    assert found["legal_unknown"] == 20
    assert found["legal_unknown_share"] == 50
