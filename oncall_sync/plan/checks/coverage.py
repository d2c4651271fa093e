"""Enough people and not too many at every minute; nobody in two places at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from oncall_sync.model import Covered, Distinct, Ref, Schedule
from oncall_sync.rota.shifts import Shift
from oncall_sync.rota.stack import sweep

from .broken import Broken, Spot, add, broken
from .watch import Part, Watch
from .words import persons, verb


def covered(check: Covered, watch: Watch) -> Iterator[Broken]:
    """Yield one broken promise for each wrong number of people; a policy is judged by its first level."""
    promised = check.at_least or 0 if check.exactly is None else check.exactly
    wrong: dict[int, list[Spot]] = {}
    for since, until, users in _target(check.target, watch):
        count = len(users)
        if count < promised or (check.exactly is not None and count > promised):
            add(wrong.setdefault(count, []), since, until, users)
    least = "exactly" if check.exactly is not None else "at least"
    place = " level 1" if check.target.kind == "escalation_policy" else ""
    for count, spots in sorted(wrong.items(), key=lambda item: item[1][0].since):
        more = count > promised
        advice = (
            "let the hours of its rotations not overlap, or promise at_least"
            if more
            else "let rotations or overrides cover this time too"
        )
        message = (
            f"{watch.called(check.target)}{place}: {persons(count)} {verb(count)} on call,"
            f" and {least} {persons(promised)} {verb(promised)} promised:"
            f" {watch.when(spots, watch.zone(check.target))}. To mend it, {advice}"
        )
        yield broken(check.rule, message, spots, check.source, check.target)


def _target(target: Ref, watch: Watch) -> Sequence[Part]:
    if target.kind == "schedule":
        return [(shift.since, shift.until, shift.users) for shift in watch.shifts(target)]
    policy = watch.scene.policies[target]
    if not policy.levels:
        return [(watch.since, watch.until, frozenset())]
    return watch.level(policy.levels[0])


def distinct(check: Distinct, watch: Watch) -> Iterator[Broken]:
    """Yield one broken promise for each two schedules and cause; the people who are in both are named."""
    for one, other in combinations(check.schedules, 2):
        causes: dict[str, list[Spot]] = {}
        streams = [[(s.since, s.until, s) for s in watch.shifts(ref)] for ref in (one, other)]
        for since, until, found in sweep(streams, watch.since, watch.until):
            pair = [shift for _, shift in found]
            both = pair[0].users & pair[1].users if len(pair) == 2 else frozenset[Ref]()
            if both:
                add(causes.setdefault(_cause(one, other, pair, watch), []), since, until, both)
        for cause, spots in causes.items():
            message = (
                f"{watch.called(one)} and {watch.called(other)} have the same person at once:"
                f" {watch.when(spots, watch.zone(one))}. {cause}"
            )
            yield broken(check.rule, message, spots, check.source, one)


def _cause(one: Ref, other: Ref, pair: Sequence[Shift], watch: Watch) -> str:
    if any("override" in shift.why for shift in pair):
        return "An override does that: swap with somebody else, or make another override in the second schedule"
    schedules = [watch.scene.schedules[ref] for ref in (one, other)]
    for leader, follower in (schedules, schedules[::-1]):
        if follower.follows and follower.follows.schedule == leader.ref:
            return (
                f"{watch.called(follower.ref)} follows with offset {follower.follows.offset}:"
                " a member who is listed twice, or a list too short for that, meets itself;"
                " change the members or the offset"
            )
    sizes = [_turns(schedule) for schedule in schedules]
    if None not in sizes and sizes[0] != sizes[1]:
        return (
            f"Their lists of {sizes[0]} and {sizes[1]} members drift apart and meet again:"
            f" write follows: {watch.name(one)} instead of a second list"
        )
    return f"Write follows: {watch.name(one)} instead of a second list, or reorder the members"


def _turns(schedule: Schedule) -> int | None:
    """Return how many members take turns; None unless there is just one rotation."""
    return len(schedule.rotations[0].members) if len(schedule.rotations) == 1 else None
