"""Changes of layered schedules: what is sent, and what is there afterwards, in a sandbox as odd as the vendor."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.model import Call, Live, Override, Ref, Rotation, Schedule
from oncall_sync.rota.hours import merge
from oncall_sync_pagerduty.convert_schedule import carried, is_over, layers_of, schedule_from
from oncall_sync_pagerduty.write_schedule import LayerPlan, match
from tests.pagerduty.world import ANNA, BEN, CARLA, DAVID, NOW, World, weekly

DUTY = Ref("schedule", "duty")
DAY = merge((day * 1440 + 540, day * 1440 + 1080) for day in range(5))


def duty(*rotations: Rotation, **more: Any) -> Schedule:
    zone = more.pop("time_zone", "Europe/Vienna")
    return Schedule(ref=DUTY, name="duty", time_zone=zone, rotations=rotations, overlap="last_wins", **more)


def rotations(live: Live) -> tuple[Rotation, ...]:
    assert isinstance(live.resource, Schedule)
    return live.resource.rotations


def layers(call: Call) -> list[dict[str, Any]]:
    assert call.body is not None
    found: list[dict[str, Any]] = call.body["schedule"]["schedule_layers"]
    return found


A, B, C = (weekly(who, name=name) for who, name in ((ANNA, "a"), (BEN, "b"), (CARLA, "c")))


def test_a_new_description_inverts_no_layers(world: World) -> None:
    live = world.make(duty(A, B, C))
    (call,) = world.change(duty(A, B, C, description="new"), live)
    assert [one["name"] for one in layers(call)] == ["a", "b", "c"]
    assert [one["id"] for one in layers(call)] == [one["id"] for one in layers_of(live.raw["body"])]
    assert [r.name for r in rotations(world.live(DUTY))] == ["a", "b", "c"]


def test_a_rotation_taken_away_is_ended_and_stays_in_every_put(world: World) -> None:
    live = world.make(duty(A, B, C))
    gone = layers_of(live.raw["body"])[1]["id"]
    (call,) = world.change(duty(A, C), live)
    assert [(one["name"], one["end"]) for one in layers(call)] == [
        ("a", None),
        ("b", "2026-11-21T09:00:00Z"),
        ("c", None),
    ]
    live = world.live(DUTY)
    assert [r.name for r in rotations(live)] == ["a", "c"]
    assert world.change(duty(A, C), live) == []
    world.now += timedelta(days=3)
    world.control("clock", now=world.now.isoformat())
    (call,) = world.change(duty(A, replace(C, members=(DAVID,))), world.live(DUTY))
    assert [(one["id"], one["end"]) for one in layers(call)][1] == (gone, "2026-11-21T09:00:00Z")
    assert [world.names(r.members) for r in rotations(world.live(DUTY))] == [["anna"], ["david"]]


def test_a_rotation_that_has_not_begun_never_begins(world: World) -> None:
    later = weekly(BEN, start=datetime(2027, 1, 4, 9), name="later")
    live = world.make(duty(A, later))
    assert [r.since for r in rotations(live)] == [datetime(2026, 11, 21, 10), datetime(2027, 1, 4, 9)]
    world.change(duty(A), live)
    live = world.live(DUTY)
    assert [r.name for r in rotations(live)] == ["a"]
    assert world.change(duty(A), live) == []


def test_a_start_that_the_server_moved_is_no_change(world: World) -> None:
    live = world.make(duty(A, B))
    world.now += timedelta(days=10)
    world.control("clock", now=world.now.isoformat())
    world.change(duty(A, B, description="moves every start"), live)
    moved = world.live(DUTY)
    assert {r.since for r in rotations(moved)} == {datetime(2026, 12, 1, 10)}
    assert {r.start for r in rotations(moved)} == {datetime(2026, 1, 5, 9)}
    assert world.change(duty(A, B, description="moves every start"), moved) == []


def test_another_anchor_of_the_same_turns_is_no_change(world: World) -> None:
    live = world.make(duty(weekly(ANNA, BEN, CARLA, name="x")))
    shifted = weekly(BEN, CARLA, ANNA, start=datetime(2026, 1, 12, 9), name="x")
    assert world.change(duty(shifted), live) == []


def test_members_change_in_place_and_the_anchor_stays(world: World) -> None:
    live = world.make(duty(weekly(ANNA, BEN, name="x")))
    (call,) = world.change(duty(weekly(ANNA, BEN, CARLA, name="x")), live)
    (sent,) = layers(call)
    assert sent["id"] == live.raw["body"]["schedule_layers"][0]["id"]
    assert sent["rotation_virtual_start"] == "2026-01-05T08:00:00Z"
    assert world.names(rotations(world.live(DUTY))[0].members) == ["anna", "ben", "carla"]


def test_an_end_is_set_and_taken_away_again(world: World) -> None:
    live = world.make(duty(A))
    ending = replace(A, until=datetime(2027, 1, 1))
    world.change(duty(ending), live)
    live = world.live(DUTY)
    assert rotations(live)[0].until == datetime(2027, 1, 1)
    (call,) = world.change(duty(replace(A, until=None)), live)
    assert layers(call)[0]["end"] is None
    assert rotations(world.live(DUTY))[0].until is None


def test_a_start_put_off_is_sent(world: World) -> None:
    live = world.make(duty(A))
    (call,) = world.change(duty(weekly(ANNA, start=datetime(2027, 1, 4, 9), name="a")), live)
    assert layers(call)[0]["start"] == "2027-01-04T08:00:00Z"
    assert rotations(world.live(DUTY))[0].since == datetime(2027, 1, 4, 9)


def test_a_rotation_is_put_in_between(world: World) -> None:
    live = world.make(duty(A, C))
    (call,) = world.change(duty(A, B, C), live)
    assert [one.get("id") is None for one in layers(call)] == [False, True, False]
    assert [r.name for r in rotations(world.live(DUTY))] == ["a", "b", "c"]


def test_rotations_change_places(world: World) -> None:
    live = world.make(duty(A, B))
    world.change(duty(B, A), live)
    assert [r.name for r in rotations(world.live(DUTY))] == ["b", "a"]


def test_another_zone_keeps_the_local_times(world: World) -> None:
    live = world.make(duty(weekly(ANNA, BEN, hours=DAY)))
    world.change(duty(weekly(ANNA, BEN, hours=DAY), time_zone="America/New_York"), live)
    (found,) = rotations(world.live(DUTY))
    assert (found.start, found.hours) == (datetime(2026, 1, 5, 9), DAY)


def test_utc_by_any_name_is_no_change(world: World) -> None:
    live = world.make(duty(A, time_zone="UTC"))
    assert isinstance(live.resource, Schedule)
    assert live.resource.time_zone == "Etc/UTC"
    assert world.change(duty(A, time_zone="UTC"), live) == []


def test_what_the_model_does_not_carry_survives(world: World) -> None:
    world.vendor("POST", "/teams", {"team": {"type": "team", "name": "other"}})
    live = world.make(duty(A))
    other = next(one for one in world.read().of_kind("team")).remote_id
    body = {"teams": [{"id": other, "type": "team_reference"}]}
    world.vendor("PUT", f"/schedules/{live.remote_id}", {"schedule": {"type": "schedule", **body}})
    live = world.live(DUTY)
    (call,) = world.change(duty(A, team=Ref("team", other, remote=True), description="x"), live)
    assert call.body is not None
    assert call.body["schedule"]["teams"] == [{"id": other, "type": "team_reference"}]


def test_overrides_are_one_call(world: World) -> None:
    live = world.make(duty(A))
    swaps = tuple(
        Override(since=datetime(2026, 12, day, 9), until=datetime(2026, 12, day, 18), user=BEN) for day in (1, 2)
    )
    (call,) = world.change(duty(A, overrides=swaps), live)
    assert (call.method, call.says) == ("POST", "add 2 overrides to schedule duty")


def test_names_match_first_and_places_next() -> None:
    assert match(["b", "x", "a"], ["a", "b", "c"]) == [1, 2, 0]
    assert match(["x", "y"], ["a", "b"]) == [0, 1]
    assert match(["a", "a"], ["a", "b"]) == [0, 1]
    assert match(["new", "a", "newer"], ["a"]) == [None, 0, None]
    assert match([None], []) == [None]


states = st.sampled_from(("over", "empty", "rings", "later"))


def generated(number: int, state: str) -> dict[str, Any]:
    start = "2027-03-01T08:00:00Z" if state == "later" else "2026-11-01T08:00:00Z"
    return {
        "id": f"P{number}",
        "name": f"n{number % 4}",
        "start": start,
        "end": "2026-11-10T00:00:00Z" if state == "over" else None,
        "rotation_virtual_start": "2026-01-05T09:00:00+01:00",
        "rotation_turn_length_seconds": 604_800,
        "users": [] if state == "empty" else [{"user": {"id": "PA", "type": "user_reference"}}],
        "restrictions": [],
    }


@given(st.lists(states, max_size=6), st.lists(st.integers(0, 5), max_size=5, unique=True))
def test_every_layer_is_in_every_put_and_none_is_inverted(found: list[str], wanted: list[int]) -> None:
    live = [generated(number, state) for number, state in enumerate(found)]
    body = {"id": "PS", "name": "x", "time_zone": "Etc/UTC", "schedule_layers": live[::-1]}
    before = schedule_from(body, NOW)
    plan = LayerPlan(body, NOW, {})
    assert plan.layers(before, "Etc/UTC") == [carried(layer) for layer in live]
    new = tuple(weekly(Ref("user", "PB", remote=True), name=f"n{number}") for number in wanted)
    sent = plan.layers(replace(before, rotations=new), "Etc/UTC")
    ids = [layer["id"] for layer in sent if "id" in layer]
    assert sorted(ids) == sorted(layer["id"] for layer in live)
    changed = [
        layer["name"] for layer in sent if layer["users"] == [{"user": {"id": "PB", "type": "user_reference"}}]
    ]
    assert changed == [rotation.name for rotation in new]
    for layer, state in zip(live, found, strict=True):
        (now,) = (one for one in sent if one.get("id") == layer["id"])
        if state in {"over", "empty"}:
            assert now == carried(layer)
        assert (
            now["users"] == [{"user": {"id": "PB", "type": "user_reference"}}]
            or state == "empty"
            or is_over(now, NOW)
        )
