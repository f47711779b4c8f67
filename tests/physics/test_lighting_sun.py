"""Darkness and switching, against published yearly hours, brute force and the legal clock."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from lighting_kit import CITIES, YEAR, Lit, small_town

from jumeau.networks.lighting.physics import profiles, sun
from jumeau.simulation.clock import HOUR, Clock

#: Yearly hours of 2025 with the sun below -0.833, -3, -4 and -6 degrees, computed with pvlib minute by minute.
PUBLISHED = {
    "Lille": (4283, 4094, 4007, 3831),
    "Paris": (4288, 4108, 4025, 3857),
    "Lyon": (4295, 4128, 4051, 3896),
    "Marseille": (4300, 4142, 4069, 3921),
}


@pytest.mark.parametrize("city", PUBLISHED)
def test_yearly_dark_hours(city):
    grid = YEAR.grid(600.0)
    height = sun.elevation(YEAR.origin + pd.to_timedelta(grid.edges, unit="s"), *CITIES[city])
    for threshold, hours in zip((-0.833, -3.0, -4.0, -6.0), PUBLISHED[city], strict=True):
        on, off = sun.dark_intervals(grid.edges, height, threshold)
        assert (off - on).sum() / HOUR == pytest.approx(hours, abs=5.0)
        assert sun.dark_share(grid.edges, on, off).sum() / 6 == pytest.approx(hours, abs=5.0)


def test_a_lamp_burns_from_dusk_to_dawn_through_the_whole_network():
    assert Lit(small_town("Lyon")).still()["burning_hours"] == pytest.approx(4128, abs=5.0)


def test_dark_share_against_fine_sampling():
    edges = np.arange(0.0, 10 * 86400.0 + 1, 600.0)
    fine = np.arange(0.0, 10 * 86400.0, 5.0) + 2.5

    def height(time):
        return 10 * np.sin(2 * np.pi * time / 86400.0 + 0.4) + 2.0

    share = sun.dark_share(edges, *sun.dark_intervals(edges, height(edges), -1.0))
    sampled = (height(fine) < -1.0).reshape(-1, 120).mean(axis=1)
    assert np.abs(share - sampled).max() < 0.03
    assert share.sum() == pytest.approx(sampled.sum(), rel=1e-3)


def test_offsets_shorten_and_join_nights():
    edges = np.arange(0.0, 4 * 86400.0 + 1, 600.0)
    height = 10 * np.sin(2 * np.pi * edges / 86400.0)
    plain = sun.dark_share(edges, *sun.dark_intervals(edges, height, -3.0)).sum()
    later = sun.dark_intervals(edges, height, -3.0, evening_offset=15.0, morning_offset=-15.0)
    assert plain - sun.dark_share(edges, *later).sum() == pytest.approx(4 * 30 / 10)
    on, off = sun.dark_intervals(edges, height, -3.0, evening_offset=-800.0, morning_offset=800.0)
    assert len(on) == 1
    assert off[0] - on[0] == pytest.approx(edges[-1])


def test_polar_day_and_polar_night():
    edges = np.arange(0.0, 86400.0 + 1, 600.0)
    for height, hours in ((np.full(145, 20.0), 0.0), (np.full(145, -20.0), 24.0)):
        share = sun.dark_share(edges, *sun.dark_intervals(edges, height, -3.0))
        assert share.sum() / 6 == pytest.approx(hours)


@pytest.mark.parametrize(
    ("night", "hours"), [(date(2025, 3, 29), 7.0), (date(2025, 10, 25), 9.0), (date(2025, 6, 10), 8.0)]
)
def test_a_window_in_clock_time_is_shorter_in_march_and_longer_in_october(night, hours):
    # From 22:00 to 06:00; at 3 (2) in the morning of 30 March (26 October) 2025 French clocks jump by one hour.
    after = date.fromordinal(night.toordinal() + 1)
    grid = Clock(night, after).grid(600.0)
    table = profiles.slots(profiles.inside(22.0, 6.0).astype(float))
    covered = table[profiles.slot_of(grid.hour)]
    kept = (grid.day == 0) & (grid.hour >= 12) | (grid.day == 1) & (grid.hour < 12)
    assert covered[kept].sum() / 6 == pytest.approx(hours)
