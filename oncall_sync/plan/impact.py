"""Who is paged differently, and when: two scenes compared over a span.

Only services whose ladder differs are looked at, so an account of any size costs no more than what changed in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oncall_sync.model import EscalationPolicy, Ref, Schedule, Service, UrgencyName
from oncall_sync.rota.paging import delay
from oncall_sync.rota.scene import NEUTRAL, Scene
from oncall_sync.rota.stack import sweep
from oncall_sync.rota.timeline import Rung, Users, joined, policy_timeline, urgencies, urgency_timeline

BEYOND = timedelta(days=366)
"""How far past the horizon the first difference is looked for, when there is none within it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """From `since` to `until` (aware UTC), `level` of the service's ladder rings `after` instead of `before`.

    Delays are how long after the event that level rings; None where it rings nobody.
    """

    service: Ref
    urgency: UrgencyName
    level: int
    since: datetime
    until: datetime
    before: Users
    after: Users
    delay_before: timedelta | None
    delay_after: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """From `since` to `until` (aware UTC) nobody at all is on call for the service."""

    service: Ref
    urgency: UrgencyName
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a plan does to people, from `since` to `until`.

    `opened` are gaps that the plan opens, `closed` those that it closes. `first_difference_after` is when
    somebody is first paged differently if that is only after `until`; None if it is never, or within the span.
    """

    since: datetime
    until: datetime
    pages: tuple[Page, ...] = ()
    opened: tuple[Gap, ...] = ()
    closed: tuple[Gap, ...] = ()
    first_difference_after: datetime | None = None


def impact(before: Scene, after: Scene, since: datetime, until: datetime) -> Impact:
    """Return who is paged differently within `since..until` (aware)."""
    services = changed_services(before, after)
    pages, opened, closed = _compare(before, after, services, since, until)
    later: datetime | None = None
    if services and not pages:
        far, _, _ = _compare(before, after, services, until, until + BEYOND)
        later = min((page.since for page in far), default=None)
    return Impact(
        since=since,
        until=until,
        pages=tuple(pages),
        opened=tuple(opened),
        closed=tuple(closed),
        first_difference_after=later,
    )


def changed_services(before: Scene, after: Scene) -> list[Ref]:
    """Return the services whose ladder is not word for word the same, in order."""
    return [
        ref for ref in sorted({*before.services, *after.services}) if _ladder(before, ref) != _ladder(after, ref)
    ]


def _ladder(scene: Scene, ref: Ref) -> tuple[object, ...]:
    """Return everything that decides who rings for a service."""
    service = scene.services.get(ref)
    if service is None:
        return ()
    policy = _policy(scene, service)
    named = [target for level in policy.levels for target in level.notify] if policy else []
    schedules = [(_what_rings(scene.schedules.get(t)), scene.overrides.get(t, ())) for t in named]
    levels = [(level.notify, level.escalate_after) for level in policy.levels] if policy else None
    return service.urgency, levels, schedules


def _what_rings(schedule: Schedule | None) -> tuple[object, ...]:
    if schedule is None:
        return ()
    rotations = tuple(replace(rotation, name=None) for rotation in schedule.rotations)
    return schedule.time_zone, schedule.overlap, rotations, schedule.assignments, schedule.overrides


def _policy(scene: Scene, service: Service) -> EscalationPolicy | None:
    ref = service.escalation_policy
    return scene.policies.get(ref) if isinstance(ref, Ref) else None


def _compare(
    before: Scene, after: Scene, services: Iterable[Ref], since: datetime, until: datetime
) -> tuple[list[Page], list[Gap], list[Gap]]:
    pages: list[Page] = []
    opened: list[Gap] = []
    closed: list[Gap] = []
    for ref in services:
        for urgency in _urgencies(before, after, ref):
            found = list(_differences(before, after, ref, urgency, since, until))
            pages += found
        was, now = (_gaps(scene, ref, since, until) for scene in (before, after))
        opened += _minus(now, was, since, until)
        if ref in after.services:
            closed += _minus(was, now, since, until)
    return pages, opened, closed


def _urgencies(before: Scene, after: Scene, ref: Ref) -> list[UrgencyName]:
    found = {name for scene in (before, after) if ref in scene.services for name in urgencies(scene.services[ref])}
    return [name for name in ("high", "low") if name in found]


Rungs = Iterator[tuple[datetime, datetime, tuple[tuple[Users, timedelta | None], ...]]]


def _ladder_timeline(scene: Scene, ref: Ref, urgency: UrgencyName, since: datetime, until: datetime) -> Rungs:
    """Yield what each level rings and after how long, where an incident of this urgency can open."""
    service = scene.services.get(ref)
    policy = _policy(scene, service) if service else None
    if service is None or policy is None:
        return
    paging = scene.paging.get(service.provider, NEUTRAL)
    whole = policy if urgency == "high" or paging.low_escalates else None
    open_spans = (
        (begin, end, True)
        for begin, end, name in urgency_timeline(service, since, until)
        if name in (None, urgency)
    )
    rungs = ((rung.since, rung.until, rung) for rung in policy_timeline(policy, scene, since, until))
    for begin, end, found in sweep([open_spans, rungs], since, until):
        parts = dict(found)
        if 0 in parts and isinstance(parts[1], Rung):
            yield begin, end, climbed(policy, parts[1], only_first=whole is None, skips=paging.skips_empty_levels)


def climbed(
    policy: EscalationPolicy, rung: Rung, *, only_first: bool, skips: bool
) -> tuple[tuple[Users, timedelta | None], ...]:
    """Return whom each level rings, and how long after the event (None: nobody).

    With `only_first` no level rings after the first that has somebody; `skips` passes empty levels over at once.
    """
    out: list[tuple[Users, timedelta | None]] = []
    waited, rung_somebody = timedelta(), False
    for level, users in zip(policy.levels, rung.levels, strict=True):
        heard = users if not (only_first and rung_somebody) else frozenset()
        out.append((heard, waited if heard else None))
        rung_somebody = rung_somebody or bool(users)
        if users or not skips:
            waited += delay(level)
    return tuple(out)


def _differences(
    before: Scene, after: Scene, ref: Ref, urgency: UrgencyName, since: datetime, until: datetime
) -> Iterator[Page]:
    """Yield, level by level, the maximal spans in which a level rings other people or at another time."""
    sides = [_ladder_timeline(scene, ref, urgency, since, until) for scene in (before, after)]
    spans = [(begin, end, dict(found)) for begin, end, found in sweep(sides, since, until)]
    most = max((len(steps) for _, _, found in spans for steps in found.values()), default=0)
    nothing: tuple[Users, timedelta | None] = (frozenset(), None)
    for level in range(1, most + 1):
        pairs = (
            (begin, end, tuple(_at(found.get(side, ()), level, nothing) for side in (0, 1)))
            for begin, end, found in spans
        )
        for begin, end, (was, now) in joined(pairs):
            if was != now:
                yield Page(
                    service=ref,
                    urgency=urgency,
                    level=level,
                    since=begin,
                    until=end,
                    before=was[0],
                    after=now[0],
                    delay_before=was[1],
                    delay_after=now[1],
                )


def _at(
    steps: tuple[tuple[Users, timedelta | None], ...], level: int, nothing: tuple[Users, timedelta | None]
) -> tuple[Users, timedelta | None]:
    return steps[level - 1] if level <= len(steps) else nothing


def _gaps(scene: Scene, ref: Ref, since: datetime, until: datetime) -> list[Gap]:
    """Return the spans in which an event would find nobody at all, by the urgency it would have."""
    service = scene.services.get(ref)
    policy = _policy(scene, service) if service else None
    if service is None or policy is None:
        return []
    rungs = ((r.since, r.until, r.first is None) for r in policy_timeline(policy, scene, since, until))
    opens = urgency_timeline(service, since, until)
    out: list[Gap] = []
    for begin, end, found in sweep([rungs, opens], since, until):
        parts = dict(found)
        if parts.get(0):
            name = parts.get(1)
            out.append(Gap(service=ref, urgency="low" if name == "low" else "high", since=begin, until=end))
    return out


def _minus(gaps: list[Gap], others: list[Gap], since: datetime, until: datetime) -> Iterator[Gap]:
    """Yield what of `gaps` is not also in `others`."""
    streams = [((g.since, g.until, g) for g in side) for side in (gaps, others)]
    for begin, end, found in sweep(streams, since, until):
        parts = dict(found)
        if 0 in parts and 1 not in parts:
            yield replace(parts[0], since=begin, until=end)
