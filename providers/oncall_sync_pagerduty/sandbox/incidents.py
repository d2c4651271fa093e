"""Incidents, as far as they stand in the way of changes. Source: PagerDuty API: incidents; knowledge base.

An open incident keeps a snapshot of the policy it was opened under, and stays with whom it was assigned to.
"""

from datetime import timedelta
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import API, Account
from .checks import Faults, referred, rows, written
from .http import Answer, Call, Route
from .oncalls import ringing
from .pages import classic
from .refusals import invalid, refuse
from .times import instant, parse, shown
from .usage import targets
from .users import requester

NOBODY_ON_CALL_IS_REFUSED: Final = True
"""The knowledge base says an event is dropped when a whole policy has nobody on call; that a POST by the API is
answered with an error then is inferred, and so is its text."""
STATUSES: Final = ("triggered", "acknowledged", "resolved")
_DEFAULT_SPAN: Final = timedelta(days=30)
_LONGEST_SPAN: Final = timedelta(days=184)


def new_incident(account: Account, body: dict[str, Any], opener: Thing | None) -> Thing:
    """An incident assigned to the first level that has somebody, not yet stored."""
    service = account.find("services", referred(account, "services", body.get("service")))
    policy = service["policy"]
    if body.get("escalation_policy") is not None:
        policy = referred(account, "escalation_policies", body["escalation_policy"])
    _check({"title": None, "urgency": "high", "incident_key": None, **body})
    found = account.find("escalation_policies", policy)
    assigned = _assigned(account, body)
    level = next((users for users in ringing(account, found, account.now()) if users), [])
    if not assigned and not level and NOBODY_ON_CALL_IS_REFUSED:
        raise invalid("Incident can't be created because nobody is on call")
    now = shown(account.now(), account.zone)
    return {
        "id": account.store.new_id("Q", 13),
        "number": account.store.count("incidents") + 1,
        "title": body["title"],
        "status": "triggered",
        "urgency": body.get("urgency") or "high",
        "service": service["id"],
        "policy": policy,
        # Lists, not pairs: a snapshot must look the same before and after a restart.
        "snapshot": [list(one) for one in targets(found)],
        "assigned": assigned or level,
        "direct": bool(assigned),
        "incident_key": body.get("incident_key") or account.store.new_id("", 20).lower(),
        "acknowledged_by": [],
        "changed_by": None if opener is None else opener["id"],
        "created_at": now,
        "changed_at": now,
        "resolved_at": None,
    }


def _assigned(account: Account, body: dict[str, Any]) -> list[str]:
    return [
        referred(account, "users", one.get("assignee")) for one in rows(body.get("assignments"), "Assignments")
    ]


def _check(incident: Thing) -> None:
    faults = Faults()
    faults.text(incident, "title", 1024, required=True)
    faults.text(incident, "incident_key", 255)
    faults.choice(incident, "urgency", ("high", "low"))
    faults.end()


def open_one(account: Account, body: dict[str, Any], opener: Thing | None) -> Thing:
    """Stores a new incident and marks its service."""
    incident = account.store.put("incidents", new_incident(account, body, opener))
    service = account.find("services", incident["service"])
    account.store.put("services", {**service, "last_incident_timestamp": incident["created_at"]})
    return incident


def _view(call: Call, one: Thing) -> dict[str, Any]:
    account = call.account
    service = account.ref("services", one["service"])
    policy = account.store.get("escalation_policies", one["policy"])
    by = (
        account.ref("services", one["service"])
        if one["changed_by"] is None
        else account.ref("users", one["changed_by"])
    )
    return {
        **account.head("incidents", {**one, "name": f"[#{one['number']}] {one['title']}"}),
        "incident_number": one["number"],
        "title": one["title"],
        "description": one["title"],
        "created_at": one["created_at"],
        "updated_at": one["changed_at"],
        "status": one["status"],
        "incident_key": one["incident_key"],
        "service": service,
        **_people(account, one),
        "last_status_change_at": one["changed_at"],
        "last_status_change_by": by,
        **({"resolved_at": one["resolved_at"]} if one["resolved_at"] else {}),
        "escalation_policy": account.ref("escalation_policies", one["policy"]),
        "teams": account.refs("teams", policy["teams"]) if policy else [],
        "pending_actions": [],
        "first_trigger_log_entry": _first_entry(account, one),
        "resolve_reason": None,
        "alert_counts": {"all": 0, "triggered": 0, "resolved": 0},
        "impacted_services": [service],
        "is_mergeable": True,
        "urgency": one["urgency"],
    }


