"""How long it takes until a human hears of an incident: against a plain look at single minutes, and by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.model import PersonalStep, Reach, Ref, Service, SupportHours, UrgencyName
from oncall_sync.plan.audit.climb import Climber, Heard, longest
from oncall_sync.plan.audit.reach import Reaching
from oncall_sync.plan.checks.watch import Watch
from oncall_sync.rota.paging import page
from oncall_sync.rota.scene import Scene
from oncall_sync.rota.timeline import open_spans
from tests.plan.checks.scenes import PAGERDUTY, at, policies, scene
from tests.plan.checks.test_oracle import POLICY, SERVICE, scenes

MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=8)
Book = Mapping[Ref, Reach]


def step(way: str, after: int, urgency: UrgencyName) -> PersonalStep:
    return PersonalStep(way=way, after=after * MINUTE, urgency=urgency, shown="x")  # type: ignore[arg-type]


reaches = st.builds(
    lambda high, low, cannot: Reach(
        steps=(
            *(step(way, after, "high") for way, after in high),
            *(step(way, after, "low") for way, after in low),
        ),
        cannot=cannot,
    ),
    *[st.lists(st.tuples(st.sampled_from(["push", "email"]), st.sampled_from([0, 3, 10, 25])), max_size=2)] * 2,
    st.sampled_from([None, None, None, "deactivated"]),
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Scene, Book, datetime, datetime]:
    scene, since, until = draw(scenes())
    there = scene.paging["x"]
    paging = replace(there, holds_until_raised=draw(st.booleans()), moves_on=draw(st.booleans()))
    policy = replace(scene.policies[POLICY], repeat=draw(st.integers(0, 2)))
    scene = replace(scene, paging={"x": paging}, policies={POLICY: policy})
    people = {m for s in scene.schedules.values() for r in s.rotations for m in r.members if m is not None}
    people |= {ref for level in policy.levels for ref in level.notify if ref.kind == "user"}
    people |= {ref for s in scene.schedules.values() for a in s.assignments for ref in (*a.on_call, *a.fallback)}
    people |= {o.user for s in scene.schedules.values() for o in s.overrides}
    book = {ref: draw(reaches) for ref in sorted(people)}
    return scene, book, since, until


def climber(scene: Scene, book: Book, since: datetime, until: datetime) -> Climber:
    policy, service = scene.policies[POLICY], scene.services[SERVICE]
    far = until + longest(policy) + 2 * WEEK
    rule = service.urgency
    raised = isinstance(rule, SupportHours) and rule.raise_at_start
    starts = open_spans(rule.hours, rule.time_zone, since - WEEK, far) if isinstance(rule, SupportHours) else ()
    return Climber(
        policy=policy,
        rungs=Watch(scene, since, far).rungs(policy),
        paging=scene.paging["x"],
        first=Reaching(book).first,
        starts=tuple(begin for begin, _ in starts) if raised else (),
    )


def plainly(scene: Scene, book: Book, at: datetime) -> tuple[UrgencyName, timedelta | None]:
    """Return the same from the ladder of one event: every phone, whether it still rings, and the first of them."""
    paged = page(scene.services[SERVICE], at, scene)
    moments = sorted({(ring.at, ring.level, ring.urgency) for ring in paged.rings})
    found: list[datetime] = []
    for ring in paged.rings:
        after = next((one for one in moments if one > (ring.at, ring.level, ring.urgency)), None)
        leaves = after is not None and (scene.paging["x"].moves_on or after[2] != ring.urgency)
        for one in book[ring.user].steps if book[ring.user].cannot is None else ():
            human = one.urgency == ring.urgency and (one.way != "email" or ring.urgency == "low")
            if human and not (after is not None and leaves and ring.at + one.after >= after[0]):
                found.append(ring.at + one.after)
    return paged.urgency, min(found) - at if found else None


def spans_of(
    made: Climber, service: Service, scene: Scene, since: datetime, until: datetime
) -> list[tuple[UrgencyName, Heard]]:
    watch = Watch(scene, since, until)
    return [
        (urgency, heard)
        for begin, end, urgency in watch.opens(service)
        if urgency is not None
        for heard in made.heard(begin, end, urgency)
    ]


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_every_minute_is_as_one_event_at_that_minute(world: tuple[Scene, Book, datetime, datetime]) -> None:
    scene, book, since, until = world
    made = climber(scene, book, since, until)
    spans = spans_of(made, scene.services[SERVICE], scene, since, until)
    assert [spans[0][1].since, spans[-1][1].until] == [since, until]
    assert all(a.until == b.since for (_, a), (_, b) in pairwise(spans))
    points = {one.since for _, one in spans[:40]} | {one.until - MINUTE for _, one in spans[:40]}
    points |= {since + 47 * n * MINUTE for n in range(int((until - since) / MINUTE) // 47 + 1)}
    worst: list[timedelta] = []
    for moment in sorted(point for point in points if since <= point < until):
        urgency, expected = plainly(scene, book, moment)
        assert made.after(moment, urgency) == expected
        (named, span) = next((u, s) for u, s in spans if s.since <= moment < s.until)
        assert named == urgency
        assert (span.after is None) == (expected is None)
        if expected is not None and span.after is not None:
            assert expected <= span.after, "a span tells its worst"
            worst.append(expected)
    told = [s.after for _, s in spans[:40] if s.after is not None]
    if told and len(spans) <= 40:
        assert max(told) == max(worst)


RAISED = """\
provider: pagerduty
time_zone: Europe/Vienna
users: {ana: {email: ana@example.com}, ben: {email: ben@example.com}, cy: {email: cy@example.com}}
hours: {office: Mon-Fri 09:00-18:00}
schedules:
  day: {rotations: {members: [ana, ben], start: Mon 2026-01-05 12:30, every: 1 day}}
