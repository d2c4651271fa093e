"""Every promise against a scene, over a span."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import assert_never

from oncall_sync.model import (
    AcknowledgedWithin,
    Check,
    Covered,
    Distinct,
    Eligible,
    HumanWithin,
    ObservedFirst,
    PlannedAhead,
    Policies,
    Raised,
    Reachable,
    Rings,
    Staffed,
)
from oncall_sync.rota.scene import Scene

from .ahead import observed_first, planned_ahead
from .answering import acknowledged_within, human_within, slas
from .broken import Broken
from .coverage import covered, distinct
from .known import ContactBook, why_unknown
from .moments import raised, rings
from .reaching import reachable
from .staffing import eligible, staffed
from .watch import Name, Watch


def promises(policies: Policies) -> list[Check]:
    """Return everything that policies promise: their checks, and `human_within:` as written on services."""
    return [*policies.checks, *slas(policies.services.values())]


def evaluate(
    checks: Iterable[Check],
    scene: Scene,
    since: datetime,
    until: datetime,
    contacts: ContactBook | None = None,
    name: Name | None = None,
) -> list[Broken]:
    """Return how promises are broken within `since..until` (aware), in the order of the checks.

    There is one for each cause of each check, with all its spans. Checks of which nothing can be said are passed
    over; `unknown` lists them. What the scene's services promise themselves is judged too, once.

    Args:
        checks: what is promised.
        scene: what decides who rings, declared or live.
        since: the first instant that is looked at.
        until: the end, exclusive.
        contacts: how people can be reached; None if nobody has read it.
        name: what refs are called in messages; keys, unless said.
    """
    watch = Watch(scene, since, until, name)
    asked = list(checks)
    said = {check for check in asked if isinstance(check, HumanWithin)}
    asked += [check for check in slas(scene.services.values()) if check not in said]
    return [
        found
        for check in asked
        if why_unknown(check, scene, contacts) is None
        for found in _one(check, watch, contacts)
    ]


def _one(check: Check, watch: Watch, contacts: ContactBook | None) -> Iterator[Broken]:  # noqa: C901, PLR0911 - one for each
    match check:
        case Covered():
            return covered(check, watch)
        case Distinct():
            return distinct(check, watch)
        case HumanWithin():
            return human_within(check, watch)
        case AcknowledgedWithin():
            return acknowledged_within(check, watch)
        case Staffed():
            return staffed(check, watch)
        case Eligible():
            return eligible(check, watch)
        case PlannedAhead():
            return planned_ahead(check, watch)
        case ObservedFirst():
            return observed_first(check, watch)
        case Rings():
            return rings(check, watch)
        case Raised():
            return raised(check, watch)
        case Reachable():
            return reachable(check, watch, contacts or {})
        case _:
            assert_never(check)
