"""The sandbox's renderer in cases that say what it is to do; `test_rendering.py` has everything else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from oncall_sync_opsgenie.sandbox.rendering import Period, base, final, over

PEOPLE = [{"type": "user", "id": name} for name in "ABC"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def rotation(**fields: Any) -> dict[str, Any]:
    plain = {
        "id": "R", "startDate": "2026-01-05T14:00:00Z", "endDate": None, "type": "weekly", "length": 1,
        "participants": PEOPLE, "timeRestriction": None,
    }  # fmt: skip
    return {**plain, **fields}


NEW_YORK = ZoneInfo("America/New_York")


def lines(periods: Sequence[Period]) -> list[tuple[str, str]]:
    return [(one.start.strftime("%m-%dT%H:%M"), one.recipient.id) for one in periods]


def test_a_handoff_keeps_its_hour_when_clocks_change() -> None:
    """09:00 in New York is 14:00 UTC in winter and 13:00 in summer."""
    found = base(rotation(), NEW_YORK, at("2026-02-23T14:00:00+00:00"), at("2026-03-17T00:00:00+00:00"))
    assert lines(found) == [("02-23T14:00", "B"), ("03-02T14:00", "C"), ("03-09T13:00", "A"), ("03-16T13:00", "B")]


def test_hours_are_hours_that_pass() -> None:
    twelve = rotation(type="hourly", length=12)
    found = base(twelve, NEW_YORK, at("2026-03-07T14:00:00+00:00"), at("2026-03-09T14:00:00+00:00"))
    assert [line[0][-5:] for line in lines(found)] == ["14:00", "02:00", "14:00", "02:00"]


def test_one_person_alone_has_one_long_period() -> None:
    alone = rotation(type="daily", participants=PEOPLE[:1])
    found = base(alone, NEW_YORK, at("2026-02-01T00:00:00+00:00"), at("2026-06-01T00:00:00+00:00"))
    assert lines(found) == [("02-01T00:00", "A")]


def test_an_override_rings_where_the_rotation_is_silent() -> None:
    day = {"startHour": 9, "startMin": 0, "endHour": 17, "endMin": 0}
    quiet = rotation(timeRestriction={"type": "time-of-day", "restriction": day})
    swap = {
        "startDate": "2026-01-06T02:00:00Z",
        "endDate": "2026-01-06T15:00:00Z",
        "user": PEOPLE[2],
        "rotations": [],
    }
    found = final(quiet, [swap], [], NEW_YORK, (at("2026-01-06T00:00:00+00:00"), at("2026-01-07T00:00:00+00:00")))
    assert lines(found) == [("01-06T02:00", "C"), ("01-06T15:00", "A")]
    assert [one.type for one in found] == ["override", "default"]


def test_an_override_can_be_cut_to_the_rotations_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other reading of what the vendor leaves open."""
    monkeypatch.setattr("oncall_sync_opsgenie.sandbox.rendering.OVERRIDES_FILL", False)
    day = {"startHour": 9, "startMin": 0, "endHour": 17, "endMin": 0}
    quiet = rotation(timeRestriction={"type": "time-of-day", "restriction": day})
    swap = {
        "startDate": "2026-01-06T02:00:00Z",
        "endDate": "2026-01-06T15:00:00Z",
        "user": PEOPLE[2],
        "rotations": [],
    }
    found = final(quiet, [swap], [], NEW_YORK, (at("2026-01-06T00:00:00+00:00"), at("2026-01-07T00:00:00+00:00")))
    assert lines(found) == [("01-06T14:00", "C"), ("01-06T15:00", "A")]
    early = {**swap, "startDate": "2026-01-01T00:00:00Z", "endDate": "2026-01-04T00:00:00Z"}
    assert (
        final(quiet, [early], [], NEW_YORK, (at("2026-01-01T00:00:00+00:00"), at("2026-01-05T00:00:00+00:00")))
        == []
    )


def test_forwarding_makes_no_chains_and_the_first_rule_wins() -> None:
    span = {"startDate": "2026-01-06T00:00:00Z", "endDate": "2026-01-07T00:00:00Z"}
    rules = [
        {**span, "fromUser": "A", "toUser": "B"},
        {**span, "fromUser": "B", "toUser": "C"},
        {**span, "fromUser": "A", "toUser": "C", "endDate": "2026-01-08T00:00:00Z"},
    ]
    found = final(
        rotation(), [], rules, NEW_YORK, (at("2026-01-06T00:00:00+00:00"), at("2026-01-09T00:00:00+00:00"))
    )
    assert lines(found) == [("01-06T00:00", "B"), ("01-07T00:00", "C"), ("01-08T00:00", "A")]
    assert [one.forwarded for one in found] == ["A", "A", None]


def test_nothing_lies_over_nothing() -> None:
    assert over([], []) == []


def test_after_clocks_went_back_the_last_turn_is_an_hour_longer() -> None:
    """Also seen from within that hour, where as many days as since the start have passed."""
    summer = rotation(startDate="2026-10-30T13:00:00Z", type="daily")
    found = base(summer, NEW_YORK, at("2026-11-02T13:30:00+00:00"), at("2026-11-02T15:00:00+00:00"))
    assert lines(found) == [("11-02T13:30", "C"), ("11-02T14:00", "A")]


def test_a_turn_on_a_day_that_is_skipped_vanishes() -> None:
    """Samoa had no 30th of December in 2011."""
    daily = rotation(startDate="2011-12-28T10:00:00Z", type="daily")
    found = base(daily, ZoneInfo("Pacific/Apia"), at("2011-12-29T10:00:00+00:00"), at("2011-12-31T10:00:00+00:00"))
    assert lines(found) == [("12-29T10:00", "B"), ("12-30T10:00", "A")]
