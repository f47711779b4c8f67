"""Sector balances: volumes worked out by hand, ranges by drawing, and what is refused in files of readings."""

import numpy as np
import pandas as pd
import pytest
from water_kit import frame, grid, territory

from jumeau.errors import InputError
from jumeau.networks.water import NETWORK
from jumeau.networks.water.formats.readings import read_meters, read_readings
from jumeau.networks.water.physics.sector_balance import Term, real_losses
from jumeau.networks.water.studies.balance import BalanceParameters, study
from jumeau.study import StudyContext


def written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


METERS = "meter;from_sector;to_sector;kind\nfeed;;A;network\nlink;A;B;réseau\nsold A;A;;abonné\nsold B;B;;customer\n"


def two_sectors():
    layers = grid(side=3)
    pipes = layers["water_pipes"]
    layers["water_pipes"] = pipes.assign(sector_id=["A"] * 6 + ["B"] * (len(pipes) - 6), connections=10.0)
    layers["water_sectors"] = frame({"sector_id": ["A", "B"]}, [None, None])
    return layers


def hourly(days=10):
    """Feed 20 m3/h (10 from 2 to 4), 8 of them go on to B (5 from 2 to 4)."""
    when = pd.date_range("2025-03-01 01:00", periods=24 * days, freq="h")
    night = when.hour.isin([3, 4])  # intervals that end then
    rows = [f"{t:%Y-%m-%d %H:%M};feed;{10 if n else 20}" for t, n in zip(when, night, strict=True)]
    rows += [f"{t:%Y-%m-%d %H:%M};link;{5 if n else 8}" for t, n in zip(when, night, strict=True)]
    rows += ["2025-02-28 12:00;sold A;1000", "2025-03-20 12:00;sold A;2000"]
    rows += ["2025-02-28 12:00;sold B;0", "2025-03-20 12:00;sold B;2000"]
    return "date;meter;volume\n" + "\n".join(rows) + "\n"


def asked(folder, readings, meters=METERS, layers=None, **parameters):
    layers = two_sectors() if layers is None else layers
    given = BalanceParameters(
        readings=written(folder, "readings.csv", readings), meters=written(folder, "meters.csv", meters), **parameters
    )
    return study(layers, given, StudyContext(NETWORK.factors, territory(layers)))


def test_volumes_night_flow_and_losses_worked_out_by_hand(tmp_path):
    found = asked(tmp_path, hourly(), pressure="50 m")
    table = found.tables["sectors"].set_index("sector_id")
    feed, link = 10 * (22 * 20 + 2 * 10), 10 * (22 * 8 + 2 * 5)
    assert table["inflow"]["A"] == pytest.approx(feed)
    assert table["outflow"]["A"] == pytest.approx(link)
    assert table["input"]["B"] == pytest.approx(link)
    assert table["night_flow"]["A"] == pytest.approx(5.0)
    assert table["night_flow"]["B"] == pytest.approx(5.0)
    # A volume is that of the interval ahead of its date: 2,000 m3 of A over 20 days, half of them in the period.
    assert table["metered"]["A"] == pytest.approx(1000.0)
    factors = NETWORK.factors
    uses = 1.0 + sum(factors.value(name) for name in ("unauthorised_use", "unmetered_use", "service_use"))
    lost = feed - link - 1000.0 / (1.0 - factors.value("meter_error")) * uses
    assert table["real_losses"]["A"] == pytest.approx(lost)
    km, connections = 0.6, 60.0
    unavoidable = (18.0 * km + 0.8 * connections) * 50.0 / 1000.0
    assert table["leakage_index"]["A"] == pytest.approx(lost / 10.0 / unavoidable)
    by_night = (5.0 - connections * factors.value("night_use") / 1000.0) * factors.value("night_day_hours")
    assert table["night_losses"]["A"] == pytest.approx(by_night)
    days = found.tables["days"]
    assert len(days) == 20
    assert days[days["sector_id"] == "A"]["input"].to_numpy() == pytest.approx((feed - link) / 10.0)


