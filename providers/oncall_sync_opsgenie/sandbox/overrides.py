"""Overrides of a schedule: for a time, one person instead of whoever has the turn.

Source: Opsgenie API: schedule override. The key is an alias, the caller's or ours. Times are kept to the second:
only those of rotations are said to be rounded.
"""

from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .envelope import created, data, deleted, updated
from .history import overrides_of, remember, rotations_of
from .http import Answer, Call, Route
from .refusals import Faults, conflict, not_found, unprocessable
from .times import parse, stamp

RECIPIENTS: Final = ("user", "team", "escalation", "none")
"""Who may stand in (docs: a user, or the reserved word none; the description has any recipient)."""


def _view(account: Account, override: Thing) -> dict[str, Any]:
    """An override; of rotations that it is limited to, id and name."""
    names = {one["id"]: one["name"] for one in rotations_of(account, override["schedule"])}
    return {
        "alias": override["alias"],
        "user": account.shown(override["user"]),
        "startDate": override["startDate"],
        "endDate": override["endDate"],
        "rotations": [{"id": key, "name": names.get(key)} for key in override["rotations"]],
    }


def _fields(call: Call, schedule: Thing) -> dict[str, Any]:
    """What a body says; user and both dates are needed, for POST and for PUT."""
    faults, dates = Faults(), {}
    faults.text(call.body, "alias", 512)
    for name in ("startDate", "endDate"):
        moment = parse(call.body.get(name))
        if moment is None:
            faults.add(name, f"{name} should be a date and time.")
        else:
            dates[name] = moment
    if not isinstance(call.body.get("user"), dict):
        faults.add("user", "user can not be empty.")
    rotations = call.body.get("rotations") or []
    if not isinstance(rotations, list):
        faults.add("rotations", "rotations should be a list.")
    faults.end()
    if dates["endDate"] <= dates["startDate"]:
        raise unprocessable("endDate should be later than startDate.")
    return {
        # The type is what the docs' examples leave out where the user is a user.
        "user": call.account.recipient({"type": "user", **call.body["user"]}, RECIPIENTS),
        **{name: stamp(moment) for name, moment in dates.items()},
        "rotations": list(dict.fromkeys(_rotation(call.account, schedule, one) for one in rotations)),
    }


def _rotation(account: Account, schedule: Thing, body: Any) -> str:
    """The id of one of the schedule's rotations, from its id or name; 422 if there is none."""
    keys = body if isinstance(body, dict) else {}
    label = "id" if keys.get("id") else "name"
    for one in rotations_of(account, schedule["id"]):
        if keys.get(label) and one[label] == keys[label]:
            return str(one["id"])
    raise unprocessable(f"Rotation with {label} [{keys.get(label) or ''}] does not exist.")


def _schedule(call: Call) -> Thing:
    return call.account.find_by(call, "schedules", parameter="scheduleIdentifierType")


def _found(call: Call) -> tuple[Thing, Thing]:
    schedule = _schedule(call)
    for override in overrides_of(call.account, schedule["id"]):
        if override["alias"] == call.ids[1]:
            return schedule, override
    raise not_found("Schedule override", call.ids[1])


def _list(call: Call) -> Answer:
    found = overrides_of(call.account, _schedule(call)["id"])
    return data(call, [_view(call.account, one) for one in found])


def _create(call: Call) -> Answer:
    schedule, key = _schedule(call), call.account.new_id()
    fields = _fields(call, schedule)
    alias = call.body.get("alias") or key
    if any(one["alias"] == alias for one in overrides_of(call.account, schedule["id"])):
        raise conflict("Schedule override", alias, "alias")
    remember(call.account, schedule)
    call.account.store.put("overrides", {"id": key, "schedule": schedule["id"], "alias": alias, **fields})
    return created(call, {"alias": alias})


def _get(call: Call) -> Answer:
    schedule, override = _found(call)
    parent = {name: schedule[name] for name in ("id", "name", "enabled")}
    return data(call, {"_parent": parent, **_view(call.account, override)})


def _update(call: Call) -> Answer:
    """All of it is replaced but the alias."""
    schedule, override = _found(call)
    changed = {**override, **_fields(call, schedule)}
    remember(call.account, schedule)
    call.account.store.put("overrides", changed)
    return updated(call, {"alias": changed["alias"]})


def _delete(call: Call) -> Answer:
    schedule, override = _found(call)
    remember(call.account, schedule)
    call.account.store.drop("overrides", override["id"])
    return deleted(call)


ROUTES: Final = (
    Route("GET", "/v2/schedules/*/overrides", _list),
    Route("POST", "/v2/schedules/*/overrides", _create),
    Route("GET", "/v2/schedules/*/overrides/*", _get),
    Route("PUT", "/v2/schedules/*/overrides/*", _update),
    Route("DELETE", "/v2/schedules/*/overrides/*", _delete),
)
