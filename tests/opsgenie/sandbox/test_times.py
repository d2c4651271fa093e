"""Instants as the API reads and writes them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from oncall_sync_opsgenie.sandbox.times import instant_of, parse, parse_day, stamp, to_half_hour

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T12:00:00Z",
        "2026-11-21T13:00:00+01:00",
        "2026-11-21T13:00:00 01:00",
        "2026-11-21T12:00",
        "2026-11-21T12:00:00+0000",
    ],
)
def test_any_offset_is_understood(text: str) -> None:
    assert parse(text) == NOON


@pytest.mark.parametrize(
    "text", [None, 5, "", "soon", "2026-11-21", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z"]
)
def test_what_is_no_time_is_none(text: object) -> None:
    assert parse(text) is None


def test_a_day_is_the_zones() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    assert parse_day("2026-11-21T20:00:00Z", tokyo) == date(2026, 11, 22)
    assert parse_day("2026-11-21", tokyo) == date(2026, 11, 21)
    assert parse_day("0001-01-01", tokyo) is None
    assert parse_day("soon", tokyo) is None


@pytest.mark.parametrize(
    ("shown", "rounded"),
    [
        ("09:00:00", "09:00"),
        ("09:14:59", "09:00"),
        ("09:15:00", "09:30"),
        ("09:44:59", "09:30"),
        ("23:45:00", "00:00"),
    ],
)
def test_half_hours_are_nearest(shown: str, rounded: str) -> None:
    moment = datetime.fromisoformat(f"2026-11-21T{shown}+00:00")
    assert to_half_hour(moment, ZoneInfo("UTC")).strftime("%H:%M") == rounded


def test_half_hours_are_the_local_clocks() -> None:
    nine = datetime(2026, 11, 21, 3, 15, tzinfo=UTC)  # 09:00 in Kathmandu
    assert to_half_hour(nine, ZoneInfo("Asia/Kathmandu")) == nine


def test_milliseconds_are_written_where_there_are_any() -> None:
    assert stamp(NOON) == "2026-11-21T12:00:00Z"
    assert stamp(NOON.replace(microsecond=769_123)) == "2026-11-21T12:00:00.769Z"
    assert stamp(NOON.replace(microsecond=123)) == "2026-11-21T12:00:00Z"


@pytest.mark.parametrize(
    ("zone", "shown", "utc"),
    [
        ("Europe/Vienna", "2026-03-29T02:00", "2026-03-29T01:00"),
        ("Europe/Vienna", "2026-03-29T02:30", "2026-03-29T01:00"),
        ("Europe/Vienna", "2026-03-29T03:00", "2026-03-29T01:00"),
        ("Europe/Vienna", "2026-10-25T02:30", "2026-10-25T00:30"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),
    ],
)
def test_a_skipped_time_is_the_end_of_the_gap_and_a_repeated_one_its_first(
    zone: str, shown: str, utc: str
) -> None:
    found = instant_of(datetime.fromisoformat(shown), ZoneInfo(zone))
    assert found == datetime.fromisoformat(f"{utc}:00+00:00")
