"""Overrides of legacy schedules. Source: PagerDuty API: overrides of a schedule."""

from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .audit import record
from .http import Answer, Call, Route
from .refusals import invalid, not_found, refuse
from .shifts import asked_window, overrides_of
from .times import instant, parse, shown, stamp, zone_of

PAST_STARTS_MOVE_TO_NOW: Final = True
"""Inferred: an override that begins in the past begins now, since changes are never retroactive."""
ONGOING_ARE_EDITABLE: Final = True
"""Inferred: `editable=true` lists overrides under way too: they can be deleted, and nothing else tells the id."""


def _view(account: Account, one: Thing, zone_name: str, *, full: bool = True) -> dict[str, Any]:
    zone = zone_of(zone_name)
    view = {
        "start": shown(one["start"], zone),
        "end": shown(one["end"], zone),
        "user": account.ref("users", one["user"]["id"]),
    }
    return view | {"id": one["id"]} if full else view


def _list(call: Call) -> Answer:
    account, schedule = call.account, call.account.find("schedules", call.ids[0])
    missing = [name for name in ("since", "until") if not call.one(name)]
    if missing:
        raise refuse(400, 2003, "Missing Arguments", [f"{name.capitalize()} is required" for name in missing])
    span = asked_window(call, zone_of(schedule["time_zone"]))
    since, until = span or (account.now(), account.now())
    found = [
        one
        for one in overrides_of(account, schedule["id"])
        if instant(one["end"]) > since and instant(one["start"]) < until
    ]
    editable = call.one("editable") is not None and call.one("editable") not in {"false", "0"}
    if editable:
        now = account.now()
        found = [one for one in found if instant(one["end" if ONGOING_ARE_EDITABLE else "start"]) > now]
    elif not call.flag("overflow"):
        found = [
            {
                **one,
                "start": stamp(max(instant(one["start"]), since)),
                "end": stamp(min(instant(one["end"]), until)),
            }
            for one in found
        ]
    return Answer(200, {"overrides": [_view(account, one, schedule["time_zone"], full=editable) for one in found]})


def _create(call: Call) -> Answer:
    schedule = call.account.find("schedules", call.ids[0])
    body = call.body if isinstance(call.body, dict) else {}
    if isinstance(body.get("override"), dict):  # the deprecated form for one
        answer = _one(call, schedule, body["override"])
        if answer["status"] != 201:
            raise invalid(*answer["errors"])
        return Answer(201, {"override": answer["override"]})
    if not isinstance(body.get("overrides"), list) or not body["overrides"]:
        raise invalid("Overrides can't be blank")
    return Answer(201, [_one(call, schedule, one) for one in body["overrides"]])


def _one(call: Call, schedule: Thing, sent: Any) -> dict[str, Any]:
    """What became of one of several: they succeed and fail each on its own."""
    account, sent = call.account, sent if isinstance(sent, dict) else {}
    zone = zone_of(schedule["time_zone"])
    start, end, now = parse(sent.get("start"), zone), parse(sent.get("end"), zone), account.now()
    user = sent.get("user", {}).get("id") if isinstance(sent.get("user"), dict) else None
    known = account.store.get("users", user) if isinstance(user, str) else None
    errors: list[str] = []
    if start is None or end is None:
        errors.append("Override start and end must be valid dates")
    elif end <= start:
        errors.append("Override must end after its start")
    elif end <= now:
        errors.append("Override must end in the future")
    if known is None or known.get("deleted_at"):
        errors.append("Override user must exist")
    if errors or start is None or end is None or known is None:
        echo = {name: sent.get(name) for name in ("start", "end", "user")}
        echo["user"] = echo["user"] if known is None else account.ref("users", known["id"])
        return {"status": 400, "errors": errors, "override": echo}
    if PAST_STARTS_MOVE_TO_NOW:
        start = max(start, now)
    one = {
        "id": account.store.new_id("Q", 13),
        "schedule": schedule["id"],
        "start": stamp(start),
        "end": stamp(end),
    }
    account.store.put("overrides", one | {"user": {"id": known["id"]}})
    _note(call, one, "added")
    return {"status": 201, "override": _view(account, one | {"user": {"id": known["id"]}}, schedule["time_zone"])}


def _note(call: Call, one: Thing, what: str) -> None:
    about = {"id": one["id"], "type": "override_reference", "summary": f"{one['start']} to {one['end']}"}
    record(call, "update", ("schedules", one["schedule"]), references=[{"name": "overrides", what: [about]}])


def _delete(call: Call) -> Answer:
    account, schedule = call.account, call.account.find("schedules", call.ids[0])
    one = account.store.get("overrides", call.ids[1])
    if one is None:
        raise refuse(404, 4004, "Override Not Found")
    if one["schedule"] != schedule["id"]:
        raise not_found()
    now = account.now()
    if instant(one["end"]) <= now:
        raise refuse(400, 4004, "Invalid Override", ["Override has already ended"])
    _note(call, one, "removed")
    if instant(one["start"]) >= now:
        account.store.drop("overrides", one["id"])
        return Answer(204)
    account.store.put("overrides", {**one, "end": stamp(now)})
    return Answer(200)


ROUTES: Final = (
    Route("GET", "/schedules/*/overrides", _list),
    Route("POST", "/schedules/*/overrides", _create),
    Route("DELETE", "/schedules/*/overrides/*", _delete),
)
