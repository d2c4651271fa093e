"""What is sent for a schedule, its rotations and its overrides.

A PATCH of a schedule with rotations would replace them all, so each rotation is changed by itself. What takes
somebody off call waits until everything else of the plan is there; the schedule's own PATCH, which carries the
mark and turns a disabled one on, comes after its rotations are as they should be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from oncall_sync.model import Override, Ref, Rotation, Schedule
from oncall_sync.rota.phase import canonical
from oncall_sync.rota.wall import to_instant, to_wall

from .convert_schedule import DEFAULT_ZONE, SUFFIX, current, is_leftover, named, rotation_body, rotation_from
from .script import Script, changed, described, raw_of
from .wire import Body, id_of, instant, stamp, text_of

PATCH_CLEARS: Final = False
"""Whether null in a PATCH takes an end or a time restriction away. Inferred: nothing says that it does, and the
vendor's Terraform provider cannot take them away either. So the rotation is made anew instead."""
_CLEARED: Final = ("endDate", "timeRestriction")


def schedule_calls(script: Script, wanted: Schedule) -> None:
    """Add the calls for a schedule, and for its overrides that are missing; none where nothing differs.

    An owner team is never taken away: a PATCH has no way to say so. The zone is always said, and compared by its
    name: zones that show the same time today need not do so tomorrow.
    """
    body = raw_of(script).get("body") or {}
    after: Body = {
        "name": wanted.name,
        "description": described(wanted.description),
        "timezone": wanted.time_zone,
        "enabled": True,
    }
    if isinstance(wanted.team, Ref):
        after["ownerTeam"] = {"id": id_of(wanted.team, script.ids)}
    rotations = named(wanted.rotations)
    if script.change.live is None:
        bodies = [rotation_body(one, wanted.time_zone, script.ids) for one in rotations]
        script.create({**after, "rotations": bodies} if bodies else after)
    else:
        _Rotations(script, body, wanted.time_zone).become(rotations)
        script.update(_before(body), after)
    _overrides(script, wanted.overrides, rotations, wanted.time_zone)


def _before(body: Mapping[str, Any]) -> Body:
    return {
        "name": body.get("name"),
        "description": text_of(body.get("description")) or "",
        "timezone": body.get("timezone"),
        "enabled": body.get("enabled") is not False,
        "ownerTeam": {"id": (body.get("ownerTeam") or {}).get("id")},
    }


@dataclass(frozen=True, slots=True)
class _Twin:
    """A live rotation: as it came, and what it means."""

    body: Mapping[str, Any]
    is_: Rotation


