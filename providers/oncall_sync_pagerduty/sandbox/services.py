"""Services. Source: PagerDuty API: services; urgency.py has the rules about urgency and support hours."""

from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .audit import record, save
from .checks import Faults, referred, written
from .http import Answer, Call, Route
from .integrations import integration_view, integrations_of
from .pages import by_name, classic, matching
from .refusals import invalid
from .teams import team_view
from .times import instant, shown
from .urgency import CONSTANT_HIGH, check_urgency
from .usage import open_incidents

MOST_SERVICES: Final = 25_000
NAMES_DIFFER_IN_MORE_THAN_CASE: Final = True
"""Inferred: `api` and `API` are the same service name; only the uniqueness itself is documented."""
PAUSES: Final = (0, 120, 180, 300, 600, 900)
OPEN_INCIDENTS_BLOCK: Final = False
"""Inferred: deleting a service closes its open incidents instead of being refused by them."""

_WRITABLE: Final = (
    "name",
    "description",
    "auto_resolve_timeout",
    "acknowledgement_timeout",
    "incident_urgency_rule",
    "support_hours",
    "scheduled_actions",
    "response_play",
)
_PAUSE: Final = "auto_pause_notifications_parameters"


def new_service(account: Account, body: dict[str, Any]) -> Thing:
    """A service with defaults filled in and checked, not yet stored. Timeouts not sent are off."""
    blank: Thing = {"id": account.store.new_id(), **dict.fromkeys(_WRITABLE), "disabled": False, "policy": None}
    blank |= {"incident_urgency_rule": CONSTANT_HIGH, "scheduled_actions": [], "last_incident_timestamp": None}
    blank |= {"created_at": shown(account.now(), account.zone), _PAUSE: {"enabled": False, "timeout": None}}
    if account.store.count("services") >= MOST_SERVICES:
        raise invalid(f"Account may not have more than {MOST_SERVICES} services")
    return _applied(account, blank, body)


def _applied(account: Account, before: Thing, body: dict[str, Any]) -> Thing:
    service = {**before, **written(body, _WRITABLE), "updated_at": shown(account.now(), account.zone)}
    if body.get("escalation_policy") is not None:
        service["policy"] = referred(account, "escalation_policies", body["escalation_policy"])
    if _PAUSE in body:
        service[_PAUSE] = body[_PAUSE]
    if body.get("status") in ("active", "disabled"):  # the other states come about by themselves
        service["disabled"] = body["status"] == "disabled"
    faults = Faults()
    _check(account, faults, service)
    check_urgency(account, faults, service, body)
    _check_pause(faults, service)
    faults.end()
    return service


def _check(account: Account, faults: Faults, service: Thing) -> None:
    faults.text(service, "name", 255, required=True)
    faults.text(service, "description", 1024)
    for name in ("auto_resolve_timeout", "acknowledgement_timeout"):
        faults.whole(service, name, 0, null=True)
        service[name] = service[name] or None  # 0 is the other way to say off
    if service["policy"] is None:
        faults.add("Escalation policy can't be blank")
    name = _folded(service["name"])
    if any(one["id"] != service["id"] for one in account.store.index("services", "name", _name)[name]):
        faults.add("Name has already been taken")


def _name(service: Thing) -> str:
    return _folded(service["name"])


def _folded(name: Any) -> str:
    text = str(name or "").strip()
    return text.casefold() if NAMES_DIFFER_IN_MORE_THAN_CASE else text


def _check_pause(faults: Faults, service: Thing) -> None:
    pause = service[_PAUSE] or {"enabled": False}
    if not isinstance(pause, dict):
        faults.add("Auto pause notifications parameters must be an object")
        return
    enabled, timeout = pause.get("enabled", False), pause.get("timeout")
    if not isinstance(enabled, bool):
        faults.add("Auto pause notifications parameters enabled must be a boolean")
    elif enabled and timeout not in PAUSES:
        faults.add("Auto pause notifications parameters timeout is not included in the list")
    service[_PAUSE] = {"enabled": enabled, "timeout": timeout if enabled else None}


