"""Each guard finds its fault, and only its own; a waiver turns it into a note that keeps the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from oncall_sync.model import Change, Integration, Member, Ref, Waiver
from oncall_sync.plan.guards import GUARDS, Limits, errors, guard, refusing
from tests.plan.world import NOW, World, policy, schedule, service, team


def deletes(*kept: object) -> Sequence[Change]:
    world = World()
    world.apply(team("ops", "anna"), schedule("duty", team=Ref("team", "ops")), policy(), service())
    return world.plan(*kept).changes  # type: ignore[arg-type]


def found(changes: Sequence[Change], limits: Limits = Limits()) -> list[str]:  # noqa: B008 - frozen
    return [f.rule for f in refusing(guard(changes, [], limits, NOW))]


def test_nothing_is_refused_when_nothing_is_lost() -> None:
    assert found(World().plan(schedule(), policy(), service()).changes) == []


def test_a_deleted_service() -> None:
    assert found(deletes(team("ops", "anna"), schedule("duty", team=Ref("team", "ops")), policy())) == [
        "service-deleted"
    ]


def test_a_team_with_everything_it_owns() -> None:
    assert found(deletes(policy(), service())) == ["team-emptied"]


def test_too_many_deletes() -> None:
    changes = deletes(service())
    assert found(changes) == ["team-emptied"]
    assert found(changes, Limits(max_deletes=2)) == ["team-emptied", "too-many-deletes"]


def test_no_policy_file() -> None:
    assert "no-policy-files" in found(deletes(), Limits(policy_files=0))
    assert found([], Limits(policy_files=0)) == ["no-policy-files"]


def test_a_replaced_integration() -> None:
    world = World()
    world.apply(schedule(), policy(), service())
    mail = (Integration(name="monitoring", form="email", email="x", accept_from=()),)
    assert found(world.plan(schedule(), policy(), service("alerts", integrations=mail)).changes) == [
        "integration-replaced"
    ]


def test_the_last_manager() -> None:
    world = World()
    world.apply(team("ops", "anna"))
    demoted = team("ops", members=(Member(Ref("user", "anna"), "responder"),))
    assert found(world.plan(demoted).changes) == ["last-manager"]


@pytest.mark.parametrize("rule", GUARDS)
def test_a_waiver_on_the_command_line(rule: str) -> None:
    changes = deletes()
    limits = Limits(max_deletes=1, policy_files=0)
    if rule in found(changes, limits):
        waived = replace(limits, waived={rule: "we mean it"})
        assert rule not in found(changes, waived)
        notes = [f for f in guard(changes, [], waived, NOW) if f.rule == rule]
        assert all(f.level == "note" and "we mean it" in f.message for f in notes)
        assert notes


def test_a_waiver_in_yaml_is_for_one_thing_and_until_a_day() -> None:
    changes = deletes(team("ops", "anna"), schedule("duty", team=Ref("team", "ops")), policy())
    until = date(2026, 11, 21)
    waiver = Waiver(
        rule="service-deleted", target=Ref("service", "alerts"), reason="moved", owner="anna", until=until
    )
    assert found(changes, Limits(waivers=(waiver,))) == []
    other = replace(waiver, target=Ref("service", "other"))
    assert found(changes, Limits(waivers=(other,))) == ["service-deleted"]
    over = replace(waiver, until=until - timedelta(days=1))
    assert found(changes, Limits(waivers=(over,))) == ["service-deleted"]


def test_errors_are_not_guards() -> None:
    world = World()
    world.apply(schedule(), workspace="others")
    decision = world.plan(schedule())
    assert [f.rule for f in errors(decision.findings)] == ["foreign-owner"]
    assert refusing(decision.findings) == []
