"""One person in a scene: when they ring, where they are alone, what is left without them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from oncall_sync.errors import UsageError
from oncall_sync.model import LiveOverride, Policies, Ref, UrgencyName
from oncall_sync.plan.affected import Ground, affected, declared_user
from oncall_sync.plan.checks.watch import Watch
from oncall_sync.plan.person.lines import lines
from oncall_sync.plan.person.rung import alone, named, reached, turns
from oncall_sync.plan.person.without import without
from oncall_sync.plan.scenes import declared_scene
from oncall_sync.policy.load import loads
from oncall_sync.rota.paging import on_call, page
from oncall_sync.rota.scene import Scene
from tests.plan.checks.scenes import OPSGENIE, PAGERDUTY

STEP = timedelta(minutes=30)
SINCE = datetime(2026, 10, 23, 22, 0, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=4)
"""Clocks go back in Vienna on the 25th."""

TEXT = """\
provider: {provider}
time_zone: Europe/Vienna
users:
  ana: {{email: ana@example.com, name: Ana Alba}}
  ben: {{email: ben@example.com}}
  cy: {{email: cy@example.com, name: Ana Alba}}
  solo: {{email: solo@example.com, name: Solo}}
hours: {{office: Mon-Fri 09:00-18:00}}
schedules:
  day: {{rotations: {{members: [ana, ben], start: Mon 2026-01-05 09:00, every: 1 day, hours: office}}}}
  late: {{follows: day, offset: 1}}
  night:
    rotations: {{members: [solo, nobody], start: Fri 2026-01-02 02:30, every: 12h, hours: {{outside: office}}}}
escalation_policies:
  main:
    levels:
      - {{notify: [{{schedule: day}}, {{schedule: night}}], escalate_after: 15m}}
      - {{notify: {{schedule: late}}, escalate_after: 10m}}
  lonely: {{levels: [{{notify: {{user: ana}}}}]}}
services:
  shop: {{escalation_policy: main, urgency: {{support_hours: office, raise_at_start: true}}}}
  bank: {{escalation_policy: main, urgency: {{high: [P1], low: [P2, P3, P4, P5]}}}}
  till: {{escalation_policy: lonely, urgency: low}}
