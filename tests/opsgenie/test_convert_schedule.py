"""Schedules, rotations and time restrictions, read and written."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.model import ALWAYS, WEEK, Hours, Ref, Rotation
from oncall_sync.rota.hours import DAY, NEVER, in_words, merge
from oncall_sync.rota.wall import to_wall
from oncall_sync_opsgenie.convert_schedule import (
    MOST_WINDOWS,
    as_held,
    fits,
    hours_of,
    named,
    recipient,
    recipient_ref,
    restriction,
    rotation_body,
    rotation_from,
    schedule_from,
    shown,
    turn,
)
from oncall_sync_opsgenie.wire import instant

OFFICE = {"startHour": 9, "startMin": 0, "endHour": 18, "endMin": 30}
ZONES = ("UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Tokyo")

ids = st.from_regex(r"[a-f0-9]{4}", fullmatch=True)
people = ids.map(lambda key: Ref("user", key, remote=True))
members = (
    people
    | st.none()
    | st.builds(lambda kind, key: Ref(kind, key, remote=True), st.sampled_from(("team", "escalation_policy")), ids)
)
half_hours = st.integers(0, WEEK // 30 - 1).map(lambda half: half * 30)
some_hours = st.lists(
    st.tuples(half_hours, st.integers(1, 100).map(lambda n: n * 30)), min_size=1, max_size=15
).map(lambda pairs: merge((start, start + length) for start, length in pairs))
every_day = st.tuples(st.integers(0, 47), st.integers(1, 48)).map(
    lambda pair: merge((d * DAY + pair[0] * 30, d * DAY + (pair[0] + pair[1]) * 30) for d in range(7))
)
hours = st.just(ALWAYS) | some_hours | every_day
walls = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
    lambda wall: wall.replace(minute=wall.minute // 30 * 30, second=0, microsecond=0)
)
turns = st.one_of(
    st.integers(1, 8).map(lambda n: timedelta(weeks=n)),
    st.integers(1, 30).map(lambda n: timedelta(days=n)),
    st.integers(1, 100).map(lambda n: timedelta(hours=n)),
)
rotations = st.builds(
    Rotation,
    members=st.lists(members, min_size=1, max_size=4).map(tuple),
    start=walls,
    every=turns,
    hours=hours,
    until=st.none() | walls,
    name=st.sampled_from(("one", "two")),
)


def body_of(**more: Any) -> dict[str, Any]:
    rotation = {"id": "r", "name": "Rot1", "startDate": "2026-01-05T09:00:00Z", "type": "weekly", "length": 1}
    one = {**rotation, "participants": [{"type": "user", "id": "u1", "username": "a@x.org"}]}
    return {"id": "s", "name": "Ops", "timezone": "Europe/Berlin", "enabled": True, "rotations": [one], **more}


@given(rotations, st.sampled_from(ZONES))
def test_a_rotation_is_read_back_as_it_was_written(rotation: Rotation, zone: str) -> None:
    held = rotation_from(rotation_body(rotation, zone, {}), zone)
    moments = [moment for moment in (rotation.start, rotation.until) if isinstance(moment, datetime)]
    if all(shown(moment, zone) for moment in moments):
        assert held == rotation if fits(rotation.hours) else held.members == rotation.members
    assert as_held(held, zone) == held


@given(hours)
def test_hours_that_fit_are_read_back_exactly(wanted: Hours) -> None:
    if fits(wanted):
        assert hours_of(restriction(wanted)) == wanted


@given(some_hours | every_day)
def test_a_restriction_reads_the_same_in_any_order(wanted: Hours) -> None:
    body = restriction(wanted)
    if body is not None and "restrictions" in body:
        assert hours_of({**body, "restrictions": body["restrictions"][::-1]}) == wanted


@pytest.mark.parametrize(
    "nothing",
    [
        None,
        {},
        {"type": ""},
        {"type": "", "restriction": {}, "restrictions": []},
        {"type": "time-of-day", "restriction": {}},
        {"type": "weekday-and-time-of-day", "restrictions": []},
        {"type": "weekday-and-time-of-day", "restrictions": [], "restriction": {}},
    ],
)
def test_every_form_of_no_restriction_leaves_everything(nothing: dict[str, Any] | None) -> None:
    assert hours_of(nothing) == ALWAYS


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ({"startHour": 22, "startMin": 0, "endHour": 6, "endMin": 30}, "Mon-Sun 22:00-06:30"),
        ({"startHour": 8, "startMin": 0, "endHour": 8, "endMin": 0}, "always"),
        ({"startHour": 0, "startMin": 0, "endHour": 24, "endMin": 0}, "always"),
        ({"startHour": 9, "startMin": 0, "endHour": 0, "endMin": 0}, "Mon-Sun 09:00-00:00"),
    ],
)
def test_windows_of_every_day(window: dict[str, int], words: str) -> None:
    assert in_words(hours_of({"type": "time-of-day", "restriction": window})) == words


def test_windows_of_the_week_may_pass_its_end() -> None:
    window = {"startDay": "friday", "startHour": 18, "startMin": 0, "endDay": "monday", "endHour": 9, "endMin": 0}
    found = hours_of({"type": "weekday-and-time-of-day", "restrictions": [window]})
    assert in_words(found) == "Fri 18:00 - Mon 09:00"
    assert restriction(found) == {"type": "weekday-and-time-of-day", "restrictions": [window]}


def test_the_same_hours_every_day_are_one_window() -> None:
    every = merge((day * DAY + 540, day * DAY + 1110) for day in range(7))
    assert restriction(every) == {"type": "time-of-day", "restriction": OFFICE}


def test_what_a_restriction_cannot_say() -> None:
    odd = [(n * 600, n * 600 + 300) for n in range(MOST_WINDOWS + 1)]
    assert not fits(NEVER)
    assert not fits(merge([(0, 545)]))
    assert not fits(merge(odd))
    assert fits(merge(odd[:-1]))


@pytest.mark.parametrize(
    ("every", "said"),
    [
        (timedelta(weeks=2), ("weekly", 2)),
        (timedelta(days=14), ("weekly", 2)),
        (timedelta(days=3), ("daily", 3)),
        (timedelta(hours=36), ("hourly", 36)),
        (timedelta(minutes=90), None),
        (timedelta(), None),
    ],
)
def test_turns_are_said_in_their_largest_unit(every: timedelta, said: tuple[str, int] | None) -> None:
    assert turn(every) == said


def test_whoever_takes_part() -> None:
    assert recipient(None, {}) == {"type": "none"}
    assert recipient(Ref("schedule", "x"), {Ref("schedule", "x"): "S"}) == {"type": "schedule", "id": "S"}
    assert recipient(Ref("escalation_policy", "x"), {}) == {"type": "escalation", "id": "@{escalation_policy.x}"}
    assert recipient_ref({"type": "none"}) is None
    assert recipient_ref({"type": "group", "id": "g"}) is None
    assert recipient_ref({"type": "user", "id": "", "username": "a@x.org"}) is None
    assert recipient_ref({"type": "team", "id": "t"}) == Ref("team", "t", remote=True)


def test_a_schedule_that_is_turned_off_rings_nobody() -> None:
    assert schedule_from(body_of(enabled=False)).rotations == ()
    assert len(schedule_from(body_of()).rotations) == 1


def test_a_replaced_rotation_is_only_named() -> None:
    (one,) = body_of()["rotations"]
    old = {**one, "id": "old", "name": "Rot1 (being replaced)"}
    found = schedule_from(body_of(rotations=[old, one]))
    assert [rotation.name for rotation in found.rotations] == ["Rot1"]
    assert found.settings == {"opsgenie": {"leftovers": ["Rot1 (being replaced)"]}}
    off = schedule_from(body_of(rotations=[old, one], enabled=False))
    assert off.settings == found.settings


def test_an_unknown_zone_is_an_error() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        schedule_from(body_of(timezone="Mars/Olympus"))


def test_an_unknown_type_of_rotation_is_an_error() -> None:
    (one,) = body_of()["rotations"]
    with pytest.raises(KeyError, match="yearly"):
        schedule_from(body_of(rotations=[{**one, "type": "yearly"}]))


def test_rotations_without_a_name_get_one_that_is_free() -> None:
    plain = Rotation(members=(None,), start=datetime(2026, 1, 5), every=timedelta(weeks=1))
    second = Rotation(members=(None,), start=datetime(2026, 1, 5), every=timedelta(weeks=1), name="Rotation 1")
    assert [one.name for one in named((plain, second, plain))] == ["Rotation 2", "Rotation 1", "Rotation 3"]


# What the vendor's Terraform provider gets wrong, by zones that happen to show the same time.


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "Africa/Abidjan", "Europe/London", "America/New_York"])
def test_a_start_is_read_in_the_schedules_own_zone(zone: str) -> None:
    (one,) = body_of()["rotations"]
    found = schedule_from(body_of(timezone=zone, rotations=[{**one, "startDate": "2026-07-06T08:00:00Z"}]))
    assert found.time_zone == zone
    assert found.rotations[0].start == to_wall(instant("2026-07-06T08:00:00Z"), zone)


def test_a_zone_that_shows_the_same_time_in_winter_starts_at_another_instant_in_summer() -> None:
    summer = Rotation(members=(None,), start=datetime(2026, 7, 6, 9), every=timedelta(weeks=1), name="x")
    winter = Rotation(members=(None,), start=datetime(2026, 1, 5, 9), every=timedelta(weeks=1), name="x")
    assert rotation_body(summer, "Europe/London", {})["startDate"] == "2026-07-06T08:00:00Z"
    assert rotation_body(summer, "Africa/Abidjan", {})["startDate"] == "2026-07-06T09:00:00Z"
    for zone in ("Europe/London", "Africa/Abidjan", "UTC"):
        assert rotation_body(winter, zone, {})["startDate"] == "2026-01-05T09:00:00Z"


def test_instants_with_an_offset_and_without_seconds_are_read() -> None:
    (one,) = body_of()["rotations"]
    for text in (
        "2026-01-05T10:00:00+02:00",
        "2026-01-05T08:00Z",
        "2026-01-05T08:00:00.4Z",
        "2026-01-05T08:00:00",
    ):
        assert rotation_from({**one, "startDate": text}, "Europe/Berlin").start == datetime(2026, 1, 5, 9)


def test_windows_are_wall_clock_in_any_zone() -> None:
    body = {"type": "time-of-day", "restriction": OFFICE}
    (one,) = body_of()["rotations"]
    for zone in ZONES:
        found = schedule_from(body_of(timezone=zone, rotations=[{**one, "timeRestriction": body}])).rotations[0]
        assert rotation_body(found, zone, {})["timeRestriction"] == body
