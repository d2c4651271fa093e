"""Layers and rotations: one in terms of the other.

Sources: PagerDuty's API description (Schedule, ScheduleLayer, Restriction) and what its description does not say:
answers list the layer that wins first, requests list Layer 1 first (public-support-scripts, pull request 60);
`rotation_virtual_start` is understood only as UTC, other offsets shift it (Terraform provider, pull request 23);
a past `start` becomes the time of the update (pull request 35); seconds are not kept (issue 483).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from oncall_sync.model import ALWAYS, Hours, Ref, Rotation, Schedule
from oncall_sync.rota.hours import DAY, merge
from oncall_sync.rota.wall import to_instant, to_wall, zone_info

from .wire import KIND, Body, id_of, instant, reference, remote, remotes, safe, stamp, text_of, zone_of

SHIFT_BASED: Final = "shift_based"
MOST_CYCLES_BACK: Final = 7
"""A cycle of 52 weeks can fall into the skipped hour several years in a row, but not so often."""
LAYER_KEYS: Final = (
    "id",
    "name",
    "start",
    "end",
    "rotation_virtual_start",
    "rotation_turn_length_seconds",
    "users",
    "restrictions",
)
"""The keys of a layer that a request may carry; the rest of an answer is rendered from them."""


def layers_of(body: Mapping[str, Any]) -> list[Body]:
    """Return an answer's layers in the order of requests: Layer 1, which everything else covers, first."""
    return list(reversed(body.get("schedule_layers") or []))


def is_over(layer: Mapping[str, Any], now: datetime) -> bool:
    """Return whether a layer has ended: layers cannot be deleted, so it stays in every answer for ever."""
    end = layer.get("end")
    return isinstance(end, str) and instant(end) <= now


def rings(layer: Mapping[str, Any], now: datetime) -> bool:
    """Return whether a layer is a rotation: it has not ended, and there is somebody in it."""
    return not is_over(layer, now) and bool(_users(layer))


def schedule_from(body: Mapping[str, Any], now: datetime) -> Schedule:
    """Return a layered schedule as it is at the aware instant `now`.

    Guarantees: rotations are lowest precedence first and cover each other; ended layers are left out. Raises
    ZoneInfoNotFoundError for a time zone that this machine does not know.
    """
    zone = zone_of(str(body.get("time_zone") or "UTC"))
    zone_info(zone)
    rotations = tuple(rotation_from(layer, zone) for layer in layers_of(body) if rings(layer, now))
    teams = remotes("team", body.get("teams"))
    return Schedule(
        ref=Ref("schedule", body["id"], remote=True),
        name=str(body.get("name") or body.get("summary") or ""),
        description=text_of(body.get("description")),
        team=teams[0] if teams else None,
        time_zone=zone,
        rotations=rotations,
        overlap="last_wins",
    )


def shift_based_from(body: Mapping[str, Any]) -> Schedule:
    """Return a shift-based (v3) schedule as far as its list tells: that it is there."""
    return Schedule(
        ref=Ref("schedule", body["id"], remote=True),
        name=str(body.get("summary") or body.get("name") or ""),
        description=None,
        team=None,
        time_zone=zone_of(str(body.get("time_zone") or "UTC")),
        settings={KIND: {"schedules": SHIFT_BASED}},
        overlap="everyone",
        external=True,
    )


def rotation_from(layer: Mapping[str, Any], zone: str) -> Rotation:
    """Return a layer as a rotation; its times are wall clock in `zone`, to the minute.

    `start` is the anchor of the turns, `since` the instant from which the layer rings (the last edit, mostly).
    """
    end = layer.get("end")
    return Rotation(
        members=_users(layer),
        start=_wall(layer["rotation_virtual_start"], zone),
        every=timedelta(seconds=layer["rotation_turn_length_seconds"]),
        hours=hours_from(layer.get("restrictions") or ()),
        until=_wall(end, zone) if isinstance(end, str) else None,
        name=layer.get("name") or None,
        since=_wall(layer["start"], zone),
    )


