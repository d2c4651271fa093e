"""Covered, distinct and human_within against a plain look at every minute, on small random scenes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.model import (
    ConstantUrgency,
    Covered,
    Distinct,
    EscalationPolicy,
    HumanWithin,
    Level,
    Policies,
    Ref,
    Schedule,
    Service,
    SupportHours,
)
from oncall_sync.plan.checks import Broken, evaluate, standing
from oncall_sync.rota.scene import Scene
from tests.plan.checks.scenes import OPSGENIE, PAGERDUTY
from tests.rota import oracle
from tests.rota.samples import ANA, OFFICE, people, schedules

MINUTE = timedelta(minutes=1)
POLICY, SERVICE = Ref("escalation_policy", "p"), Ref("service", "s")
DELAYS = (5, 10, 20)
Spans = list[tuple[datetime, datetime]]


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Scene, datetime, datetime]:
    """Two schedules around one clock change, a policy of up to three levels, a service."""
    made, around = draw(schedules())
    other = replace(draw(schedules())[0], time_zone=made.time_zone)
    refs = (Ref("schedule", "a"), Ref("schedule", "b"))
    both = {ref: replace(s, ref=ref) for ref, s in zip(refs, (made, other), strict=True)}
    targets = st.lists(st.sampled_from([*refs, *refs, ANA]), min_size=1, max_size=2, unique=True)
    levels = [
        Level(tuple(draw(targets)), timedelta(minutes=draw(st.sampled_from(DELAYS))))
        for _ in range(draw(st.integers(1, 3)))
    ]
    hours = SupportHours(
        hours=OFFICE, time_zone=made.time_zone, during="high", outside="low", raise_at_start=draw(st.booleans())
    )
    service = Service(
        ref=SERVICE,
        name="s",
        provider="x",
        escalation_policy=POLICY,
        urgency=draw(st.sampled_from([hours, ConstantUrgency("high"), ConstantUrgency("low")])),
    )
    paging = replace(draw(st.sampled_from([PAGERDUTY, OPSGENIE])), skips_empty_levels=draw(st.booleans()))
    scene = Scene(
        services={SERVICE: service},
        policies={POLICY: EscalationPolicy(ref=POLICY, name="p", levels=tuple(levels))},
        schedules=both,
        users=draw(people(around)),
        paging={"x": paging},
    )
    since = around.replace(tzinfo=UTC) + timedelta(minutes=15 * draw(st.integers(-96, 60)))
    return scene, since, since + timedelta(minutes=15 * draw(st.integers(1, 120)))


class Minutes:
    """Who is on call in each minute, and what that comes to; shares no code with what it judges."""

    def __init__(self, scene: Scene, since: datetime, until: datetime) -> None:
        self.scene = scene
        zones = {s.time_zone for s in scene.schedules.values()}
        self.known: dict[datetime, list[set[Ref]]] = {}
        self.clock = list(oracle.clock_minutes(zones.pop(), since, until))
        assert not zones

    def on_call(self, schedule: Schedule, wall: datetime) -> set[Ref]:
        return set(oracle.rung(schedule, wall, self.scene.users))

    def levels(self, wall: datetime) -> list[set[Ref]]:
        if wall not in self.known:
            self.known[wall] = self.all_levels(wall)
        return self.known[wall]

    def all_levels(self, wall: datetime) -> list[set[Ref]]:
        found: list[set[Ref]] = []
        for level in self.scene.policies[POLICY].levels:
            users: set[Ref] = set()
            for ref in level.notify:
                users |= {ref} if ref.kind == "user" else self.on_call(self.scene.schedules[ref], wall)
            found.append(users)
        return found

    def low(self, wall: datetime) -> bool:
        rule = self.scene.services[SERVICE].urgency
        if isinstance(rule, SupportHours):
            return not oracle.in_hours(rule.hours, wall)
        return rule == ConstantUrgency("low")

    def lasts(self, wall: datetime) -> int | None:
        """Return the minutes of one pass; None where nobody is on call at all."""
        paging, spent, answer = self.scene.paging["x"], 0, None
        for level, users in zip(self.scene.policies[POLICY].levels, self.levels(wall), strict=True):
            assert isinstance(level.escalate_after, timedelta)
            if users or not paging.skips_empty_levels:
                spent += int(level.escalate_after / MINUTE)
            if users:
                answer = spent
                if self.low(wall) and not paging.low_escalates:
                    break
        return answer

    def where(self, wrong: Callable[[datetime], object]) -> list[datetime]:
        return [at for at, wall in self.clock if wrong(wall)]


def minutes(found: list[Broken]) -> list[datetime]:
    """Return every minute that is told as broken, once."""
    out: set[datetime] = set()
    for one in found:
        for since, until in one.spans:
            assert since < until
            out.update(since + n * MINUTE for n in range(int((until - since) / MINUTE)))
        assert all(before[1] < after[0] for before, after in zip(one.spans, one.spans[1:], strict=False))
        assert (one.since, one.until) == one.spans[0]
    return sorted(out)


@settings(max_examples=12, deadline=None)
@given(scenes(), st.integers(0, 3), st.booleans())
def test_covered(question: tuple[Scene, datetime, datetime], count: int, exact: bool) -> None:
    scene, since, until = question
    plain = Minutes(scene, since, until)
    for target in (POLICY, Ref("schedule", "a")):

        def users(wall: datetime, target: Ref = target) -> int:
            if target == POLICY:
                return len(plain.levels(wall)[0])
            return len(plain.on_call(scene.schedules[target], wall))

        check = Covered(target=target, exactly=count if exact else None, at_least=None if exact else count)
        wrong = plain.where(lambda wall, n=users: n(wall) != count if exact else n(wall) < count)  # type: ignore[misc]
        assert minutes(evaluate([check], scene, since, until)) == wrong


@settings(max_examples=12, deadline=None)
@given(scenes())
def test_distinct(question: tuple[Scene, datetime, datetime]) -> None:
    scene, since, until = question
    plain = Minutes(scene, since, until)
    one, other = scene.schedules.values()
    wrong = plain.where(lambda wall: plain.on_call(one, wall) & plain.on_call(other, wall))
    assert minutes(evaluate([Distinct(schedules=(one.ref, other.ref))], scene, since, until)) == wrong


@settings(max_examples=18, deadline=None)
@given(scenes(), st.integers(1, 60))
def test_human_within(question: tuple[Scene, datetime, datetime], limit: int) -> None:
    scene, since, until = question
    plain = Minutes(scene, since, until)
    check = HumanWithin(service=SERVICE, limit=timedelta(minutes=limit))

    def wrong(wall: datetime) -> bool:
        lasts = plain.lasts(wall)
        return lasts is None or lasts > limit

    assert minutes(evaluate([check], scene, since, until)) == plain.where(wrong)


@settings(max_examples=10, deadline=None)
@given(scenes())
def test_gaps(question: tuple[Scene, datetime, datetime]) -> None:
    scene, since, until = question
    plain = Minutes(scene, since, until)
    declared = Policies(services={"s": scene.services[SERVICE]}, escalation_policies={"p": scene.policies[POLICY]})
    found = standing(scene, declared, since, until)

    def told(rule: str) -> list[datetime]:
        return minutes([b for b in found if b.rule == rule])

    assert told("policy-gap") == plain.where(lambda wall: not any(plain.levels(wall)))
    assert told("last-level-empty") == plain.where(
        lambda wall: any(plain.levels(wall)) and not plain.levels(wall)[-1]
    )
    assert told("level-gap") == plain.where(
        lambda wall: any(plain.levels(wall)) and not all(plain.levels(wall)[:-1])
    )
