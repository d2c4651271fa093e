"""Teams that send alerts of their own to a policy: pointed to, never needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oncall_sync.model import ABSENT, Ref, Route, Team
from oncall_sync.plan.facts import facts
from oncall_sync.plan.fill import localize, pointed_at, references
from oncall_sync.rota.hours import merge
from tests.plan.world import NOW, World, policy, schedule, team

CHAIN = Ref("escalation_policy", "chain")
ELSEWHERE = Ref("escalation_policy", "elsewhere")


def test_what_a_team_points_to_is_not_what_it_needs() -> None:
    routed = team(
        "ops", "anna", pages=CHAIN, routes=(Route(name="night", to=ELSEWHERE), Route(name="quiet", to=None))
    )
    assert pointed_at(routed) == {CHAIN, ELSEWHERE}
    assert references(routed) == {Ref("user", "anna")}
    assert pointed_at(policy()) == frozenset()
    assert pointed_at(None) == frozenset()


def test_targets_are_localized() -> None:
    found = localize(
        team(pages=CHAIN, routes=(Route(name="night", to=CHAIN),)), lambda ref: replace(ref, key=ref.key + "!")
    )
    assert isinstance(found, Team)
    assert found.pages == Ref("escalation_policy", "chain!")
    assert found.routes is not ABSENT
    assert found.routes[0].to == Ref("escalation_policy", "chain!")


def test_facts_tell_every_part_of_a_route() -> None:
    hours = merge([(9 * 60, 18 * 60)])
    route = Route(name="day", to=CHAIN, priorities=("P2", "P1"), hours=hours, time_zone="UTC", other="{}")
    told = facts(team(pages=None, routes=(route,)), lambda ref: ref.key, NOW)
    assert told["pages"] is None
    assert told["routes"] == {
        "1": {
            "name": "day",
            "to": "chain",
            "priorities": ["P1", "P2"],
            "hours": "Mon 09:00-18:00 UTC",
            "other": "{}",
        }
    }


def test_a_policy_that_cannot_be_made_does_not_keep_its_team_from_being_made() -> None:
    world = World()
    ghost = replace(policy(), levels=(replace(policy().levels[0], notify=(Ref("schedule", "gone"),)),))
    refused = replace(schedule("gone"), external=True)
    decision = world.plan(team(pages=CHAIN), ghost, refused)
    assert [c.ref.kind for c in decision.changes] == ["team"]


@pytest.mark.parametrize("where", ["pages", "routes"])
def test_a_target_that_nobody_declares_is_refused_by_name(where: str) -> None:
    world = World()
    more = {"pages": ELSEWHERE} if where == "pages" else {"routes": (Route(name="night", to=ELSEWHERE),)}
    decision = world.plan(team(**more), policy(), schedule())
    (finding,) = [f for f in decision.findings if f.rule == "unknown-target"]
    assert "escalation policy elsewhere" in finding.message
    assert "team" not in {c.ref.kind for c in decision.changes}


def test_what_such_a_team_would_own_is_not_made_either() -> None:
    owner = team(pages=ELSEWHERE)
    decision = World().plan(owner, replace(policy(), team=owner.ref), schedule())
    assert {c.ref.kind for c in decision.changes} == {"schedule"}
    (finding,) = [f for f in decision.findings if f.rule == "needs-refused"]
    assert finding.message.endswith(f"needs {owner.ref.words}, which cannot be made (see there)")