escalation_policies:
  p:
    levels: [{notify: {schedule: day}, escalate_after: 20m}, {notify: {user: cy}, escalate_after: 15m}]
    repeat: 1
services:
  s: {escalation_policy: p, urgency: {support_hours: office, during: high, outside: low, raise_at_start: true}}
"""
Delays = Mapping[str, tuple[int | None, int | None]]
SHAPES: Mapping[str, tuple[bool, bool, bool, Delays]] = {
    # stays, held, moves on; after how long each is told of high and of low urgency
    "a low rule in time or too late": (True, False, True, {"ana": (0, 40), "ben": (None, 600), "cy": (3, None)}),
    "a low rule that goes on ringing": (True, False, False, {"ana": (25, 700), "ben": (5, None), "cy": (3, 1)}),
    "held until it is raised": (False, True, False, {"ana": (25, 1), "ben": (None, 0), "cy": (None, None)}),
    "begins anew when it is raised": (False, False, True, {"ana": (25, 60), "ben": (1, None), "cy": (0, 0)}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_waits_for_support_hours(shape: str) -> None:
    stays, held, moves, delays = SHAPES[shape]
    there = replace(
        PAGERDUTY, open_incident_stays=stays, holds_until_raised=held, moves_on=moves, low_escalates=not stays
    )
    found = scene(policies(RAISED), {"x": there})
    service = replace(found.services[Ref("service", "s")], ref=SERVICE, escalation_policy=POLICY, provider="x")
    policy = replace(found.policies[Ref("escalation_policy", "p")], ref=POLICY)
    found = replace(found, services={SERVICE: service}, policies={POLICY: policy})
    names: tuple[UrgencyName, UrgencyName] = ("high", "low")
    book = {
        Ref("user", key): Reach(
            steps=tuple(
                step("push", late, name) for late, name in zip(both, names, strict=True) if late is not None
            )
        )
        for key, both in delays.items()
    }
    since, until = at(2026, 11, 26, 17), at(2026, 12, 1, 11)
    made = climber(found, book, since, until)
    spans = spans_of(made, service, found, since, until)
    points = {since + 31 * n * MINUTE for n in range(int((until - since) / MINUTE) // 31 + 1)}
    points |= {edge for _, one in spans for edge in (one.since, one.until - MINUTE, one.since + MINUTE)}
    for moment in sorted(point for point in points if since <= point < until):
        urgency, expected = plainly(found, book, moment)
        assert made.after(moment, urgency) == expected, moment
        span = next(one for _, one in spans if one.since <= moment < one.until)
        assert (span.after is None) == (expected is None)
        assert expected is None or span.after is None or expected <= span.after


def test_nobody_knows_how_people_are_reached() -> None:
    assert Reaching(None).first(Ref("user", "ana"), "high") == timedelta()
    assert not Reaching(None).known(Ref("user", "ana"))
    assert Reaching({}).first(Ref("user", "ana"), "high") == timedelta()


def test_an_email_is_a_human_only_where_it_may_wait() -> None:
    ana = Ref("user", "ana")
    reach = Reach(steps=(step("email", 0, "high"), step("email", 5, "low")))
    assert Reaching({ana: reach}).first(ana, "high") is None
    assert Reaching({ana: reach}).first(ana, "low") == 5 * MINUTE
