"""Trips from counts: Spiess' gradient against finite differences, known trips found again, roads left out whole."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from mobility_kit import CRS, VALUES, typed_layers
from scipy import sparse

from jumeau.assignment import Demand, Links, equilibrium, incidence, loaded
from jumeau.networks.mobility.layout.rules import SYNTHESIS
from jumeau.networks.mobility.physics import calibration
from jumeau.networks.mobility.physics.counts import counts_of, held_out, repeated
from jumeau.networks.mobility.physics.estimation import Adjustment, Curve, folds_of, weigh
from jumeau.networks.mobility.physics.judgement import class_means, judged, rmse_by_flow
from jumeau.networks.mobility.physics.supply import supply_of

ALL = {name: factor.value for name, factor in SYNTHESIS.shipped.items()} | VALUES


def street_grid(size=5, step=200.0, zones=6, seed=1):
    """Layers of a town on a square grid whose rows and columns are roads with names, some of them counted."""
    rng = np.random.default_rng(seed)
    xy = {f"N{row}{column}": (column * step, row * step) for row in range(size) for column in range(size)}
    rows = []
    for row in range(size):
        for column in range(size):
            for ahead, name in (((row, column + 1), f"Rue {row}"), ((row + 1, column), f"Avenue {column}")):
                if max(ahead) < size:
                    rows.append((f"N{row}{column}", f"N{ahead[0]}{ahead[1]}", name))
    links = []
    for number, (start, end, name) in enumerate(rows):
        speed = 40.0 if name.startswith("Avenue") else 30.0
        for sign, one, two in (("+", start, end), ("-", end, start)):
            line = shapely.LineString([xy[one], xy[two]])
            links.append(
                (f"S{number}{sign}", one, two, "street", f"S{number}", name, name.split()[0], 900.0, speed, line)
            )
    chosen = rng.choice(sorted(xy), zones, replace=False)
    for number, node in enumerate(chosen):
        point = (xy[node][0] + 20.0, xy[node][1] + 20.0)
        for sign, one, two in ((">", f"Z{number}", node), ("<", node, f"Z{number}")):
            ends = [point, xy[node]] if sign == ">" else [xy[node], point]
            name = f"Z{number}{sign}{node}"
            links.append((name, one, two, "connector", "", "", "", 20_000.0, 20.0, shapely.LineString(ends)))
    columns = ("link_id", "from_node", "to_node", "kind", "street_id", "road", "road_class", "capacity", "speed")
    frame = gpd.GeoDataFrame(
        {name: [row[place] for row in links] for place, name in enumerate(columns)},
        geometry=[row[-1] for row in links],
        crs=CRS,
    )
    zone = gpd.GeoDataFrame(
        {
            "zone_id": [f"Z{number}" for number in range(zones)],
            "residents": rng.uniform(1000, 3000, zones),
            "jobs": rng.uniform(200, 2000, zones),
        },
        geometry=[shapely.Point(xy[node]) for node in chosen],
        crs=CRS,
    )
    return {"traffic_links": frame, "traffic_zones": zone}


def counted(streets, vehicles, year=2020, names=None):
    """A layer of counts of one direction, which is not known."""
    size = len(streets)
    return gpd.GeoDataFrame(
        {
            "count_id": names if names is not None else [f"C{number:03d}" for number in range(size)],
            "street_id": streets,
            "direction": "one",
            "vehicles": vehicles,
            "year": np.broadcast_to(year, size),
        },
        geometry=[None] * size,
        crs=CRS,
    )


@pytest.fixture(scope="module")
def town():
    """Layers of the town, its supply, and trips that are known."""
    layers = typed_layers(**street_grid())
    supply = supply_of(layers, ALL)
    rng = np.random.default_rng(7)
    trips = rng.uniform(50.0, 900.0, (6, 6))
    trips = trips + trips.T
    np.fill_diagonal(trips, 0.0)
    return layers, supply, trips


# Routes ---------------------------------------------------------------------------------------------------------------


def test_pairs_that_pass_links_give_the_flows_of_the_cheapest_ways(town):
    """Where nothing slows down, the equilibrium is the cheapest ways, loaded by another code."""
    _layers, supply, trips = town
    links = supply.links
    free = Links(
        links.tail, links.head, links.free_time, links.capacity, np.zeros(len(links)), links.power, links.nodes,
        links.through,
    )  # fmt: skip
    passed = incidence(free, free.free_time, 6, np.arange(len(links)))
    found = equilibrium(free, Demand.of(trips), gap=1e-9).total
    # Ways of the same cost may be shared otherwise: what drivers spend is the same.
    assert free.free_time @ (passed @ trips.ravel()) == pytest.approx(free.free_time @ found, rel=1e-9)
    assert passed.max() == 1.0
    assert loaded(free, free.free_time, trips) == pytest.approx(passed @ trips.ravel(), rel=1e-12)
    some = np.array([5, 3, 40])
    assert (incidence(free, free.free_time, 6, some) != passed[some]).nnz == 0


# Spiess ---------------------------------------------------------------------------------------------------------------


def problem_of(seed=3, counts=7, pairs=12):
    rng = np.random.default_rng(seed)
    passed = sparse.csr_matrix(rng.uniform(0, 1, (counts, pairs)) * (rng.random((counts, pairs)) < 0.5))
    prior = rng.uniform(10, 400, pairs)
    return Adjustment(passed, rng.uniform(200, 900, counts), prior, rng.uniform(0.3, 1.0, pairs)), rng


@pytest.mark.parametrize("weight", [0.0, 0.7])
def test_gradient_is_that_of_finite_differences(weight):
    problem, rng = problem_of()
    trips = problem.prior * rng.uniform(0.5, 2.0, len(problem.prior))
    found = problem.gradient(trips, weight)
    for pair in range(len(trips)):
        step = np.zeros(len(trips))
        step[pair] = 1e-4 * trips[pair]
        slope = (problem.misfit(trips + step, weight) - problem.misfit(trips - step, weight)) / (2.0 * step[pair])
        assert found[pair] == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_each_step_lessens_the_misfit_and_a_heavy_prior_stays():
    problem, _rng = problem_of()
    steps = [problem.misfit(problem.solved(0.1, count), 0.1) for count in (0, 1, 2, 5, 20)]
    assert all(after < before for before, after in pairwise(steps))
    assert problem.solved(1e9) == pytest.approx(problem.prior, rel=1e-4)
    # With the weight of the least squares: the solution of the linear system, where no trip is driven to zero.
    problem = Adjustment(problem.passed, problem.passed @ problem.prior * 1.1, problem.prior, problem.hold)
    table = problem.passed.toarray()
    left = table.T @ (table / problem.counted[:, None]) + np.diag(problem.hold / problem.prior)
    right = table.T @ np.ones(len(problem.counted)) + problem.hold
    assert problem.solved(1.0, 2000) == pytest.approx(np.linalg.solve(left, right), rel=1e-2)


def test_known_trips_are_found_again_from_counts_everywhere(town):
    """Counts made by known trips on all links: from a wrong prior, flows are met, and trips where counts tell them."""
    _layers, supply, trips = town
    every = np.arange(len(supply.links))
    passed = incidence(supply.links, supply.links.free_time, 6, every)
    flow = passed @ trips.ravel()
    used = flow > 0.0
    wrong = trips.ravel() * np.random.default_rng(5).uniform(0.5, 1.8, trips.size)
    found = Adjustment(passed[used], flow[used], wrong, np.ones(trips.size)).solved(0.0, 5000)
    assert passed[used] @ found == pytest.approx(flow[used], rel=0.02)
    told = wrong.copy()
    # A pair alone on some link is told by its count.
    alone = np.flatnonzero(np.asarray((passed[used].multiply(passed[used].sum(axis=1) == 1.0)).sum(axis=0)).ravel() > 0)
    assert len(alone) > 3
    assert found[alone] == pytest.approx(trips.ravel()[alone], rel=0.03)
    off = np.abs(found - trips.ravel()).sum()
    assert off < 0.6 * np.abs(told - trips.ravel()).sum()


def test_a_curve_brings_flows_to_the_counts_expected_of_them():
    flow = np.geomspace(10.0, 20_000.0, 50)
    count = 30.0 * (flow + 100.0) ** 0.5
    found = Curve.of(flow, count)
    assert (found.scale, found.power) == (pytest.approx(30.0), pytest.approx(0.5))
    assert found(flow) == pytest.approx(count)


# Roads left out -------------------------------------------------------------------------------------------------------


def test_counts_of_a_road_are_never_on_both_sides(town):
    layers, supply, _trips = town
    names = sorted(set(supply.street[~supply.connector].tolist()))
    frame = counted(names, np.linspace(500, 4000, len(names)))
    found = counts_of(typed_layers(traffic_counts=frame)["traffic_counts"], supply)
    assert len(found) == len(names)
    for road in set(found.road.tolist()):
        assert len(set(found.held_out[found.road == road].tolist())) == 1
        assert len(set(folds_of([road] * 3).tolist())) == 1
    assert 0 < found.held_out.sum() < len(found)
    # Capitals and spaces make no other road.
    assert held_out(np.array(["rue 1"], dtype=object)) == held_out(found.road[found.road == "rue 1"])[:1]
    other = layers["traffic_links"].assign(road=layers["traffic_links"]["road"].str.upper() + "  ")
    again = supply_of(dict(layers) | {"traffic_links": other}, ALL)
    assert (again.road == supply.road).all()


def test_the_weight_is_chosen_on_roads_left_out():
    """Counts that the prior already meets, but for noise, ask for a heavy prior; a wrong prior for a light one."""
    rng = np.random.default_rng(2)
    passed = sparse.csr_matrix((rng.random((60, 30)) < 0.3).astype(float))
    truth = rng.uniform(50, 300, 30)
    roads = [f"road {number // 3}" for number in range(60)]
    noisy = passed @ truth * rng.lognormal(0.0, 0.5, 60)
    weights = (0.001, 100.0)
    assert weigh(Adjustment(passed, noisy, truth, np.ones(30)), roads, weights).weight == 100.0
    exact = Adjustment(passed, passed @ truth, truth * rng.lognormal(0.0, 0.8, 30), np.ones(30))
    found = weigh(exact, roads, weights)
    assert found.weight == 0.001
    assert found.left[0] < found.left[1]


# Whole ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def surveyed(town):
    """The town with counts made from known trips, and from others every second year."""
    layers, supply, trips = town
    flow = calibration.daily_flow(supply, 6.0 * trips[None])
    names = sorted(set(supply.street[~supply.connector].tolist()))
    value = np.array([flow[(supply.street == name)].mean() for name in names])
    rng = np.random.default_rng(11)
    frame = counted(names, np.maximum(value * rng.lognormal(0, 0.1, len(names)), 60.0))
    return dict(layers) | {"traffic_counts": typed_layers(traffic_counts=frame)["traffic_counts"]}


QUICK = ALL | {"ensemble_members": 3.0}


@pytest.fixture(scope="module")
def made(surveyed, town):
    return calibration.calibrate(surveyed, town[1], QUICK, 5)


def test_trips_meet_counts_better_than_what_was_expected(made, surveyed, town):
    counts = counts_of(surveyed["traffic_counts"], town[1], QUICK["count_years"])
    fitted = ~counts.held_out
    plain = calibration.calibrate(surveyed, town[1], QUICK | {"od_estimation": 0.0}, 5)

    def misfit(found):
        flow = counts.modelled(found.flows.mean(axis=0))
        return ((np.sqrt(flow) - np.sqrt(counts.vehicles))[fitted] ** 2).mean()

    assert misfit(made) < misfit(plain)
    assert made.weight in calibration.WEIGHTS
    assert np.isnan(plain.weight)
    assert made.flows.shape == (3, len(town[1].links))
    assert made.flows.std(axis=0).max() > 0.0


def test_what_is_held_out_does_not_weigh_at_all(made, surveyed, town):
    """Counts held out are changed tenfold: trips, flows and curve stay, to the last bit; only the verdict moves."""
    layer = surveyed["traffic_counts"]
    counts = counts_of(layer, town[1], QUICK["count_years"])
    out = layer.index.isin(counts.row[counts.held_out])
    assert 0 < out.sum() < len(layer)
    changed = layer.assign(vehicles=np.where(out, layer["vehicles"] * 10.0, layer["vehicles"]))
    again = calibration.calibrate(surveyed | {"traffic_counts": changed}, town[1], QUICK, 5)
    assert again.trips.tobytes() == made.trips.tobytes()
    assert again.flows.tobytes() == made.flows.tobytes()
    assert again.curve == made.curve
    assert again.judgement.model.ratio == pytest.approx(made.judgement.model.ratio / 10.0)
    # The test can fail: one fitted count changes all.
    moved = layer.assign(vehicles=np.where(~out, layer["vehicles"] * 3.0, layer["vehicles"]))
    other = calibration.calibrate(surveyed | {"traffic_counts": moved}, town[1], QUICK, 5)
    assert other.trips.tobytes() != made.trips.tobytes()


def test_the_order_of_counts_changes_no_byte(made, surveyed, town):
    layer = surveyed["traffic_counts"]
    # A second count of some streets in the same year: means must not depend on which comes first.
    twice = gpd.GeoDataFrame(
        {**{name: list(layer[name]) * 2 for name in layer.columns if name != "geometry"}},
        geometry=[None] * 2 * len(layer),
    ).assign(count_id=[f"D{number:03d}" for number in range(2 * len(layer))])
    twice["vehicles"] = twice["vehicles"] * np.random.default_rng(4).lognormal(0, 0.2, len(twice))
    shuffled = twice.sample(frac=1.0, random_state=8).reset_index(drop=True)
    one, two = (
        calibration.calibrate(surveyed | {"traffic_counts": frame}, town[1], QUICK, 5) for frame in (twice, shuffled)
    )
    assert one.trips.tobytes() == two.trips.tobytes()
    assert one.flows.tobytes() == two.flows.tobytes()
    assert one.note == two.note
    assert one.trips.tobytes() != made.trips.tobytes()


def test_too_few_counts_fit_nothing(surveyed, town):
    few = surveyed["traffic_counts"].iloc[:4]
    found = calibration.calibrate(surveyed | {"traffic_counts": few}, town[1], QUICK, 5)
    assert len(found.flows) == 0
    assert found.judgement is None


# Floor and ceiling ----------------------------------------------------------------------------------------------------


def test_floor_and_ceiling_by_hand(town):
    _layers, supply, _trips = town
    names = sorted(set(supply.street[~supply.connector].tolist()))
    frame = counted(names * 2, np.tile(np.linspace(500, 4000, len(names)), 2), np.repeat([2018, 2020], len(names)))
    frame.loc[frame["year"] == 2020, "vehicles"] *= 1.1
    layer = typed_layers(traffic_counts=frame)["traffic_counts"]
    before, last = repeated(layer)
    assert len(last) == len(names)
    assert last == pytest.approx(1.1 * before)
    counts = counts_of(layer, supply)
    assert counts.vehicles == pytest.approx(1.05 * before)  # the mean of both years
    classes = np.array([road.split()[0] for road in counts.road], dtype=object)
    floor = class_means(counts, classes)
    fitted = ~counts.held_out
    for name in ("rue", "avenue"):
        of = classes == name
        assert floor[of] == pytest.approx(counts.vehicles[of & fitted].mean())
    verdict = judged(counts, counts.vehicles, 2.0 * counts.vehicles, classes, layer, 16.0)
    assert verdict.model.r2 == verdict.model.geh5 == 1.0
    assert verdict.expected.ratio == pytest.approx(2.0)
    assert verdict.ceiling.correlation == pytest.approx(1.0)
    groups = rmse_by_flow(counts.vehicles * 1.2, counts.vehicles)
    assert sum(row[2] for row in groups) == len(counts)
    assert all(error > 19.0 for *_bounds, _size, error in groups)


def test_old_counts_are_left_out(town):
    _layers, supply, _trips = town
    names = sorted(set(supply.street[~supply.connector].tolist()))[:4]
    layer = typed_layers(traffic_counts=counted(names, [1000.0] * 4, [2000, 2010, 2015, 2016]))["traffic_counts"]
    assert len(counts_of(layer, supply)) == 4
    assert len(counts_of(layer, supply, 8.0)) == 3
