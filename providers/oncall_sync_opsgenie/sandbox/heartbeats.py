"""Heartbeats: alerts for what has not been heard of. Source: Opsgenie API: heartbeat. The name is the key."""

import re
from datetime import datetime, timedelta
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .envelope import created, data, deleted, updated
from .http import Answer, Call, Route
from .integrations import PRIORITIES
from .refusals import Faults, conflict, not_found
from .services import tags_in
from .times import instant, stamp

NAME: Final = re.compile(r"[a-zA-Z0-9._-]+")
"""What the Terraform provider lets pass."""
UNITS: Final = ("minutes", "hours", "days")
PRIORITY: Final = "P3"
_WRITABLE: Final = (
    "description", "interval", "intervalUnit", "enabled", "alertMessage", "alertTags", "alertPriority",
)  # fmt: skip


def _view(account: Account, one: Thing) -> dict[str, Any]:
    view = {name: one[name] for name in ("name", *_WRITABLE)}
    view["expired"] = _expired(one, account.now())
    if one["lastPingTime"] is not None:
        view["lastPingTime"] = one["lastPingTime"]
    if one["ownerTeam"] is not None:
        view["ownerTeam"] = account.team_meta(one["ownerTeam"])
    return view


def _expired(one: Thing, at: datetime) -> bool:
    """Whether it was not heard of in time; one that never was heard of has not begun (inferred)."""
    if not one["enabled"] or one["lastPingTime"] is None:
        return False
    return instant(one["lastPingTime"]) + timedelta(**{one["intervalUnit"]: one["interval"]}) <= at


def _meta(account: Account, one: Thing) -> dict[str, Any]:
    return {"name": one["name"], "enabled": one["enabled"], "expired": _expired(one, account.now())}


def _checked(one: Thing) -> Thing:
    """The heartbeat; refuses what the vendor refuses in it."""
    faults = Faults()
    faults.text(one, "name", 100, required=True, pattern=NAME)
    faults.text(one, "description", 10_000)
    faults.text(one, "alertMessage", 130)
    faults.whole(one, "interval", 1, 1_000_000)
    faults.choice(one, "intervalUnit", UNITS)
    faults.flag(one, "enabled")
    faults.choice(one, "alertPriority", PRIORITIES)
    tags_in(faults, {"tags": one["alertTags"]}, longest=50)
    for name in ("interval", "enabled"):
        if one[name] is None:
            faults.add(name, f"{name} can not be empty.")
    faults.end()
    return one


def _fields(call: Call) -> dict[str, Any]:
    owner = call.account.owner(call.body)
    fields = call.given(*_WRITABLE)
    return fields if owner is None else {**fields, "ownerTeam": owner}


def _found(call: Call) -> Thing:
    one = call.account.by_name("heartbeats", call.ids[0])
    if one is None:
        raise not_found("Heartbeat", call.ids[0])
    return one


def _list(call: Call) -> Answer:
    found = call.account.store.all("heartbeats")
    return data(call, {"heartbeats": [_view(call.account, one) for one in found]})


def _create(call: Call) -> Answer:
    account = call.account
    blank: Thing = {**dict.fromkeys(_WRITABLE), "description": "", "alertTags": [], "alertPriority": PRIORITY}
    head = {"id": account.new_id(), "name": call.body.get("name"), "lastPingTime": None, "ownerTeam": None}
    one = _checked({**blank, **head, **_fields(call)})
    if one["alertMessage"] is None:
        one["alertMessage"] = f"{one['name']} is expired"
    if account.by_name("heartbeats", one["name"]) is not None:
        raise conflict("Heartbeat", one["name"])
    return created(call, _view(account, account.store.put("heartbeats", one)))


def _get(call: Call) -> Answer:
    return data(call, _view(call.account, _found(call)))


def _update(call: Call) -> Answer:
    one = call.account.store.put("heartbeats", _checked({**_found(call), **_fields(call)}))
    return updated(call, _meta(call.account, one))


def _delete(call: Call) -> Answer:
    call.account.store.drop("heartbeats", _found(call)["id"])
    return deleted(call)


def _switch(call: Call) -> Answer:
    on = call.path.endswith("/enable")
    one = call.account.store.put("heartbeats", {**_found(call), "enabled": on})
    return updated(call, _meta(call.account, one), "Enabled" if on else "Disabled")


def _ping(call: Call) -> Answer:
    """202 whether there is such a heartbeat or not: pings are taken in first and looked at later."""
    one = call.account.by_name("heartbeats", call.ids[0])
    if one is not None and one["enabled"]:
        call.account.store.put("heartbeats", {**one, "lastPingTime": stamp(call.account.now())})
    return Answer(202, {"result": "PONG - Heartbeat received"})


ROUTES: Final = (
    Route("GET", "/v2/heartbeats", _list),
    Route("POST", "/v2/heartbeats", _create),
    Route("GET", "/v2/heartbeats/*", _get),
    Route("PATCH", "/v2/heartbeats/*", _update),
    Route("DELETE", "/v2/heartbeats/*", _delete),
    Route("POST", "/v2/heartbeats/*/enable", _switch),
    Route("POST", "/v2/heartbeats/*/disable", _switch),
    Route("GET", "/v2/heartbeats/*/ping", _ping),
)
