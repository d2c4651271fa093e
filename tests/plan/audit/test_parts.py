"""The parts of an audit on small accounts: what leads nowhere, who carries too much, chat commands, waivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oncall_sync import model
from oncall_sync.model import (
    Contact,
    Live,
    LiveOverride,
    PersonalStep,
    Policies,
    Reach,
    Ref,
    Resource,
    Snapshot,
    User,
)
from oncall_sync.plan.audit.audit import audited
from oncall_sync.plan.audit.ground import Account, Asked, Audit, owned
from oncall_sync.plan.audit.scope import schedules_to_tell, services_to_tell
from oncall_sync.plan.diff import Decision
from oncall_sync.plan.identity import Bindings
from oncall_sync.plan.labels import Labels
from oncall_sync.plan.scenes import live_scene
from tests.plan.checks.scenes import PAGERDUTY, at, policies

SINCE = at(2026, 11, 23, 12)
PHONE = Reach(
    contacts=(Contact(way="phone", shown="••• ••42"),),
    steps=tuple(
        PersonalStep(way="phone", after=timedelta(), urgency=name, shown="••• ••42") for name in ("high", "low")
    ),
)
TEXT = """\
provider: pagerduty
time_zone: Europe/Vienna
users:
  ana: {email: ana@example.com}
  ben: {email: ben@example.com}
  cy: {email: cy@example.com}
schedules:
  day: {rotations: {members: [ana, ben, ana, ana], start: Mon 2026-01-05 09:00, every: 1 day}}
escalation_policies:
  p: {levels: [{notify: {schedule: day}, escalate_after: 15m}, {notify: {user: cy}, escalate_after: 15m}]}
services:
  s: {escalation_policy: p, urgency: high}
