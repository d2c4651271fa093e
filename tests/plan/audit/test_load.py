"""What people carry, against a look at every minute by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.plan.audit.load import carried, hours_of, union
from oncall_sync.plan.audit.values import Span

MINUTE = timedelta(minutes=1)
ZONES = ("Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
CHANGES = (datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 4, 4, tzinfo=UTC))


@st.composite
def loads(draw: st.DrawFn) -> tuple[str, list[Span], datetime, datetime]:
    """Turns around a clock change, some of which touch or overlap; to ten minutes."""
    since = draw(st.sampled_from(CHANGES)) - timedelta(hours=draw(st.integers(0, 60)))
    spans = []
    for _ in range(draw(st.integers(0, 5))):
        begin = since + 10 * draw(st.integers(-60, 500)) * MINUTE
        spans.append((begin, begin + 10 * draw(st.integers(1, 300)) * MINUTE))
    return draw(st.sampled_from(ZONES)), spans, since, since + timedelta(hours=draw(st.integers(1, 80)))


@settings(max_examples=35, deadline=None)
@given(loads())
def test_hours_nights_and_weekends_minute_by_minute(load: tuple[str, list[Span], datetime, datetime]) -> None:
    zone, spans, since, until = load
    told = carried("ana", "ahead", zone, union(spans), since, until)
    hours = night_hours = weekend_hours = handoffs = 0
    nights, weekends, before = set(), set(), None
    for number in range(-1, int((until - since) / MINUTE) // 5):
        at = since + 5 * number * MINUTE
        now = any(begin <= at < end for begin, end in spans)
        handoffs += before is False and now and at > since
        before = now
        if not now or at < since:
            continue
        local = at.astimezone(ZoneInfo(zone))
        hours += 5
        if local.hour >= 22 or local.hour < 6:
            night_hours += 5
            nights.add(local.date() if local.hour >= 22 else local.date() - timedelta(days=1))
        if local.weekday() >= 5:
            weekend_hours += 5
            weekends.add(local.date() - timedelta(days=local.weekday() - 5))
    assert [told.hours, told.night_hours, told.weekend_hours] == [
        n * MINUTE for n in (hours, night_hours, weekend_hours)
    ]
    assert (told.nights, told.weekends, told.handoffs) == (len(nights), len(weekends), handoffs)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-11-24", 8)])
def test_a_night_is_as_long_as_it_is(day: str, hours: int) -> None:
    zone = "Europe/Vienna"
    since = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    until = since + timedelta(days=1)
    told = carried("ana", "ahead", zone, [(since, until)], since, until)
    assert (hours_of(told.night_hours), told.nights, hours_of(told.hours)) == (hours, 1, 24)
