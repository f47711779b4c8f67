"""The calendar: daylight saving, working days, public holidays."""

from datetime import date

import numpy as np
import pytest

from jumeau.simulation.clock import Clock


@pytest.fixture
def year():
    return Clock(date(2025, 1, 1), date(2025, 12, 31))


def test_a_year_has_as_many_seconds_as_utc_says(year):
    assert year.duration == 8760 * 3600
    assert Clock(date(2025, 3, 30), date(2025, 3, 30)).duration == 23 * 3600
    assert Clock(date(2025, 10, 26), date(2025, 10, 26)).duration == 25 * 3600
    assert Clock(date(2024, 1, 1), date(2024, 12, 31)).duration == 8784 * 3600


def test_grid_hours_jump_with_the_clocks(year):
    grid = year.grid(600)
    spring = grid.day == (date(2025, 3, 30) - date(2025, 1, 1)).days
    autumn = grid.day == (date(2025, 10, 26) - date(2025, 1, 1)).days
    assert spring.sum() == 23 * 6
    assert autumn.sum() == 25 * 6
    assert not np.any((grid.hour[spring] > 2) & (grid.hour[spring] < 3))  # the hour that does not exist
    assert np.sum((grid.hour[autumn] > 2) & (grid.hour[autumn] < 3)) == 12  # the one that comes twice


@pytest.mark.parametrize("day", [0, 88, 89, 200, 297, 298, 299, 364, -3])
@pytest.mark.parametrize("hour", [0.0, 1.0, 8.0, 16.5, 23.5])
def test_seconds_and_local_are_inverse(year, day, hour):
    moment = year.local(year.seconds(day, hour))
    assert (moment.date() - date(2025, 1, 1)).days == day
    assert moment.hour + moment.minute / 60 == pytest.approx(hour)


def test_working_days_of_2025(year):
    # 365 days - 104 weekend days - 10 public holidays on weekdays (1 Jan, Easter Monday, 1 and 8 May, Ascension,
    # Whit Monday, 14 July, 15 Aug, 11 Nov, 25 Dec; 1 November is a Saturday).
    assert sum(year.working_day(day) for day in range(365)) == 251


def test_overseas_time():
    clock = Clock(date(2025, 1, 1), date(2025, 12, 31), "Indian/Reunion", "RE")
    assert clock.duration == 8760 * 3600
    assert clock.local(0.0).utcoffset().total_seconds() == 4 * 3600
    assert not clock.working_day((date(2025, 12, 25) - date(2025, 1, 1)).days)
