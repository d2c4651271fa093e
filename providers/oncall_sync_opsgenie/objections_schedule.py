"""What Opsgenie cannot hold of a schedule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from oncall_sync.model import Objection, Rotation, Schedule
from oncall_sync.rota.equal import ever_overlap
from oncall_sync.rota.hours import in_words
from oncall_sync.rota.wall import to_instant, zone_info

from .convert_schedule import MOST_WINDOWS, STEP, SUFFIX, fits, named, shown, turn
from .objecting import block_faults, cannot, keeps_owner, nearly
from .wire import KIND

LONGEST_NAME: Final = 100
"""Of a rotation; inferred from schedules."""
HOURLY: Final = "hourly"


def schedule_objections(wanted: Schedule) -> Iterator[Objection]:
    """Yield what Opsgenie cannot hold of a schedule."""
    yield from block_faults(wanted, "schedule", wanted.settings.get(KIND, {}))
    if wanted.assignments:
        message = "Opsgenie has turns, not assignments; write `rotations`, or `provider: none`"
        yield cannot(wanted, "assignments", message)
    if wanted.team is None:
        yield keeps_owner(wanted)
    if wanted.overlap == "last_wins" and ever_overlap(wanted):
        message = (
            "in Opsgenie every rotation rings, so two that ring at the same time both do; give them `hours` or"
            " `until` that never meet, or write `overlap: everyone`"
        )
        yield cannot(wanted, "overlap", message, "rotations")
    yield from _names(wanted)
    for number, rotation in enumerate(wanted.rotations):
        yield from _rotation(wanted, rotation, f"rotations.{number}")
    for number, one in enumerate(wanted.overrides):
        if one.instead_of is not None:
            message = (
                "in Opsgenie an override stands in for whole rotations; this one is for those that"
                f" {one.instead_of.key} is in, and replaces whoever has the turn there"
            )
            yield nearly(wanted, f"overrides.{number}.instead_of", message)


def _names(wanted: Schedule) -> Iterator[Objection]:
    counts = Counter(rotation.name for rotation in named(wanted.rotations))
    for number, rotation in enumerate(wanted.rotations):
        name, path = rotation.name or "", f"rotations.{number}"
        if counts[rotation.name] > 1 and rotation.name is not None:
            message = f"two rotations are named {name!r}; give each a name of its own"
            yield cannot(wanted, f"{path}.name", message, path)
        if len(name) > LONGEST_NAME:
            message = f"Opsgenie takes names of up to {LONGEST_NAME} characters, this rotation's has {len(name)}"
            yield cannot(wanted, f"{path}.name", message, path)
        if name.endswith(SUFFIX):
            message = f"names that end in {SUFFIX.strip()!r} are for rotations about to be deleted; write another"
            yield cannot(wanted, f"{path}.name", message, path)


def _rotation(wanted: Schedule, rotation: Rotation, path: str) -> Iterator[Objection]:
    if not rotation.members:
        yield cannot(wanted, f"{path}.members", "Opsgenie's rotations need at least one person, or `nobody`")
    yield from _turns(wanted, rotation, f"{path}.every")
    yield from _edges(wanted, rotation, path)
    if not rotation.hours.spans:
        message = "these hours are never, which Opsgenie cannot say; leave the rotation out"
        yield cannot(wanted, f"{path}.hours", message)
    elif not fits(rotation.hours):
        message = (
            f"Opsgenie keeps up to {MOST_WINDOWS} windows that begin and end at full or half hours, not"
            f" {in_words(rotation.hours)}; round them, or split the rotation"
        )
        yield cannot(wanted, f"{path}.hours", message)


def _turns(wanted: Schedule, rotation: Rotation, path: str) -> Iterator[Objection]:
    found = turn(rotation.every)
    if found is None:
        yield cannot(wanted, path, "Opsgenie's turns last whole hours, days or weeks; write such a time")
    elif (
        found[0] == HOURLY and len(set(rotation.members)) > 1 and _clocks_change(wanted.time_zone, rotation.start)
    ):
        message = (
            f"Opsgenie counts turns of {found[1]}h in hours that pass (nothing says otherwise), so clock changes"
            f" in {wanted.time_zone} move the handoffs; write whole days, or two rotations with `hours`"
        )
        yield nearly(wanted, path, message)


def _edges(wanted: Schedule, rotation: Rotation, path: str) -> Iterator[Objection]:
    zone = wanted.time_zone
    if not shown(rotation.start, zone):
        message = (
            f"{zone} skips {rotation.start:%H:%M} on that day, and Opsgenie would take every handoff from the time"
            " after; write the start of another turn"
        )
        yield cannot(wanted, f"{path}.start", message)
    for key, edge in (("start", rotation.start), ("until", rotation.until)):
        if isinstance(edge, datetime) and not _half_hour(edge, zone):
            moment = to_instant(edge, zone)
            local = "" if (moment.minute, moment.second) == (edge.minute, edge.second) else f", {moment:%H:%M} UTC"
            message = (
                f"Opsgenie keeps full and half hours, and rounds {edge:%H:%M}{local} to one;"
                f" write a time on the half hour{' of UTC' if local else ''}"
            )
            yield cannot(wanted, f"{path}.{key}", message)


def _half_hour(wall: datetime, zone: str) -> bool:
    """Return whether a moment is a full or half hour, by the clock in UTC, in which bodies have it."""
    moment = to_instant(wall, zone)
    return not (moment - moment.replace(hour=0, minute=0, second=0, microsecond=0)) % STEP


def _clocks_change(zone: str, start: datetime) -> bool:
    """Return whether clocks in a zone change within two years from a start."""
    place, first = zone_info(zone), start.replace(tzinfo=UTC)
    return len({(first + timedelta(days=7 * week)).astimezone(place).utcoffset() for week in range(105)}) > 1
