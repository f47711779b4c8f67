"""Coverage of places made for it, candidates of files, plans and what gateways carry."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from jumeau.errors import InputError
from jumeau.radio.airtime import message_airtime
from jumeau.radio.coverage import bearable, find_links
from jumeau.radio.findings import by_setting, device_table, gateway_table, record
from jumeau.radio.gateways import Wanted, costs_of, losses_of_one, size_gateways
from jumeau.radio.path_loss import loss_model, reach
from jumeau.radio.places import Devices, Sites, apart, devices_of, roofs, together
from jumeau.radio.plan import radio_plan
from jumeau.radio.relief import Relief
from jumeau.radio.site_file import read_sites
from jumeau.radio.tables import FACTORS

CRS = pyproj.CRS.from_epsg(2154)
OULU = loss_model("oulu")
EAST, NORTH = 770_000.0, 6_280_000.0


def devices(xy, setting="outdoor", messages=24.0):
    count = len(xy)
    ids = np.array([f"d{row}" for row in range(count)], dtype=object)
    place = np.asarray(xy, dtype=float) + np.array([EAST, NORTH])
    return Devices(ids, place, np.full(count, setting, dtype=object), np.full(count, messages), np.full(count, 20.0))


def sites(xy, height=30.0):
    count = len(xy)
    ids = np.array([f"s{row}" for row in range(count)], dtype=object)
    place = np.asarray(xy, dtype=float) + np.array([EAST, NORTH])
    return Sites(ids, place, np.full(count, height), np.full(count, "mast", dtype=object))


def test_a_link_at_the_range_closes_at_nine_places_in_ten():
    far = reach(OULU, bearable("lorawan"), 0.9)
    links = find_links(devices([(far, 0.0), (10.0 * far, 0.0)]), sites([(0.0, 0.0)]), OULU, bearable("lorawan"))
    chance = links.chance()
    assert chance[0, 0] == pytest.approx(0.9)
    assert chance[1, 0] == 0.0  # so unlikely that it is not in the matrix
    assert chance.nnz == 1


def test_walls_and_pits_take_what_the_table_says():
    places = [(500.0, 0.0)]
    loss = {
        name: find_links(devices(places, name), sites([(0.0, 0.0)]), OULU, 170.0).loss[0, 0]
        for name in ("outdoor", "indoor", "pit")
    }
    assert loss["indoor"] - loss["outdoor"] == pytest.approx(FACTORS.value("indoor_loss"))
    assert loss["pit"] - loss["outdoor"] == pytest.approx(FACTORS.value("pit_loss"))


def test_nbiot_reaches_farther_and_nothing_collides():
    assert bearable("nbiot") > bearable("lorawan") + 10.0
    crowd = devices(np.random.default_rng(1).uniform(-200, 200, (3000, 2)), messages=2000.0)
    for technology, lost in (("lorawan", True), ("nbiot", False)):
        links = find_links(crowd, sites([(0.0, 0.0)]), OULU, bearable(technology))
        plan = radio_plan(crowd, links, technology)
        assert (plan.success < 0.99).all() == lost
        assert (plan.delivery <= plan.reach + 1e-12).all()


def test_load_of_a_gateway_is_alohas():
    """All devices at the mast's foot are on SF7: G = N m T / (channels day)."""
    count, messages = 500, 96.0
    crowd = devices(np.zeros((count, 2)) + 20.0, messages=messages)
    links = find_links(crowd, sites([(0.0, 0.0)]), OULU, bearable("lorawan"))
    plan = radio_plan(crowd, links)
    load = count * messages / 86_400.0 * float(message_airtime(20, 7)) / FACTORS.value("channels")
    assert set(plan.spreading) == {7}
    assert plan.loads.load[0, 0] == pytest.approx(load, rel=1e-3)
    assert plan.success == pytest.approx(np.exp(-2.0 * load), rel=1e-3)
    assert plan.loads.messages[0] == pytest.approx(count * messages, rel=1e-3)


def test_a_second_gateway_helps_and_its_loss_hurts():
    crowd = devices(np.random.default_rng(2).uniform(-4000, 4000, (400, 2)), "indoor")
    masts = sites([(-2000.0, 0.0), (2000.0, 0.0), (0.0, 2500.0)])
    links = find_links(crowd, masts, OULU, bearable("lorawan"))
    means = [radio_plan(crowd, links.of(np.arange(count))).reach for count in (1, 2, 3)]
    assert (means[1] >= means[0] - 1e-9).all()
    assert means[0].mean() < means[1].mean() < means[2].mean()


def test_devices_out_of_sight_are_never_heard():
    plan_of = devices([(0.0, 0.0), (200_000.0, 0.0)])
    links = find_links(plan_of, sites([(100.0, 0.0)]), OULU, bearable("lorawan"))
    plan = radio_plan(plan_of, links)
    assert plan.best.tolist() == [0, -1]
    assert plan.delivery[1] == 0.0
    assert plan.delivery[0] > 0.99


def test_a_ridge_hides_what_lies_behind():
    x, y = np.meshgrid(np.arange(-3000.0, 3001.0, 100.0), np.arange(-500.0, 501.0, 100.0))
    z = np.where(np.abs(x) < 150.0, 120.0, 10.0)
    grid = gpd.GeoDataFrame({"z": z.ravel()}, geometry=gpd.points_from_xy(x.ravel() + EAST, y.ravel() + NORTH), crs=CRS)
    both = devices([(-1000.0, 0.0), (2000.0, 0.0)])
    mast = sites([(-2000.0, 0.0)])
    flat = find_links(both, mast, OULU, bearable("lorawan")).loss.toarray().ravel()
    hilly = find_links(both, mast, OULU, bearable("lorawan"), Relief.of(grid)).loss.toarray().ravel()
    assert hilly[0] == pytest.approx(flat[0])
    assert hilly[1] > flat[1] + 15.0
    with pytest.raises(InputError) as raised:
        find_links(both, sites([(-2000.0, 0.0), (9000.0, 0.0)]), OULU, 150.0, Relief.of(grid))
    assert raised.value.problems[0].features == ("s1",)


