"""Alert grouping settings. Source: PagerDuty API: alert grouping settings; issues 887 and 1015 of the provider."""

import base64
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .checks import Faults, referred_all, written
from .http import Answer, Call, Route
from .pages import number
from .refusals import invalid

MOST_SERVICES: Final = 250
ONE_SETTING_PER_SERVICE: Final = True
"""Inferred: a service that is in a setting already is refused in another."""
_KIND: Final = "alert_grouping_settings"
_CONFIGS: Final = {
    "content_based": {"aggregate", "fields", "time_window"},
    "content_based_intelligent": {"aggregate", "fields", "time_window", "iag_fields"},
    "intelligent": {"time_window", "iag_fields"},
    "time": {"timeout"},
}
_READ_ONLY: Final = {"recommended_time_window"}
_DAY: Final = 86_400


def _view(account: Account, one: Thing) -> dict[str, Any]:
    services = [
        {**account.ref("services", key), "name": account.find("services", key)["name"]} for key in one["services"]
    ]
    return {
        name: one[name] for name in ("id", "name", "description", "type", "config", "created_at", "updated_at")
    } | {"services": services}


def _applied(account: Account, before: Thing, body: dict[str, Any]) -> Thing:
    one = {**before, **written(body, ("name", "description", "type", "config"))}
    if body.get("services") is not None:  # not sent: they stay, says the API's page
        one["services"] = referred_all(account, "services", body["services"])
    one["updated_at"] = account.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    faults = Faults()
    faults.text(one, "name", 255)
    faults.text(one, "description", 1024)
    if one["type"] not in list(_CONFIGS):
        faults.add("Type is not included in the list")
    else:
        _check_config(faults, one)
    if not one["services"]:
        faults.add("Services can't be blank")
    if len(one["services"]) > MOST_SERVICES:
        faults.add(f"Services is too long (maximum is {MOST_SERVICES} services)")
    taken = {key for other in account.store.all(_KIND) if other["id"] != one["id"] for key in other["services"]}
    if ONE_SETTING_PER_SERVICE and taken & set(one["services"]):
        faults.add("Services already have an alert grouping setting")
    faults.end()
    return one


def _check_config(faults: Faults, one: Thing) -> None:
    if not isinstance(one["config"], dict | None):
        faults.add("Config must be an object")
        return
    config = {key: value for key, value in (one["config"] or {}).items() if key not in _READ_ONLY}
    one["config"] = config
    for key, value in config.items():
        if value is None:
            faults.add(f"{key} cannot be null")
    for key in sorted(set(config) - _CONFIGS[one["type"]]):
        faults.add(f"{key} is not valid for type {one['type']}")
    if faults.found:
        return
    if one["type"] == "time":
        timeout = config.setdefault("timeout", 0)
        if not isinstance(timeout, int) or not (timeout == 0 or 60 <= timeout <= _DAY):
            faults.add("timeout must be 0 or between 60 and 86400")
        return
    _check_window(faults, one)


def _check_window(faults: Faults, one: Thing) -> None:
    config = one["config"]
    window, longest_too = config.get("time_window", 300), one["type"] == "content_based"
    if not isinstance(window, int) or not (300 <= window <= 3600 or (longest_too and window == _DAY)):
        faults.add("time_window must be between 300 and 3600" + (" or 86400" if longest_too else ""))
    if one["type"].startswith("content_based"):
        if config.get("aggregate") not in ("all", "any"):
            faults.add("aggregate must be all or any")
        if not isinstance(config.get("fields"), list) or not config["fields"]:
            faults.add("fields cannot be blank")


def _list(call: Call) -> Answer:
    account, limit = call.account, min(number(call, "limit", 25, 1), 100)
    wanted = set(call.many("service_ids"))
    found = [one for one in account.store.all(_KIND) if not wanted or wanted & set(one["services"])]
    start = 0
    try:
        if (after := call.one("after")) is not None:
            start = int(base64.urlsafe_b64decode(after))
        elif (before := call.one("before")) is not None:
            start = max(0, int(base64.urlsafe_b64decode(before)) - limit)
    except ValueError:
        raise invalid("Cursor is invalid") from None
    body: dict[str, Any] = {_KIND: [_view(account, one) for one in found[start : start + limit]], "limit": limit}
    body["total"] = len(found) if call.flag("total") else None
    if start + limit < len(found):
        body["after"] = _cursor(start + limit)
    if start > 0:
        body["before"] = _cursor(start)
    return Answer(200, body)


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode()


def _create(call: Call) -> Answer:
    account, body = call.account, call.wrapped("alert_grouping_setting")
    blank: Thing = {"id": account.store.new_id(), "name": None, "description": None, "type": None, "config": {}}
    blank |= {"services": [], "created_at": account.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    one = account.store.put(_KIND, _applied(account, blank, body))
    return Answer(201, {"alert_grouping_setting": _view(account, one)})


def _get(call: Call) -> Answer:
    return Answer(200, {"alert_grouping_setting": _view(call.account, call.account.find(_KIND, call.ids[0]))})


def _update(call: Call) -> Answer:
    account, before = call.account, call.account.find(_KIND, call.ids[0])
    one = account.store.put(_KIND, _applied(account, before, call.wrapped("alert_grouping_setting")))
    return Answer(200, {"alert_grouping_setting": _view(account, one)})


def _delete(call: Call) -> Answer:
    call.account.store.drop(_KIND, call.account.find(_KIND, call.ids[0])["id"])
    return Answer(204)


ROUTES: Final = (
    Route("GET", f"/{_KIND}", _list),
    Route("POST", f"/{_KIND}", _create),
    Route("GET", f"/{_KIND}/*", _get),
    Route("PUT", f"/{_KIND}/*", _update),
    Route("DELETE", f"/{_KIND}/*", _delete),
)