def test_an_index_gives_the_same_as_volumes(tmp_path):
    volumes = asked(tmp_path, hourly(), pressure="50 m").tables["sectors"]
    frame_ = pd.read_csv(tmp_path / "readings.csv", sep=";")
    first = pd.DataFrame({"date": ["2025-03-01 00:00"] * 2, "meter": ["feed", "link"], "volume": [0.0, 0.0]})
    sold = pd.DataFrame({"date": ["2025-02-08 12:00"] * 2, "meter": ["sold A", "sold B"], "volume": [0.0, 0.0]})
    whole = pd.concat([sold, first, frame_]).sort_values("date", kind="stable")
    whole["index"] = whole.groupby("meter")["volume"].cumsum() + 5000.0
    text = whole[["date", "meter", "index"]].to_csv(index=False, sep=";", decimal=",")
    assert "5000,0" in text
    indices = asked(tmp_path, text, pressure="50 m").tables["sectors"]
    for column in ("input", "metered", "night_flow", "real_losses"):
        assert indices[column].to_numpy() == pytest.approx(volumes[column].to_numpy())


def test_the_range_is_what_drawing_gives():
    rng = np.random.default_rng(5)
    terms = {"meter_error": Term(0.03, 0.01, 0.05), "unauthorised": Term(0.01, 0.0, 0.02),
             "unmetered": Term(0.01, 0.005, 0.015), "service": Term(0.02, 0.01, 0.03)}  # fmt: skip
    found = real_losses(10_000.0, 150.0, 7_000.0, **terms)
    count = 400_000
    drawn = {name: item.value + item.deviation * rng.standard_normal(count) for name, item in terms.items()}
    consumption = 7_000.0 / (1.0 - drawn["meter_error"])
    uses = 1.0 + drawn["unauthorised"] + drawn["unmetered"] + drawn["service"]
    lost = 10_000.0 + 150.0 * rng.standard_normal(count) - consumption * uses
    assert [found.low, found.high] == pytest.approx(np.quantile(lost, [0.1, 0.9]), rel=0.01)


def test_without_customers_the_night_flow_alone_tells(tmp_path, english):
    text = "\n".join(line for line in hourly().splitlines() if "sold" not in line) + "\n"
    meters = "meter,from_sector,to_sector\nfeed,,A\nlink,A,B\n"
    found = asked(tmp_path, text, meters, pressure="50 m")
    assert found.tables["sectors"]["real_losses"].isna().all()
    assert (found.tables["sectors"]["night_losses"] > 0).all()
    assert any("night flow alone" in note for note in found.notes)


def test_pressure_comes_from_epanet(tmp_path):
    table = asked(tmp_path, hourly()).tables["sectors"]
    assert table["pressure"].to_numpy() == pytest.approx(59.0, abs=1.5)


@pytest.mark.parametrize(
    ("readings", "meters", "said"),
    [
        ("date;meter;volume\nyesterday;feed;1\n", METERS, "line|readings.csv:2"),
        ("date;meter;volume\n2025-01-01;feed;much\n", METERS, "not a number"),
        ("date;meter;flow\n2025-01-01;feed;1\n", METERS, "« index » is missing"),
        (hourly(), METERS.replace(";A;network", ";Z;network"), "no such sector"),
        (hourly(), METERS.replace("abonné", "pump"), "unknown kind"),
        (hourly(), METERS + "other;;A;network\n", "too few readings"),
        (hourly(), METERS + "feed;;A;network\n", "stands twice"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, english, readings, meters, said):
    with pytest.raises(InputError, match=said):
        asked(tmp_path, readings, meters, pressure="50 m")


def test_dates_meters_that_fall_and_strangers(tmp_path, english):
    path = written(
        tmp_path, "r.csv",
        "horodatage;compteur;index\n31/01/2025 06:00;a;10\n31/01/2025 07:00;a;12,5\n31/01/2025 08:00;a;1\n"
        "2025-01-31T07:00:00+00:00;a;4\n31/01/2025;b;3\n",
    )  # fmt: skip
    found, notes = read_readings(path, np.array(["a"], dtype=object))
    # 7 h in UTC is 8 h in France in winter: the last of two readings of that time counts.
    assert list(found["a"].volume) == [2.5, 0.0]
    assert any(note.startswith("1 meter(s)") for note in notes)
    assert any("falls 1 time" in note for note in notes)
    assert any("last counts" in note for note in notes)
    assert read_meters(written(tmp_path, "m.csv", METERS)).customer.sum() == 2