def layer_from(rotation: Rotation, zone: str, ids: Mapping[Ref, str]) -> Body:
    """Return a rotation as a layer without an id.

    Guarantees: instants in UTC; `end` is there even if there is none, since leaving it out would keep an old one.
    A vacant turn has no place in a layer; whoever calls has objected to it before.
    """
    anchor = _anchor(rotation, zone)
    begins = rotation.start if rotation.since is None else rotation.since
    return {
        "name": rotation.name,
        "start": stamp(to_instant(begins, zone)),
        "end": stamp(to_instant(rotation.until, zone)) if isinstance(rotation.until, datetime) else None,
        "rotation_virtual_start": stamp(to_instant(anchor, zone)),
        "rotation_turn_length_seconds": int(rotation.every.total_seconds()),
        "users": [{"user": reference("user", id_of(m, ids))} for m in rotation.members if m is not None],
        "restrictions": restrictions_from(rotation.hours),
    }


def as_held(rotation: Rotation, zone: str) -> Rotation:
    """Return a declared rotation as it would be read back after it was made, members as they are."""
    held = rotation_from(layer_from(rotation, zone, {}), zone)
    return Rotation(
        members=rotation.members,
        start=held.start,
        every=held.every,
        hours=held.hours,
        until=held.until,
        name=rotation.name,
        since=held.since,
    )


def carried(layer: Mapping[str, Any]) -> Body:
    """Return a live layer as a request may carry it, unchanged: instants in UTC, people as references."""
    kept: Body = {key: safe(layer[key]) for key in LAYER_KEYS if key in layer}
    for key in ("start", "rotation_virtual_start"):
        if isinstance(kept.get(key), str):
            kept[key] = stamp(instant(kept[key]))
    kept["end"] = stamp(instant(layer["end"])) if isinstance(layer.get("end"), str) else None
    kept["users"] = [{"user": reference("user", ref.key)} for ref in _users(layer)]
    return kept


def hours_from(restrictions: Sequence[Mapping[str, Any]]) -> Hours:
    """Return the hours that restrictions leave; none at all leave the whole week."""
    spans: list[tuple[int, int]] = []
    for one in restrictions:
        hour, minute = (int(part) for part in str(one["start_time_of_day"]).split(":")[:2])
        length = round(one["duration_seconds"] / 60)
        days = range(7) if one["type"] == "daily_restriction" else [int(one["start_day_of_week"]) - 1]
        starts = (day * DAY + hour * 60 + minute for day in days)
        spans.extend((start, start + length) for start in starts)
    return merge(spans) if spans else ALWAYS


def restrictions_from(hours: Hours) -> list[Body]:
    """Return restrictions that leave exactly `hours`: daily ones if every day has the same, else weekly ones.

    `()` has no restrictions that would say it; whoever calls has objected to it before.
    """
    if hours == ALWAYS:
        return []
    by_day: dict[int, list[tuple[int, int]]] = {}
    for start, end in hours.spans:
        by_day.setdefault(start // DAY, []).append((start % DAY, end - start))
    every_day = by_day.get(0, [])
    if len(by_day) == 7 and all(day == every_day for day in by_day.values()):
        return [_restriction("daily_restriction", *window) for window in every_day]
    return [
        _restriction("weekly_restriction", start, length, day + 1)
        for day, windows in sorted(by_day.items())
        for start, length in windows
    ]


def _restriction(kind: str, start: int, length: int, day: int | None = None) -> Body:
    out: Body = {
        "type": kind,
        "start_time_of_day": f"{start // 60:02}:{start % 60:02}:00",
        "duration_seconds": length * 60,
    }
    return out if day is None else {**out, "start_day_of_week": day}


def _anchor(rotation: Rotation, zone: str) -> datetime:
    """Return where turns are counted from: `start`, or a whole cycle earlier if no clock ever shows `start`.

    PagerDuty keeps the anchor as an instant. One that DST skips would come back later than it was meant, and all
    turns with it.
    """
    cycle = rotation.every * max(1, len(rotation.members))
    earlier = (rotation.start - number * cycle for number in range(MOST_CYCLES_BACK))
    shown = (anchor for anchor in earlier if to_wall(to_instant(anchor, zone), zone) == anchor)
    return next(shown, rotation.start)


def _users(layer: Mapping[str, Any]) -> tuple[Ref, ...]:
    """Return the people of a layer in turn; a deleted one's stub still has a turn (recorded)."""
    found = (remote("user", (one or {}).get("user")) for one in layer.get("users") or ())
    return tuple(ref for ref in found if ref is not None)


def _wall(text: str, zone: str) -> datetime:
    wall = to_wall(instant(text), zone)
    return wall.replace(second=0, microsecond=0)
