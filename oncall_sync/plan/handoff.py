"""A handoff: when the people on call in a schedule change, who goes, who comes, and what the week brings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from oncall_sync.model import OpenIncident, Ref, Schedule, Touch
from oncall_sync.rota.scene import Scene
from oncall_sync.rota.shifts import Shift, ringing_at, shifts
from oncall_sync.rota.timeline import Users, schedule_shifts
from oncall_sync.rota.wall import to_instant

from .person.lines import rotation_words
from .person.ready import Ready
from .person.without import taker

WEEK = timedelta(days=7)
LOOKBACK = timedelta(days=35)
"""How long before an instant somebody who was on call last is looked for."""
AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationChange:
    """Whose turn it is in a rotation before and after a handoff, swaps aside; nobody while it does not ring."""

    rotation: str
    before: Users
    after: Users


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """At `at` (aware UTC) `after` are on call, and `before` were last.

    `quiet_since` is set where nobody was on call in between. `until` is the next handover; None if there is none
    within a year.
    """

    at: datetime
    before: Users
    after: Users
    quiet_since: datetime | None = None
    until: datetime | None = None

    @property
    def goes(self) -> Users:
        """Return who is on call no more."""
        return self.before - self.after

    @property
    def comes(self) -> Users:
        """Return who was not on call before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Swapped:
    """A span of the coming week in which somebody takes over by an override."""

    user: Ref
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """A level of a policy that calls the schedule, and the services behind it."""

    policy: Ref
    level: int
    services: tuple[Ref, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A change that the provider's trail tells, and what it was made to."""

    what: str
    touch: Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What only a provider can tell; None is what it was not asked, or does not tell.

    `changes` are newest first; `untold` says why they are not all.
    """

    ready: Mapping[Ref, Ready] | None = None
    incidents: Sequence[OpenIncident] | None = None
    changes: Sequence[Told] | None = None
    untold: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """Everything a handoff note says. `names` are what refs are called, `people` what user ids are.

    `as_declared`: the provider does not tell of so long ago, so who was on call is what the policies say.
    """

    schedule: Schedule
    provider: str
    handover: Handover
    rotations: tuple[RotationChange, ...]
    paged: tuple[Paged, ...]
    week: tuple[Shift, ...]
    swaps: tuple[Swapped, ...]
    asked: Asked
    changed_since: datetime
    names: Callable[[Ref], str]
    people: Callable[[str], str]
    services: Mapping[str, str] = field(default_factory=dict)
    not_read: Mapping[str, str] = field(default_factory=dict)
    as_declared: bool = False

    @property
    def zone(self) -> str:
        """Return the zone in which to tell times."""
        return self.schedule.time_zone

    @property
    def unready(self) -> list[tuple[Ref, datetime]]:
        """Return who is on call in the coming week and cannot be reached, and from when on, in that order."""
        known = self.asked.ready or {}
        found: dict[Ref, datetime] = {}
        for shift in self.week:
            for user in sorted(shift.users):
                if user in known and not known[user].fine:
                    found.setdefault(user, shift.since)
        return list(found.items())


def handovers(listed: Iterable[Shift]) -> Iterator[Handover]:
    """Yield the handovers of shifts in order: where somebody comes who was not among those on call last.

    Hours in which nobody is on call, or only some of them are, are no handover; whoever comes after them takes
    over from all who were on call before.
    """
    last: Users | None = None
    heard_until: datetime | None = None
    waiting: Handover | None = None
    for shift in listed:
        if not shift.users:
            continue
        if last is None:
            last = shift.users
        elif not shift.users <= last:
            if waiting is not None:
                yield replace(waiting, until=shift.since)
            quiet = heard_until if heard_until is not None and heard_until < shift.since else None
            waiting = Handover(at=shift.since, before=last, after=shift.users, quiet_since=quiet)
            last = shift.users
        heard_until = shift.until
    if waiting is not None:
        yield waiting


def next_handover(ref: Ref, scene: Scene, now: datetime) -> Handover | None:
    """Return the first handover after an instant; None if there is none within a year."""
    listed = handovers(schedule_shifts(ref, scene, now - LOOKBACK, now + AHEAD))
    return next((one for one in listed if one.at > now), None)


def last_handover(ref: Ref, scene: Scene, at: datetime) -> Handover | None:
    """Return the handover at an instant, or the last one before; None if there is none within a year."""
    for back in (LOOKBACK, AHEAD):
        found: Handover | None = None
        for one in handovers(schedule_shifts(ref, scene, at - back, at + AHEAD)):
            if one.at > at:
                break
            found = one
        if found is not None:
            return found
    return None


def rotation_changes(schedule: Schedule, at: datetime) -> list[RotationChange]:
    """Return whose turn it is in each of several rotations before and after, where that is not the same.

    Where rotations cover each other, or assignments name people instead, a rotation alone says little: nothing.
    """
    if len(schedule.rotations) < 2 or schedule.overlap == "last_wins" or schedule.assignments:
        return []
    found: list[RotationChange] = []
    for index, rotation in enumerate(schedule.rotations):
        alone = replace(schedule, rotations=(rotation,), overrides=())
        rang = [shift.users for shift in shifts(alone, at - LOOKBACK, at) if shift.users]
        before, after = (rang[-1] if rang else frozenset()), ringing_at(alone, at).users
        if before != after:
            name = rotation_words(schedule, index)
            found.append(RotationChange(rotation=name, before=before, after=after))
    return found


def paged_by(ref: Ref, scene: Scene) -> list[Paged]:
    """Return the levels that call a schedule, with the services behind them."""
    services: dict[Ref, list[Ref]] = {}
    for service in scene.services.values():
        if isinstance(service.escalation_policy, Ref):
            services.setdefault(service.escalation_policy, []).append(service.ref)
    return [
        Paged(policy=policy.ref, level=number, services=tuple(sorted(services.get(policy.ref, ()))))
        for policy in sorted(scene.policies.values(), key=lambda one: one.ref)
        for number, level in enumerate(policy.levels, 1)
        if ref in level.notify
    ]


def week_of(ref: Ref, scene: Scene, since: datetime) -> list[Shift]:
    """Return the shifts of the week that begins at an instant."""
    return list(schedule_shifts(ref, scene, since, since + WEEK))


def swaps_in(schedule: Schedule, ref: Ref, scene: Scene, since: datetime) -> list[Swapped]:
    """Return the overrides that touch the week from an instant on, declared ones and those at the provider."""
    found = {
        Swapped(user=taker(one, scene.refs), since=one.since, until=one.until)
        for one in scene.overrides.get(ref, ())
    }
    for one in schedule.overrides:
        begin, end = (to_instant(at, schedule.time_zone) for at in (one.since, one.until))
        found.add(Swapped(user=one.user, since=begin, until=end))
    touching = (one for one in found if one.since < since + WEEK and since < one.until)
    return sorted(touching, key=lambda one: (one.since, one.until, one.user))


def people_of(handover: Handover, week: Iterable[Shift], most: int) -> list[Ref]:
    """Return who has to be reached: whoever comes, and whoever else is on call in the week."""
    listed = [*sorted(handover.after), *(user for shift in week for user in sorted(shift.users))]
    return list(islice(dict.fromkeys(listed), most))