def status(account: Account, service: Thing) -> str:
    """The runtime state: disabled, in maintenance, or the worst of its open incidents."""
    if service["disabled"]:
        return "disabled"
    now = account.now()
    for window in account.store.all("maintenance_windows"):
        if service["id"] in window["services"] and instant(window["start_time"]) <= now < instant(
            window["end_time"]
        ):
            return "maintenance"
    states = {one["status"] for one in open_incidents(account) if one["service"] == service["id"]}
    return "critical" if "triggered" in states else "warning" if states else "active"


def service_view(call: Call, service: Thing) -> dict[str, Any]:
    """A service as the API shows it, with what `include[]` asks for. Its teams are those of its policy."""
    from .policies import policy_view  # each shows the other

    account = call.account
    policy = account.find("escalation_policies", service["policy"])
    teams = [account.find("teams", key) for key in policy["teams"]]
    nested = call.includes("services")  # a service inside a policy inside a service ends somewhere
    whole = call.includes("escalation_policies") and not nested
    view = {
        **{name: service[name] for name in _WRITABLE},
        "created_at": service["created_at"],
        "updated_at": service["updated_at"],
        "status": status(account, service),
        "teams": [
            team_view(account, team) if call.includes("teams") else account.ref("teams", team["id"])
            for team in teams
        ],
        "alert_creation": "create_alerts_and_incidents",  # deprecated: whatever was sent, this comes back
        "addons": [],
        "last_incident_timestamp": service["last_incident_timestamp"],
        "escalation_policy": policy_view(call, policy)
        if whole
        else account.ref("escalation_policies", policy["id"]),
        "alert_grouping": None,
        "alert_grouping_timeout": None,
        "alert_grouping_parameters": {"type": None, "config": None},
        "integrations": [
            integration_view(call, one, full=call.includes("integrations"))
            for one in integrations_of(account, service["id"])
        ],
        **account.head("services", service),
    }
    if call.includes(_PAUSE):
        view[_PAUSE] = service[_PAUSE]
    return view


def _list(call: Call) -> Answer:
    services = by_name(call, matching(call, call.account.store.all("services"), "name"))
    if (name := call.one("name")) is not None:
        services = [one for one in services if one["name"] == name]
    if teams := set(call.many("team_ids")):
        services = [
            one
            for one in services
            if teams & set(call.account.find("escalation_policies", one["policy"])["teams"])
        ]
    return classic(call, "services", services, lambda one: service_view(call, one))


def _create(call: Call) -> Answer:
    service = new_service(call.account, call.wrapped("service"))
    return Answer(201, {"service": service_view(call, save(call, "services", service))})


def _get(call: Call) -> Answer:
    return Answer(200, {"service": service_view(call, call.account.find("services", call.ids[0]))})


def _update(call: Call) -> Answer:
    account, found = call.account, call.account.find("services", call.ids[0])
    body = call.wrapped("service")
    service = _applied(account, found, body)
    if "alert_grouping_parameters" in body:
        # Documented in the vendor's FAQ: the deprecated field takes the service out of a setting it shares.
        _leave_settings(account, service["id"])
    return Answer(200, {"service": service_view(call, save(call, "services", service))})


def _leave_settings(account: Account, key: str) -> None:
    for setting in list(account.store.all("alert_grouping_settings")):
        if key in setting["services"]:
            rest = [one for one in setting["services"] if one != key]
            account.store.put("alert_grouping_settings", {**setting, "services": rest})


def _delete(call: Call) -> Answer:
    account, service = call.account, call.account.find("services", call.ids[0])
    key = service["id"]
    mine = [one for one in open_incidents(account) if one["service"] == key]
    if mine and OPEN_INCIDENTS_BLOCK:
        raise invalid("Service can't be deleted if it has open incidents")
    for incident in mine:
        account.store.put("incidents", {**incident, "status": "resolved", "assigned": []})
    for integration in integrations_of(account, key):
        account.store.drop("integrations", integration["id"])
    _leave_settings(account, key)
    record(call, "delete", ("services", key))
    account.store.drop("services", key)
    return Answer(204)


ROUTES: Final = (
    Route("GET", "/services", _list),
    Route("POST", "/services", _create),
    Route("GET", "/services/*", _get),
    Route("PUT", "/services/*", _update),
    Route("DELETE", "/services/*", _delete),
)
