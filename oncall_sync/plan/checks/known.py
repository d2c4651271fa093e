"""What a scene knows well enough to judge, and the promises of which nothing can be said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

from oncall_sync.model import (
    AcknowledgedWithin,
    Check,
    Covered,
    Distinct,
    Eligible,
    Finding,
    HumanWithin,
    ObservedFirst,
    PlannedAhead,
    Raised,
    Reachable,
    Ref,
    Rings,
    Staffed,
)
from oncall_sync.rota.scene import Scene

from .broken import LEVELS


@dataclass(frozen=True, slots=True)
class Contacts:
    """The ways in which a person can be reached (`push`, `phone`, `sms`, `email`); never numbers or addresses."""

    ways: frozenset[str]


ContactBook = Mapping[Ref, Contacts]
"""What a provider says of people; who is missing cannot be reached in any way."""


def unknown(checks: Iterable[Check], scene: Scene, contacts: ContactBook | None = None) -> list[Finding]:
    """Return a note for every check that `evaluate` passes over, with the reason.

    That is: what it is about is not in the scene (somebody else's, or not read), nobody has read how people can
    be reached, or the schedule has no assignments to tell who observed.
    """
    found: list[Finding] = []
    for check in checks:
        reason = why_unknown(check, scene, contacts)
        if reason is not None:
            message = f"{check.rule} was not checked: {reason}"
            found.append(Finding("check-unknown", LEVELS["check-unknown"], message, check.source, about(check)[0]))
    return found


def about(check: Check) -> tuple[Ref, ...]:
    """Return what a check is about; the first is what its findings are for."""
    match check:
        case Covered(target=target):
            return (target,)
        case Distinct(schedules=schedules):
            return schedules
        case HumanWithin() | AcknowledgedWithin() | Rings() | Raised():
            return (check.service,)
        case Staffed() | Eligible() | PlannedAhead() | ObservedFirst() | Reachable():
            return (check.schedule,)
        case _:
            assert_never(check)


def why_unknown(check: Check, scene: Scene, contacts: ContactBook | None) -> str | None:
    """Return why nothing can be said of a check; None if something can."""
    deep = not isinstance(check, AcknowledgedWithin)
    lost = next((ref for each in about(check) if (ref := missing(each, scene, deep=deep))), None)
    if lost is not None:
        return f"who is on call for {lost.words} is not known here"
    if isinstance(check, Reachable) and contacts is None:
        return "how people can be reached was not read"
    if isinstance(check, ObservedFirst) and not scene.schedules[check.schedule].assignments:
        return f"{check.schedule.words} has no assignments, so nothing says who observed"
    return None


def missing(ref: Ref, scene: Scene, *, deep: bool = True) -> Ref | None:
    """Return what is not known of all that decides who rings for `ref`; None if everything is.

    Declared `external` resources are stubs: only a provider can say what is in them. Without `deep` the schedules
    of a policy do not matter.
    """
    match ref.kind:
        case "service":
            service = scene.services.get(ref)
            policy = service.escalation_policy if service else None
            return missing(policy, scene, deep=deep) if isinstance(policy, Ref) else ref
        case "escalation_policy":
            found = scene.policies.get(ref)
            if found is None or (found.external and not found.levels):
                return ref
            named = (target for level in found.levels for target in level.notify if deep)
            return next((lost for target in named if (lost := missing(target, scene))), None)
        case "schedule":
            schedule = scene.schedules.get(ref)
            if schedule is None:
                return ref
            empty = not (schedule.rotations or schedule.assignments)
            return ref if schedule.external and empty else None
        case _:
            return None
