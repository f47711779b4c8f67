"""Networks that meet in the streets, and what is wrong with traffic told by the command line."""

from datetime import date

import pytest
import shapely

from jumeau.cli import main
from jumeau.engine.campaign import run
from jumeau.engine.ready import _crews, _place
from jumeau.engine.resolve import resolve
from jumeau.engine.run import Stage, prepare
from jumeau.engine.scenario import read_scenario
from jumeau.network import ordered
from jumeau.networks.waste.simulation.closures import Closures
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY
from jumeau.territory.model import Territory
from jumeau.territory.storage import write_territory

MEETING = """
name: meeting
territory: bourg_exemple
networks: [mobility, waste, water]
period: {start: 2025-01-06, end: 2025-02-02}
warmup: 10 days
seed: 3
assumptions:
  waste: {streams: [residual]}
  mobility: {parking_days: 1}
  water: {mains_bursts: 300 /100 km/year, closing_share: 100 %}
variants:
  nothing: {}
"""


def test_a_repair_that_closes_a_street_is_seen_by_traffic_and_by_a_truck(town, write_scenario, monkeypatch):
    """One run of three networks: a burst is mended, its street is shut, vehicles and trucks go round it."""
    scenario = read_scenario(write_scenario(MEETING)).on(town)
    situation = resolve(scenario, town)[0]
    stage = Stage(_place(scenario, town, situation), _crews(scenario), 10 * DAY, 3)
    made = prepare(situation, stage)
    networks = ordered(list(made))
    world = stage.world(networks, situation.shared_for_runs)
    legs = {}
    plain = Closures.detour

    def kept(self, area, start, end):
        found = plain(self, area, start, end)
        if found is not None:
            legs[area.name, start, end, self.closed] = found
        return found

    monkeypatch.setattr(Closures, "detour", kept)
    for network in networks:
        streams = Streams(3, 0, network.name)
        if network.announce is not None:
            network.announce(made[network.name], world, streams)
        network.behaviour.install(made[network.name], world, streams)
    world.run()
    closed = [(time, key) for time, topic, key, value in world.board.history if topic == "street_closed" and value]
    assert len(closed) > 3
    mended = world.journals["water"].table("closure")
    assert len(mended) > 3
    # Traffic lost time to each street that is one of its links and was shut in the period.
    events = world.journals["mobility"].table("detour")
    assert (events["hours"] != 0.0).any()
    outcome = networks[0].behaviour.outcome(made["mobility"], world)
    assert outcome.indicators["detour_hours"] == pytest.approx(events["hours"].sum())
    # Trucks on their rounds looked for ways round the streets shut since they left, and some were longer.
    assert legs
    assert all(key[3] <= {street for _time, street in closed} for key in legs)
    areas = {area.name: area for service in made["waste"].state.services for area in service.areas}
    longer = [found[1] - areas[key[0]].locations.travel.duration[key[1], key[2]] for key, found in legs.items()]
    assert max(longer) > 1.0
    assert min(longer) > -1e-6  # no way is sooner with fewer streets, at most as soon
    # Crews drove in the traffic of the hour.
    times, told = world.board.scheduled("travel_delay", "all")
    assert len(times) == len(told) == 24 * world.clock.days
    assert max(told) > 1.02


ALONE = """
name: alone
territory: bourg_exemple
networks: [mobility]
period: {start: 2025-03-03, end: 2025-03-09}
replications: 1
assumptions:
  mobility: {parking_days: 1}
variants:
  fleet:
    measures:
      - {measure: mobility.electric_vehicles, where: {attributes: {owner: municipal}}, share: 100 %}
"""


def test_the_journal_names_stations_and_blocks(town, write_scenario):
    """One row per event, assets by their identifiers, also those that a measure adds."""
    journal = run(read_scenario(write_scenario(ALONE)), town).journal
    charges = journal[(journal["scenario"] == "fleet") & (journal["kind"] == "charge")]
    known = set(town.layer("charge_points")["station_id"])
    assert set(charges["station"]) - known == {"new-depot-1"}
    assert (charges["energy"] > 0.0).all()
    before = journal[journal["scenario"] == "baseline"]
    blocks = before[before["kind"] == "parking_block"]
    assert sorted(blocks["block"]) == sorted(town.layer("parking")["parking_id"])
    (day,) = before[before["kind"] == "parking_day"].to_dict("records")
    assert blocks["drivers"].sum() == day["drivers"] > 0.0


def refused(capsys, *arguments):
    assert main([str(item) for item in arguments] + ["--lang", "en"]) == 2
    found = capsys.readouterr()
    return found.err + found.out


def changed(town, name, change):
    layers = {**town.layers, name: change(town.layer(name))}
    return Territory("changed", town.crs, layers, town.columns, town.meta)


def lonely(frame):
    """A zone whose connectors are gone."""
    return frame[(frame["from_node"] != "Z002") & (frame["to_node"] != "Z002")].reset_index(drop=True)


BAD = {
    "disconnected zone": ("traffic_links", lonely, ["Z002", "no street that leads back", "connectors"]),
    "zero capacity": (
        "traffic_links",
        lambda frame: frame.assign(capacity=frame["capacity"].where(frame.index != 4, 0.0)),
        ["traffic_links", "capacity", "below the minimum"],
    ),
    "negative demand": (
        "traffic_demand",
        lambda frame: frame.assign(trips=frame["trips"].where(frame.index != 4, -3.0)),
        ["traffic_demand", "trips", "D000005", "below the minimum"],
    ),
    "unknown zone": (
        "traffic_demand",
        lambda frame: frame.assign(origin=frame["origin"].where(frame.index != 4, "Z777")),
        ["traffic_demand", "origin", "Z777", "D000005"],
    ),
}


@pytest.mark.parametrize("case", list(BAD))
def test_bad_traffic_is_refused(capsys, town, write_scenario, tmp_path, case):
    name, change, words = BAD[case]
    path = write_territory(changed(town, name, change), tmp_path / "changed.gpkg")
    text = MEETING.replace("bourg_exemple", str(path)).replace("[mobility, waste, water]", "[mobility]")
    text = text.replace("  waste: {streams: [residual]}\n", "").replace(
        "  water: {mains_bursts: 300 /100 km/year, closing_share: 100 %}\n", ""
    )
    message = refused(capsys, "run", write_scenario(text), "-o", tmp_path / "out")
    for word in words:
        assert word in message, message
    assert not (tmp_path / "out" / "summary.json").exists()


def test_streets_cut_in_two_are_told(town):
    """A closed bridge must not lose demand in silence: zones without a way are named."""
    from mobility_kit import bench_of

    from jumeau.errors import InputError

    bench = bench_of(town, date(2025, 3, 3), date(2025, 3, 3))
    layers = bench.layers
    zone = layers["traffic_zones"].geometry.iloc[0]
    near = shapely.distance(layers["traffic_links"].geometry.to_numpy(), zone) < 400.0
    closed = bench.apply(layers, "close_streets", near).layers
    with pytest.raises(InputError, match="Z0"):
        bench.run(closed)
