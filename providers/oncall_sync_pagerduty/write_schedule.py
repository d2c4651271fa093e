"""What is sent for a layered schedule.

A PUT replaces the whole list of layers, and layers can only be ended, never deleted. So a PUT names every layer
there has ever been, Layer 1 first, those that are over as they were; what it leaves out is undocumented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from oncall_sync.model import Ref, Rotation, Schedule
from oncall_sync.rota.phase import canonical
from oncall_sync.rota.wall import to_instant, to_wall

from .convert_schedule import carried, layer_from, layers_of, rings, schedule_from
from .script import Script, described, owners, writable
from .wire import Body, id_of, instant, reference, remotes, stamp, text_of, zone_of

_RENDERED: Final = (
    "users",
    "escalation_policies",
    "schedule_layers",
    "final_schedule",
    "overrides_subschedule",
    "next_oncall_for_user",
)


def schedule_calls(script: Script, wanted: Schedule) -> None:
    """Add the calls for a schedule and for its overrides that are missing."""
    zone = zone_of(wanted.time_zone)
    live = script.change.live
    body = live.raw["body"] if live else {}
    after: Body = {
        "type": "schedule",
        "name": wanted.name,
        "time_zone": zone,
        "description": described(wanted.description),
        "teams": owners(wanted.team, remotes("team", body.get("teams")), script.ids),
    }
    if live is None:
        layers = [layer_from(rotation, zone, script.ids) for rotation in named(wanted.rotations)]
        script.create({**after, "schedule_layers": layers})
    else:
        before = layers_of(body)
        base = writable(body, *_RENDERED) | {"description": text_of(body.get("description")) or ""}
        base["schedule_layers"] = [carried(layer) for layer in before]
        plan = LayerPlan(body, datetime.fromisoformat(live.raw["read_at"]), script.ids)
        script.update(base, {**base, **after, "schedule_layers": plan.layers(wanted, zone)})
    _overrides(script, wanted, zone)


def named(rotations: Sequence[Rotation]) -> tuple[Rotation, ...]:
    """Return rotations with a name each: one without is called `Layer N`, as PagerDuty would, N its place."""
    taken = {rotation.name for rotation in rotations}
    out = []
    for number, rotation in enumerate(rotations, 1):
        name, place = rotation.name, number
        while name is None or (rotation.name is None and name in taken):
            name, place = f"Layer {place}", place + 1
        taken.add(name)
        out.append(replace(rotation, name=name))
    return tuple(out)


class LayerPlan:
    """What becomes of the layers of a schedule whose `body` was read at the aware instant `read_at`."""

    def __init__(self, body: Mapping[str, Any], read_at: datetime, ids: Mapping[Ref, str]) -> None:
        self.live = layers_of(body)
        self.before = schedule_from(body, read_at)
        self.read_at = read_at
        self.ids = ids

    def layers(self, wanted: Schedule, zone: str) -> list[Body]:
        """Return the layers of a PUT: the wanted ones in their order, and in between what is over or ends now."""
        current = [layer for layer in self.live if rings(layer, self.read_at)]
        rotations = named(wanted.rotations)
        twins = match([r.name for r in rotations], [layer.get("name") for layer in current])
        out = []
        places: dict[str, int] = {}
        for rotation, twin in zip(rotations, twins, strict=True):
            if twin is None:
                out.append(layer_from(rotation, zone, self.ids))
            else:
                places[current[twin]["id"]] = len(out)
                out.append(self._changed(rotation, current[twin], self.before.rotations[twin], zone))
        return self._with_rest(out, places)

    def _changed(self, rotation: Rotation, layer: Mapping[str, Any], before: Rotation, zone: str) -> Body:
        """Return a live layer as it is to be; one that rings the same keeps its anchor."""
        if zone == self.before.time_zone and self._same(rotation, before):
            return {**carried(layer), "name": rotation.name}
        new = layer_from(rotation, zone, self.ids)
        if max(instant(new["start"]), instant(layer["start"])) <= self.read_at:
            new["start"] = stamp(instant(layer["start"]))
        return {**carried(layer), **new}

    def _same(self, wanted: Rotation, before: Rotation) -> bool:
        zone = self.before.time_zone
        now = to_wall(self.read_at, zone)
        begins = [r.start if r.since is None else r.since for r in (wanted, before)]
        began = begins[0] == begins[1] or max(begins) <= now
        return (
            began
            and wanted.until == before.until
            and canonical(self._known(wanted)) == canonical(self._known(before))
        )

    def _known(self, rotation: Rotation) -> Rotation:
        members = (m and Ref("user", id_of(m, self.ids), remote=True) for m in rotation.members)
        return replace(rotation, members=tuple(members))

    def _with_rest(self, out: list[Body], places: Mapping[str, int]) -> list[Body]:
        """Put every other live layer in front of the first one that lay over it and stays; else on top."""
        before: dict[int, list[Body]] = {}
        for number, layer in enumerate(self.live):
            if layer["id"] not in places:
                above = (places[one["id"]] for one in self.live[number:] if one["id"] in places)
                before.setdefault(next(above, len(out)), []).append(self._rest(layer))
        result: list[Body] = []
        for number in range(len(out) + 1):
            result += [*before.get(number, ()), *out[number : number + 1]]
        return result

    def _rest(self, layer: Mapping[str, Any]) -> Body:
        """Return a layer that no rotation wants: as it is if it rings nobody anyhow, else with its end now."""
        kept = carried(layer)
        if not rings(layer, self.read_at):
            return kept
        kept["end"] = stamp(self.read_at)
        if instant(kept["start"]) > self.read_at:
            kept["start"] = kept["end"]  # one that has not begun never begins
        return kept


def match(wanted: Sequence[str | None], live: Sequence[str | None]) -> list[int | None]:
    """Return the place of each wanted name's twin among `live`: by a name that is there once, else by place."""
    out: list[int | None] = [
        live.index(name) if name is not None and live.count(name) == wanted.count(name) == 1 else None
        for name in wanted
    ]
    free = [place for place in range(len(live)) if place not in out]
    for number, found in enumerate(out):
        if found is None and free:
            out[number] = free.pop(free.index(number) if number in free else 0)
    return out


def _overrides(script: Script, wanted: Schedule, zone: str) -> None:
    if not wanted.overrides:
        return
    bodies = [
        {
            "start": stamp(to_instant(override.since, zone)),
            "end": stamp(to_instant(override.until, zone)),
            "user": reference("user", id_of(override.user, script.ids)),
        }
        for override in wanted.overrides
    ]
    count = "an override" if len(bodies) == 1 else f"{len(bodies)} overrides"
    after = [call.id for call in script.calls if call.id != script.created]
    says = f"add {count} to {script.name}"
    script.add("POST", f"{script.path}/overrides", says, {"overrides": bodies}, after=after)
