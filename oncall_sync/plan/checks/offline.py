"""What is broken on any date: for `validate`, which knows no today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import permutations

from oncall_sync.model import (
    ALWAYS,
    AcknowledgedWithin,
    Check,
    Distinct,
    Eligible,
    Hours,
    HumanWithin,
    Level,
    Schedule,
)
from oncall_sync.rota.hours import union
from oncall_sync.rota.scene import Scene
from oncall_sync.rota.shifts import shifts
from oncall_sync.rota.timeline import Users, urgencies
from oncall_sync.rota.turns import rings_from
from oncall_sync.rota.wall import to_instant

from .answering import acknowledged_within, advice, slas, steps, too_long, total
from .broken import Broken, broken
from .follows import meeting, repeats, why
from .known import why_unknown
from .staffing import properties
from .watch import Name, Watch
from .words import exactly

_ANY = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""No instant of its own: what is asked of a watch here holds at any time."""


def without_today(checks: Iterable[Check], scene: Scene, name: Name | None = None) -> list[Broken]:
    """Return what is broken whatever the date; none of it has a span, and all of it breaks in `evaluate` one day.

    Only what never passes counts: rotations without an end, users named in levels, delays. Judged are
    `acknowledged_within`; `human_within` by the levels that always have somebody; `eligible` for everybody who
    rings again and again; `distinct` of a schedule and one that follows it. All else depends on today.
    """
    watch = Watch(scene, _ANY, _ANY, name)
    asked = list(checks)
    said = {check for check in asked if isinstance(check, HumanWithin)}
    asked += [check for check in slas(scene.services.values()) if check not in said]
    return [found for check in asked if why_unknown(check, scene, None) is None for found in _one(check, watch)]


def _one(check: Check, watch: Watch) -> Iterator[Broken]:
    match check:
        case AcknowledgedWithin():
            return acknowledged_within(check, watch)
        case HumanWithin():
            return _human_within(check, watch)
        case Eligible():
            return _eligible(check, watch)
        case Distinct():
            return _distinct(check, watch)
        case _:
            return iter(())


def _human_within(check: HumanWithin, watch: Watch) -> Iterator[Broken]:
    """Count only levels that always have somebody: others can only make it longer."""
    service = watch.scene.services[check.service]
    policy = watch.policy(service)
    if policy is None:
        return
    levels = [always(level, watch.scene) for level in policy.levels]
    paging = watch.paging(service)
    # Where low incidents stay at the first level that has somebody, that must be known to be the very first.
    names = [n for n in urgencies(service) if n == "high" or paging.low_escalates or (levels and levels[0])]
    ways = {name: steps(policy, levels, name, paging) for name in names}
    worst = max(ways.values(), key=total, default=())
    if total(worst) > check.limit:
        slow = [name for name, way in ways.items() if way == worst]
        message = (
            f"{watch.called(check.service)} promises a human within {exactly(check.limit)}, and"
            f" {too_long(worst, slow)}, on any day. {advice(worst)}"
        )
        yield broken(check.rule, message, (), check.source, check.service)


def always(level: Level, scene: Scene) -> Users:
    """Return who is named in a level if it always has somebody, else nobody.

    It does if it names a user, or if the endless rotations of its schedules in one zone leave no minute free.
    """
    if any(ref.kind == "user" for ref in level.notify):
        return frozenset(level.notify)
    filled: dict[str, list[Hours]] = {}
    for schedule in (scene.schedules[ref] for ref in level.notify):
        rotations = _endless(schedule).rotations
        filled.setdefault(schedule.time_zone, []).extend(r.hours for r in rotations if None not in r.members)
    full = any(union(*hours) == ALWAYS for hours in filled.values())
    return frozenset(level.notify) if full else frozenset()


def _endless(schedule: Schedule) -> Schedule:
    """Return the part of a schedule that never ends: rotations without `until`, and nothing but those."""
    rotations = tuple(r for r in schedule.rotations if r.members and not isinstance(r.until, datetime))
    return replace(schedule, rotations=rotations, assignments=(), overrides=())


def _begin(*schedules: Schedule) -> datetime:
    """Return the instant from which all rotations ring."""
    starts = (to_instant(rings_from(r), each.time_zone) for each in schedules for r in each.rotations)
    return max(starts, default=_ANY)


def _eligible(check: Eligible, watch: Watch) -> Iterator[Broken]:
    schedule = _endless(watch.scene.schedules[check.schedule])
    since = _begin(schedule)
    turns = shifts(schedule, since, repeats(schedule, schedule, since))
    for user in sorted({user for shift in turns for user in shift.users}):
        lacks = check.has - properties(user, watch.scene)
        if lacks:
            message = (
                f"{watch.name(user)} takes turns in {watch.called(check.schedule)} without"
                f" {' and '.join(sorted(lacks))}: give them access and write it under has:, or take them out"
            )
            yield broken(check.rule, message, (), check.source, check.schedule)


def _distinct(check: Distinct, watch: Watch) -> Iterator[Broken]:
    for one, other in permutations(check.schedules, 2):
        leader, follower = (_endless(watch.scene.schedules[ref]) for ref in (one, other))
        if follower.follows is None or follower.follows.schedule != one:
            continue
        spot = meeting(leader, follower, _begin(leader, follower))
        if spot is not None:
            message = (
                f"{watch.called(other)} follows {watch.name(one)} and has the same person at the same time, again"
                f" and again ({watch.people(spot.users)}). {why(leader, follower)}"
            )
            yield broken(check.rule, message, (), check.source, one)
