"""The sandbox's renderer against recordings, and against schedules rendered by hand."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from oncall_sync_pagerduty.sandbox import rendering
from oncall_sync_pagerduty.sandbox.rendering import (
    Entry,
    coverage_percentage,
    instant_of,
    render_final,
    render_layer,
    render_overrides,
)

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "recorded" / "pagerduty"
MINUTE = timedelta(minutes=1)
DAY = 86_400
WEEK = 7 * DAY


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def layer(users: str, start: str, turn: int, /, **more: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "start": "2020-01-01T00:00:00Z",
        "end": None,
        "rotation_virtual_start": start,
        "restrictions": [],
    }
    members = [{"user": {"id": user}} for user in users]
    return {**base, "rotation_turn_length_seconds": turn, "users": members, **more}


def override(start: str, end: str, user: str) -> dict[str, Any]:
    return {"start": start, "end": end, "user": {"id": user}}


def daily(opening: str, seconds: int) -> dict[str, Any]:
    return {"type": "daily_restriction", "start_time_of_day": opening, "duration_seconds": seconds}


def weekly(weekday: int, opening: str, seconds: int) -> dict[str, Any]:
    restriction = {"type": "weekly_restriction", "start_time_of_day": opening, "duration_seconds": seconds}
    return {**restriction, "start_day_of_week": weekday}


def shown(entries: Iterable[Entry], zone: str = "UTC") -> list[str]:
    """Entries as `user day hour-day hour` in local time: short enough to read in a test."""
    local = [(e.user_id, e.start.astimezone(ZoneInfo(zone)), e.end.astimezone(ZoneInfo(zone))) for e in entries]
    return [f"{user} {start:%m-%d %H:%M} {end:%m-%d %H:%M}" for user, start, end in local]


# --- recordings


def recorded(name: str) -> Any:
    path = RECORDED / name
    if not path.exists():
        pytest.skip("the recorded payloads are not beside this checkout")
    return json.loads(path.read_text(encoding="utf-8"))


def recorded_shifts(name: str, schedule_id: str) -> set[Entry]:
    body = recorded(name)
    oncalls = body["oncalls"] if isinstance(body, dict) else body
    of_schedule = [oncall for oncall in oncalls if (oncall["schedule"] or {}).get("id") == schedule_id]
    return {Entry(at(o["start"]), at(o["end"]), o["user"]["id"]) for o in of_schedule}


@pytest.mark.parametrize("schedule", ["P538IZH", "PJ1P5JQ"])
@pytest.mark.parametrize(
    ("oncalls", "moment"),
    [
        ("oncalls/2018-12-25_include_users_schedules.json", "2018-12-25T05:00:00Z"),
        ("oncalls/2019-01-06_include_users.json", "2019-01-06T05:00:00Z"),
    ],
)
def test_recorded_two_layers_with_a_daily_restriction(schedule: str, oncalls: str, moment: str) -> None:
    stored = recorded(f"schedules/{schedule}_two_layers_daily_restriction.json")["schedule"]
    layers = stored["schedule_layers"][::-1]  # answers list the top layer first
    now = at(moment)

    entries = render_final(layers, [], stored["time_zone"], now - timedelta(days=2), now + timedelta(days=2))

    assert {e for e in entries if e.start <= now < e.end} == recorded_shifts(oncalls, schedule)


def test_recorded_single_user_is_one_endless_entry() -> None:
    stored = recorded("schedules/P2RFGIP_single_user.json")["schedule"]
    (oncall,) = recorded("oncalls/P2RFGIP_end_null.json")["oncalls"]
    since, until = at("2019-01-06T00:00:00Z"), at("2019-04-06T00:00:00Z")

    (entry,) = render_final(stored["schedule_layers"], [], stored["time_zone"], since, until)

    assert entry.user_id == oncall["user"]["id"]
    assert entry.end == until  # endless: the answer carries no end
    assert abs(entry.start - at(oncall["start"])) < MINUTE  # the recording starts seconds before the layer


def test_recorded_weekly_turns_keep_their_hour_over_a_clock_change() -> None:
    shifts = recorded_shifts("oncalls/port_PWAXLIH_across_dst.json", "PWAXLIH")
    zone = recorded("schedules/port_2025_list_item.json")["time_zone"]
    users = ["PJCRRLH", "PJCRRLH", "P4K4DLP"]  # A, A, B: inferred from the entries, the layers are not public
    stored = layer("", "2025-12-01T14:00:00Z", WEEK, users=[{"user": {"id": user}} for user in users])
    since, until = at("2025-12-01T14:00:00Z"), at("2026-05-04T13:00:00Z")

    entries = render_final([{**stored, "start": "2025-11-01T00:00:00Z"}], [], zone, since, until)

    assert shifts <= set(entries)
    assert len(shifts) == 6


def test_recorded_weekly_turns_do_not_count_elapsed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other position of the switch contradicts the recording, so the recording decides it."""
    monkeypatch.setattr(rendering, "TURNS", "elapsed")
    with pytest.raises(AssertionError):
        test_recorded_weekly_turns_keep_their_hour_over_a_clock_change()


