"""Wall clock to instants, where clocks change and where they do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.rota.wall import to_instant, to_wall, wall_since
from tests.rota.oracle import clock_minutes, first_shown

CHANGES = [
    ("Europe/Vienna", datetime(2026, 3, 29, 2)),
    ("Europe/Vienna", datetime(2026, 10, 25, 2)),
    ("America/Chicago", datetime(2026, 3, 8, 2)),
    ("America/Chicago", datetime(2026, 11, 1, 1)),
    ("Australia/Lord_Howe", datetime(2026, 4, 5, 1, 30)),
    ("Australia/Lord_Howe", datetime(2026, 10, 4, 2)),
    ("America/Sao_Paulo", datetime(2018, 11, 4)),  # midnight is skipped
    ("America/Sao_Paulo", datetime(2018, 2, 17, 23)),  # the hour before midnight happens twice
    ("Asia/Beirut", datetime(2026, 3, 29)),
    ("Pacific/Apia", datetime(2011, 12, 30, 12)),  # a whole day is skipped
    ("Africa/Casablanca", datetime(2026, 2, 15, 2)),  # back for Ramadan
    ("UTC", datetime(2026, 3, 29, 2)),
    ("Asia/Kolkata", datetime(2026, 3, 29, 2)),
]


@settings(max_examples=45, deadline=None)
@given(st.sampled_from(CHANGES), st.integers(-100, 200))
def test_a_wall_time_is_the_first_instant_at_which_clocks_have_reached_it(change, minutes):
    zone, around = change
    wall = around + timedelta(minutes=minutes)
    assert to_instant(wall, zone) == first_shown(zone, wall)
    assert to_instant(wall.replace(fold=1), zone) == to_instant(wall, zone)
    assert to_instant(wall, zone).utcoffset() == timedelta()


@pytest.mark.parametrize(("zone", "around"), CHANGES)
def test_the_wall_time_whose_state_holds(zone, around):
    begin = to_instant(around, zone) - timedelta(hours=3)
    for at, wall in clock_minutes(zone, begin, begin + timedelta(hours=8)):
        assert wall_since(at, zone) == wall
        seconds = timedelta(seconds=30)
        assert wall_since(at + seconds, zone) == wall + seconds


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        ("Europe/Vienna", datetime(2026, 3, 29, 2, 0), datetime(2026, 3, 29, 1, 0)),
        ("Europe/Vienna", datetime(2026, 3, 29, 2, 59, 59, 999999), datetime(2026, 3, 29, 1, 0)),
        ("Europe/Vienna", datetime(2026, 3, 29, 3, 0), datetime(2026, 3, 29, 1, 0)),
        ("Europe/Vienna", datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 0, 30)),
        ("Europe/Vienna", datetime(2026, 10, 25, 3, 0), datetime(2026, 10, 25, 2, 0)),
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15), datetime(2026, 10, 3, 15, 30)),
        ("Australia/Lord_Howe", datetime(2026, 4, 5, 1, 45), datetime(2026, 4, 4, 14, 45)),
        ("Pacific/Apia", datetime(2011, 12, 30, 5, 45), datetime(2011, 12, 30, 10, 0)),
        ("America/Sao_Paulo", datetime(2018, 11, 4, 0, 15), datetime(2018, 11, 4, 3, 0)),
        ("UTC", datetime(9999, 12, 31, 23, 59), datetime(9999, 12, 31, 23, 59)),
    ],
)
def test_known_instants(zone, wall, instant):
    assert to_instant(wall, zone) == instant.replace(tzinfo=UTC)


def test_what_clocks_show():
    assert to_wall(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Vienna") == datetime(2026, 10, 25, 2, 30)
    assert to_wall(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Vienna").fold == 0


def test_an_unknown_zone():
    with pytest.raises(ZoneInfoNotFoundError):
        to_instant(datetime(2026, 1, 1), "Europe/Atlantis")
