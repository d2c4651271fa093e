"""Whether a person can be reached, in a few words; never a number or an address."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from oncall_sync.model import ContactWay, Reach
from oncall_sync.plan.wording import duration

WAYS: tuple[ContactWay, ...] = ("push", "phone", "sms", "email")
RINGING: tuple[ContactWay, ...] = ("push", "phone", "sms")
"""What wakes somebody, unless a `reachable` check of the schedule says which ways are enough."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Whether somebody is reached by one of the ways asked for, and how, or why not."""

    fine: bool
    says: str


def ready(reach: Reach, by: Collection[str] = RINGING) -> Ready:
    """Return what a provider's knowledge of a person comes to for a high urgency."""
    if reach.cannot:
        return Ready(fine=False, says=f"is never paged: {reach.cannot}")
    first: dict[str, timedelta] = {}
    for step in reach.steps:
        if step.urgency == "high":
            first[step.way] = min(step.after, first.get(step.way, step.after))
    if not reach.rules_read:
        first |= {one.way: timedelta() for one in reach.contacts if one.usable and one.way not in first}
    told = [_when(way, first[way]) for way in sorted(first, key=lambda way: (first[way], WAYS.index(_way(way))))]
    return _judged(told, not first.keys().isdisjoint(by))


def ready_by(ways: Collection[str], by: Collection[str] = RINGING) -> Ready:
    """Return the same where only the ways are known, and not when each rings."""
    return _judged([way for way in WAYS if way in ways], not {*ways}.isdisjoint(by))


def _judged(told: list[str], fine: bool) -> Ready:  # noqa: FBT001 - a verdict, not a switch
    if not told:
        return Ready(fine=False, says="cannot be reached in any way")
    return Ready(fine=fine, says=f"{'is reached by' if fine else 'is reached only by'} {', '.join(told)}")


def _when(way: str, after: timedelta) -> str:
    return f"{way} {'at once' if not after else f'after {duration(after)}'}"


def _way(way: str) -> ContactWay:
    return next(one for one in WAYS if one == way)
