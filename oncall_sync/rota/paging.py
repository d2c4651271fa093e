"""An incident's ladder: who rings, at what instant, at which level, and whether there is an incident at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from oncall_sync.model import (
    ABSENT,
    EscalationPolicy,
    Level,
    Paging,
    Ref,
    Service,
    SupportHours,
    UrgencyName,
)

from .scene import NEUTRAL, Scene
from .shifts import ringing_at
from .timeline import open_spans, urgency_timeline

DEFAULT_DELAY: Final = timedelta(minutes=30)
"""How long a level rings where neither a policy nor a provider has said."""

_SOON: Final = timedelta(microseconds=1)
_FAR: Final = timedelta(days=15)
"""Support hours that do not open within two weeks never do: they are weekly."""


@dataclass(frozen=True, slots=True, order=True)
class Ring:
    """One person's phone: at `at` (aware UTC), for `level` (from 1), `via` a schedule or directly (None)."""

    at: datetime
    level: int
    user: Ref
    via: Ref | None
    urgency: UrgencyName


@dataclass(frozen=True, slots=True)
class Paged:
    """What an event comes to. Without an `incident` nobody ever hears of it."""

    urgency: UrgencyName
    incident: bool
    rings: tuple[Ring, ...]
    raised_at: datetime | None = None


def page(service: Service, at: datetime, scene: Scene, urgency: UrgencyName | None = None) -> Paged:
    """Return who rings for an event at the aware instant `at`, in the order they ring.

    Without `urgency` the service decides; where the event would decide, it is taken to be high.
    """
    at = at.astimezone(UTC)
    asked = urgency
    opened = asked or next(urgency_timeline(service, at, at + _SOON))[2] or "high"
    policy = scene.policies.get(service.escalation_policy) if isinstance(service.escalation_policy, Ref) else None
    paging = scene.paging.get(service.provider, NEUTRAL)
    if policy is None or (paging.drops_when_nobody and not _anybody(policy, scene, at)):
        return Paged(opened, incident=policy is not None and not paging.drops_when_nobody, rings=())
    raised = raised_at(service, at) if asked is None and opened == "low" else None
    rings = tuple(_climb(policy, scene, paging, at, opened))
    if raised is not None:
        rings = () if paging.holds_until_raised else tuple(r for r in rings if r.at < raised)
        rings += tuple(_again(policy, scene, paging, raised, rings))
    return Paged(opened, incident=True, rings=rings, raised_at=raised)


def raised_at(service: Service, at: datetime) -> datetime | None:
    """Return when an incident that opens low at `at` turns high, if nobody acknowledges it; None is never."""
    rule = service.urgency
    if not isinstance(rule, SupportHours) or not rule.raise_at_start:
        return None
    starts = (begin for begin, _ in open_spans(rule.hours, rule.time_zone, at - timedelta(days=8), at + _FAR))
    return next((begin for begin in starts if begin > at), None)


def delay(level: Level) -> timedelta:
    """Return how long a level rings before the next begins."""
    return DEFAULT_DELAY if level.escalate_after is ABSENT else level.escalate_after


def on_call(level: Level, scene: Scene, at: datetime) -> list[tuple[Ref, Ref | None]]:
    """Return everybody a level rings at an instant, each with the schedule through which (None: directly)."""
    found: dict[Ref, Ref | None] = {ref: None for ref in level.notify if ref.kind == "user"}
    for ref in level.notify:
        schedule = scene.schedules.get(ref)
        if schedule is not None:
            live = scene.overrides.get(ref, ())
            shift = ringing_at(schedule, at, people=scene.users, live=live, refs=scene.refs)
            for user in shift.users:
                found.setdefault(user, ref)
    return sorted(found.items(), key=lambda item: item[0])


def _anybody(policy: EscalationPolicy, scene: Scene, at: datetime) -> bool:
    return any(on_call(level, scene, at) for level in policy.levels)


def _climb(
    policy: EscalationPolicy, scene: Scene, paging: Paging, at: datetime, urgency: UrgencyName, first: int = 0
) -> Iterator[Ring]:
    """Yield the rings of all passes but the `first` so many, each from the first level on."""
    clock = at
    passes = 1 + (policy.repeat if isinstance(policy.repeat, int) else 0)
    for _ in range(first, passes):
        begun = clock
        for number, level in enumerate(policy.levels, 1):
            people = on_call(level, scene, clock)
            yield from (Ring(clock, number, user, via, urgency) for user, via in people)
            if people and urgency == "low" and not paging.low_escalates:
                return
            if people or not paging.skips_empty_levels:
                clock += delay(level)
        if clock == begun:
            return  # every level was empty and skipped: another pass would find the same


def _again(
    policy: EscalationPolicy, scene: Scene, paging: Paging, at: datetime, before: tuple[Ring, ...]
) -> Iterator[Ring]:
    """Yield the rings after a low incident turned high at `at`.

    Where open incidents stay with whom they were assigned to, those people ring again, the next levels after
    them, and then the extra passes; elsewhere the ladder begins anew with whoever is on call then.
    """
    if not paging.open_incident_stays or not before:
        yield from _climb(policy, scene, paging, at, "high")
        return
    last, level = before[-1].at, before[-1].level
    yield from (Ring(at, r.level, r.user, r.via, "high") for r in before if (r.at, r.level) == (last, level))
    clock = at + delay(policy.levels[level - 1])
    for number, following in enumerate(policy.levels[level:], level + 1):
        people = on_call(following, scene, clock)
        yield from (Ring(clock, number, user, via, "high") for user, via in people)
        if people or not paging.skips_empty_levels:
            clock += delay(following)
    yield from _climb(policy, scene, paging, clock, "high", 1)