def _people(account: Account, one: Thing) -> dict[str, Any]:
    """Whom it is with; nobody once it is resolved."""
    users = one["assigned"] if one["status"] != "resolved" else []
    seen = one["acknowledged_by"] if one["status"] != "resolved" else []
    return {
        "assignments": [{"at": one["created_at"], "assignee": account.ref("users", key)} for key in users],
        "assigned_via": "direct_assignment" if one["direct"] else "escalation_policy",
        "acknowledgements": [{"at": one["changed_at"], "acknowledger": account.ref("users", key)} for key in seen],
    }


def _first_entry(account: Account, one: Thing) -> dict[str, Any]:
    key = f"R{one['id'][1:]}"
    return {
        "id": key,
        "type": "trigger_log_entry_reference",
        "summary": "Triggered through the website" if one["changed_by"] is None else "Triggered through the API",
        "self": f"{API}/log_entries/{key}",
        "html_url": f"{account.site}/incidents/{one['id']}/log_entries/{key}",
    }


def _list(call: Call) -> Answer:
    account, wanted = call.account, call.many("statuses")
    if not set(wanted) <= set(STATUSES):
        raise invalid("Statuses is not included in the list")
    services, users, urgencies = (
        set(call.many("service_ids")),
        set(call.many("user_ids")),
        set(call.many("urgencies")),
    )
    teams, key = set(call.many("team_ids")), call.one("incident_key")
    found = [one for one in account.store.all("incidents") if (not wanted or one["status"] in wanted)]
    found = [one for one in found if not services or one["service"] in services]
    found = [one for one in found if not users or (users & set(one["assigned"]) and one["status"] != "resolved")]
    found = [one for one in found if not urgencies or one["urgency"] in urgencies]
    found = [one for one in found if key is None or one["incident_key"] == key]
    if teams:
        by_policy = {one["id"]: set(one["teams"]) for one in account.store.all("escalation_policies")}
        found = [one for one in found if teams & by_policy.get(one["policy"], set())]
    return classic(call, "incidents", _within(call, found), lambda one: _view(call, one))


def _within(call: Call, found: list[Thing]) -> list[Thing]:
    if call.one("date_range") == "all":
        return found
    now, zone = call.account.now(), call.account.zone
    moments = {name: parse(text, zone) for name in ("since", "until") if (text := call.one(name)) is not None}
    if None in moments.values():
        raise refuse(400, 2004, "Invalid since or until", ["Since and until must be valid dates"])
    until = moments.get("until") or now
    since = moments.get("since") or until - _DEFAULT_SPAN
    if until < since or until - since > _LONGEST_SPAN:
        raise refuse(400, 2005, "Invalid Range", ["The date range may not be more than 6 months"])
    return [one for one in found if since <= instant(one["created_at"]) <= until]


def _create(call: Call) -> Answer:
    opener = requester(call)
    return Answer(201, {"incident": _view(call, open_one(call.account, call.wrapped("incident"), opener))})


def _get(call: Call) -> Answer:
    return Answer(200, {"incident": _view(call, call.account.find("incidents", call.ids[0]))})


def _changed(call: Call, key: Any, body: dict[str, Any], by: Thing) -> Thing:
    account = call.account
    incident = account.find("incidents", str(key))
    if incident["status"] == "resolved":
        raise invalid("Incident Already Resolved")
    after = {**incident, **written(body, ("title", "urgency"))}
    _check(after)
    if body.get("assignments"):
        after["assigned"] = _assigned(account, body)
        after["direct"] = True
    if "status" in body:
        if body["status"] not in STATUSES:
            raise invalid("Status is not included in the list")
        now = shown(account.now(), account.zone)
        after |= {"status": body["status"], "changed_at": now, "changed_by": by["id"]}
        if body["status"] == "acknowledged":
            after["acknowledged_by"] = list(dict.fromkeys([*incident["acknowledged_by"], by["id"]]))
        if body["status"] == "resolved":
            after |= {"resolved_at": now, "assigned": []}
    return after


def _update(call: Call) -> Answer:
    by = requester(call)
    incident = call.account.store.put("incidents", _changed(call, call.ids[0], call.wrapped("incident"), by))
    return Answer(200, {"incident": _view(call, incident)})


def _update_many(call: Call) -> Answer:
    by = requester(call)
    sent = call.body.get("incidents") if isinstance(call.body, dict) else None
    if not isinstance(sent, list) or not all(isinstance(one, dict) for one in sent):
        raise invalid("Incidents can't be blank")
    if len(sent) > 250:
        raise refuse(413, 2001, "Request Entity Too Large")
    changed = [_changed(call, one.get("id"), one, by) for one in sent]
    for one in changed:
        call.account.store.put("incidents", one)
    return classic(call, "incidents", changed, lambda one: _view(call, one), default=100)


ROUTES: Final = (
    Route("GET", "/incidents", _list),
    Route("POST", "/incidents", _create),
    Route("PUT", "/incidents", _update_many),
    Route("GET", "/incidents/*", _get),
    Route("PUT", "/incidents/*", _update),
)
