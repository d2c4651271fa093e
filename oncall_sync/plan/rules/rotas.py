"""Rules about schedules: how many share one, for how long, when they hand over, what they must have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from oncall_sync.model import Eligible, Reachable, Ref, Schedule
from oncall_sync.model.rule import (
    EligibleRule,
    HandoffsRule,
    LongestShiftRule,
    PeoplePerRotaRule,
    ReachableRule,
    RestRule,
    Rule,
)
from oncall_sync.plan.checks.broken import Broken, Spot
from oncall_sync.plan.checks.offline import without_today
from oncall_sync.plan.checks.reaching import reachable as reachable_check
from oncall_sync.plan.checks.staffing import eligible as eligible_check
from oncall_sync.plan.checks.watch import Watch, by_person
from oncall_sync.plan.checks.words import exactly, persons, verb
from oncall_sync.rota.hours import contains, in_words, minute_of_week
from oncall_sync.rota.shifts import shifts
from oncall_sync.rota.turns import rings_until
from oncall_sync.rota.wall import to_wall

from .breach import Breach, Ground, over

_MINUTE = timedelta(minutes=1)
_LONG_AGO = datetime.min  # noqa: DTZ901 - wall clock has no zone
_BEFORE = timedelta(days=35)
"""How far back the last turn of somebody else is looked for: more than two of the longest turns."""


def people_per_rota(rule: PeoplePerRotaRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each schedule in which too few people have turns that are not over yet."""
    yield from _too_few(rule, ground, lambda schedule: to_wall(ground.watch.since, schedule.time_zone))


