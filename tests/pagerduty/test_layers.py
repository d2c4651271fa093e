"""Layers and rotations turn into each other exactly; each trap of the API has a test of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.model import ALWAYS, Hours, Ref, Rotation, Schedule
from oncall_sync.rota.equal import same_rings
from oncall_sync.rota.hours import merge
from oncall_sync_pagerduty.convert_schedule import (
    as_held,
    carried,
    hours_from,
    layer_from,
    restrictions_from,
    rotation_from,
    schedule_from,
    shift_based_from,
)
from oncall_sync_pagerduty.write_schedule import named
from tests.pagerduty.world import ANNA, BEN, NOW, weekly

ZONES = ("Europe/Vienna", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Etc/UTC")
IDS = {ANNA: "PANNA", BEN: "PBEN"}

spans = st.lists(
    st.tuples(st.integers(0, 10_079), st.integers(1, 3000)).map(lambda pair: (pair[0], sum(pair))), max_size=5
)
hours = spans.map(lambda found: merge(found) if found else ALWAYS)
walls = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(lambda t: t.replace(second=0, microsecond=0))
rotations = st.builds(
    Rotation,
    members=st.lists(st.sampled_from((ANNA, BEN)), min_size=1, max_size=4).map(tuple),
    start=walls,
    every=st.sampled_from((12, 24, 48, 168, 336)).map(lambda count: timedelta(hours=count)),
    hours=hours,
    until=st.none() | walls.map(lambda wall: wall + timedelta(days=2000)),
    name=st.sampled_from(("day", "night")),
)


def layer(**more: Any) -> dict[str, Any]:
    return {
        "id": "PLAYER1",
        "name": "Weekly",
        "start": "2026-11-01T08:13:46Z",
        "end": None,
        "rotation_virtual_start": "2026-01-05T09:00:00+01:00",
        "rotation_turn_length_seconds": 604_800,
        "users": [{"user": {"id": "PANNA", "type": "user_reference", "summary": "Anna"}}],
        "restrictions": [],
        "rendered_schedule_entries": [],
        **more,
    }


def body(*layers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "PS", "name": "duty", "time_zone": "Europe/Vienna", "schedule_layers": list(layers), **more}


@given(hours)
def test_restrictions_leave_exactly_the_hours(hours: Hours) -> None:
    assert hours_from(restrictions_from(hours)) == hours


@given(rotations, st.sampled_from(ZONES))
@settings(max_examples=120)
def test_a_rotation_comes_back_ringing_the_same(rotation: Rotation, zone: str) -> None:
    held = as_held(rotation, zone)
    before, after = (
        Schedule(ref=Ref("schedule", "x"), name="", time_zone=zone, rotations=(r,)) for r in (rotation, held)
    )
    assert same_rings(before, after, datetime(2028, 2, 1, tzinfo=UTC))


@given(rotations, st.sampled_from(ZONES))
def test_what_is_held_is_held_again(rotation: Rotation, zone: str) -> None:
    held = as_held(rotation, zone)
    assert as_held(held, zone) == held


def test_daily_hours_are_daily_restrictions_without_a_day() -> None:
    nightly = merge((day * 1440 + 22 * 60, day * 1440 + 30 * 60) for day in range(7))
    assert restrictions_from(nightly) == [
        {"type": "daily_restriction", "start_time_of_day": "22:00:00", "duration_seconds": 28_800}
    ]


def test_other_hours_are_weekly_restrictions_from_monday_is_1() -> None:
    weekend = merge([(4 * 1440 + 18 * 60, 7 * 1440 + 9 * 60)])
    assert restrictions_from(weekend) == [
        {
            "type": "weekly_restriction",
            "start_time_of_day": "18:00:00",
            "duration_seconds": 63 * 3600,
            "start_day_of_week": 5,
        }
    ]


def test_trap_order_is_inverted_between_answers_and_requests() -> None:
    found = schedule_from(body(layer(id="P2", name="top"), layer(id="P1", name="bottom")), NOW)
    assert [rotation.name for rotation in found.rotations] == ["bottom", "top"]
    assert found.overlap == "last_wins"


def test_trap_ended_layers_stay_in_answers() -> None:
    over, ends_now = layer(end="2026-11-20T00:00:00Z"), layer(end=NOW.isoformat())
    ends_later = layer(end="2026-12-01T00:00:00Z", name="until december")
    found = schedule_from(body(over, ends_now, ends_later, layer(users=[])), NOW)
    assert [(r.name, r.until) for r in found.rotations] == [("until december", datetime(2026, 12, 1, 1))]


def test_trap_start_is_rewritten_by_every_update() -> None:
    found = rotation_from(layer(), "Europe/Vienna")
    assert found.start == datetime(2026, 1, 5, 9)
    assert found.since == datetime(2026, 11, 1, 9, 13)


def test_trap_the_virtual_start_is_sent_in_utc() -> None:
    sent = layer_from(weekly(ANNA, start=datetime(2026, 7, 6, 9)), "Europe/Vienna", IDS)
    assert sent["rotation_virtual_start"] == sent["start"] == "2026-07-06T07:00:00Z"
    assert carried(layer())["rotation_virtual_start"] == "2026-01-05T08:00:00Z"


def test_trap_end_null_is_sent() -> None:
    assert layer_from(weekly(ANNA), "Etc/UTC", IDS)["end"] is None
    assert "end" in layer_from(weekly(ANNA), "Etc/UTC", IDS)
    assert carried({key: one for key, one in layer().items() if key != "end"})["end"] is None


def test_trap_times_are_whole_minutes() -> None:
    seconds = {"type": "daily_restriction", "start_time_of_day": "09:00:59", "duration_seconds": 3601}
    found = rotation_from(layer(restrictions=[seconds], rotation_virtual_start="2026-01-05T08:00:31Z"), "Etc/UTC")
    assert found.start == datetime(2026, 1, 5, 8)
    assert found.hours.spans[0] == (540, 600)


def test_trap_plain_utc_is_refused_so_it_is_etc_utc() -> None:
    assert schedule_from(body(time_zone="UTC"), NOW).time_zone == "Etc/UTC"


def test_a_start_that_no_clock_shows_keeps_its_later_turns() -> None:
    rotation = weekly(ANNA, BEN, start=datetime(2026, 3, 29, 2, 30))  # skipped in Vienna
    sent = layer_from(rotation, "Europe/Vienna", IDS)
    assert sent["start"] == "2026-03-29T01:00:00Z"  # the first instant after the gap
    assert sent["rotation_virtual_start"] == "2026-03-15T01:30:00Z"  # a whole cycle before, 02:30 local


def test_a_deleted_person_still_has_a_turn() -> None:
    stub = {"user": {"id": "PGONE", "type": "user_reference", "deleted_at": "2023-10-12T18:24:30+01:00"}}
    found = rotation_from(layer(users=[stub, {"user": None}]), "Etc/UTC")
    assert found.members == (Ref("user", "PGONE", remote=True),)


def test_what_is_rendered_and_secret_is_not_carried() -> None:
    sent = carried(layer())
    assert "rendered_schedule_entries" not in sent
    assert sent["users"] == [{"user": {"id": "PANNA", "type": "user_reference"}}]


def test_unnamed_rotations_are_called_by_their_place() -> None:
    found = named((weekly(ANNA), weekly(BEN, name="Layer 2"), weekly(BEN), weekly(ANNA)))
    assert [r.name for r in found] == ["Layer 1", "Layer 2", "Layer 3", "Layer 4"]
    found = named((weekly(BEN, name="Layer 2"), weekly(ANNA)))
    assert [r.name for r in found] == ["Layer 2", "Layer 3"]


def test_shift_based_schedules_are_only_said_to_be_there() -> None:
    found = shift_based_from({"id": "PV3", "summary": "new", "type": "schedule_v3_reference"})
    assert found.external
    assert found.rotations == ()
    assert found.settings == {"pagerduty": {"schedules": "shift_based"}}
