"""Forwarding: for a time, one person's notifications go to another. Source: Opsgenie API: forwarding rule."""

from datetime import UTC, datetime
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .envelope import created, data, deleted, updated
from .http import Answer, Call, Route
from .refusals import Faults, conflict, not_found, unprocessable


def forwarded(account: Account, user: str, at: datetime) -> str:
    """The id of whoever gets what the user would at that instant; rules make no chains (inferred)."""
    for rule in account.store.index("forwarding_rules", "from", lambda one: one["fromUser"])[user]:
        if datetime.fromisoformat(rule["startDate"]) <= at < datetime.fromisoformat(rule["endDate"]):
            return str(rule["toUser"])
    return user


def _view(account: Account, rule: Thing) -> dict[str, Any]:
    people = {
        name: {"id": rule[name], "username": account.find("users", rule[name])["username"]}
        for name in ("fromUser", "toUser")
    }
    return {**people, **{name: rule[name] for name in ("startDate", "endDate", "alias", "id")}}


def _found(call: Call) -> Thing:
    key = call.identifier_type(allowed=("id", "alias"))
    for rule in call.account.store.all("forwarding_rules"):
        if rule[key] == call.ids[0]:
            return rule
    raise not_found("Forwarding rule", call.ids[0])


def _fields(call: Call) -> dict[str, Any]:
    """All four are needed, for POST and for PUT; the alias is given once."""
    faults = Faults()
    faults.text(call.body, "alias", 100)
    dates = {}
    for name in ("startDate", "endDate"):
        try:
            moment = datetime.fromisoformat(str(call.body.get(name)))
        except ValueError:
            faults.add(name, f"{name} should be a date and time.")
            continue
        dates[name] = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    faults.end()
    people = {name: call.account.referred("users", call.body.get(name))["id"] for name in ("fromUser", "toUser")}
    if people["fromUser"] == people["toUser"]:
        raise unprocessable("fromUser and toUser can not be the same.")
    if dates["endDate"] <= dates["startDate"]:
        raise unprocessable("endDate should be later than startDate.")
    return {**people, **{name: moment.strftime("%Y-%m-%dT%H:%M:%SZ") for name, moment in dates.items()}}


def _list(call: Call) -> Answer:
    return data(call, [_view(call.account, rule) for rule in call.account.store.all("forwarding_rules")])


def _create(call: Call) -> Answer:
    fields, key = _fields(call), call.account.new_id()
    alias = call.body.get("alias") or key
    if any(rule["alias"] == alias for rule in call.account.store.all("forwarding_rules")):
        raise conflict("Forwarding rule", alias, "alias")
    rule = call.account.store.put("forwarding_rules", {"id": key, "alias": alias, **fields})
    return created(call, {"id": rule["id"], "alias": rule["alias"]})


def _get(call: Call) -> Answer:
    return data(call, _view(call.account, _found(call)))


def _update(call: Call) -> Answer:
    rule = call.account.store.put("forwarding_rules", {**_found(call), **_fields(call)})
    return updated(call, {"id": rule["id"], "alias": rule["alias"]})


def _delete(call: Call) -> Answer:
    call.account.store.drop("forwarding_rules", _found(call)["id"])
    return deleted(call)


def _of_user(call: Call) -> Answer:
    user = call.account.find("users", call.ids[0])["id"]
    found = [one for one in call.account.store.all("forwarding_rules") if one["fromUser"] == user]
    return data(call, [_view(call.account, rule) for rule in found])


ROUTES: Final = (
    Route("GET", "/v2/forwarding-rules", _list),
    Route("POST", "/v2/forwarding-rules", _create),
    Route("GET", "/v2/forwarding-rules/*", _get),
    Route("PUT", "/v2/forwarding-rules/*", _update),
    Route("DELETE", "/v2/forwarding-rules/*", _delete),
    Route("GET", "/v2/users/*/forwarding-rules", _of_user),
)
