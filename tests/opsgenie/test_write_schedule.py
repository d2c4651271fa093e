"""What is sent for schedules: only what differs, and never a moment with nobody on call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.model import ALWAYS, Live, Override, Ref, Rotation, Schedule
from oncall_sync.rota.equal import same_rings
from oncall_sync.rota.hours import merge
from oncall_sync_opsgenie import write_schedule
from oncall_sync_opsgenie.convert_schedule import fits, named, rotation_body, schedule_from, shown
from oncall_sync_opsgenie.script import Script
from oncall_sync_opsgenie.write_schedule import match, schedule_calls
from tests.opsgenie.replay import after, in_phases, said, script_for
from tests.opsgenie.test_convert_schedule import rotations as any_rotation

ANNA, BEN = Ref("user", "anna"), Ref("user", "ben")
TEAM = Ref("team", "ops")
IDS = {ANNA: "U1", BEN: "U2", TEAM: "T1"}
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
OFFICE = merge([(540, 1080)])
PATH = "/v2/schedules/S1"


def weekly(*members: Ref | None, name: str = "main", **more: Any) -> Rotation:
    plain = {"start": datetime(2026, 1, 5, 9), "every": timedelta(weeks=1), "until": None}
    return Rotation(members=members, name=name, **{**plain, **more})


def schedule(*rotations: Rotation, **more: Any) -> Schedule:
    plain = {"name": "Ops", "description": "d", "team": TEAM, "time_zone": "Europe/Berlin"}
    return Schedule(ref=Ref("schedule", "S1", remote=True), rotations=rotations, **{**plain, **more})


def live(wanted: Schedule, *, read_at: datetime | None = NOW, **more: Any) -> Live:
    zone = wanted.time_zone
    body = {
        "id": "S1",
        "name": wanted.name,
        "description": wanted.description or "",
        "timezone": zone,
        "enabled": True,
        "ownerTeam": {"id": "T1", "name": "ops"},
        "rotations": [{"id": f"R{n}", **rotation_body(one, zone, IDS)} for n, one in enumerate(wanted.rotations)],
        **more,
    }
    raw: dict[str, Any] = {"body": body}
    if read_at is not None:
        raw["read_at"] = read_at.isoformat()
    return Live(remote_id="S1", resource=schedule_from(body), raw=raw)


def calls(wanted: Schedule, now: Live | None = None) -> Script:
    script = script_for(wanted, now, IDS)
    schedule_calls(script, wanted)
    return script


def test_a_new_schedule_comes_with_its_rotations() -> None:
    wanted = schedule(weekly(ANNA, BEN), replace(weekly(None, ANNA), name=None))
    ((phase, method, path, body),) = said(calls(wanted))
    assert (phase, method, path) == ("make", "POST", "/v2/schedules")
    assert body["ownerTeam"] == {"id": "T1"}
    assert [one["name"] for one in body["rotations"]] == ["main", "Rotation 2"]
    assert body["rotations"][1]["participants"] == [{"type": "none"}, {"type": "user", "id": "U1"}]


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "Africa/Abidjan", "Europe/London", "Europe/Berlin"])
def test_the_zone_is_always_said(zone: str) -> None:
    assert said(calls(schedule(weekly(ANNA), time_zone=zone)))[0][3]["timezone"] == zone


def test_a_zone_that_shows_the_same_time_today_is_another_zone() -> None:
    before = schedule(weekly(ANNA), time_zone="Europe/London")
    assert said(calls(replace(before, time_zone="Africa/Abidjan"), live(before))) == [
        ("make", "PATCH", PATH, {"timezone": "Africa/Abidjan"})
    ]
    summer = schedule(weekly(ANNA, start=datetime(2026, 7, 6, 9)), time_zone="Europe/London")
    first, second = said(calls(replace(summer, time_zone="Africa/Abidjan"), live(summer)))
    assert first == ("make", "PATCH", f"{PATH}/rotations/R0", {"startDate": "2026-07-06T09:00:00Z"})
    assert second[3] == {"timezone": "Africa/Abidjan"}


def test_only_what_differs_is_sent() -> None:
    before = schedule(weekly(ANNA), weekly(BEN, name="night", hours=OFFICE))
    after_ = replace(before, rotations=(before.rotations[0], replace(before.rotations[1], members=(BEN, ANNA))))
    ((phase, method, path, body),) = said(calls(after_, live(before)))
    assert (phase, method, path) == ("make", "PATCH", f"{PATH}/rotations/R1")
    assert body == {"participants": [{"type": "user", "id": "U2"}, {"type": "user", "id": "U1"}]}
    assert said(calls(before, live(before))) == []
    assert said(calls(replace(before, description=None), live(before))) == [
        ("make", "PATCH", PATH, {"description": ""})
    ]


def test_an_owner_is_not_taken_away_and_a_new_one_is_set() -> None:
    before = schedule(weekly(ANNA))
    assert said(calls(replace(before, team=None), live(before))) == []
    moved = live(before, ownerTeam={"id": "T9"})
    assert said(calls(before, moved))[0][3] == {"ownerTeam": {"id": "T1"}}
    assert said(calls(before, live(before, ownerTeam=None)))[0][3] == {"ownerTeam": {"id": "T1"}}


def test_a_rotation_that_goes_waits_for_the_rest_and_a_new_one_does_not() -> None:
    before = schedule(weekly(ANNA), weekly(BEN, name="night", hours=OFFICE))
    wanted = replace(before, rotations=(weekly(ANNA), weekly(BEN, name="late", hours=merge([(0, 60)]))))
    wanted = replace(wanted, rotations=(*wanted.rotations, weekly(ANNA, BEN, name="third")))
    assert [(p, m, path) for p, m, path, _ in said(calls(wanted, live(before)))] == [
        ("make", "PATCH", f"{PATH}/rotations/R1"),
        ("make", "POST", f"{PATH}/rotations"),
    ]
    fewer = replace(before, rotations=before.rotations[:1])
    assert said(calls(fewer, live(before))) == [("clear", "DELETE", f"{PATH}/rotations/R1", None)]


@pytest.mark.parametrize(
    "before", [weekly(ANNA, hours=OFFICE), weekly(ANNA, until=datetime(2027, 1, 1)), weekly(BEN, hours=OFFICE)]
)
def test_what_a_patch_cannot_take_away_is_made_anew(before: Rotation) -> None:
    found = live(schedule(before))
    assert said(calls(schedule(weekly(ANNA)), found)) == [
        ("make", "PATCH", f"{PATH}/rotations/R0", {"name": "main (being replaced)"}),
        ("make", "POST", f"{PATH}/rotations", rotation_body(weekly(ANNA), "Europe/Berlin", IDS)),
        ("clear", "DELETE", f"{PATH}/rotations/R0", None),
    ]


def test_where_a_patch_can_take_it_away_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_schedule, "PATCH_CLEARS", True)
    found = live(schedule(weekly(ANNA, hours=OFFICE)))
    assert said(calls(schedule(weekly(ANNA)), found)) == [
        ("make", "PATCH", f"{PATH}/rotations/R0", {"timeRestriction": None})
    ]


def test_a_time_restriction_that_somebody_took_away_comes_back() -> None:
    found = live(schedule(weekly(ANNA)))
    ((phase, method, path, body),) = said(calls(schedule(weekly(ANNA, hours=OFFICE)), found))
    assert (phase, method, path) == ("make", "PATCH", f"{PATH}/rotations/R0")
    assert list(body) == ["timeRestriction"]


def test_what_an_interrupted_run_left_over_is_deleted() -> None:
    left = weekly(ANNA, name="main (being replaced)", hours=OFFICE)
    found = live(schedule(left))
    assert found.resource.settings == {"opsgenie": {"leftovers": ["main (being replaced)"]}}
    assert [(p, m, path) for p, m, path, _ in said(calls(schedule(weekly(ANNA)), found))] == [
        ("make", "POST", f"{PATH}/rotations"),
        (
            "clear",
            "DELETE",
            f"{PATH}/rotations/R0",
        ),
    ]
    both = live(schedule(left, weekly(ANNA, hours=OFFICE)))
    aside = said(calls(schedule(weekly(ANNA)), both))[0]
    assert aside[3] == {"name": "main (being replaced) (being replaced)"}
    assert said(calls(schedule(weekly(ANNA, hours=OFFICE)), both)) == [
        ("clear", "DELETE", f"{PATH}/rotations/R0", None)
    ]


def test_a_disabled_schedule_is_turned_on_once_it_is_right() -> None:
    before = schedule(weekly(ANNA), weekly(BEN, name="old"))
    found = live(before, enabled=False)
    assert said(calls(schedule(weekly(ANNA, BEN)), found))[1:] == [
        ("make", "DELETE", f"{PATH}/rotations/R1", None),
        ("make", "PATCH", PATH, {"enabled": True}),
    ]


def test_turns_that_go_on_keep_their_start() -> None:
    before = schedule(weekly(ANNA, BEN, start=datetime(2019, 12, 30, 9)), weekly(BEN, name="other"))
    wanted = schedule(weekly(ANNA, BEN, start=datetime(2026, 1, 5, 9)), weekly(ANNA, name="other"))
    assert [path for _, _, path, _ in said(calls(wanted, live(before)))] == [f"{PATH}/rotations/R1"]
    unknown = said(calls(wanted, live(before, read_at=None)))
    assert unknown[0][3] == {"startDate": "2026-01-05T08:00:00Z"}


def test_rotations_that_are_over_stay_as_history() -> None:
    before = schedule(weekly(ANNA, name="past", until=datetime(2026, 1, 12)), weekly(BEN))
    assert said(calls(schedule(weekly(BEN)), live(before))) == []
    assert len(said(calls(schedule(weekly(BEN)), live(before, read_at=None)))) == 1


def override(**more: Any) -> Override:
    return Override(since=datetime(2026, 12, 24, 9), until=datetime(2026, 12, 25, 9), user=BEN, **more)


def test_overrides_come_after_the_rotations_they_stand_in_for() -> None:
    rotations = (weekly(ANNA), weekly(BEN, name="b"))
    wanted = schedule(*rotations, overrides=(override(), override(instead_of=ANNA), override(instead_of=TEAM)))
    script = calls(wanted)
    plain = {
        "user": {"type": "user", "id": "U2"},
        "startDate": "2026-12-24T08:00:00Z",
        "endDate": "2026-12-25T08:00:00Z",
    }
    path = "/v2/schedules/@{schedule.it}/overrides"
    assert said(script)[1:] == [
        ("make", "POST", path, plain),
        ("make", "POST", path, {**plain, "rotations": [{"name": "main"}]}),
        ("make", "POST", path, plain),
    ]
    assert script.calls[1].depends_on == (script.calls[0].id,)
    found = calls(replace(wanted, overrides=(override(),), description="e"), live(schedule(*rotations)))
    assert [call.method for call in found.calls] == ["PATCH", "POST"]
    assert found.calls[1].depends_on == (found.calls[0].id,)


def test_an_override_across_a_change_of_clocks_is_wall_clock() -> None:
    one = replace(override(), since=datetime(2026, 10, 24, 9), until=datetime(2026, 10, 25, 9))
    body = said(calls(schedule(weekly(ANNA), overrides=(one,))))[1][3]
    assert (body["startDate"], body["endDate"]) == ("2026-10-24T07:00:00Z", "2026-10-25T08:00:00Z")


def test_twins() -> None:
    a, b, c = weekly(ANNA, name="a"), weekly(BEN, name="b"), weekly(None, ANNA, name="c")
    assert match([b, a], [a, b]) == [1, 0]
    assert match([replace(c, name="x"), replace(a, name="y")], [a, b, c]) == [2, 0]
    assert match([replace(weekly(None), name="x")], [a, b]) == [0]
    assert match([a, weekly(None, name="x")], [b, a]) == [1, 0]
    assert match([a], []) == [None]
    assert match([a, a], [a]) == [0, None]


several = st.lists(any_rotation, min_size=1, max_size=4).map(
    lambda found: tuple(replace(one, name=f"{one.name}{n // 2}") for n, one in enumerate(found))
)


@given(several, several, st.booleans(), st.booleans())
def test_any_schedule_becomes_any_other(
    old: tuple[Rotation, ...], new: tuple[Rotation, ...], enabled: bool, known: bool
) -> None:
    def held(found: tuple[Rotation, ...], zone: str) -> tuple[Rotation, ...]:
        usable = (one if fits(one.hours) else replace(one, hours=ALWAYS) for one in found)
        return named([one for one in usable if shown(one.start, zone)])

    before = schedule(*held(old, "Europe/Berlin"))
    wanted = schedule(*held(new, "Europe/London"), time_zone="Europe/London")
    found = live(before, enabled=enabled, read_at=NOW if known else None)
    script = calls(wanted, found)
    body = after(found.raw["body"], script.calls, PATH, "rotations")
    became = schedule_from(body)
    assert same_rings(became, wanted, NOW)
    assert became.settings == {}
    again = Live(remote_id="S1", resource=became, raw={**found.raw, "body": body})
    assert calls(wanted, again).calls == []


@given(several, several)
def test_whoever_rings_before_a_change_rings_until_it_is_made(
    old: tuple[Rotation, ...], new: tuple[Rotation, ...]
) -> None:
    found = live(schedule(*old), read_at=None)
    ordered = in_phases(calls(schedule(*new), found).calls)
    first = next((n for n, call in enumerate(ordered) if call.method == "DELETE"), len(ordered))
    assert all(call.method == "DELETE" for call in ordered[first:])
