"""Maintenance: for a time, integrations and policies are switched off, or policies on.

Source: Opsgenie API: maintenance (v1). A time that is relative comes back as the span it meant.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import WHAT, Account
from .envelope import created, data, deleted, updated
from .http import Answer, Call, Route
from .refusals import Faults, unprocessable
from .times import instant, parse, stamp

SCHEDULE: Final = "schedule"
INDEFINITELY: Final = "indefinitely"
SPANS: Final = {
    "for-5-minutes": timedelta(minutes=5),
    "for-30-minutes": timedelta(minutes=30),
    "for-1-hour": timedelta(hours=1),
}
DESCRIPTION: Final = 10_000
"""Inferred: the longest description."""
_ENTITIES: Final = {"integration": "integrations", "policy": "policies"}
_LISTED: Final = {
    "all": ("cancelled", "past", "active", "planned"),
    "past": ("cancelled", "past"),
    "non-expired": ("active", "planned"),
}


def disabled_by(account: Account, at: datetime) -> set[str]:
    """Ids of the integrations and policies that some maintenance switches off at that instant."""
    return {
        rule["entity"]["id"]
        for one in account.store.all("maintenance")
        if _status(one, at) == "active"
        for rule in one["rules"]
        if rule["state"] == "disabled"
    }


def _status(one: Thing, at: datetime) -> str:
    if one["cancelled"]:
        return "cancelled"
    if at < instant(one["start"]):
        return "planned"
    return "past" if one["end"] is not None and instant(one["end"]) <= at else "active"


def _meta(account: Account, one: Thing) -> dict[str, Any]:
    time = {"type": INDEFINITELY if one["end"] is None else SCHEDULE, "startDate": one["start"]}
    if one["end"] is not None:
        time["endDate"] = one["end"]
    return {
        "id": one["id"],
        "status": _status(one, account.now()),
        "time": time,
        "description": one["description"],
    }


def _written(call: Call, key: str) -> Thing:
    """A whole maintenance from a whole body."""
    faults = Faults()
    faults.text(call.body, "description", DESCRIPTION)
    faults.end()
    start, end = _span(call.account, call.body.get("time"))
    rules = call.body.get("rules")
    if not isinstance(rules, list) or not rules:
        raise unprocessable("rules can not be empty.")
    return {
        "id": key,
        "description": call.body.get("description") or "",
        "start": stamp(start),
        "end": None if end is None else stamp(end),
        "rules": [_rule(call.account, one) for one in rules],
        "cancelled": False,
    }


def _span(account: Account, body: Any) -> tuple[datetime, datetime | None]:
    """From when until when; None is for ever. Only a schedule has dates of its own."""
    time: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    faults = Faults()
    faults.choice(time, "type", (*SPANS, INDEFINITELY, SCHEDULE))
    faults.end()
    now = account.now().replace(microsecond=0)
    if time["type"] == INDEFINITELY:
        return now, None
    if time["type"] in SPANS:
        return now, now + SPANS[time["type"]]
    start, end = parse(time.get("startDate")), parse(time.get("endDate"))
    if start is None or end is None:
        raise unprocessable("startDate and endDate should be dates and times.")
    if not start < end:
        raise unprocessable("endDate should be after startDate.")
    if end <= now:
        raise unprocessable("endDate can not be in the past.")
    return start, end


def _rule(account: Account, body: Any) -> dict[str, Any]:
    """What is switched; an integration can only be switched off."""
    rule: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    entity = rule.get("entity")
    named: Mapping[str, Any] = entity if isinstance(entity, Mapping) else {}
    state = rule.get("state") or "disabled"
    faults = Faults()
    faults.choice(named, "type", tuple(_ENTITIES))
    faults.choice({"state": state}, "state", ("enabled", "disabled"))
    faults.text(named, "id", 512, required=True)
    faults.end()
    if named["type"] == "integration" and state != "disabled":
        raise unprocessable("State of an integration should be disabled.")
    kind = _ENTITIES[named["type"]]
    if account.store.get(kind, named["id"]) is None:
        raise unprocessable(f"{WHAT[kind]} with id [{named['id']}] does not exist.")
    return {"state": state, "entity": {"id": named["id"], "type": named["type"]}}


def _live(call: Call) -> Thing:
    """The one in the path, which must not be over."""
    one = call.account.find("maintenance", call.ids[0])
    if _status(one, call.account.now()) not in _LISTED["non-expired"]:
        raise unprocessable("Maintenance is over. It can not be changed.")
    return one


def _list(call: Call) -> Answer:
    kind = call.one("type") or "all"
    if kind not in _LISTED:
        raise unprocessable(f"Type should be one of [{', '.join(_LISTED)}].")
    found = [_meta(call.account, one) for one in call.account.store.all("maintenance")]
    return data(call, [one for one in found if one["status"] in _LISTED[kind]])


def _create(call: Call) -> Answer:
    one = call.account.store.put("maintenance", _written(call, call.account.new_id()))
    return created(call, _meta(call.account, one))


def _get(call: Call) -> Answer:
    one = call.account.find("maintenance", call.ids[0])
    return data(call, {**_meta(call.account, one), "rules": one["rules"]})


def _update(call: Call) -> Answer:
    one = call.account.store.put("maintenance", _written(call, _live(call)["id"]))
    return updated(call, _meta(call.account, one))


def _cancel(call: Call) -> Answer:
    call.account.store.put("maintenance", {**_live(call), "cancelled": True})
    return Answer(200, {"result": "Cancelled"})


def _delete(call: Call) -> Answer:
    call.account.store.drop("maintenance", call.account.find("maintenance", call.ids[0])["id"])
    return deleted(call)


ROUTES: Final = (
    Route("GET", "/v1/maintenance", _list),
    Route("POST", "/v1/maintenance", _create),
    Route("GET", "/v1/maintenance/*", _get),
    Route("PUT", "/v1/maintenance/*", _update),
    Route("DELETE", "/v1/maintenance/*", _delete),
    Route("POST", "/v1/maintenance/*/cancel", _cancel),
)
