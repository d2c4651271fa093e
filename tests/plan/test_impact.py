"""Who is paged differently: against a second opinion that asks every half hour, and by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.model import (
    ALWAYS,
    ByPriority,
    ConstantUrgency,
    EscalationPolicy,
    Hours,
    Level,
    LiveOverride,
    Paging,
    Ref,
    Rotation,
    Schedule,
    Service,
    SupportHours,
)
from oncall_sync.plan import impact as impact_module
from oncall_sync.plan.impact import Gap, Impact, Page, changed_services, impact
from oncall_sync.rota.hours import DAY, merge
from oncall_sync.rota.scene import Scene
from tests.plan.checks.scenes import PAGERDUTY
from tests.plan.world import policy, rotation, schedule, service
from tests.rota.oracle import in_hours, rung

WAITS = replace(PAGERDUTY, low_escalates=True, skips_empty_levels=False)
SINCE = datetime(2026, 11, 23, 8, tzinfo=UTC)  # Monday 09:00 in Vienna
WEEK = timedelta(days=7)
STEP = timedelta(minutes=30)
OFFICE = merge((day * DAY + 9 * 60, day * DAY + 18 * 60) for day in range(5))
NIGHTS = merge((day * DAY + 18 * 60, day * DAY + 33 * 60) for day in range(7))
SUPPORT = SupportHours(hours=OFFICE, time_zone="Europe/Vienna", during="high", outside="low")
ANNA, BEN, CARLA, DAVID = (Ref("user", key) for key in ("anna", "ben", "carla", "david"))


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def scene(*resources: Service | EscalationPolicy | Schedule, paging: Paging = PAGERDUTY, **more: Any) -> Scene:
    kinds: dict[type, dict[Ref, Any]] = {Service: {}, EscalationPolicy: {}, Schedule: {}}
    for one in resources:
        kinds[type(one)][one.ref] = one
    return Scene(
        services=kinds[Service],
        policies=kinds[EscalationPolicy],
        schedules=kinds[Schedule],
        paging={"pd": paging},
        **more,
    )


# --- the second opinion: the clock moves on by half an hour, and everybody is asked again

Step = tuple[frozenset[Ref], timedelta | None]
NOTHING: Step = (frozenset(), None)


Said = tuple[Ref, str, int, datetime, datetime, Step, Step]
"""Of one level of one service: from when to when it rings whom, and after how long, before and after."""


def on_call_then(there: Scene, one: Service, at: datetime) -> list[frozenset[Ref]]:
    chain = there.policies[one.escalation_policy]  # type: ignore[index]
    out = []
    for level in chain.levels:
        found: set[Ref] = set()
        for target in level.notify:
            if target.kind == "user":
                found.add(target)
                continue
            duty = there.schedules[target]
            swaps = [o for o in there.overrides.get(target, ()) if o.since <= at < o.until]
            wall = at.astimezone(ZoneInfo(duty.time_zone)).replace(tzinfo=None)
            found |= {there.refs[swaps[-1].user_id]} if swaps else rung(duty, wall)
        out.append(frozenset(found))
    return out


def opens_as(one: Service, at: datetime) -> set[str]:
    rule = one.urgency
    if isinstance(rule, SupportHours):
        wall = at.astimezone(ZoneInfo(rule.time_zone)).replace(tzinfo=None)
        return {rule.during if in_hours(rule.hours, wall) else rule.outside}
    return {rule.urgency} if isinstance(rule, ConstantUrgency) else {"high", "low"}


def ladder_then(there: Scene, ref: Ref, urgency: str, at: datetime) -> list[Step]:
    one = there.services.get(ref)
    if one is None or urgency not in opens_as(one, at):
        return []
    levels, rules = on_call_then(there, one, at), there.paging["pd"]
    chain = there.policies[one.escalation_policy]  # type: ignore[index]
    out: list[Step] = []
    waited, heard = timedelta(), False
    for level, users in zip(chain.levels, levels, strict=True):
        silent = not users or (heard and urgency == "low" and not rules.low_escalates)
        out.append(NOTHING if silent else (users, waited))
        heard = heard or bool(users)
        if users or not rules.skips_empty_levels:
            assert isinstance(level.escalate_after, timedelta)
            waited += level.escalate_after
    return out


def nobody_then(there: Scene, ref: Ref, at: datetime) -> bool:
    one = there.services.get(ref)
    return one is not None and not any(on_call_then(there, one, at))


def halves(since: datetime = SINCE, until: datetime = SINCE + WEEK) -> Iterator[datetime]:
    while since < until:
        yield since
        since += STEP


def asked(before: Scene, after: Scene) -> list[Said]:
    out: list[Said] = []
    for ref in sorted({*before.services, *after.services}):
        for urgency in ("high", "low"):
            for level in range(1, 5):
                for at in halves():
                    was, now = (
                        (ladder_then(s, ref, urgency, at) + [NOTHING] * 4)[level - 1] for s in (before, after)
                    )
                    if out and out[-1] == (ref, urgency, level, out[-1][3], at, was, now):
                        out[-1] = (ref, urgency, level, out[-1][3], at + STEP, was, now)
                    elif was != now:
                        out.append((ref, urgency, level, at, at + STEP, was, now))
    return out


def told(found: Impact) -> list[Said]:
    def said(p: Page) -> Said:
        sides = (p.before, p.delay_before), (p.after, p.delay_after)
        return p.service, p.urgency, p.level, p.since, p.until, *sides

    return sorted(map(said, found.pages), key=lambda one: one[:4])


def gap_halves(gaps: tuple[Gap, ...]) -> set[tuple[Ref, datetime]]:
    return {(gap.service, at) for gap in gaps for at in halves(gap.since, gap.until)}


# --- random small worlds: every edge is on a half hour

hours: st.SearchStrategy[Hours] = st.one_of(
    st.sampled_from([ALWAYS, OFFICE, NIGHTS]),
    st.tuples(st.integers(0, 300), st.integers(1, 100)).map(lambda p: merge([(p[0] * 30, (p[0] + p[1]) * 30)])),
)
rotations = st.builds(
    Rotation,
    members=st.lists(st.sampled_from([ANNA, BEN, CARLA, None]), min_size=1, max_size=3).map(tuple),
    start=st.integers(-100, 300).map(lambda n: datetime(2026, 11, 22) + n * STEP),
    every=st.sampled_from([timedelta(hours=12), timedelta(days=1), WEEK]),
    hours=hours,
)
schedules = st.lists(rotations, min_size=1, max_size=2).map(lambda turns: schedule("duty", *turns))
others = st.lists(rotations, min_size=1, max_size=2).map(lambda turns: schedule("other", *turns))
targets = st.lists(
    st.sampled_from([Ref("schedule", "duty"), Ref("schedule", "other"), DAVID]),
    min_size=1,
    max_size=2,
    unique=True,
)
levels = st.builds(Level, targets.map(tuple), st.sampled_from([minutes(5), minutes(20)]))
chains = st.lists(levels, min_size=1, max_size=3).map(lambda found: policy("chain", levels=tuple(found)))
urgencies = st.sampled_from(
    [ConstantUrgency("high"), ConstantUrgency("low"), SUPPORT, ByPriority(("P1",), ("P2",))]
)
swaps = st.lists(
    st.tuples(st.integers(-20, 330), st.integers(1, 60)).map(
        lambda p: LiveOverride(since=SINCE + p[0] * STEP, until=SINCE + sum(p) * STEP, user_id="U1")
    ),
    max_size=2,
)


@st.composite
def worlds(draw: st.DrawFn, paging: Paging) -> Scene:
    resources: list[Any] = [draw(schedules), draw(others), draw(chains)]
    resources += [service(key, urgency=draw(urgencies)) for key in draw(st.sets(st.sampled_from("ab")))]
    live = {Ref("schedule", "duty"): tuple(draw(swaps))}
    return scene(*resources, paging=paging, overrides=live, refs={"U1": BEN})


pairs = st.sampled_from([PAGERDUTY, WAITS]).flatmap(lambda paging: st.tuples(worlds(paging), worlds(paging)))


@settings(max_examples=20, deadline=None)
@given(pairs)
def test_impact_is_what_asking_every_half_hour_finds(both: tuple[Scene, Scene]) -> None:
    before, after = both
    found = impact(before, after, SINCE, SINCE + WEEK)

    assert impact(before, before, SINCE, SINCE + WEEK) == Impact(since=SINCE, until=SINCE + WEEK)
    assert told(found) == sorted(asked(before, after), key=lambda one: one[:4])
    was, now = (
        {(ref, at) for ref in s.services for at in halves() if nobody_then(s, ref, at)} for s in (before, after)
    )
    assert gap_halves(found.opened) == now - was
    assert gap_halves(found.closed) == {(ref, at) for ref, at in was - now if ref in after.services}


# --- by hand

DUTY = schedule("duty", rotation("anna", "ben"))
CHAIN = policy("chain", levels=(Level((DUTY.ref,), minutes(15)), Level((DAVID,), minutes(10))))
ALERTS = service("alerts")
WORLD = scene(DUTY, CHAIN, ALERTS)


def shown(found: Impact) -> list[tuple[int, int, str, str]]:
    """Pages as (level, days after SINCE, who before, who after)."""
    return [
        (p.level, (p.since - SINCE).days, *(" ".join(sorted(u.key for u in side)) for side in (p.before, p.after)))
        for p in found.pages
    ]


def test_a_change_beyond_the_horizon_is_said_to_come() -> None:
    added = replace(rotation("carla", start=datetime(2027, 1, 4, 9)), hours=OFFICE)
    after = scene(schedule("duty", *DUTY.rotations, added, overlap="last_wins"), CHAIN, ALERTS)
    assert impact(WORLD, after, SINCE, SINCE + WEEK) == Impact(
        since=SINCE, until=SINCE + WEEK, first_difference_after=datetime(2027, 1, 4, 8, tzinfo=UTC)
    )
    same_phase = scene(schedule("duty", rotation("anna", "ben", start=datetime(2025, 12, 22, 9))), CHAIN, ALERTS)
    assert changed_services(WORLD, same_phase) == [ALERTS.ref]
    assert impact(WORLD, same_phase, SINCE, SINCE + WEEK).first_difference_after is None


def test_spans_are_whole_weeks_on_both_sides_of_a_clock_change() -> None:
    since = datetime(2026, 10, 19, 7, tzinfo=UTC)
    swapped = scene(schedule("duty", rotation("ben", "anna")), CHAIN, ALERTS)
    first, second = impact(WORLD, swapped, since, since + 2 * WEEK + timedelta(hours=1)).pages
    assert (first.since, first.until, second.until) == (
        since,
        since + WEEK + timedelta(hours=1),
        since + 2 * WEEK + timedelta(hours=1),
    )
    assert (first.before, first.after, second.before, second.after) == tuple({u} for u in (BEN, ANNA, ANNA, BEN))


def test_a_longer_first_level_delays_the_second() -> None:
    slower = policy("chain", levels=(replace(CHAIN.levels[0], escalate_after=minutes(40)), CHAIN.levels[1]))
    (page,) = impact(WORLD, scene(DUTY, slower, ALERTS), SINCE, SINCE + WEEK).pages
    assert (page.level, page.before, page.after) == (2, {DAVID}, {DAVID})
    assert (page.delay_before, page.delay_after) == (minutes(15), minutes(40))
    assert (page.since, page.until) == (SINCE, SINCE + WEEK)


def test_new_and_deleted_services() -> None:
    none = scene(DUTY, CHAIN)
    assert shown(impact(none, WORLD, SINCE, SINCE + WEEK)) == [(1, 0, "", "anna"), (2, 0, "", "david")]
    gone = impact(WORLD, none, SINCE, SINCE + WEEK)
    assert shown(gone) == [(1, 0, "anna", ""), (2, 0, "david", "")]
    assert (gone.opened, gone.closed) == ((), ())


def test_a_gap_opens_where_nobody_is_left_and_closes_again() -> None:
    alone = policy("chain", levels=CHAIN.levels[:1])
    office = schedule("duty", replace(rotation("anna", "ben"), hours=OFFICE))
    whole, gappy = scene(DUTY, alone, ALERTS), scene(office, alone, ALERTS)
    found = impact(whole, gappy, SINCE, morning := SINCE + timedelta(days=1))
    assert found.opened == (Gap(service=ALERTS.ref, urgency="high", since=SINCE + 18 * STEP, until=morning),)
    assert impact(gappy, whole, SINCE, morning).closed == found.opened
    turned = scene(schedule("duty", replace(rotation("ben", "anna"), hours=OFFICE)), alone, ALERTS)
    still = impact(gappy, turned, SINCE, morning)
    assert (len(still.pages), still.opened, still.closed) == (1, (), ())


def test_only_what_changed_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = [service(f"s{n}") for n in range(50)]
    other = policy("other", ("duty2",))
    before = scene(DUTY, schedule("duty2"), CHAIN, other, *crowd, service("mine", "other"))
    changed = schedule("duty2", rotation("carla", "anna"))
    after = replace(before, schedules={**before.schedules, changed.ref: changed})
    looked: list[Ref] = []
    real = impact_module.policy_timeline

    def counted(chain: EscalationPolicy, *rest: Any) -> Any:
        looked.append(chain.ref)
        return real(chain, *rest)

    monkeypatch.setattr(impact_module, "policy_timeline", counted)
    assert impact(before, after, SINCE, SINCE + WEEK).pages
    assert set(looked) == {other.ref}
