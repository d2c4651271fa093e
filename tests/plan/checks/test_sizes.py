"""Many services: judged, each timeline worked out once, and no more work than there are services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oncall_sync.model import HumanWithin, Policies, Ref
from oncall_sync.plan.checks import evaluate, standing
from oncall_sync.rota.shifts import Shift
from oncall_sync.rota.timeline import schedule_shifts
from tests.effort import growth
from tests.plan.checks.scenes import SINCE, UNTIL, policies, scene


def many(number: int) -> Policies:
    """Return so many escalation policies, each with a schedule of its own and five services."""
    one = policies()
    chain, mail = one.escalation_policies["chain"], one.services["mail"]
    chains, services, schedules = {}, {}, {}
    for n in range(number):
        key = Ref("schedule", f"day-{n}")
        schedules[key.key] = replace(one.schedules["day"], ref=key)
        first = replace(chain.levels[0], notify=(key, Ref("schedule", "night")))
        made = replace(chain, ref=Ref("escalation_policy", f"c{n}"), levels=(first, *chain.levels[1:]))
        chains[made.ref.key] = made
        for i in range(5):
            service = Ref("service", f"s{n}-{i}")
            services[service.key] = replace(mail, ref=service, escalation_policy=made.ref)
    return Policies(
        users=one.users,
        services=services,
        escalation_policies=chains,
        schedules={**schedules, "night": one.schedules["night"]},
    )


def judging(number: int) -> Callable[[], None]:
    declared = many(number)
    there = scene(declared)
    checks = [HumanWithin(service=s.ref, limit=timedelta(minutes=44)) for s in declared.services.values()]

    def judge() -> None:
        assert len(evaluate(checks, there, SINCE, UNTIL)) == len(checks) == 5 * number
        assert standing(there, declared, SINCE, UNTIL) == []

    return judge


def test_a_thousand_services_over_four_weeks_are_judged() -> None:
    judging(200)()


def test_the_work_grows_with_the_services_and_no_faster() -> None:
    assert growth(judging, 8) < 4.1


def test_shifts_are_worked_out_once_for_all_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[Ref] = Counter()

    def counted(ref: Ref, *more: Any) -> Iterator[Shift]:
        asked[ref] += 1
        return schedule_shifts(ref, *more)

    monkeypatch.setattr("oncall_sync.plan.checks.watch.schedule_shifts", counted)
    judging(8)()
    assert len(asked) == 9
    assert set(asked.values()) == {2}  # by the promises, and by what is looked at always
