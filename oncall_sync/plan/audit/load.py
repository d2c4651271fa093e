"""What people carry: hours, nights and weekends on call, and how often they take over; back and ahead.

Only turns of schedules count. Somebody whom a policy names directly has no turns, and is not in it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Final, Literal

from oncall_sync.model import Finding, Ref, User
from oncall_sync.plan.checks.watch import Watch, by_person
from oncall_sync.rota.wall import to_instant, to_wall

from .ground import Account, Asked
from .rules import found
from .values import Share, Span, Turns

NIGHT: Final = (time(22), time(6))
"""When people sleep, by their own clock."""
UNFAIR: Final = 1.5
"""So many times the mean, or more, is worth telling, if it is also more than one whole turn above it."""
_DAY: Final = timedelta(days=1)
_NONE: Final = timedelta()


class Loads:
    """The load of everybody on the schedules to tell of, over all accounts."""

    def __init__(self, asked: Asked, accounts: Sequence[Account]) -> None:
        self._asked = asked
        self._zones: dict[str, str] = {}
        self._spans: dict[str, list[Span]] = {}
        self._by_schedule: list[tuple[Account, Ref, dict[Ref, list[Span]]]] = []
        for account in accounts:
            watch = Watch(account.scene, asked.since, asked.until, account.name)
            for ref in account.schedules:
                if ref in account.scene.schedules:
                    self._read(account, ref, watch)

    def _read(self, account: Account, ref: Ref, watch: Watch) -> None:
        spots = by_person(watch.shifts(ref))
        mine = {user: [(s.since, s.until) for s in found_ if s.until] for user, found_ in spots.items()}
        self._by_schedule.append((account, ref, mine))
        for user, spans in mine.items():
            name = account.name(user)
            self._spans.setdefault(name, []).extend(spans)
            self._zones.setdefault(name, _zone(account.scene.users.get(user), watch.zone(ref)))

    def turns(self) -> Iterator[Turns]:
        """Yield what each person carries, back and ahead, by name."""
        parts: tuple[tuple[Literal["back", "ahead"], datetime, datetime], ...] = (
            ("back", self._asked.since, self._asked.now),
            ("ahead", self._asked.now, self._asked.until),
        )
        for name in sorted(self._spans):
            zone, merged = self._zones[name], union(self._spans[name])
            for part, since, until in parts:
                yield carried(name, part, zone, merged, since, until)

    def shares(self) -> Iterator[Share]:
        """Yield each person's share of each schedule that more than one person carries."""
        for account, ref, mine in self._by_schedule:
            schedule = account.scene.schedules[ref]
            members = {m for rotation in schedule.rotations for m in rotation.members if m is not None}
            people = sorted({*members, *mine}, key=account.name)
            hours = {user: total(mine.get(user, ())) for user in people}
            mean = sum(hours.values(), _NONE) / len(people) if people else _NONE
            if len(people) < 2 or not mean:
                continue
            for user in people:
                yield Share(
                    provider=account.provider,
                    schedule=account.key(ref),
                    user=account.name(user),
                    hours=hours[user],
                    mean=mean,
                    ratio=round(hours[user] / mean, 2),
                    known_since=self._known_since(account, ref),
                )

    def _known_since(self, account: Account, ref: Ref) -> datetime | None:
        schedule = account.scene.schedules[ref]
        begins = [to_instant(r.since, schedule.time_zone) for r in schedule.rotations if r.since is not None]
        first = min(begins, default=self._asked.since)
        return first if first > self._asked.since else None

    def findings(self) -> Iterator[Finding]:
        """Yield a note for everybody who has far more of a schedule than the others."""
        shares = {(one.provider, one.schedule, one.user): one for one in self.shares()}
        for account, ref, mine in self._by_schedule:
            longest = max((until - since for spans in mine.values() for since, until in spans), default=_NONE)
            for user in sorted(mine, key=account.name):
                one = shares.get((account.provider, account.key(ref), account.name(user)))
                if one is None or one.ratio < UNFAIR or one.hours - one.mean <= longest:
                    continue
                message = (
                    f"{one.user} has {hours_of(one.hours):g} hours of schedule {one.schedule}, {one.ratio:g} times"
                    f" the mean of {hours_of(one.mean):g}: deal the turns evenly, or say that it is meant"
                )
                yield found("unfair-load", message, self._asked.source(ref), ref)


def _zone(user: User | None, fallback: str) -> str:
    return user.time_zone if user and user.time_zone else fallback


def carried(
    name: str, part: Literal["back", "ahead"], zone: str, spans: Sequence[Span], since: datetime, until: datetime
) -> Turns:
    """Return what disjoint spans in order come to within `since..until`, by the clock of a zone."""
    mine = [(max(begin, since), min(end, until)) for begin, end in spans if begin < until and end > since]
    nights = [shared for night in nights_of(zone, since, until) if (shared := overlap(mine, night))]
    weekends = [shared for weekend in weekends_of(zone, since, until) if (shared := overlap(mine, weekend))]
    return Turns(
        user=name,
        part=part,
        zone=zone,
        hours=total(mine),
        night_hours=sum(nights, _NONE),
        nights=len(nights),
        weekend_hours=sum(weekends, _NONE),
        weekends=len(weekends),
        handoffs=sum(since < begin < until for begin, _ in spans),
    )


def nights_of(zone: str, since: datetime, until: datetime) -> Iterator[Span]:
    """Yield every night that touches a span, from evening to morning."""
    day = to_wall(since, zone).date() - _DAY
    while (begin := to_instant(datetime.combine(day, NIGHT[0]), zone)) < until:
        yield begin, to_instant(datetime.combine(day + _DAY, NIGHT[1]), zone)
        day += _DAY


def weekends_of(zone: str, since: datetime, until: datetime) -> Iterator[Span]:
    """Yield every weekend that touches a span, Saturday and Sunday."""
    first = to_wall(since, zone).date()
    day = first - timedelta(days=(first.weekday() - 5) % 7)
    while (begin := to_instant(datetime.combine(day, time()), zone)) < until:
        yield begin, to_instant(datetime.combine(day + 2 * _DAY, time()), zone)
        day += 7 * _DAY


def union(spans: Iterable[Span]) -> list[Span]:
    """Return spans merged: disjoint, in order, as long as they can be."""
    out: list[Span] = []
    for begin, end in sorted(spans):
        if out and begin <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((begin, end))
    return out


def overlap(spans: Sequence[Span], window: Span) -> timedelta:
    """Return how long disjoint spans in order lie in a window."""
    shared = _NONE
    place = max(bisect_right(spans, window) - 1, 0)
    for begin, end in spans[place:]:
        if begin >= window[1]:
            break
        shared += max(_NONE, min(end, window[1]) - max(begin, window[0]))
    return shared


def total(spans: Iterable[Span]) -> timedelta:
    """Return how long spans last together."""
    return sum((end - begin for begin, end in spans), _NONE)


def hours_of(value: timedelta) -> float:
    """Return a length of time in hours, to a hundredth."""
    return round(value / timedelta(hours=1), 2)