"""


def account(found: Policies, reach: Mapping[str, Reach], overrides: tuple[LiveOverride, ...] = ()) -> Account:
    """Return an account in which everything is as declared and marked ours; ids are keys."""

    def live(resource: Resource) -> Live:
        ref = Ref(resource.ref.kind, resource.ref.key, remote=True)
        return Live(remote_id=resource.ref.key, resource=replace(resource, ref=ref))

    resources = [r for r in found.resources() if not isinstance(r, User) and r.provider == "pagerduty"]
    users = list(found.users.values())
    snapshot = Snapshot(
        provider="pagerduty",
        account=model.Account("acme", "pagerduty"),
        taken_at=SINCE,
        objects=tuple(live(r) for r in resources),
        users=tuple(live(u) for u in users),
    )
    bindings = Bindings()
    for one in (*snapshot.objects, *snapshot.users):
        bindings.bound[Ref(one.kind, one.remote_id)] = one
    bindings.adopted |= {ref for ref in bindings.bound if ref.kind != "user"}
    decision = Decision(bindings=bindings, labels=Labels([*resources, *users], snapshot, bindings))
    scene = live_scene(snapshot, decision, users, PAGERDUTY, {"day": overrides} if overrides else {})
    asked = Asked(policies=found, now=SINCE, back=timedelta(days=28), horizon=timedelta(days=28))
    services = services_to_tell(asked, scene, owned(decision))
    return Account(
        kind="pagerduty",
        snapshot=snapshot,
        decision=decision,
        owned=owned(decision),
        scene=scene,
        services=services,
        schedules=schedules_to_tell(asked, scene, owned(decision), services),
        reach={u.ref: reach.get(u.ref.key, PHONE) for u in users},
    )


def audit(text: str = TEXT, reach: Mapping[str, Reach] | None = None, **asked: Any) -> Audit:
    found = policies(text)
    overrides = asked.pop("overrides", ())
    there = account(found, reach or {}, overrides)
    spans = {"back": timedelta(days=28), "horizon": timedelta(days=28), **asked}
    return audited(Asked(policies=found, now=SINCE, **spans), "acme", [there], there.scene, {})


def rules(found: Audit) -> list[str]:
    return [one.rule for one in found.findings]


def test_a_healthy_account_has_nothing_wrong() -> None:
    found = audit(TEXT.replace("[ana, ben, ana, ana]", "[ana, ben]"))
    assert found.findings == ()
    assert [(one.human_now, one.worst, one.gaps, one.never) for one in found.ladders] == [
        (timedelta(), timedelta(), (), ())
    ]


def test_load_that_is_not_shared_is_told_of() -> None:
    found = audit()
    assert rules(found) == ["unfair-load"]
    assert "ana has" in found.findings[0].message
    assert {(one.user, one.ratio) for one in found.shares} == {("ana", 1.5), ("ben", 0.5)}


@pytest.mark.parametrize(
    ("user", "since", "until", "expected"),
    [
        ("ana", (2026, 11, 23, 12), (2026, 11, 23, 20), ["idle-override"]),
        ("ben", (2026, 11, 23, 12), (2026, 11, 23, 20), []),
        ("stranger", (2026, 11, 23, 12), (2026, 11, 23, 20), ["stale-override"]),
        ("stranger", (2026, 11, 20, 12), (2026, 11, 20, 20), []),
    ],
)
def test_overrides(user: str, since: tuple[int, ...], until: tuple[int, ...], expected: list[str]) -> None:
    override = LiveOverride(since=at(*since), until=at(*until), user_id=user)
    found = audit(TEXT.replace("[ana, ben, ana, ana]", "[ana, ana, ben]"), overrides=(override,))
    assert [one.why for one in found.overrides] == expected
    assert [rule for rule in rules(found) if rule.endswith("override")] == expected


def test_a_declared_override_that_is_over() -> None:
    text = TEXT.replace(
        "every: 1 day}}", "every: 1 day}, overrides: [{since: 2026-11-01, until: 2026-11-02, user: ben}]}"
    )
    found = audit(text)
    (one,) = [each for each in found.findings if each.rule == "past-override"]
    assert one.source is not None
    assert "take it out of the policies" in one.message


def test_a_chat_command_to_a_service_that_is_not_there() -> None:
    text = f"""{TEXT}\
  later: {{provider: opsgenie, external: true}}
chat_commands: {{/x: {{service: later}}, /s: {{service: s}}}}
"""
    found = audit(text)
    landings = {one.command: one for one in found.chat}
    assert landings["/x"].problem == "opsgenie was not read"
    assert landings["/s"].on_call == ("ana",)
    assert [one.level for one in found.findings if one.rule == "chat-command"] == ["note"]


def test_gaps_and_people_nobody_reaches_are_two_things() -> None:
    text = TEXT.replace("every: 1 day}", "every: 1 day, hours: Mon-Fri 09:00-18:00}").replace(
        ", {notify: {user: cy}, escalate_after: 15m}", ""
    )
    email = Reach(contacts=(Contact(way="email", shown="a•••@e•••"),), rules_read=False)
    found = audit(text, {"ana": email, "ben": email})
    (ladder,) = found.ladders
    assert ladder.worst is None
    assert ladder.never[0] == (SINCE, at(2026, 11, 23, 18))
    assert ladder.gaps[0] == (at(2026, 11, 23, 18), at(2026, 11, 24, 9))
    assert {"policy-gap", "nobody-reached", "email-only"} <= {*rules(found)}


def test_nothing_is_said_of_reach_where_nobody_can_tell() -> None:
    found_policies = policies(TEXT)
    there = replace(account(found_policies, {}), reach=None)
    asked = Asked(policies=found_policies, now=SINCE, back=timedelta(days=1), horizon=timedelta(days=1))
    found = audited(asked, "acme", [there], there.scene, {})
    assert "reach-unknown" in rules(found)
    assert all(person.known is False for one in found.ladders for lv in one.levels for person in lv.people)
    assert found.people[0].problems == ()
