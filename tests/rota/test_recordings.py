"""Recorded schedules, converted as the adapter does and rendered by the engine, ring as the vendor recorded it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oncall_sync.model import Ref, Rotation, Schedule
from oncall_sync.rota.shifts import shifts
from oncall_sync_pagerduty.convert_schedule import schedule_from

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "recorded" / "pagerduty"
DAYS = timedelta(days=1)
Ends = set[tuple[datetime, datetime, str]]


def recorded(name: str) -> Any:
    path = RECORDED / name
    if not path.exists():
        pytest.skip("the recorded payloads are not beside this checkout")
    return json.loads(path.read_text(encoding="utf-8"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def as_read(name: str, now: datetime) -> Schedule:
    """Return a recorded schedule as the adapter would have read it then."""
    return schedule_from(recorded(f"schedules/{name}.json")["schedule"], now)


def on_call(name: str, schedule_id: str) -> Ends:
    body = recorded(f"oncalls/{name}.json")
    oncalls = body["oncalls"] if isinstance(body, dict) else body
    found = [one for one in oncalls if (one["schedule"] or {}).get("id") == schedule_id]
    assert found, "nothing was recorded of this schedule"
    return {(at(one["start"]), at(one["end"]), one["user"]["id"]) for one in found}


def ours(schedule: Schedule, since: datetime, until: datetime) -> Ends:
    return {(one.since, one.until, user.key) for one in shifts(schedule, since, until) for user in one.users}


CASES = [  # cases 1 to 3 of the renderer cases
    ("P538IZH", "2018-12-25_include_users_schedules", "2018-12-25T05:00:00Z"),
    ("P538IZH", "2019-01-06_include_users", "2019-01-06T05:00:00Z"),
    ("PJ1P5JQ", "2018-12-25_include_users_schedules", "2018-12-25T05:00:00Z"),
    ("PJ1P5JQ", "2019-01-06_include_users", "2019-01-06T05:00:00Z"),
]


@pytest.mark.parametrize(("key", "oncalls", "moment"), CASES)
def test_two_layers_with_a_daily_restriction(key: str, oncalls: str, moment: str) -> None:
    now = at(moment)
    found = as_read(f"{key}_two_layers_daily_restriction", now)
    rung = ours(found, now - 2 * DAYS, now + 2 * DAYS)
    assert {one for one in rung if one[0] <= now < one[1]} == on_call(oncalls, key)


@pytest.mark.parametrize(("key", "oncalls", "moment"), CASES)
def test_the_other_layer_on_top_would_not_fit(key: str, oncalls: str, moment: str) -> None:
    now = at(moment)
    found = as_read(f"{key}_two_layers_daily_restriction", now)
    upside_down = replace(found, rotations=found.rotations[::-1])
    rung = ours(upside_down, now - 2 * DAYS, now + 2 * DAYS)
    assert {one for one in rung if one[0] <= now < one[1]} != on_call(oncalls, key)


def test_a_single_user_is_one_endless_shift() -> None:
    """Case 4: the recorded shift begins seconds before the layer, and has no end."""
    since, until = at("2019-01-01T00:00:00Z"), at("2019-04-06T00:00:00Z")
    (oncall,) = recorded("oncalls/P2RFGIP_end_null.json")["oncalls"]
    found = as_read("P2RFGIP_single_user", since)
    begins = at(oncall["start"])

    ((begin, end, user),) = ours(found, begins - DAYS, until)

    assert (user, oncall["end"], end) == (oncall["user"]["id"], None, until)
    assert abs(begin - begins) < timedelta(minutes=1)


def test_weekly_turns_keep_their_hour_over_a_clock_change() -> None:
    """Case 5: the layers are not public; A, A, B is inferred from the entries."""
    wanted = on_call("port_PWAXLIH_across_dst", "PWAXLIH")
    zone = recorded("schedules/port_2025_list_item.json")["time_zone"]
    members = tuple(Ref("user", key, remote=True) for key in ("PJCRRLH", "PJCRRLH", "P4K4DLP"))
    turns = Rotation(members=members, start=datetime(2025, 12, 1, 16), every=timedelta(weeks=1))
    found = Schedule(ref=Ref("schedule", "x"), name="x", time_zone=zone, rotations=(turns,), overlap="last_wins")
    since, until = datetime(2025, 12, 1, 14, tzinfo=UTC), datetime(2026, 5, 4, 13, tzinfo=UTC)

    assert len(wanted) == 6
    assert wanted <= ours(found, since, until)
    lengths = {end - begin for begin, end, _ in wanted}
    assert timedelta(days=14) - timedelta(hours=1) in lengths