# --- by hand


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        ("Europe/Vienna", "2026-03-29T01:59:00", "2026-03-29T00:59:00Z"),
        ("Europe/Vienna", "2026-03-29T02:00:00", "2026-03-29T01:00:00Z"),  # skipped
        ("Europe/Vienna", "2026-03-29T02:30:00", "2026-03-29T01:00:00Z"),  # skipped
        ("Europe/Vienna", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z"),
        ("Europe/Vienna", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),  # twice
        ("Europe/Vienna", "2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:30:00Z"),  # half an hour skipped
        ("Africa/Cairo", "2026-04-24T00:00:00", "2026-04-23T22:00:00Z"),  # midnight itself skipped
        ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00Z"),  # a day skipped
    ],
)
def test_wall_clock_times_that_are_skipped_or_happen_twice(zone: str, wall: str, instant: str) -> None:
    assert instant_of(at(wall), ZoneInfo(zone)) == at(instant)


def test_daily_turn_has_23_hours_in_spring_and_25_in_autumn() -> None:
    stored = layer("AB", "2026-03-28T09:00:00+01:00", DAY)
    spring = render_layer(stored, "Europe/Vienna", at("2026-03-28T08:00:00Z"), at("2026-03-30T07:00:00Z"))
    autumn = render_layer(stored, "Europe/Vienna", at("2026-10-24T07:00:00Z"), at("2026-10-25T08:00:00Z"))

    assert [(e.user_id, e.end - e.start) for e in spring] == [
        ("A", timedelta(hours=23)),
        ("B", timedelta(hours=24)),
    ]
    assert [e.end - e.start for e in autumn] == [timedelta(hours=25)]


def test_elapsed_turns_wander_with_the_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "TURNS", "elapsed")
    stored = layer("AB", "2026-03-28T09:00:00+01:00", DAY)
    entries = render_layer(stored, "Europe/Vienna", at("2026-03-28T08:00:00Z"), at("2026-03-30T08:00:00Z"))
    assert shown(entries, "Europe/Vienna") == ["A 03-28 09:00 03-29 10:00", "B 03-29 10:00 03-30 10:00"]


def test_turns_count_back_before_the_virtual_start() -> None:
    stored = layer("ABC", "2026-06-10T00:00:00Z", DAY)
    entries = render_layer(stored, "Etc/UTC", at("2026-06-08T00:00:00Z"), at("2026-06-12T00:00:00Z"))
    assert [e.user_id for e in entries] == ["B", "C", "A", "B"]


def test_layer_is_silent_outside_its_start_and_end() -> None:
    stored = layer("A", "2026-06-01T00:00:00Z", DAY, start="2026-06-03T10:00:00Z", end="2026-06-04T06:00:00+02:00")
    entries = render_final([stored], [], "Etc/UTC", at("2026-06-01T00:00:00Z"), at("2026-06-09T00:00:00Z"))
    assert shown(entries) == ["A 06-03 10:00 06-04 04:00"]


def test_turns_of_one_user_are_entries_of_a_layer_and_one_entry_of_the_final_schedule() -> None:
    stored = layer("A", "2026-06-01T00:00:00Z", DAY)
    since, until = at("2026-06-01T12:00:00Z"), at("2026-06-03T12:00:00Z")
    assert len(render_layer(stored, "Etc/UTC", since, until)) == 3
    assert shown(render_final([stored], [], "Etc/UTC", since, until)) == ["A 06-01 12:00 06-03 12:00"]


def test_restriction_over_midnight_masks_and_does_not_shift() -> None:
    stored = layer("AB", "2026-06-01T00:00:00Z", DAY, restrictions=[daily("22:00:00", 8 * 3600)])
    entries = render_layer(stored, "Etc/UTC", at("2026-06-01T00:00:00Z"), at("2026-06-03T00:00:00Z"))
    assert shown(entries) == [
        "A 06-01 00:00 06-01 06:00",
        "A 06-01 22:00 06-02 00:00",
        "B 06-02 00:00 06-02 06:00",
        "B 06-02 22:00 06-03 00:00",
    ]


