"""Schedules, rotations and time restrictions: one in terms of the other.

Sources: Opsgenie's API description (Schedule, ScheduleRotation, TimeRestrictionInterval) and its documentation of
on-call schedules: every rotation rings, turns are counted from `startDate` on the schedule's own clock, minutes
are 0 or 30. What nobody has written down is a constant here, or said where it is decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from oncall_sync.model import ALWAYS, WEEK, Hours, Kind, Ref, Rotation, Schedule
from oncall_sync.rota.hours import DAY, merge
from oncall_sync.rota.wall import to_instant, to_wall, zone_info

from .wire import KIND, Body, id_of, instant, remote, stamp, text_of

SUFFIX: Final = " (being replaced)"
"""What the name of a rotation ends with that a newer one has replaced, and that is yet to be deleted."""
MOST_WINDOWS: Final = 15
"""How many windows a weekday restriction holds (the API's description)."""
STEP: Final = timedelta(minutes=30)
"""Starts, ends and windows are whole half hours; the API rounds everything else."""
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LENGTHS: Final[Mapping[str, timedelta]] = {
    "weekly": timedelta(weeks=1),
    "daily": timedelta(days=1),
    "hourly": timedelta(hours=1),
}
"""Types of rotation, longest first. Weeks and days are the clock's; hours are taken to be elapsed (inferred)."""
DEFAULT_ZONE: Final = "UTC"
"""What a schedule without a zone is taken to mean; every recorded one has a zone."""

_DAILY: Final = "time-of-day"
_WEEKLY: Final = "weekday-and-time-of-day"
_KINDS: Final[Mapping[str, Kind]] = {
    "user": "user",
    "team": "team",
    "schedule": "schedule",
    "escalation": "escalation_policy",
}
_TYPES: Final[Mapping[Kind, str]] = {kind: name for name, kind in _KINDS.items()}


def schedule_from(body: Mapping[str, Any]) -> Schedule:
    """Return a schedule.

    Guarantees: rotations in the API's order, ended ones with their end; a disabled schedule rings nobody, so it
    has none. A rotation that has been replaced, but is still there, is only named, in the settings. Raises
    ZoneInfoNotFoundError for a time zone that this machine does not know.
    """
    zone = str(body.get("timezone") or DEFAULT_ZONE)
    zone_info(zone)
    rings = body.get("enabled") is not False
    left = sorted(str(one["name"]) for one in body.get("rotations") or () if is_leftover(one))
    return Schedule(
        ref=Ref("schedule", body["id"], remote=True),
        name=str(body.get("name") or ""),
        description=text_of(body.get("description")),
        team=remote("team", body.get("ownerTeam")),
        settings={KIND: {"leftovers": left}} if left else {},
        time_zone=zone,
        rotations=tuple(rotation_from(one, zone) for one in current(body)) if rings else (),
        overlap="everyone",
    )


def is_leftover(rotation: Mapping[str, Any]) -> bool:
    """Return whether a live rotation was replaced and is yet to be deleted."""
    return str(rotation.get("name") or "").endswith(SUFFIX)


def current(body: Mapping[str, Any]) -> list[Body]:
    """Return the rotations of a live schedule that are not leftovers, as they came, in the API's order."""
    return [one for one in body.get("rotations") or () if not is_leftover(one)]


def rotation_from(body: Mapping[str, Any], zone: str) -> Rotation:
    """Return a live rotation; times are wall clock in `zone`, to the minute. Raises KeyError for another type."""
    end = body.get("endDate")
    return Rotation(
        members=tuple(recipient_ref(one) for one in body.get("participants") or ()),
        start=_wall(body["startDate"], zone),
        every=LENGTHS[body["type"]] * int(body.get("length") or 1),
        hours=hours_of(body.get("timeRestriction")),
        until=_wall(end, zone) if end else None,
        name=body.get("name") or None,
    )


def rotation_body(rotation: Rotation, zone: str, ids: Mapping[Ref, str]) -> Body:
    """Return a rotation as a POST carries it, instants in UTC.

    What it cannot say (see `turn`, `fits`) it says as nearly as it can; whoever calls has objected to it before.
    """
    kind, length = turn(rotation.every) or ("hourly", max(1, round(rotation.every / LENGTHS["hourly"])))
    body: Body = {
        "name": rotation.name,
        "startDate": stamp(to_instant(rotation.start, zone)),
        "type": kind,
        "length": length,
        "participants": [recipient(member, ids) for member in rotation.members],
    }
    if isinstance(rotation.until, datetime):
        body["endDate"] = stamp(to_instant(rotation.until, zone))
    windows = restriction(rotation.hours)
    return body if windows is None else {**body, "timeRestriction": windows}


def as_held(rotation: Rotation, zone: str) -> Rotation:
    """Return a declared rotation as it would be read back after it was made, members as they are."""
    held = rotation_from(rotation_body(rotation, zone, {}), zone)
    return replace(held, members=rotation.members, name=rotation.name)


def named(rotations: Sequence[Rotation]) -> tuple[Rotation, ...]:
    """Return rotations with a name each: one without is `Rotation N`, N its place or the next free number."""
    taken = {rotation.name for rotation in rotations}
    out = []
    for number, rotation in enumerate(rotations, 1):
        name, place = rotation.name, number
        while name is None or (rotation.name is None and name in taken):
            name, place = f"Rotation {place}", place + 1
        taken.add(name)
        out.append(replace(rotation, name=name))
    return tuple(out)


def turn(every: timedelta) -> tuple[str, int] | None:
    """Return the type and length of turns that long, in the largest unit; None if they are not whole hours."""
    for kind, unit in LENGTHS.items():
        if every and not every % unit:
            return kind, every // unit
    return None


def shown(wall: datetime, zone: str) -> bool:
    """Return whether clocks in `zone` ever show `wall`.

    The API keeps a start as an instant: one that DST skips comes back later than meant, and all handoffs with it.
    """
    return to_wall(to_instant(wall, zone), zone) == wall


def recipient(ref: Ref | None, ids: Mapping[Ref, str]) -> Body:
    """Return whom a ref names as bodies carry it; None is nobody."""
    return {"type": "none"} if ref is None else {"type": _TYPES[ref.kind], "id": id_of(ref, ids)}


def recipient_ref(body: Mapping[str, Any]) -> Ref | None:
    """Return whom a participant or recipient names; None for nobody, and for what the model does not know."""
    kind = _KINDS.get(str(body.get("type")))
    return remote(kind, body) if kind else None


def fits(hours: Hours) -> bool:
    """Return whether a time restriction can say exactly these hours."""
    if hours == ALWAYS:
        return True
    half_hours = all(not edge % 30 for span in hours.spans for edge in span)
    return half_hours and (_daily(hours) is not None or 1 <= len(hours.spans) <= MOST_WINDOWS)


def restriction(hours: Hours) -> Body | None:
    """Return the time restriction that leaves exactly `hours`; None for always. See `fits` for what it can say."""
    if hours == ALWAYS:
        return None
    daily = _daily(hours)
    if daily is not None:
        return {"type": _DAILY, "restriction": _edges(*daily)}
    windows = [{"startDay": _day(start), "endDay": _day(end), **_edges(start, end)} for start, end in hours.spans]
    return {"type": _WEEKLY, "restrictions": windows}


def hours_of(restriction: Mapping[str, Any] | None) -> Hours:
    """Return the hours that a time restriction leaves, in whatever order it lists them.

    A window ends at the next time its end comes round; one that ends when it starts lasts a whole day or week
    (inferred). No restriction, one without a type and one without windows leave everything: all are recorded.
    """
    spans = list(_spans(restriction or {}))
    return merge(spans) if spans else ALWAYS


def _spans(restriction: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    if restriction.get("type") == _DAILY:
        window = restriction.get("restriction") or {}
        if window:
            start, end = _clock(window, "start"), _clock(window, "end")
            length = (end - start) % DAY or DAY
            yield from ((day * DAY + start, day * DAY + start + length) for day in range(7))
    elif restriction.get("type") == _WEEKLY:
        for window in restriction.get("restrictions") or ():
            start, end = (
                DAYS.index(str(window[f"{edge}Day"]).lower()) * DAY + _clock(window, edge)
                for edge in ("start", "end")
            )
            yield start, start + ((end - start) % WEEK or WEEK)


def _clock(window: Mapping[str, Any], edge: str) -> int:
    return int(window.get(f"{edge}Hour") or 0) * 60 + int(window.get(f"{edge}Min") or 0)


def _daily(hours: Hours) -> tuple[int, int] | None:
    """Return the one window (minutes of the day, the end maybe on the next) that every day has, if so it is."""
    start, end = hours.spans[0] if hours.spans else (0, 0)
    same = tuple((day * DAY + start, day * DAY + end) for day in range(7))
    return (start, end) if hours.spans == same else None


def _edges(start: int, end: int) -> Body:
    return {
        "startHour": start % DAY // 60,
        "startMin": start % 60,
        "endHour": end % DAY // 60,
        "endMin": end % 60,
    }


def _day(minute: int) -> str:
    return DAYS[minute // DAY % 7]


def _wall(text: str, zone: str) -> datetime:
    return to_wall(instant(text), zone).replace(second=0, microsecond=0)
