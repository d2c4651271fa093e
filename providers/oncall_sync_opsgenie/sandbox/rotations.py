"""Rotations of a schedule. Source: Opsgenie API: schedule rotation; recorded answers for the fields that are null.

Names need not be unique (inferred); an override that names a rotation means the first of that name.
"""

from datetime import datetime
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .criteria import restriction_from
from .envelope import created, data, deleted, updated
from .history import overrides_of, remember, rotations_of
from .http import NULLS_ARE_IGNORED, Answer, Call, Route
from .refusals import Faults, not_found, unprocessable
from .times import parse, stamp, to_half_hour, zone_of

TYPES: Final = ("daily", "weekly", "hourly")
PARTICIPANTS: Final = ("user", "team", "escalation", "none")
_WRITABLE: Final = ("name", "startDate", "endDate", "type", "length", "participants", "timeRestriction")
_CLEARABLE: Final = ("endDate", "timeRestriction")
_REQUIRED: Final = ("startDate", "type", "participants")
_BLANK: Final = {"name": None, "endDate": None, "length": 1, "timeRestriction": None}


def rotation_view(account: Account, rotation: Thing) -> dict[str, Any]:
    """A rotation as the API shows it: what it has not is null (recorded since 2024; before, it was left out)."""
    view = {name: rotation[name] for name in ("id", *_WRITABLE)}
    return {**view, "participants": [account.shown(one) for one in rotation["participants"]]}


def new_rotation(account: Account, schedule: Thing, body: Any, others: list[Thing] | None = None) -> Thing:
    """A checked rotation, not yet stored, the last of its schedule; `others` if those are not in the store yet."""
    sent = body if isinstance(body, dict) else {}
    given = {name: sent[name] for name in _WRITABLE if sent.get(name) is not None}
    known = rotations_of(account, schedule["id"]) if others is None else others
    faults = Faults()
    for name in _REQUIRED:
        if name not in given:
            faults.add(name, f"{name} can not be empty.")
    faults.end()
    order = 1.0 + max((float(one["order"]) for one in known), default=0.0)
    head = {"id": account.new_id(), "schedule": schedule["id"], "order": order}
    rotation = _checked({**head, **_BLANK, **_fields(account, schedule, given)})
    return {**rotation, "name": rotation["name"] or _free_name(known)}


def drop_rotation(account: Account, rotation: Thing) -> None:
    """Forgets a rotation; an override of rotations goes with the last of them (inferred)."""
    account.store.drop("rotations", rotation["id"])
    for one in overrides_of(account, rotation["schedule"]):
        if rotation["id"] not in one["rotations"]:
            continue
        left = [key for key in one["rotations"] if key != rotation["id"]]
        if left:
            account.store.put("overrides", {**one, "rotations": left})
        else:
            account.store.drop("overrides", one["id"])


def _free_name(known: list[Thing]) -> str:
    """`Rot1` and so on (recorded)."""
    taken, number = {one["name"] for one in known}, 1
    while f"Rot{number}" in taken:
        number += 1
    return f"Rot{number}"


def _fields(account: Account, schedule: Thing, given: dict[str, Any]) -> dict[str, Any]:
    """What a body says, as it is kept."""
    fields, faults = dict(given), Faults()
    faults.text(fields, "name", 100)
    if "type" in fields:
        faults.choice(fields, "type", TYPES)
    faults.whole(fields, "length", 1)
    zone = zone_of(schedule["timezone"])
    for name in ("startDate", "endDate"):
        if fields.get(name) is not None:
            moment = parse(fields[name])
            if moment is None:
                faults.add(name, f"{name} should be a date and time.")
            else:
                fields[name] = stamp(to_half_hour(moment, zone))
    members = fields.get("participants", [{}])
    if not isinstance(members, list) or not members:
        faults.add("participants", "participants can not be empty.")
    faults.end()
    if "participants" in fields:
        fields["participants"] = [account.recipient(one, PARTICIPANTS) for one in members]
    if fields.get("timeRestriction") is not None:
        fields["timeRestriction"] = restriction_from(fields["timeRestriction"])
    return fields


def _checked(rotation: Thing) -> Thing:
    end = rotation["endDate"]
    if end is not None and datetime.fromisoformat(end) <= datetime.fromisoformat(rotation["startDate"]):
        raise unprocessable("endDate should be later than startDate.")
    return rotation


def _schedule(call: Call) -> Thing:
    return call.account.find_by(call, "schedules", parameter="scheduleIdentifierType")


def _found(call: Call) -> tuple[Thing, Thing]:
    """The schedule and the rotation of the path."""
    schedule = _schedule(call)
    for rotation in rotations_of(call.account, schedule["id"]):
        if rotation["id"] == call.ids[1]:
            return schedule, rotation
    raise not_found("Rotation", call.ids[1])


def _meta(rotation: Thing) -> dict[str, Any]:
    return {"id": rotation["id"], "name": rotation["name"]}


def _list(call: Call) -> Answer:
    found = rotations_of(call.account, _schedule(call)["id"])
    return data(call, [rotation_view(call.account, one) for one in found])


def _create(call: Call) -> Answer:
    schedule = _schedule(call)
    rotation = new_rotation(call.account, schedule, call.body)
    remember(call.account, schedule)
    return created(call, _meta(call.account.store.put("rotations", rotation)))


def _get(call: Call) -> Answer:
    schedule, rotation = _found(call)
    parent = {name: schedule[name] for name in ("id", "name", "enabled")}
    return data(call, {"_parent": parent, **rotation_view(call.account, rotation)})


def _update(call: Call) -> Answer:
    """What is absent stays, and so does what is null (`NULLS_ARE_IGNORED`): an end stays where it is."""
    schedule, rotation = _found(call)
    given = call.given(*_WRITABLE).items()
    sent = {name: value for name, value in given if (value is not None and value != "") or name in _CLEARABLE}
    fields = _fields(call.account, schedule, sent)
    if NULLS_ARE_IGNORED:  # nor does an empty restriction take one away
        fields = {name: value for name, value in fields.items() if value is not None}
    changed = _checked({**rotation, **fields})
    remember(call.account, schedule)
    return updated(call, _meta(call.account.store.put("rotations", changed)))


def _delete(call: Call) -> Answer:
    schedule, rotation = _found(call)
    remember(call.account, schedule)
    drop_rotation(call.account, rotation)
    return deleted(call)


ROUTES: Final = (
    Route("GET", "/v2/schedules/*/rotations", _list),
    Route("POST", "/v2/schedules/*/rotations", _create),
    Route("GET", "/v2/schedules/*/rotations/*", _get),
    Route("PATCH", "/v2/schedules/*/rotations/*", _update),
    Route("DELETE", "/v2/schedules/*/rotations/*", _delete),
)
