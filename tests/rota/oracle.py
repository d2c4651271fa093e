"""A second opinion on who rings: minute by minute, asked plainly, sharing no code with `oncall_sync.rota`."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta

MINUTE = timedelta(minutes=1)


def clock_minutes(zone, since, until):
    """Yield every UTC minute with the wall-clock minute whose state holds then.

    Clocks that jump ahead show the first minute after the gap; while clocks repeat an hour nothing new begins, so
    the latest minute that was ever shown still counts.
    """
    place = zoneinfo.ZoneInfo(zone)
    at = since - timedelta(hours=4)
    latest = datetime(1, 1, 1)
    while at < until:
        shown = at.astimezone(place).replace(tzinfo=None, fold=0)
        latest = max(latest, shown)
        if at >= since:
            yield at, latest
        at += MINUTE


def in_hours(hours, wall):
    minute = wall.isoweekday() * 1440 - 1440 + wall.hour * 60 + wall.minute
    return any(start <= minute < end or start <= minute + 10080 < end for start, end in hours.spans)


def turn_of(rotation, wall):
    """Return ("rings", member) or None if the rotation does not ring in that minute."""
    begins = rotation.since if rotation.since is not None else rotation.start
    if wall < begins or (isinstance(rotation.until, datetime) and wall >= rotation.until):
        return None
    if not rotation.members or not in_hours(rotation.hours, wall):
        return None
    minutes = int((wall - rotation.start).total_seconds()) // 60
    length = int(rotation.every.total_seconds()) // 60
    number = minutes // length
    return ("rings", rotation.members[number % len(rotation.members)])


def is_out(user, wall):
    return wall.weekday() not in user.works or any(a.since <= wall < a.until for a in user.away)


def rung_by_assignments(schedule, wall, people):
    """Return a set of users, or None where no assignment holds."""
    found = None
    for assignment in schedule.assignments:
        if assignment.since <= wall < assignment.until:
            found = (found or set()) | set(assignment.on_call)
            if any(ref in people and is_out(people[ref], wall) for ref in assignment.on_call):
                found |= set(assignment.fallback)
    return found


def rung_by_rotations(schedule, wall):
    found = set()
    for rotation in schedule.rotations:
        turn = turn_of(rotation, wall)
        if turn is not None and turn[1] is not None:
            found = found | {turn[1]} if schedule.overlap == "everyone" else {turn[1]}
    return found


def rung(schedule, wall, people=None, *, overrides=True):
    """Return the set of people who ring in one wall-clock minute."""
    found = rung_by_assignments(schedule, wall, people or {})
    if found is None:
        found = rung_by_rotations(schedule, wall)
    for override in schedule.overrides if overrides else ():
        if override.since <= wall < override.until:
            if override.instead_of is None:
                found = {override.user}
            elif override.instead_of in found:
                found = (found - {override.instead_of}) | {override.user}
    return frozenset(found)


def rendered(schedule, since, until, people=None, live=(), refs=None):
    """Return [(since, until, users)] over whole minutes, maximal, without holes."""
    spans = []
    for at, wall in clock_minutes(schedule.time_zone, since, until):
        users = rung(schedule, wall, people)
        for override in live:
            if override.since <= at < override.until:
                users = frozenset([refs[override.user_id]])
        if spans and spans[-1][2] == users:
            spans[-1][1] = at + MINUTE
        else:
            spans.append([at, at + MINUTE, users])
    return [tuple(span) for span in spans]


def first_shown(zone, wall):
    """Return the first UTC minute at which clocks in `zone` show `wall` or, if they skip it, something later."""
    place = zoneinfo.ZoneInfo(zone)
    at = wall.replace(tzinfo=UTC) - timedelta(hours=30)
    while at.astimezone(place).replace(tzinfo=None) < wall:
        at += MINUTE
    return at
