"""How long after a page has come to somebody a human hears of it.

A phone must ring: by push, by a call or by a text message. An email wakes nobody, so at high urgency it never
counts, at whatever hour. A low-urgency incident is one that may wait until somebody looks: there an email counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from oncall_sync.model import PersonalStep, Reach, Ref, UrgencyName

from .values import Way

_AT_ONCE: Final = timedelta()
DEACTIVATED: Final = "deactivated"
"""How `Reach.cannot` begins for somebody whom the account has switched off or no longer has."""


@dataclass(frozen=True, slots=True)
class Reaching:
    """How people are reached. Without `book` nobody knows, and everybody is taken to be reached at once."""

    book: Mapping[Ref, Reach] | None

    def known(self, user: Ref) -> bool:
        """Return whether anything is known of how somebody is reached."""
        return self.book is not None and user in self.book

    def of(self, user: Ref) -> Reach | None:
        """Return what is known of somebody."""
        return self.book.get(user) if self.book is not None else None

    def first(self, user: Ref, urgency: UrgencyName) -> timedelta | None:
        """Return after how long a human hears of an incident that has come to `user`; None is never."""
        reach = self.of(user)
        if reach is None:
            return _AT_ONCE
        return min((way.after for way in ways(reach, urgency) if counts(way, urgency)), default=None)


def ways(reach: Reach, urgency: UrgencyName) -> tuple[Way, ...]:
    """Return everything that tells somebody of an incident of this urgency, soonest first."""
    if reach.cannot is not None:
        return ()
    if not reach.rules_read:
        return tuple(Way(way=one.way, shown=one.shown, after=_AT_ONCE) for one in reach.contacts if one.usable)
    steps = (step for step in reach.steps if step.urgency == urgency)
    return tuple(Way(way=one.way, shown=one.shown, after=one.after) for one in sorted(steps, key=_order))


def counts(way: Way, urgency: UrgencyName) -> bool:
    """Return whether this way is a human reached."""
    return way.way != "email" or urgency == "low"


def _order(step: PersonalStep) -> tuple[timedelta, str, str]:
    return step.after, step.way, step.shown