"""


def world(provider: str = "pagerduty") -> tuple[Policies, Scene]:
    policies = loads({"a.yaml": TEXT.format(provider=provider)}, providers={provider: provider})
    paging = {"pagerduty": PAGERDUTY, "opsgenie": OPSGENIE}
    swap = LiveOverride(since=SINCE + timedelta(hours=5), until=SINCE + timedelta(hours=7), user_id="C")
    scene = declared_scene(policies, paging)
    day, cy = Ref("schedule", "day"), Ref("user", "cy")
    return policies, Scene(
        services=scene.services,
        policies=scene.policies,
        schedules=scene.schedules,
        users=scene.users,
        paging=scene.paging,
        overrides={day: (swap,)},
        refs={"C": cy},
    )


def moments() -> list[datetime]:
    return [SINCE + n * STEP for n in range((UNTIL - SINCE) // STEP)]


@pytest.mark.parametrize(("provider", "key"), list(product(("pagerduty", "opsgenie"), ("ana", "cy", "solo"))))
def test_levels_ring_as_an_incident_would(provider: str, key: str) -> None:
    _, scene = world(provider)
    who = Ref("user", key)
    found = reached(Watch(scene, SINCE, UNTIL), frozenset((who,)))
    assert found
    claimed = {(ref.key, row.urgency, row.level): row.spans for row in found for ref in row.services}
    urgencies: tuple[UrgencyName, ...] = ("high", "low")
    for ref, urgency, at in product(scene.services, urgencies, moments()):
        service = scene.services[ref]
        opens = page(service, at, scene).urgency if ref.key != "bank" else urgency
        rings = page(service, at, scene, urgency).rings if opens == urgency else ()
        first_pass = {ring.level for ring in rings if ring.user == who and ring.at < at + timedelta(minutes=25)}
        for level in (1, 2):
            # Whoever is on call when a level begins is rung: these hours change at whole half-hours only.
            says = any(since <= at < until for since, until in claimed.get((ref.key, urgency, level), ()))
            assert says == (level in first_pass), (ref, urgency, at, level)


@pytest.mark.parametrize("key", ["ana", "cy", "solo"])
def test_alone_is_alone(key: str) -> None:
    _, scene = world()
    who = Ref("user", key)
    found = {
        (one.policy.key, one.level): one.spans for one in alone(Watch(scene, SINCE, UNTIL), frozenset((who,)))
    }
    for policy, at in product(scene.policies.values(), moments()):
        levels = [{user for user, _ in on_call(level, scene, at)} for level in policy.levels]
        everybody = set().union(*levels)
        for number, users in [(None, everybody), *enumerate(levels, 1)]:
            expected = users == {who} and (number is None or everybody != {who})
            spans = found.get((policy.ref.key, number), ())
            assert any(since <= at < until for since, until in spans) == expected, (policy.ref, number, at)


@pytest.mark.parametrize("key", ["ana", "ben", "cy", "solo"])
def test_without_somebody_they_never_ring_and_others_go_on(key: str) -> None:
    _, scene = world()
    who = Ref("user", key)
    left = without(scene, frozenset((who,)))
    shown = {turn.schedule for turn in turns(Watch(scene, SINCE, UNTIL), frozenset((who,)))}
    for ref in scene.schedules:
        assert (who in named(scene, ref)) >= (ref in shown)
        assert who not in named(left, ref)
        if who not in named(scene, ref):
            assert left.schedules[ref] == scene.schedules[ref]
    for policy in left.policies.values():
        assert all(who not in level.notify and level.notify for level in policy.levels)
    assert not left.policies[Ref("escalation_policy", "lonely")].levels or key != "ana"


def test_a_follower_follows_what_is_left() -> None:
    _, scene = world()
    left = without(scene, frozenset((Ref("user", "ana"),)))
    ben = Ref("user", "ben")
    assert [r.members for r in left.schedules[Ref("schedule", "late")].rotations] == [(ben,)]


def test_what_breaks_and_what_was_broken_before() -> None:
    policies, scene = world()
    ground = Ground(
        policies=policies,
        scene=scene,
        people=frozenset((Ref("user", "ana"),)),
        since=SINCE,
        until=UNTIL,
        names=lambda ref: ref.key,
    )
    ana = policies.users["ana"]
    found = affected(ground, ana, ("ana", "Ana Alba"), (), {})
    rules = {(one.rule, one.ref.key if one.ref else None) for one in found.breaks}
    assert ("policy-gap", "till") in rules
    assert ("policy-gap", "shop") not in rules, "nights were vacant every other turn before"
    assert not found.nowhere
    nobody = affected(
        Ground(policies=policies, scene=Scene(), people=frozenset(), since=SINCE, until=UNTIL, names=str),
        policies.users["cy"],
        ("cy", "Cy"),
        (),
        {},
    )
    assert nobody.nowhere
    assert nobody.breaks == ()


def test_lines_come_in_the_order_to_change_them() -> None:
    policies, _ = world()
    found = lines(policies, policies.users["ana"])
    assert [(line.part, line.alone, line.source.line) for line in found] == [
        ("level", True, 19),
        ("turn", False, 10),
        ("user", False, 4),
    ]
    assert "nobody else takes turns" not in lines(policies, policies.users["solo"])[0].do


def test_whom_a_text_means() -> None:
    policies, _ = world()
    for text, key in (("ben", "ben"), ("BEN", "ben"), ("Ben@Example.com", "ben"), ("solo", "solo"), ("cy", "cy")):
        found = declared_user(policies, text)
        assert found is not None
        assert found.ref.key == key
    assert declared_user(policies, "nobody at all") is None
    with pytest.raises(UsageError, match=r"2 users are called 'ana alba': ask for one by key \(ana, cy\)"):
        declared_user(policies, "ana alba")