class _Rotations:
    """What becomes of the rotations of a live schedule, from the zone it has to `zone`."""

    def __init__(self, script: Script, body: Mapping[str, Any], zone: str) -> None:
        self._script = script
        self._old_zone = str(body.get("timezone") or DEFAULT_ZONE)
        self._zone = zone
        read_at = raw_of(script).get("read_at")
        self._read_at = instant(read_at) if isinstance(read_at, str) else None
        self._live = [_Twin(one, rotation_from(one, self._old_zone)) for one in current(body)]
        self._leftovers = [one for one in body.get("rotations") or () if is_leftover(one)]
        self._taken = {one.get("name") for one in body.get("rotations") or ()}
        # Those of a disabled schedule ring nobody yet, and are not to ring when it is turned on.
        self._phase: Literal["make", "clear"] = "clear" if body.get("enabled") is not False else "make"
        self._going: list[Mapping[str, Any]] = []

    def become(self, wanted: Sequence[Rotation]) -> None:
        """Add the calls that change, make and, last of all, delete rotations."""
        twins = match([self._ours(one) for one in wanted], [one.is_ for one in self._live])
        for rotation, place in zip(wanted, twins, strict=True):
            if place is None:
                self._make(rotation)
            else:
                self._change(rotation, self._live[place])
        left = (one for place, one in enumerate(self._live) if place not in twins)
        self._going += (one.body for one in left if self._rings(one))
        for body in (*self._going, *self._leftovers):
            says = f"delete rotation {body.get('name')} of {self._script.name}"
            self._script.add("DELETE", self._path(body), says, phase=self._phase)

    def _make(self, rotation: Rotation) -> None:
        says = f"add rotation {rotation.name} to {self._script.name}"
        body = rotation_body(rotation, self._zone, self._script.ids)
        self._script.add("POST", f"{self._script.path}/rotations", says, body)

    def _change(self, rotation: Rotation, twin: _Twin) -> None:
        ids = self._script.ids
        if self._same(rotation, twin.is_):
            rotation = replace(twin.is_, name=rotation.name)
        before, after = rotation_body(twin.is_, self._old_zone, ids), rotation_body(rotation, self._zone, ids)
        cleared = [key for key in _CLEARED if key in before and key not in after]
        if cleared and not PATCH_CLEARS:
            self._replace(rotation, twin)
            return
        body = changed(before, after) | dict.fromkeys(cleared)
        if body:
            says = f"change rotation {twin.is_.name} of {self._script.name}"
            self._script.add("PATCH", self._path(twin.body), says, body)

    def _replace(self, rotation: Rotation, twin: _Twin) -> None:
        """Make a rotation anew. The old one rings on under a name that tells a later run to delete it."""
        aside = f"{twin.is_.name or rotation.name}{SUFFIX}"
        while aside in self._taken:
            aside += SUFFIX
        self._taken.add(aside)
        says = f"put rotation {twin.is_.name} of {self._script.name} aside"
        self._script.add("PATCH", self._path(twin.body), says, {"name": aside})
        self._make(rotation)
        self._going.append({**twin.body, "name": aside})

    def _same(self, wanted: Rotation, before: Rotation) -> bool:
        """Return whether a rotation rings on as it did, so that its turns need not be counted anew."""
        if self._zone != self._old_zone or self._read_at is None:
            return False
        now = to_wall(self._read_at, self._zone)
        began = wanted.start == before.start or max(wanted.start, before.start) <= now
        until = wanted.until if isinstance(wanted.until, datetime) else None
        return began and until == before.until and canonical(self._ours(wanted)) == canonical(before)

    def _ours(self, rotation: Rotation) -> Rotation:
        """Return a rotation with ids for members, as live ones have."""
        ids = self._script.ids
        members = (one and Ref(one.kind, id_of(one, ids), remote=True) for one in rotation.members)
        return replace(rotation, members=tuple(members))

    def _rings(self, twin: _Twin) -> bool:
        """Return whether a rotation rings anybody from the moment it was read on; what is over may stay."""
        until = twin.is_.until
        if self._read_at is None or not isinstance(until, datetime):
            return True
        return to_instant(until, self._old_zone) > self._read_at

    def _path(self, body: Mapping[str, Any]) -> str:
        return f"{self._script.path}/rotations/{body['id']}"


def match(wanted: Sequence[Rotation], live: Sequence[Rotation]) -> list[int | None]:
    """Return the place of each wanted rotation's twin among `live`; None for one that is new.

    Twins have the same name if each has it alone, else ring the same, else stand in the same place. Overrides hold
    on to a rotation, so it is better changed than made anew.
    """
    names, taken = [one.name for one in wanted], [one.name for one in live]
    out: list[int | None] = [
        taken.index(name) if name is not None and taken.count(name) == names.count(name) == 1 else None
        for name in names
    ]
    free = [place for place in range(len(live)) if place not in out]
    for number, found in enumerate(out):
        if found is None:
            rings = canonical(wanted[number])
            out[number] = next((place for place in free if canonical(live[place]) == rings), None)
            free = [place for place in free if place != out[number]]
    for number, found in enumerate(out):
        if found is None and free:
            out[number] = free.pop(free.index(number) if number in free else 0)
    return out


def _overrides(script: Script, overrides: Sequence[Override], rotations: Sequence[Rotation], zone: str) -> None:
    after = [call.id for call in script.calls if call.id != script.created and call.phase == "make"]
    for one in overrides:
        body: Body = {
            "user": {"type": "user", "id": id_of(one.user, script.ids)},
            "startDate": stamp(to_instant(one.since, zone)),
            "endDate": stamp(to_instant(one.until, zone)),
        }
        limited = [{"name": name} for name in _of_person(one.instead_of, rotations)]
        if limited:
            body["rotations"] = limited
        says = f"add an override to {script.name}"
        script.add("POST", f"{script.path}/overrides", says, body, after=after)


def _of_person(person: Ref | None, rotations: Sequence[Rotation]) -> Iterator[str]:
    """Yield the rotations that somebody is in: an override stands in for a rotation, never for one of its people.

    None means all of them, and so does somebody who is in none.
    """
    for rotation in rotations:
        if person is not None and person in rotation.members and rotation.name is not None:
            yield rotation.name
