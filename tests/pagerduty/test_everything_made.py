"""What is made is what is read back, over real HTTP (conftest.py checks each request)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from oncall_sync.model import (
    ABSENT,
    AcceptFrom,
    ConstantUrgency,
    EscalationPolicy,
    Integration,
    Level,
    Member,
    Override,
    Ref,
    Resource,
    Schedule,
    Service,
    SupportHours,
    Team,
)
from oncall_sync.rota.hours import complement, merge
from tests.pagerduty.world import ANNA, BEN, CARLA, LEAD, World, weekly

TEAM, DUTY, POLICY, SERVICE = (
    Ref("team", "mobile"),
    Ref("schedule", "duty"),
    Ref("escalation_policy", "mobile"),
    Ref("service", "mobile"),
)
OFFICE = merge((day * 1440 + 540, day * 1440 + 1080) for day in range(5))
DAY, NIGHT = weekly(ANNA, BEN, hours=OFFICE, name="day"), weekly(BEN, CARLA, hours=complement(OFFICE))


def team(**more: Any) -> Team:
    members = (Member(ANNA, "responder"), Member(LEAD, "manager"))
    return Team(**{"ref": TEAM, "name": "Mobile", "members": members, **more})


def schedule(**more: Any) -> Schedule:
    common = {"ref": DUTY, "name": "duty", "time_zone": "Europe/Vienna", "team": TEAM, "rotations": (DAY, NIGHT)}
    return Schedule(**{**common, **more})


def policy(**more: Any) -> EscalationPolicy:
    levels = (Level((DUTY,), timedelta(minutes=15)), Level((LEAD, ANNA), timedelta(minutes=5)))
    return EscalationPolicy(
        **{"ref": POLICY, "name": "Mobile", "team": TEAM, "levels": levels, "repeat": 2, **more}
    )


def service(**more: Any) -> Service:
    return Service(**{"ref": SERVICE, "name": "mobile", "escalation_policy": POLICY, **more})


def made(world: World, *wanted: Resource) -> dict[Ref, Resource]:
    return {one.ref: world.make(one).resource for one in wanted}


def test_a_team_with_its_members(world: World) -> None:
    live = world.make(team(description="Phones")).resource
    assert isinstance(live, Team)
    assert live.description == "Phones"
    assert live.members is not ABSENT
    assert {
        (name, m.role) for name, m in zip(world.names(m.user for m in live.members), live.members, strict=True)
    } == {
        ("anna", "responder"),
        ("lead", "manager"),
    }


def test_a_member_without_a_role_becomes_what_the_api_says(world: World) -> None:
    live = world.make(team(members=(Member(ANNA),))).resource
    assert isinstance(live, Team)
    assert live.members is not ABSENT
    assert [m.role for m in live.members] == ["manager"]


def test_layers_are_in_the_order_of_the_rotations(world: World) -> None:
    world.make(team())
    live = world.make(schedule()).resource
    assert isinstance(live, Schedule)
    assert [r.name for r in live.rotations] == ["day", "Layer 2"]
    assert [world.names(r.members) for r in live.rotations] == [["anna", "ben"], ["ben", "carla"]]
    assert [r.hours for r in live.rotations] == [OFFICE, complement(OFFICE)]
    assert all(r.start == datetime(2026, 1, 5, 9) for r in live.rotations)
    assert live.overlap == "last_wins"
    assert live.team == Ref("team", world.ids[TEAM], remote=True)


def test_nothing_is_sent_when_nothing_differs(world: World) -> None:
    everything = (team(), schedule(), policy(), service(integrations=MAIL))
    for one in everything:
        world.make(one)
    for one in everything:
        assert world.change(replace(one), world.live(one.ref)) == [], one.ref


def test_an_escalation_policy(world: World) -> None:
    found = made(world, team(), schedule(), policy(settings={"pagerduty": {"handoff_notifications": "always"}}))
    live = found[POLICY]
    assert isinstance(live, EscalationPolicy)
    assert live.repeat == 2
    assert live.settings == {"pagerduty": {"handoff_notifications": "always"}}
    assert [world.names(level.notify) for level in live.levels] == [["duty"], ["lead", "anna"]]
    assert [level.escalate_after for level in live.levels] == [timedelta(minutes=15), timedelta(minutes=5)]


def test_round_robin_and_tags(world: World) -> None:
    block = {"pagerduty": {"round_robin": True}}
    wanted = policy(
        levels=(Level((ANNA, BEN), timedelta(minutes=5), block),), settings={"pagerduty": {"tags": ["b", "a"]}}
    )
    found = made(world, team(settings={"pagerduty": {"tags": ["x"]}}), wanted)
    live = found[POLICY]
    assert isinstance(live, EscalationPolicy)
    assert live.levels[0].settings == block
    assert live.settings == {"pagerduty": {"tags": ["a", "b"]}}
    world.change(replace(wanted, settings={"pagerduty": {"tags": ["c", "a"]}}), world.live(POLICY))
    assert world.live(POLICY).resource.settings == {"pagerduty": {"tags": ["a", "c"]}}
    assert world.live(TEAM).resource.settings == {"pagerduty": {"tags": ["x"]}}


MAIL = (
    Integration(name="monitoring", form="events"),
    Integration(
        name="mail",
        form="email",
        email="mobile",
        accept_from=(AcceptFrom("domain", "third.example.com"), AcceptFrom("address", "a.b+c@example.com")),
        settings={"pagerduty": {"subject": {"no_match": "spam"}}},
    ),
    Integration(name="metrics", form="vendor", vendor="Google Stackdriver"),
)


def test_a_service_with_everything(world: World) -> None:
    rule = SupportHours(hours=OFFICE, time_zone="UTC", raise_at_start=True)
    block = {
        "alert_grouping": {"type": "content_based", "aggregate": "all", "fields": ["summary"], "window": "15m"},
        "auto_pause": "5m",
        "status": "disabled",
    }
    wanted = service(
        urgency=rule,
        acknowledge_within=timedelta(minutes=30),
        resolve_after=timedelta(hours=4),
        integrations=MAIL,
        settings={"pagerduty": block},
    )
    found = made(world, team(), schedule(), policy(), wanted)
    live = found[SERVICE]
    assert isinstance(live, Service)
    assert live.urgency == replace(rule, time_zone="Etc/UTC")
    assert live.acknowledge_within == timedelta(minutes=30)
    assert live.resolve_after == timedelta(hours=4)
    assert live.settings == {"pagerduty": block}
    assert live.integrations is not ABSENT
    held = world.pagerduty.normalize(wanted, None)
    assert isinstance(held, Service)
    assert held.integrations is not ABSENT
    assert sorted(live.integrations, key=lambda i: i.name) == sorted(held.integrations, key=lambda i: i.name)


def test_a_service_that_says_nothing_gets_the_documented_defaults(world: World) -> None:
    live = made(world, team(), schedule(), policy(), service())[SERVICE]
    assert isinstance(live, Service)
    assert live.urgency == ConstantUrgency("high")
    assert (live.acknowledge_within, live.resolve_after, live.integrations) == (None, None, ())
    assert live.settings == {}


def test_declared_overrides(world: World) -> None:
    override = Override(since=datetime(2026, 11, 23, 9), until=datetime(2026, 11, 23, 18), user=CARLA)
    world.make(team())
    world.make(schedule(overrides=(override,)))
    key = world.ids[DUTY]
    since, until = world.now, world.now + timedelta(days=30)
    (found,) = world.pagerduty.overrides([key], since, until)[key]
    assert found.user_id == world.ids[CARLA]
    assert found.since == datetime.fromisoformat("2026-11-23T08:00Z")
    assert found.until == datetime.fromisoformat("2026-11-23T17:00Z")


def test_everything_can_be_deleted(world: World) -> None:
    made(world, team(), schedule(), policy(), service())
    for ref in (SERVICE, POLICY, DUTY, TEAM):
        world.delete(ref)
    assert world.read().objects == ()
