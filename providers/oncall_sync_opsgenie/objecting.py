"""How an objection is made: in which words it begins, and where it points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, Literal

from oncall_sync.model import Kind, Objection, Resource

from .blocks import Place
from .settings import faults
from .wire import KIND

NAME_LIMITS: Final[Mapping[Kind, int]] = {"team": 100, "schedule": 100, "escalation_policy": 100, "service": 100}
"""Services': the API's description; the others': the vendor's Terraform provider and older documentation."""
DESCRIPTION_LIMITS: Final[Mapping[Kind, int]] = {
    "team": 1000,
    "schedule": 10_000,
    "escalation_policy": 1000,
    "service": 10_000,
}
"""Published for schedules and services; for the others nothing is, so this is what is surely safe."""

Fate = Literal["cannot", "approximated"]


def cannot(wanted: Resource, path: str, message: str, *also: str, fate: Fate = "cannot") -> Objection:
    """Say it at the place that is marked most closely: `path`, or one of the other ways to write it."""
    exact = next((one for one in (path, *also) if one in wanted.marks), path)
    return Objection(wanted.ref, fate, f"{wanted.ref.words}: {message}", wanted.where(exact))


def nearly(wanted: Resource, path: str, message: str, *also: str) -> Objection:
    """Say what Opsgenie holds only roughly."""
    return cannot(wanted, path, message, *also, fate="approximated")


def block_faults(wanted: Resource, place: Place, block: Mapping[str, Any], under: str = "") -> Iterator[Objection]:
    """Yield what is wrong in a block that stands in the part `under` (`levels.0.`) of a resource."""
    for key, message in faults(place, block):
        path = f"{under}{KIND}.{key}".rstrip(".")
        yield cannot(wanted, path, message, f"{under}{KIND}")


def whole_minutes(wanted: Resource, path: str, span: timedelta, what: str) -> Iterator[Objection]:
    """Object to a wait that Opsgenie cannot keep: it waits whole minutes, at least one."""
    if span < timedelta(minutes=1):
        yield cannot(wanted, path, f"Opsgenie waits at least 1 minute {what}; write 1m or more")
    elif span % timedelta(minutes=1):
        yield cannot(wanted, path, f"Opsgenie waits whole minutes {what}; write it without the seconds")


def keeps_owner(wanted: Resource) -> Objection:
    """Say that an owner team stays: a PATCH has no way to take it away."""
    message = "Opsgenie cannot take an owner team away; one that is there stays, until you write another `team`"
    return nearly(wanted, "team", message)
