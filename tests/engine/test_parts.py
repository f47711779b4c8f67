"""Parts of a campaign: what is written is what is read, whatever the events hold."""

import numpy as np
import pandas as pd
import pytest

from jumeau.engine.parts import Part, PartStore, decode, encode


def leaks(causes):
    return pd.DataFrame(
        {
            "time": [1.5, -2.0],
            "pipe": np.array([3, -1], dtype=np.int64),
            "flow": [0.25, np.nan],
            "cause": np.array(causes, dtype=object),
        }
    )


@pytest.fixture
def part():
    return Part(
        indicators={"water_leaks": 2.0, "water_delay": float("nan")},
        quantities={"water_electricity": 1.0 / 3.0},
        assets={"water/pipes/leaks": np.array([0.0, np.nan, 2.0])},
        events={
            ("water", "leak"): leaks(["gel", "pression élevée — « pic »"]),
            ("water", "dawn"): pd.DataFrame({"time": [7.0]}),
            ("lighting", "leak"): leaks(["", "gel"]),
        },
    )


def test_texts_assets_and_numbers_come_back_in_their_types(part):
    back = decode(encode(part))
    assert list(back.events) == list(part.events)
    for key, table in part.events.items():
        pd.testing.assert_frame_equal(back.events[key], table)
    assert back.events["water", "leak"].dtypes.astype(str).tolist()[:3] == ["float64", "int64", "float64"]
    assert all(isinstance(cause, str) for cause in back.events["water", "leak"]["cause"])
    assert back.quantities == part.quantities
    assert list(back.indicators) == ["water_leaks", "water_delay"]
    assert np.isnan(back.indicators["water_delay"])
    np.testing.assert_array_equal(back.assets["water/pipes/leaks"], part.assets["water/pipes/leaks"])


def test_a_part_without_a_journal_is_not_one_where_nothing_happened(part):
    assert decode(encode(Part(part.indicators, {}, {}))).events is None
    assert decode(encode(Part(part.indicators, {}, {}, {}))).events == {}


def test_the_same_part_is_the_same_bytes_and_damage_is_seen(part):
    data = encode(part)
    assert encode(part) == data
    assert decode(data[:-1]) is None
    assert decode(b"") is None
    for place in (0, 40, len(data) // 2, len(data) - 1):
        assert decode(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]) is None


def test_the_store_gives_back_what_it_took(part, tmp_path):
    store = PartStore(tmp_path / "parts")
    assert store.read("key") is None
    store.write("key", part)
    pd.testing.assert_frame_equal(store.read("key").events["water", "leak"], part.events["water", "leak"])
    assert [path.name for path in (tmp_path / "parts").iterdir()] == ["key.part"]
