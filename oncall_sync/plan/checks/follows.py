"""Schedules that follow another, and whether they can ever meet it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import lcm

from oncall_sync.model import WEEK, Policies, Ref, Schedule
from oncall_sync.rota.equal import LONGEST_PERIOD
from oncall_sync.rota.phase import canonical, cycle
from oncall_sync.rota.shifts import shifts
from oncall_sync.rota.stack import sweep
from oncall_sync.rota.turns import FOREVER, rings_from, rings_until
from oncall_sync.rota.wall import to_instant

from .broken import Broken, Spot, broken
from .watch import Watch

_MINUTE = timedelta(minutes=1)


def follows_same(policies: Policies, watch: Watch) -> Iterator[Broken]:
    """Yield a broken promise for each declared schedule that can ever ring whom the one it follows does.

    Ever is from the beginning of the span on, by turns alone: overrides are what `distinct` looks at. The span
    that is told is the first one.
    """
    for follower in policies.schedules.values():
        leader = policies.get(follower.follows.schedule) if follower.follows else None
        spot = meeting(leader, follower, watch.since) if isinstance(leader, Schedule) else None
        if spot is not None and isinstance(leader, Schedule):
            message = (
                f"{watch.called(follower.ref)} follows {watch.name(leader.ref)} and can have the same person at"
                f" the same time: {watch.when([spot], follower.time_zone)} for the first time."
                f" {why(leader, follower)}"
            )
            yield broken("follows-same", message, [spot], follower.where("follows"), follower.ref)


def meeting(leader: Schedule, follower: Schedule, since: datetime) -> Spot | None:
    """Return the first span from `since` (aware) on in which turns put the same people into both; None is never.

    Exact, unless the turns only repeat after more than ten years: then the first ten are looked at.
    """
    since = since.astimezone(UTC)
    until = repeats(leader, follower, since)
    streams = [
        ((s.since, s.until, s.users) for s in shifts(replace(each, overrides=(), assignments=()), since, until))
        for each in (leader, follower)
    ]
    for begin, end, found in sweep(streams, since, until):
        both = frozenset[Ref].intersection(*(users for _, users in found))
        if both:
            return Spot(begin, end, both)
    return None


def repeats(leader: Schedule, follower: Schedule, since: datetime) -> datetime:
    """Return an instant by which all turns have been seen: one period after the last single change."""
    rotations = leader.rotations + follower.rotations
    edges = [edge for r in rotations for edge in (rings_from(r), rings_until(r)) if edge != FOREVER]
    begin = max([since, *(to_instant(edge, leader.time_zone) for edge in edges)])
    period = lcm(WEEK, *(cycle(canonical(rotation)) for rotation in rotations))
    return min(begin + min(period, LONGEST_PERIOD) * _MINUTE, since + LONGEST_PERIOD * _MINUTE) + WEEK * _MINUTE


def why(leader: Schedule, follower: Schedule) -> str:
    """Return in words how that comes, and what to do."""
    offset = follower.follows.offset if follower.follows else 0
    for rotation in leader.rotations:
        members = rotation.members
        count = len(members)
        if len({*members} - {None}) == 1:
            return "Its rotation has only one member: add another"
        if count and offset % count == 0:
            return f"An offset of {offset} is whole rounds of its {count} members: choose another"
        twice = sorted(
            {m.key for i, m in enumerate(members) if m is not None and m == members[i - offset % count]}
        )
        if twice:
            names = ", ".join(twice)
            return f"Members are listed twice, {offset} apart ({names}): reorder them, or change the offset"
    return "Somebody is in several of its rotations: let each member be in one, or change the offset"