def test_sizing_and_its_tables():
    generator = np.random.default_rng(5)
    crowd = devices(generator.uniform(0, 6000, (300, 2)), "indoor")
    masts = sites(generator.uniform(0, 6000, (80, 2)))
    model = loss_model("hata_urban")
    one, two = (size_gateways(crowd, masts, model, Wanted(redundancy=number)) for number in (1, 2))
    assert one.cover.proved
    assert len(one.cover.chosen) < len(two.cover.chosen)
    assert one.covered.mean() >= 0.95
    assert two.covered.mean() >= 0.95
    # With redundancy, losing any one gateway costs less.
    worst = [1.0 - losses_of_one(item).min() / item.plan.delivery.mean() for item in (one, two)]
    assert worst[1] < worst[0]
    table, coverage = gateway_table(one, CRS), device_table(one, CRS)
    assert table["devices"].sum() == (one.plan.best >= 0).sum()
    assert coverage["covered"].mean() == one.covered.mean()
    settings = by_setting(one)
    assert settings["indoor"]["covered"] == pytest.approx(one.covered.mean())
    assert settings["outdoor"]["covered"] >= settings["indoor"]["covered"] >= settings["pit"]["covered"]
    found = record(one, CRS)
    assert found["count"] == len(found["gateways"]) == len(table)
    assert found["investment_eur"] == found["count"] * (FACTORS.value("gateway_price") + FACTORS.value("mast_price"))
    assert sum(found["spreading"].values()) == pytest.approx(1.0)
    assert costs_of(0, 10).annual == 10 * FACTORS.value("server_fee")


def test_no_candidate_and_a_target_out_of_reach():
    crowd = devices([(0.0, 0.0), (90_000.0, 0.0)], "pit")
    nothing = Sites(np.zeros(0, dtype=object), np.zeros((0, 2)), np.zeros(0), np.zeros(0, dtype=object))
    with pytest.raises(InputError):
        size_gateways(crowd, nothing, OULU, Wanted())
    with pytest.raises(InputError, match="50"):
        size_gateways(crowd, sites([(50.0, 0.0)]), OULU, Wanted())
    assert len(size_gateways(crowd, sites([(50.0, 0.0)]), OULU, Wanted(share=0.5)).cover.chosen) == 1


def test_roofs_are_the_highest_of_their_cells():
    shapes = [shapely.box(x, 0, x + 10, 10) for x in (0, 50, 400, 800)]
    buildings = gpd.GeoDataFrame(
        {"building_id": list("abcd"), "height": [10.0, 25.0, 8.0, np.nan]}, geometry=shapes, crs=CRS
    )
    found = roofs(buildings, 300.0)
    assert found.ids.tolist() == ["b", "c"]
    assert found.height.tolist() == [25.0 + FACTORS.value("roof_mast"), 8.0 + FACTORS.value("roof_mast")]
    assert len(roofs(buildings.iloc[3:], 300.0)) == 0
    both = together([found, found])
    assert both.ids.tolist() == ["b", "c", "b#2", "c#2"]
    assert len(apart(both)) == 2


def test_devices_stand_on_their_features():
    layer = gpd.GeoDataFrame({"pipe_id": ["p", "q"]}, geometry=[shapely.LineString([(0, 0), (10, 0)]), None], crs=CRS)
    found = devices_of(layer, "pipe_id", "pit", 1, 12)
    assert found.ids.tolist() == ["p"]
    assert found.xy.tolist() == [[5.0, 0.0]]
    with pytest.raises(InputError):
        devices_of(layer.iloc[1:], "pipe_id", "pit", 1, 12)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("name,where\na,b\n", "coordonnées"),
        ("longitude,latitude,height\n3.9,43.6,900\n", "900"),
        ("longitude,latitude,height\n3.9,43.6,tall\n", "tall"),
        ("longitude,latitude\nx,43.6\n", "x"),
        ("longitude,latitude\n,\n", "site"),
    ],
)
def test_site_files_that_cannot_be_used(tmp_path, text, part):
    (tmp_path / "sites.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=part) as raised:
        read_sites(tmp_path / "sites.csv", CRS)
    assert raised.value.problems[0].file


def test_site_files(tmp_path):
    frame = pd.DataFrame({"x": [EAST, EAST, EAST + 9], "y": [NORTH] * 3, "height": [10, 20, None], "name": list("abc")})
    frame.to_csv(tmp_path / "sites.csv", index=False)
    found = read_sites(tmp_path / "sites.csv", CRS)
    assert found.ids.tolist() == ["b", "c"]
    assert found.height.tolist() == [20.0, FACTORS.value("gateway_height")]


def test_masts_of_the_anfr(data_folder):
    pytest.importorskip("xlrd")
    found = read_sites(data_folder / "montpellier" / "ANFR_MTP_Supports.xls", CRS)
    # 206 supports, two of them at one place.
    assert len(found) == 205
    assert "29973" in found.ids
    assert float(found.height[found.ids == "29973"][0]) == 61.0
    assert np.abs(found.xy - (770_500.0, 6_279_000.0)).max() < 12_000.0


def test_gateways_of_bonn(data_folder):
    file = data_folder / "national" / "oracles" / "lora" / "bonn_gateways.csv"
    found = read_sites(file, pyproj.CRS.from_epsg(32632))
    assert sorted(found.height) == [12.0, 14.0, 15.0, 16.0, 16.0, 24.0, 25.0, 30.0, 55.0]
