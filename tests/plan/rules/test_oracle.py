"""Rules about time against a plain look at every minute, on small random scenes around clock changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.model import Policies, Ref
from oncall_sync.model.rule import (
    CoveredRule,
    DistinctLevelsRule,
    HumanWithinRule,
    LongestShiftRule,
    RestRule,
    Rule,
    RuleBook,
)
from oncall_sync.plan.checks.watch import Watch
from oncall_sync.plan.rules.breach import Ground
from oncall_sync.plan.rules.judge import NOW
from oncall_sync.rota.scene import Scene
from tests.plan.checks.test_oracle import POLICY, SERVICE, Minutes, scenes
from tests.rota import oracle

MINUTE = timedelta(minutes=1)
Question = tuple[Scene, datetime, datetime]


def told(rule: Rule, question: Question) -> list[datetime]:
    """Return every minute at which some breach says that the rule is broken."""
    scene, since, until = question
    declared = Policies(
        services={"s": scene.services[SERVICE]},
        escalation_policies={"p": scene.policies[POLICY]},
        schedules={ref.key: schedule for ref, schedule in scene.schedules.items()},
        rules=RuleBook(rules=(rule,)),
    )
    ground = Ground(policies=declared, watch=Watch(scene, since, until))
    out: set[datetime] = set()
    for breach in NOW[type(rule)](rule, ground):
        assert breach.spans
        for begin, end in breach.spans:
            assert begin < end
            out.update(begin + n * MINUTE for n in range(int((end - begin) / MINUTE)))
    return sorted(out)


@settings(max_examples=12, deadline=None)
@given(scenes(), st.sampled_from(["first", "last", "every", "any"]))
def test_covered(question: Question, which: str) -> None:
    plain = Minutes(*question)
    holds: dict[str, Callable[[list[set[Ref]]], object]] = {
        "first": lambda levels: levels[0],
        "last": lambda levels: levels[-1],
        "every": all,
        "any": any,
    }
    wrong = plain.where(lambda wall: not holds[which](plain.levels(wall)))
    assert told(CoveredRule(which=which), question) == wrong  # type: ignore[arg-type]


@settings(max_examples=12, deadline=None)
@given(scenes())
def test_distinct_levels(question: Question) -> None:
    plain = Minutes(*question)

    def wrong(wall: datetime) -> bool:
        levels = plain.levels(wall)
        return any(
            levels[n] and all(any(user in before for before in levels[:n]) for user in levels[n])
            for n in range(len(levels))
        )

    assert told(DistinctLevelsRule(), question) == plain.where(wrong)


@settings(max_examples=18, deadline=None)
@given(scenes(), st.integers(1, 60), st.sampled_from(["high", "low", "any"]))
def test_human_within(question: Question, limit: int, urgency: str) -> None:
    plain = Minutes(*question)

    def wrong(wall: datetime) -> bool:
        if urgency != "any" and plain.low(wall) != (urgency == "low"):
            return False
        lasts = plain.lasts(wall)
        return lasts is None or lasts > limit

    rule = HumanWithinRule(limit=timedelta(minutes=limit), urgency=urgency)  # type: ignore[arg-type]
    assert told(rule, question) == plain.where(wrong)


def shifts_of(scene: Scene, since: datetime, until: datetime) -> dict[Ref, dict[Ref, set[datetime]]]:
    """Return, by schedule and person, the minutes on call."""
    zone = next(iter(scene.schedules.values())).time_zone
    found: dict[Ref, dict[Ref, set[datetime]]] = {ref: {} for ref in scene.schedules}
    for at, wall in oracle.clock_minutes(zone, since, until):
        for ref, schedule in scene.schedules.items():
            for user in oracle.rung(schedule, wall, scene.users):
                found[ref].setdefault(user, set()).add(at)
    return found


def runs(minutes: set[datetime]) -> list[tuple[datetime, datetime]]:
    """Return the maximal runs of minutes, ends exclusive."""
    out: list[tuple[datetime, datetime]] = []
    for at in sorted(minutes):
        out = [*out[:-1], (out[-1][0], at + MINUTE)] if out and out[-1][1] == at else [*out, (at, at + MINUTE)]
    return out


@settings(max_examples=10, deadline=None)
@given(scenes(), st.integers(1, 30))
def test_longest_shift(question: Question, hours: int) -> None:
    scene, since, until = question
    limit = timedelta(hours=hours)
    wrong: set[datetime] = set()
    for people in shifts_of(scene, since - limit, until + limit).values():
        for minutes in people.values():
            for begin, end in runs(minutes):
                if end - begin > limit:
                    inside = range(int((end - begin) / MINUTE))
                    wrong |= {at for n in inside if since <= (at := begin + n * MINUTE) < until}
    assert told(LongestShiftRule(limit=limit), question) == sorted(wrong)


@settings(max_examples=10, deadline=None)
@given(scenes(), st.integers(1, 30))
def test_rest_between_shifts(question: Question, hours: int) -> None:
    scene, since, until = question
    limit = timedelta(hours=hours)
    wrong: set[datetime] = set()
    busy: dict[Ref, set[datetime]] = {}
    for people in shifts_of(scene, since - limit, until + limit).values():
        for user, minutes in people.items():
            busy.setdefault(user, set()).update(minutes)
    for minutes in busy.values():
        for (_, left), (back, _) in pairwise(runs(minutes)):
            if back - left < limit and since < back < until:
                wrong |= {left + n * MINUTE for n in range(int((back - left) / MINUTE))}
    assert told(RestRule(limit=limit), question) == sorted(wrong)
