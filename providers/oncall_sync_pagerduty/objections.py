"""What PagerDuty cannot hold of a declared resource, said before anything is sent.

Limits are PagerDuty's API description's unless a comment says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, Literal

from oncall_sync.model import (
    ABSENT,
    ByPriority,
    EscalationPolicy,
    Integration,
    Kind,
    Level,
    Objection,
    Resource,
    Rotation,
    Schedule,
    Service,
    SupportHours,
    Team,
)
from oncall_sync.rota.equal import ever_overlap
from oncall_sync.rota.hours import in_words
from oncall_sync.rota.rings import stretches

from .settings import Place, faults
from .urgency import window
from .wire import KIND

ROLES: Final = ("manager", "responder", "observer")
NAME_LIMITS: Final[Mapping[Kind, int]] = {"team": 100, "schedule": 255, "escalation_policy": 255, "service": 255}
"""255 for policies and services is inferred from schedules."""
DESCRIPTION_LIMITS: Final[Mapping[Kind, int]] = {
    "team": 1024,
    "schedule": 1024,
    "escalation_policy": 1024,
    "service": 1024,
}
"""Published for teams and v3 schedules; inferred for the rest."""
MOST_TARGETS: Final = 10
MOST_PASSES: Final = 9
SHORTEST_TURN: Final = timedelta(hours=1)
LONGEST_TURN: Final = timedelta(days=365)
"""Both are what the vendor's Terraform provider accepts; the API's own bounds are not published."""

Fate = Literal["cannot", "approximated"]


def objections_to(wanted: Resource, shift_based: bool) -> Iterator[Objection]:  # noqa: FBT001 - one caller
    """Yield what PagerDuty cannot hold of `wanted`. `shift_based` is what oncall.yaml wants schedules to be."""
    if wanted.external or wanted.ref.kind not in NAME_LIMITS:
        return
    yield from _sizes(wanted)
    match wanted:
        case Team():
            yield from _team(wanted)
        case Schedule():
            yield from _schedule(wanted, shift_based=shift_based)
        case EscalationPolicy():
            yield from _policy(wanted)
        case Service():
            yield from _service(wanted)


def _cannot(wanted: Resource, path: str, message: str, *also: str, fate: Fate = "cannot") -> Objection:
    """Say it at the place that is marked most closely: `path`, or one of the other ways to write it."""
    exact = next((one for one in (path, *also) if one in wanted.marks), path)
    return Objection(wanted.ref, fate, f"{wanted.ref.words}: {message}", wanted.where(exact))


def _sizes(wanted: Resource) -> Iterator[Objection]:
    most = NAME_LIMITS[wanted.ref.kind]
    if len(wanted.name) > most:
        yield _cannot(
            wanted, "name", f"PagerDuty takes names of up to {most} characters, this has {len(wanted.name)}"
        )
    room = DESCRIPTION_LIMITS[wanted.ref.kind]
    if isinstance(wanted.description, str) and len(wanted.description) > room:
        message = f"the description is cut: PagerDuty takes {room} characters, this has {len(wanted.description)}"
        yield _cannot(wanted, "description", message, fate="approximated")


def _block(wanted: Resource, place: Place, block: Mapping[str, Any], under: str = "") -> Iterator[Objection]:
    for key, message in faults(place, block):
        path = f"{under}{KIND}.{key}".rstrip(".")
        yield _cannot(wanted, path, message, f"{under}settings.{KIND}.{key}".rstrip("."), f"{under}{KIND}")


def _team(wanted: Team) -> Iterator[Objection]:
    yield from _block(wanted, "team", wanted.settings.get(KIND, {}))
    for number, member in enumerate(() if wanted.members is ABSENT else wanted.members):
        if member.role is not ABSENT and member.role not in ROLES:
            message = (
                f"PagerDuty has no role {member.role!r} in teams; write {', '.join(ROLES[:-1])} or {ROLES[-1]}"
            )
            yield _cannot(wanted, f"members.{number}.role", message)


def _schedule(wanted: Schedule, *, shift_based: bool) -> Iterator[Objection]:
    block = wanted.settings.get(KIND, {})
    yield from _block(wanted, "schedule", block)
    if block.get("schedules", "shift_based" if shift_based else "layered") == "shift_based":
        message = "shift-based schedules cannot be written yet; write `schedules: layered`"
        yield _cannot(wanted, f"{KIND}.schedules", message, KIND)
    if wanted.assignments:
        message = "PagerDuty has turns, not assignments; write `rotations`, or `provider: none`"
        yield _cannot(wanted, "assignments", message)
    elif not wanted.rotations:
        yield _cannot(wanted, "rotations", "PagerDuty's schedules need at least one rotation")
    if "/" not in wanted.time_zone and wanted.time_zone != "UTC":
        message = f"PagerDuty may refuse the zone {wanted.time_zone!r}; an Area/City name is safe"
        yield _cannot(wanted, "time_zone", message, fate="approximated")
    for number, rotation in enumerate(wanted.rotations):
        yield from _rotation(wanted, rotation, f"rotations.{number}")
    yield from _overrides(wanted)
    if wanted.overlap == "everyone" and ever_overlap(wanted):
        message = (
            "two rotations ring at the same time, but a PagerDuty schedule rings one person;"
            " make it two schedules in one level, or write `overlap: last_wins`"
        )
        yield _cannot(wanted, "overlap", message, "rotations")


def _overrides(wanted: Schedule) -> Iterator[Objection]:
    """Warn of overrides instead of one person in whose span somebody else, or nobody, would ring as well."""
    for number, one in enumerate(wanted.overrides):
        if one.instead_of is None:
            continue
        before = replace(wanted, overrides=wanted.overrides[:number])
        rung = {each.users for each in stretches(before, one.since, one.until, {})}
        if rung != {frozenset((one.instead_of,))}:
            message = (
                f"in PagerDuty an override is for its whole span: this one rings {one.user.key} also while it is"
                f" not {one.instead_of.key}'s turn; write a span that is all {one.instead_of.key}'s"
            )
            yield _cannot(wanted, f"overrides.{number}.instead_of", message, fate="approximated")


def _rotation(wanted: Schedule, rotation: Rotation, path: str) -> Iterator[Objection]:
    if None in rotation.members:
        message = "PagerDuty has no vacant turns (`nobody`); leave the time out with `hours` or `until`"
        yield _cannot(wanted, f"{path}.members", message)
    if not rotation.members:
        yield _cannot(wanted, f"{path}.members", "PagerDuty's layers need at least one person")
    if not SHORTEST_TURN <= rotation.every <= LONGEST_TURN:
        yield _cannot(wanted, f"{path}.every", "PagerDuty's turns last from 1 hour to 365 days")
    elif rotation.every % timedelta(minutes=1):
        yield _cannot(wanted, f"{path}.every", "PagerDuty's turns last whole minutes")
    if not rotation.hours.spans:
        yield _cannot(
            wanted, f"{path}.hours", "these hours are never, which PagerDuty cannot say; leave the rotation out"
        )


def _policy(wanted: EscalationPolicy) -> Iterator[Objection]:
    yield from _block(wanted, "escalation_policy", wanted.settings.get(KIND, {}))
    if not wanted.levels:
        yield _cannot(wanted, "levels", "PagerDuty's escalation policies need at least one level")
    if wanted.repeat is not ABSENT and not 0 <= wanted.repeat <= MOST_PASSES:
        yield _cannot(wanted, "repeat", f"PagerDuty repeats at most {MOST_PASSES} times")
    for number, level in enumerate(wanted.levels):
        yield from _level(wanted, level, f"levels.{number}")


def _level(wanted: EscalationPolicy, level: Level, path: str) -> Iterator[Objection]:
    yield from _block(wanted, "level", level.settings.get(KIND, {}), f"{path}.")
    if not 1 <= len(level.notify) <= MOST_TARGETS:
        message = (
            f"PagerDuty notifies 1 to {MOST_TARGETS} people and schedules per level, this has {len(level.notify)}"
        )
        yield _cannot(wanted, f"{path}.notify", message)
    if level.escalate_after is ABSENT:
        return
    if level.escalate_after < timedelta(minutes=1):
        yield _cannot(wanted, f"{path}.escalate_after", "PagerDuty waits at least 1 minute before the next level")
    elif level.escalate_after % timedelta(minutes=1):
        message = "PagerDuty waits whole minutes; the seconds are dropped"
        yield _cannot(wanted, f"{path}.escalate_after", message, fate="approximated")


def _service(wanted: Service) -> Iterator[Objection]:
    block = dict(wanted.settings.get(KIND, {}))
    if block.pop("tags", None) is not None:
        message = "PagerDuty has tags on users, teams and escalation policies, not on services; tag its policy"
        yield _cannot(wanted, f"{KIND}.tags", message, KIND)
    yield from _block(wanted, "service", block)
    if isinstance(wanted.urgency, ByPriority):
        message = (
            "PagerDuty's urgency rules do not know the alert's priority;"
            " write two services, one high and one low, or support hours"
        )
        yield _cannot(wanted, "urgency", message)
    elif isinstance(wanted.urgency, SupportHours) and window(wanted.urgency.hours) is None:
        message = (
            f"PagerDuty's support hours are one window within a day, not {in_words(wanted.urgency.hours)};"
            " write hours such as Mon-Fri 09:00-18:00"
        )
        yield _cannot(wanted, "urgency", message)
    for number, one in enumerate(() if wanted.integrations is ABSENT else wanted.integrations):
        yield from _integration(wanted, one, f"integrations.{number}")


def _integration(wanted: Service, one: Integration, path: str) -> Iterator[Objection]:
    block = one.settings.get(KIND, {})
    if one.form == "email":
        yield from _block(wanted, "integration", block, f"{path}.")
        local, _, domain = (one.email or "").partition("@")
        if not local:
            yield _cannot(wanted, f"{path}.email", f"integration {one.name} needs an address")
        elif domain and not domain.casefold().endswith(".pagerduty.com"):
            message = (
                f"integration {one.name}: PagerDuty's addresses are in its own domain; write the part before @"
            )
            yield _cannot(wanted, f"{path}.email", message)
    elif block:
        message = f"integration {one.name}: the pagerduty block goes with email integrations only"
        yield _cannot(wanted, f"{path}.{KIND}", message)
    if one.form == "vendor" and not one.vendor:
        yield _cannot(wanted, f"{path}.vendor", f"integration {one.name} needs the vendor's name")
    if one.form == "other":
        yield _cannot(wanted, path, f"integration {one.name} is of a kind that cannot be declared")