def people_ever(rule: PeoplePerRotaRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each schedule that names too few people, past turns included: so it is on any day."""
    yield from _too_few(rule, ground, lambda _: _LONG_AGO)


def _too_few(rule: PeoplePerRotaRule, ground: Ground, since: Callable[[Schedule], datetime]) -> Iterator[Breach]:
    for schedule in ground.schedules(rule):
        people = sharing(schedule, since(schedule))
        if len(people) < rule.at_least:
            watch = ground.watch
            names = f" ({watch.people(people)})" if people else ""
            count = len(people)
            message = (
                f"{watch.called(schedule.ref)}: {persons(count)} {verb(count)} in it{names} instead of at least"
                f" {rule.at_least}: add members"
            )
            yield Breach(rule=rule, ref=schedule.ref, path="rotations", message=message, far=rule.at_least - count)


def sharing(schedule: Schedule, since: datetime) -> frozenset[Ref]:
    """Return everybody who has turns, or is named in assignments, that end after `since` (naive wall clock).

    Overrides are swaps among those people, and do not count.
    """
    found: set[Ref] = set()
    for rotation in schedule.rotations:
        if rings_until(rotation) > since:
            found |= {member for member in rotation.members if member is not None}
    for assignment in schedule.assignments:
        if assignment.until > since:
            found |= {*assignment.on_call}
    return frozenset(found)


def longest_shift(rule: LongestShiftRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each schedule in which somebody is on call for too long at a stretch within the span.

    A shift counts whole, also where it began before the span or ends after it.
    """
    wider = ground.around(rule.limit)
    for schedule in ground.schedules(rule):
        spots = [
            Spot(spot.since, spot.until, frozenset((user,)))
            for user, found in by_person(wider.shifts(schedule.ref)).items()
            for spot in found
            if spot.until is not None and spot.until - spot.since > rule.limit
        ]
        inside = ground.within(sorted(spots, key=lambda spot: (spot.since, sorted(spot.users))))
        if inside:
            watch = ground.watch
            message = (
                f"{watch.called(schedule.ref)}: on call for more than {exactly(rule.limit)} at a stretch:"
                f" {watch.when(inside, schedule.time_zone)}. Let turns be shorter, or overlap less"
            )
            yield Breach(rule=rule, ref=schedule.ref, path="rotations", message=message, spans=over(inside))


def rest_between_shifts(rule: RestRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each schedule in which a shift begins too soon after that person's last one.

    That one may have been in any schedule the rule applies to. Shifts that touch are one shift.
    """
    wider, wrong = ground.around(rule.limit), dict[Ref, list[Spot]]()
    starts: dict[tuple[Ref, datetime], Ref] = {}
    busy: dict[Ref, list[tuple[datetime, datetime]]] = {}
    for schedule in ground.schedules(rule):
        for user, spots in by_person(wider.shifts(schedule.ref)).items():
            for spot in spots:
                starts.setdefault((user, spot.since), schedule.ref)
                busy.setdefault(user, []).append((spot.since, spot.until or spot.since))
    for user, spans in sorted(busy.items()):
        for left, back in _gaps(spans):
            if back - left < rule.limit and ground.watch.since < back < ground.watch.until:
                wrong.setdefault(starts[user, back], []).append(Spot(left, back, frozenset((user,))))
    for ref, found in sorted(wrong.items()):
        inside = sorted(found, key=lambda spot: (spot.since, sorted(spot.users)))
        watch = ground.watch
        message = (
            f"{watch.called(ref)}: less than {exactly(rule.limit)} between a shift and that person's last one:"
            f" {watch.when(inside, watch.zone(ref))}. Let somebody else have one of the two"
        )
        yield Breach(rule=rule, ref=ref, path="rotations", message=message, spans=over(inside))


def _gaps(spans: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Yield the times between spans, which may overlap, in order."""
    last: datetime | None = None
    for since, until in sorted(spans):
        if last is not None and since > last:
            yield last, since
        last = until if last is None else max(last, until)


def handoffs(rule: HandoffsRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each schedule in which somebody takes over from somebody else outside the hours.

    By turns and assignments alone: swaps are people's own.
    """
    watch = ground.watch
    for schedule in ground.schedules(rule):
        times = [at for at in _taken_over(schedule, watch) if not _within(rule, to_wall(at, schedule.time_zone))]
        spots = ground.within(Spot(at, None) for at in times)
        if spots:
            message = (
                f"{watch.called(schedule.ref)} hands over outside {in_words(rule.during)}:"
                f" {watch.when(spots, schedule.time_zone)}. Let turns begin at another time of day"
            )
            yield Breach(rule=rule, ref=schedule.ref, path="rotations", message=message, spans=over(spots))


def _within(rule: HandoffsRule, wall: datetime) -> bool:
    """Tell whether hours hold a time or end with it: whoever leaves at five can still hand over."""
    minute = minute_of_week(wall)
    return contains(rule.during, minute) or contains(rule.during, minute - 1)


def _taken_over(schedule: Schedule, watch: Watch) -> Iterator[datetime]:
    """Yield when somebody begins whose last turn ended before that of somebody who is no longer on call.

    So whoever comes back every evening takes over from nobody, however many others are on call all the time.
    """
    plain = replace(schedule, overrides=())
    last: frozenset[Ref] = frozenset()
    ended: dict[Ref, datetime] = {}
    for shift in shifts(plain, watch.since - _BEFORE, watch.until, people=watch.scene.users):
        ended |= dict.fromkeys(last - shift.users, shift.since)
        gone = max((at for user, at in ended.items() if user not in shift.users), default=None)
        begin = shift.users - last
        if gone is not None and any(user not in ended or ended[user] < gone for user in begin):
            yield shift.since
        last = shift.users


def eligible(rule: EligibleRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each person on call within the span who lacks something."""
    for schedule in ground.schedules(rule):
        check = Eligible(schedule=schedule.ref, has=rule.has)
        yield from _breaches(rule, schedule.ref, eligible_check(check, ground.watch))


def eligible_always(rule: EligibleRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each person with turns that never end who lacks something."""
    for schedule in ground.schedules(rule):
        check = Eligible(schedule=schedule.ref, has=rule.has)
        found = without_today([check], replace(ground.watch.scene, services={}), ground.watch.name)
        yield from _breaches(rule, schedule.ref, found)


def reachable(rule: ReachableRule, ground: Ground) -> Iterator[Breach]:
    """Yield a breach for each person on call at a provider who cannot be reached; none if nobody has read how."""
    contacts = ground.contacts
    for schedule in ground.schedules(rule) if contacts is not None else ():
        if schedule.provider != "none":
            check = Reachable(schedule=schedule.ref, by=rule.by, before=rule.before)
            yield from _breaches(rule, schedule.ref, reachable_check(check, ground.watch, contacts or {}))


def _breaches(rule: Rule, ref: Ref, found: Iterable[Broken]) -> Iterator[Breach]:
    for each in found:
        yield Breach(rule=rule, ref=ref, path="rotations", message=each.message, spans=each.spans)
