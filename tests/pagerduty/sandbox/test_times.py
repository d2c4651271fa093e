"""How instants are read and written."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from oncall_sync_pagerduty.sandbox.times import parse, shown, wall_as_utc

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2011-05-06T17:00Z", "2011-05-06T17:00:00+00:00"),  # these three are the API page's own examples
        ("2011-05-06T03:30-07", "2011-05-06T10:30:00+00:00"),
        ("2011-05-06", "2011-05-05T22:00:00+00:00"),
        ("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678000+00:00"),
        ("2026-01-02T03:04:05+0530", "2026-01-01T21:34:05+00:00"),
        ("2026-07-02T03:04:05", "2026-07-02T01:04:05+00:00"),
        ("2025-01-06 09:00:00 +0000 UTC", "2025-01-06T09:00:00+00:00"),  # Go's time.String()
        ("2025-06-06 09:00:00 +0200 CEST", "2025-06-06T07:00:00+00:00"),
        ("2025-06-06 09:00:00.5 -0300 -03", "2025-06-06T12:00:00.500000+00:00"),
    ],
)
def test_what_is_read(text: str, instant: str) -> None:
    assert parse(text, BERLIN) == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-13-01", "2026-01-01T25:00Z", "2026-01-01T00:00+99:00", 5, None, "0001-01-01T00:00+02"],
)
def test_what_is_not(text: object) -> None:
    assert parse(text, BERLIN) is None


def test_the_wall_clock_alone() -> None:
    for text in ("2026-07-01T10:00:00+02:00", "2026-07-01T10:00:00Z", "2026-07-01 10:00:00 +0200 CEST"):
        assert wall_as_utc(text) == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert wall_as_utc("soon") is None


def test_each_stamp_has_the_offset_of_its_instant() -> None:
    assert shown("2026-01-01T12:00:00Z", BERLIN) == "2026-01-01T13:00:00+01:00"
    assert shown("2026-07-01T12:00:00Z", BERLIN) == "2026-07-01T14:00:00+02:00"
    assert shown("2026-07-01T12:00:00Z", UTC) == "2026-07-01T12:00:00Z"
    assert shown(None, UTC) is None