def test_weekly_restriction_over_the_end_of_the_week() -> None:
    stored = layer("A", "2026-06-01T00:00:00Z", WEEK, restrictions=[weekly(5, "18:00:00", 64 * 3600)])
    entries = render_final([stored], [], "Europe/Vienna", at("2026-06-01T00:00:00Z"), at("2026-06-12T00:00:00Z"))
    assert shown(entries, "Europe/Vienna") == ["A 06-01 02:00 06-01 10:00", "A 06-05 18:00 06-08 10:00"]
    monday = render_final([stored], [], "Europe/Vienna", at("2026-06-08T00:00:00Z"), at("2026-06-09T00:00:00Z"))
    assert shown(monday, "Europe/Vienna") == ["A 06-08 02:00 06-08 10:00"]


def test_restrictions_that_overlap_are_one_window() -> None:
    both = [daily("08:00:00", 6 * 3600), daily("12:00:00", 6 * 3600), weekly(1, "18:00:00", 3600)]
    stored = layer("A", "2026-06-01T00:00:00Z", WEEK, restrictions=both)
    entries = render_layer(stored, "Etc/UTC", at("2026-06-01T00:00:00Z"), at("2026-06-02T00:00:00Z"))
    assert shown(entries) == ["A 06-01 08:00 06-01 19:00"]


def test_restriction_that_opens_in_the_skipped_hour_opens_after_it() -> None:
    stored = layer("A", "2026-03-01T00:00:00Z", WEEK, restrictions=[daily("02:30:00", 3600)])
    entries = render_layer(stored, "Europe/Vienna", at("2026-03-29T00:00:00Z"), at("2026-03-29T12:00:00Z"))
    assert shown(entries, "Europe/Vienna") == ["A 03-29 03:00 03-29 03:30"]


def test_higher_layer_wins_and_the_lower_reappears() -> None:
    low = layer("A", "2026-06-01T00:00:00Z", WEEK)
    high = layer("B", "2026-06-01T00:00:00Z", DAY, restrictions=[daily("09:00:00", 8 * 3600)])
    entries = render_final([low, high], [], "Etc/UTC", at("2026-06-01T00:00:00Z"), at("2026-06-02T00:00:00Z"))
    assert shown(entries) == [
        "A 06-01 00:00 06-01 09:00",
        "B 06-01 09:00 06-01 17:00",
        "A 06-01 17:00 06-02 00:00",
    ]


def test_later_override_wins_and_splits_the_earlier() -> None:
    since, until = at("2026-06-01T00:00:00Z"), at("2026-06-02T00:00:00Z")
    overrides = [
        override("2026-05-31T00:00:00Z", "2026-06-01T12:00:00Z", "X"),
        override("2026-06-01T04:00:00Z", "2026-06-01T06:00:00Z", "Y"),
    ]
    assert shown(render_overrides(overrides, since, until)) == [
        "X 06-01 00:00 06-01 04:00",
        "Y 06-01 04:00 06-01 06:00",
        "X 06-01 06:00 06-01 12:00",
    ]
    final = render_final([layer("X", "2026-06-01T00:00:00Z", DAY)], overrides, "Etc/UTC", since, until)
    assert shown(final)[-1] == "X 06-01 06:00 06-02 00:00"


def test_layer_without_users_and_windows_without_time_render_nothing() -> None:
    since = at("2026-06-01T00:00:00Z")
    assert render_layer(layer("", "2026-06-01T00:00:00Z", DAY), "Etc/UTC", since, since + timedelta(days=1)) == []
    assert render_final([layer("A", "2026-06-01T00:00:00Z", DAY)], [], "Etc/UTC", since, since) == []
    assert coverage_percentage([], since, since) == 0.0


def test_coverage_counts_only_the_window() -> None:
    since, until = at("2026-06-01T00:00:00Z"), at("2026-06-02T00:00:00Z")
    entries = [Entry(at("2026-05-31T00:00:00Z"), at("2026-06-01T09:00:00Z"), "A")]
    assert coverage_percentage(entries, since, until) == 37.5


def test_stored_times_may_be_aware_datetimes() -> None:
    stored = layer(
        "A", "", DAY, rotation_virtual_start=at("2026-06-01T00:00:00Z"), start=at("2026-06-01T00:00:00Z")
    )
    entries = render_layer(stored, "Etc/UTC", at("2026-06-01T00:00:00Z"), at("2026-06-02T00:00:00Z"))
    assert shown(entries) == ["A 06-01 00:00 06-02 00:00"]
