"""When an alert of a service becomes an incident. Source: Opsgenie docs: service API, incident rules.

PUT replaces a rule; there is no call for one of them in the docs, but GET of it works as for anything else
(inferred).
"""

from collections.abc import Mapping
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .criteria import criteria_from
from .envelope import created, data, deleted, updated
from .http import Answer, Call, Route
from .integrations import PRIORITIES
from .refusals import Faults, not_found, unprocessable
from .services import tags_in

MESSAGE: Final = 130
STAKEHOLDER_DESCRIPTION: Final = 15_000


def rules_of(account: Account, service: str) -> list[Thing]:
    """A service's rules in their order."""
    return list(account.store.index("incident_rules", "service", lambda one: one["service"])[service])


def _written(call: Call) -> dict[str, Any]:
    """What a body says, as it is kept."""
    conditions = call.body.get("conditions") or []
    criteria = criteria_from({"type": call.body.get("conditionMatchType"), "conditions": conditions})
    return {
        "conditionMatchType": criteria["type"],
        "conditions": criteria.get("conditions", []),
        "incidentProperties": _properties(call.body.get("incidentProperties")),
    }


def _properties(body: Any) -> dict[str, Any]:
    fields: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    details = fields.get("details") or {}
    faults = Faults()
    faults.text(fields, "message", MESSAGE, required=True)
    faults.text(fields, "description", 10_000)
    faults.choice(fields, "priority", PRIORITIES)
    tags_in(faults, {"tags": fields.get("tags") or []})
    if not isinstance(details, dict) or not all(isinstance(value, str) for value in details.values()):
        faults.add("details", "details should be an object of texts.")
    faults.end()
    return {
        "message": fields["message"],
        "description": fields.get("description") or "",
        "tags": fields.get("tags") or [],
        "details": details,
        "priority": fields["priority"],
        "stakeholderProperties": _stakeholders(fields.get("stakeholderProperties")),
    }


def _stakeholders(body: Any) -> dict[str, Any]:
    if not isinstance(body, Mapping):
        raise unprocessable("stakeholderProperties can not be empty.")
    faults = Faults()
    faults.flag(body, "enable")
    faults.text(body, "message", MESSAGE, required=True)
    faults.text(body, "description", STAKEHOLDER_DESCRIPTION)
    faults.end()
    described = body.get("description") or ""
    return {"enable": body.get("enable", True), "message": body["message"], "description": described}


def _view(rule: Thing, order: int) -> dict[str, Any]:
    return {**{name: value for name, value in rule.items() if name != "service"}, "order": order}


def _service(call: Call) -> str:
    return str(call.account.find("services", call.ids[0])["id"])


def _found(call: Call) -> tuple[int, Thing]:
    for order, rule in enumerate(rules_of(call.account, _service(call))):
        if rule["id"] == call.ids[1]:
            return order, rule
    raise not_found("Incident rule", call.ids[1])


def _list(call: Call) -> Answer:
    rules = rules_of(call.account, _service(call))
    return data(call, [_view(rule, order) for order, rule in enumerate(rules)])


def _create(call: Call) -> Answer:
    head = {"id": call.account.new_id(), "service": _service(call)}
    return created(call, {"id": call.account.store.put("incident_rules", {**head, **_written(call)})["id"]})


def _get(call: Call) -> Answer:
    order, rule = _found(call)
    return data(call, _view(rule, order))


def _update(call: Call) -> Answer:
    _, rule = _found(call)
    head = {name: rule[name] for name in ("id", "service")}
    return updated(call, {"id": call.account.store.put("incident_rules", {**head, **_written(call)})["id"]})


def _delete(call: Call) -> Answer:
    _, rule = _found(call)
    call.account.store.drop("incident_rules", rule["id"])
    return deleted(call)


ROUTES: Final = (
    Route("GET", "/v1/services/*/incident-rules", _list),
    Route("POST", "/v1/services/*/incident-rules", _create),
    Route("GET", "/v1/services/*/incident-rules/*", _get),
    Route("PUT", "/v1/services/*/incident-rules/*", _update),
    Route("DELETE", "/v1/services/*/incident-rules/*", _delete),
)
