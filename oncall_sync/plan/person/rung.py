"""When people ring: at which levels of which services, in which shifts, and where there is nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall_sync.model import EscalationPolicy, Ref, Schedule, Service, UrgencyName
from oncall_sync.plan.checks.watch import Watch
from oncall_sync.plan.impact import climbed
from oncall_sync.rota.scene import Scene
from oncall_sync.rota.stack import sweep
from oncall_sync.rota.timeline import Rung, urgencies

from .without import People, taker

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Services by which people ring, alike in everything: at this level, this long after the event.

    `spans` are aware UTC, maximal and in order, cut at the horizon; `after` is the shortest wait.
    """

    services: tuple[Ref, ...]
    urgency: UrgencyName
    level: int
    after: timedelta
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """Spans in which nobody else is on call: at one level of a policy, or at any of them (`level` None)."""

    policy: Ref
    services: tuple[Ref, ...]
    level: int | None
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A span in which people are on call in a schedule, and why."""

    schedule: Ref
    since: datetime
    until: datetime
    why: str


@dataclass(slots=True)
class _Sum:
    after: timedelta
    spans: list[Span] = field(default_factory=list)


def reached(watch: Watch, people: People) -> list[Reached]:
    """Return by which services people ring within the watch, the level that rings first before the others."""
    found: dict[tuple[UrgencyName, int, timedelta, tuple[Span, ...]], list[Ref]] = {}
    for service, policy in _services(watch, people):
        for (urgency, level), total in _heard(watch, people, service, policy).items():
            found.setdefault((urgency, level, total.after, tuple(total.spans)), []).append(service.ref)
    rows = (
        Reached(services=tuple(sorted(refs)), urgency=urgency, level=level, after=after, spans=spans)
        for (urgency, level, after, spans), refs in found.items()
    )
    return sorted(rows, key=lambda row: (row.services, row.urgency, row.level))


def alone(watch: Watch, people: People) -> list[Alone]:
    """Return where nobody else is on call: for a whole policy, or at one level while others have somebody."""
    by_policy: dict[Ref, list[Ref]] = {}
    for service, policy in _services(watch, people):
        by_policy.setdefault(policy.ref, []).append(service.ref)
    found: list[Alone] = []
    for ref, services in sorted(by_policy.items()):
        spans: dict[int, list[Span]] = {}
        for rung in watch.rungs(watch.scene.policies[ref]):
            for level in _lonely(rung, people):
                add(spans.setdefault(level, []), rung.since, rung.until)
        found += [
            Alone(policy=ref, services=tuple(sorted(services)), level=level or None, spans=tuple(listed))
            for level, listed in sorted(spans.items())
        ]
    return found


def turns(watch: Watch, people: People) -> list[Turn]:
    """Return the shifts of people within the watch, by when they begin."""
    scene = watch.scene
    found = [
        Turn(schedule=ref, since=shift.since, until=shift.until, why=shift.why)
        for ref in scene.schedules
        if people & named(scene, ref)
        for shift in watch.shifts(ref)
        if people & shift.users
    ]
    return sorted(found, key=lambda turn: (turn.since, turn.schedule))


def named(scene: Scene, ref: Ref) -> People:
    """Return everybody whom a schedule could ring: by turns, assignments, overrides and swaps."""
    schedule = scene.schedules.get(ref)
    swaps = (taker(one, scene.refs) for one in scene.overrides.get(ref, ()))
    return frozenset((*(_declared(schedule) if schedule is not None else ()), *swaps))


def add(spans: list[Span], since: datetime, until: datetime) -> None:
    """Append a span, or lengthen the last one if it touches."""
    if spans and spans[-1][1] == since:
        spans[-1] = (spans[-1][0], until)
    else:
        spans.append((since, until))


def _declared(schedule: Schedule) -> Iterator[Ref]:
    yield from (member for rotation in schedule.rotations for member in rotation.members if member is not None)
    for assignment in schedule.assignments:
        yield from (*assignment.on_call, *assignment.fallback)
    yield from (override.user for override in schedule.overrides)


def _services(watch: Watch, people: People) -> Iterator[tuple[Service, EscalationPolicy]]:
    """Yield the services whose policy could ring people."""
    scene = watch.scene
    rung_by: dict[Ref, bool] = {}
    for ref in sorted(scene.services):
        policy = watch.policy(scene.services[ref])
        if policy is None:
            continue
        if policy.ref not in rung_by:
            rung_by[policy.ref] = not people.isdisjoint(_callable(policy, scene))
        if rung_by[policy.ref]:
            yield scene.services[ref], policy


def _callable(policy: EscalationPolicy, scene: Scene) -> Iterable[Ref]:
    targets = [target for level in policy.levels for target in level.notify]
    yield from (target for target in targets if target.kind == "user")
    for target in targets:
        if target.kind == "schedule":
            yield from named(scene, target)


def _heard(
    watch: Watch, people: People, service: Service, policy: EscalationPolicy
) -> dict[tuple[UrgencyName, int], _Sum]:
    """Return when each level rings people, by the urgency with which an incident opens."""
    found: dict[tuple[UrgencyName, int], _Sum] = {}
    paging, both = watch.paging(service), urgencies(service)
    rungs: list[tuple[datetime, datetime, Rung | UrgencyName | None]]
    rungs = [(rung.since, rung.until, rung) for rung in watch.rungs(policy)]
    for since, until, parts in sweep([rungs, watch.opens(service)], watch.since, watch.until):
        (_, rung), (_, urgency) = parts
        if not isinstance(rung, Rung) or isinstance(urgency, Rung):
            continue
        for name in both if urgency is None else [urgency]:
            only_first = name == "low" and not paging.low_escalates
            steps = climbed(policy, rung, only_first=only_first, skips=paging.skips_empty_levels)
            for level, (users, after) in enumerate(steps, 1):
                if after is not None and people & users:
                    total = found.setdefault((name, level), _Sum(after))
                    total.after = min(total.after, after)
                    add(total.spans, since, until)
    return found


def _lonely(rung: Rung, people: People) -> Iterator[int]:
    """Yield the levels at which nobody else is; 0 if that is so at all of them together."""
    everybody = frozenset[Ref]().union(*rung.levels)
    if everybody and everybody <= people:
        yield 0
        return
    yield from (number for number, users in enumerate(rung.levels, 1) if users and users <= people)
