"""Incidents, as far as they stand in the way of changes. Source: Opsgenie API: incident (v1).

Writing is answered with 202 and a request id, under which the outcome can be asked for; here it is there at once.
"""

from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import WHAT, Account
from .envelope import data, paged
from .http import Answer, Call, Route
from .incident_search import matches
from .integrations import PRIORITIES
from .refusals import Faults, not_found, unprocessable
from .services import tags_in
from .times import stamp

PRIORITY: Final = "P3"
RESPONDERS: Final = ("user", "team")
SORTS: Final = ("createdAt", "tinyId", "message", "status", "isSeen", "owner")
_ACCEPTED: Final = {"result": "Request will be processed"}
_SITE: Final = "https://app.opsgenie.com/incident/detail"
_API: Final = "https://api.opsgenie.com/v1/incidents"


def _view(one: Thing) -> dict[str, Any]:
    links = {"web": f"{_SITE}/{one['id']}", "api": f"{_API}/{one['id']}"}
    plain = {name: value for name, value in one.items() if name != "number"}
    more = {"isSeen": False, "owner": "", "source": "", "links": links}
    return {**plain, "ownerTeam": one["ownerTeam"] or "", **more}


def _services(account: Account, body: dict[str, Any]) -> list[str]:
    """Ids of the services an incident is about."""
    named = body.get("impactedServices") or []
    if not isinstance(named, list):
        raise unprocessable("impactedServices should be a list.")
    keys = [body["serviceId"], *named] if body.get("serviceId") else named
    for key in keys:
        if not isinstance(key, str) or account.store.get("services", key) is None:
            raise unprocessable(f"{WHAT['services']} with id [{key}] does not exist.")
    return list(dict.fromkeys(keys))


def _written(call: Call) -> Thing:
    """A new incident from a body."""
    account, body = call.account, call.given(*call.body)
    details = body.get("details", {})
    faults = Faults()
    faults.text(body, "message", 130, required=True)
    faults.text(body, "description", 15_000)
    faults.text(body, "note", 25_000)
    faults.flag(body, "notifyStakeholders")
    tags_in(faults, body, longest=50)
    if not isinstance(details, dict):
        faults.add("details", "details should be an object.")
    if body.get("priority"):
        faults.choice(body, "priority", PRIORITIES)
    if not isinstance(body.get("responders", []), list):
        faults.add("responders", "responders should be a list.")
    faults.end()
    services, now = _services(account, body), stamp(account.now())
    number = _next_number(account)
    owner = account.find("services", services[0])["teamId"] if services else None
    return {
        "id": account.new_id(),
        "number": number,
        "tinyId": str(number),
        "message": body["message"],
        "description": body.get("description", ""),
        "status": "open",
        "tags": body.get("tags", []),
        "createdAt": now,
        "updatedAt": now,
        "priority": body.get("priority") or PRIORITY,
        "responders": [account.recipient(one, RESPONDERS) for one in body.get("responders", [])],
        "ownerTeam": owner,
        "impactedServices": services,
        "extraProperties": details,
    }


def _next_number(account: Account) -> int:
    """The next small number; none comes twice, whatever is deleted."""
    counter = account.store.get("counter", "incidents") or {"last": 0}
    account.store.put("counter", {"id": "incidents", "last": counter["last"] + 1})
    return int(counter["last"]) + 1


def _accepted(call: Call, action: str, status: str, incident: str) -> Answer:
    """202, and the outcome for who asks for it by the request's id."""
    outcome = {"success": bool(incident), "action": action, "processedAt": stamp(call.account.now())}
    outcome |= {"isSuccess": bool(incident), "status": status, "incidentId": incident, "integrationId": ""}
    call.account.store.put("incident_requests", {"id": call.request_id, "outcome": outcome})
    return Answer(202, _ACCEPTED)


def _named(call: Call) -> Thing | None:
    """The incident in the path, by id or by the small number that people use."""
    if call.identifier_type(allowed=("id", "tiny")) == "id":
        return call.account.store.get("incidents", call.ids[0])
    found = call.account.store.index("incidents", "tinyId", lambda one: one["tinyId"])[call.ids[0]]
    return found[0] if found else None


def _create(call: Call) -> Answer:
    one = call.account.store.put("incidents", _written(call))
    return _accepted(call, "Create", "Created incident", one["id"])


def _close(call: Call) -> Answer:
    one = _named(call)
    if one is None:
        return _accepted(call, "Close", "Incident does not exist", "")
    if one["status"] == "closed":
        return _accepted(call, "Close", "Incident is already closed", "")
    changed = {**one, "status": "closed", "updatedAt": stamp(call.account.now())}
    call.account.store.put("incidents", changed)
    return _accepted(call, "Close", "Incident closed", one["id"])


def _delete(call: Call) -> Answer:
    one = _named(call)
    if one is None:
        return _accepted(call, "Delete", "Incident does not exist", "")
    call.account.store.drop("incidents", one["id"])
    return _accepted(call, "Delete", "Deleted incident", one["id"])


def _get(call: Call) -> Answer:
    one = _named(call)
    if one is None:
        raise not_found("Incident", call.ids[0])
    return data(call, _view(one))


def _request(call: Call) -> Answer:
    found = call.account.store.get("incident_requests", call.ids[0])
    if found is None:
        refused = not_found("Request", call.ids[0])
        refused.headers["X-Opsgenie-Errortype"] = "RequestNotProcessed"
        raise refused
    return data(call, found["outcome"])


def _list(call: Call) -> Answer:
    """The newest first, unless the query says another order."""
    sort, order = call.one("sort") or "createdAt", call.one("order") or "desc"
    if sort not in SORTS or order not in ("asc", "desc"):
        raise unprocessable(f"Sort should be one of [{', '.join(SORTS)}], order one of [asc, desc].")
    test = matches(call.one("query") or "")
    found = [one for one in call.account.store.all("incidents") if test(one)]
    name = "number" if sort == "tinyId" else sort
    found.sort(key=lambda one: (one.get(name) or 0 if name == "number" else str(one.get(name)), one["number"]))
    return paged(call, found if order == "asc" else found[::-1], show=_view, total=False)


ROUTES: Final = (
    Route("POST", "/v1/incidents/create", _create),
    Route("GET", "/v1/incidents", _list),
    Route("GET", "/v1/incidents/requests/*", _request),
    Route("GET", "/v1/incidents/*", _get),
    Route("DELETE", "/v1/incidents/*", _delete),
    Route("POST", "/v1/incidents/*/close", _close),
)
