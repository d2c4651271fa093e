"""What an integration does with what comes by it. Source: Opsgenie API: integration actions.

PUT replaces all of them, those too that were made on the website. An integration has default ones until somebody
writes; then it is an advanced one, which not every plan allows.
"""

from collections.abc import Mapping
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import ADVANCED_INTEGRATIONS, Account
from .envelope import data
from .http import Answer, Call, Route
from .integration_types import takes_alerts
from .integrations import PRIORITIES, RESPONDERS, meta
from .refusals import Faults, unprocessable

KINDS: Final = ("ignore", "create", "close", "acknowledge", "addNote")
MATCHES: Final = ("match-all", "match-any-condition", "match-all-conditions")
OPERATIONS: Final = (
    "matches", "contains", "starts-with", "ends-with", "equals", "contains-key", "contains-value", "greater-than",
    "less-than", "is-empty", "equals-ignore-whitespace",
)  # fmt: skip
_TEXTS: Final = {"user": 100, "note": 25_000, "alias": 512}
_ALERT_TEXTS: Final = {"source": 100, "message": 130, "description": 15_000, "entity": 512}
_FLAGS: Final = (
    "appendAttachments",
    "ignoreAlertActionsFromPayload",
    "ignoreRecipientsFromPayload",
    "ignoreRespondersFromPayload",
    "ignoreTeamsFromPayload",
    "ignoreTagsFromPayload",
    "ignoreExtraPropertiesFromPayload",
)
_DEFAULT_NAMES: Final = {
    "create": "Create Alert",
    "close": "Close Alert",
    "acknowledge": "Acknowledge Alert",
    "addNote": "Add Note",
}
"""Inferred: what an integration does of which nothing was said."""


def _default(integration: Thing) -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = {kind: [] for kind in KINDS}
    if not takes_alerts(integration["type"]):
        return found
    for kind, name in _DEFAULT_NAMES.items():
        plain: dict[str, Any] = {"type": kind, "name": name, "order": 0}
        action = {**plain, "filter": {"conditionMatchType": "match-all", "conditions": []}, **_blank(kind)}
        if kind == "create":
            action["responders"] = integration["responders"]
        found[kind] = [action]
    return found


def _blank(kind: str) -> dict[str, Any]:
    """The defaults of an action: the alert's own fields, by name in braces."""
    if kind == "ignore":
        return {}
    fields: dict[str, Any] = {name: f"{{{{{name}}}}}" for name in _TEXTS}
    if kind == "create":
        fields |= {name: f"{{{{{name}}}}}" for name in _ALERT_TEXTS}
        fields |= {**dict.fromkeys(_FLAGS, False), "alertActions": [], "tags": [], "extraProperties": {}}
        fields |= {"responders": [], "recipients": []}
    return fields


def _all(account: Account, integration: Thing) -> dict[str, list[Thing]]:
    stored = account.store.get("actions", integration["id"])
    return _default(integration) if stored is None else {kind: stored[kind] for kind in KINDS}


def _view(account: Account, integration: Thing, actions: Mapping[str, list[Thing]]) -> dict[str, Any]:
    view: dict[str, Any] = {"_parent": meta(integration)}
    for kind in KINDS:
        view[kind] = [_shown(account, action) for action in actions[kind]]
    return view


def _shown(account: Account, action: Thing) -> Thing:
    people: dict[str, Any] = {
        name: [account.shown(one) for one in action[name]]
        for name in ("responders", "recipients")
        if name in action
    }
    return {**action, **people}


def _action(account: Account, body: Any, kind: str, order: int) -> Thing:
    """One action as it is kept; 422 says what is wrong with it."""
    fields: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    faults = Faults()
    faults.text(fields, "name", 512, required=True)
    faults.whole(fields, "order", 0)
    texts = {} if kind == "ignore" else _TEXTS if kind != "create" else {**_TEXTS, **_ALERT_TEXTS}
    for name, most in texts.items():
        faults.text(fields, name, most)
    made = _blank(kind)
    if kind == "create":
        _check_create(fields, faults)
    faults.end()
    made |= {name: fields[name] for name in made if fields.get(name) not in (None, "")}
    if kind == "create":
        made |= {name: fields[name] for name in ("priority", "customPriority") if fields.get(name)}
    for name in ("responders", "recipients"):
        if name in made:
            made[name] = [account.recipient(one, RESPONDERS) for one in made[name]]
    head = {"type": kind, "name": fields["name"], "order": fields.get("order") or order}
    return {**head, "filter": _filter(fields.get("filter")), **made}


def _check_create(fields: Mapping[str, Any], faults: Faults) -> None:
    for name in _FLAGS:
        faults.flag(fields, name)
    for name in ("alertActions", "tags"):
        faults.strings(fields, name)
    for name in ("responders", "recipients"):
        if not isinstance(fields.get(name, []), list):
            faults.add(name, f"{name} should be a list.")
    extra = fields.get("extraProperties", {})
    if not isinstance(extra, dict):
        faults.add("extraProperties", "extraProperties should be an object.")
    if fields.get("priority"):
        faults.choice(fields, "priority", PRIORITIES)


def _filter(body: Any) -> dict[str, Any]:
    """These filters spell their type `conditionMatchType`, and their fields are each integration's own."""
    fields: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    kind, conditions = fields.get("conditionMatchType"), fields.get("conditions") or []
    if kind not in MATCHES:
        raise unprocessable(f"conditionMatchType should be one of [{', '.join(MATCHES)}].")
    if not isinstance(conditions, list) or bool(conditions) != (kind != "match-all"):
        raise unprocessable(f"Conditions are not valid for [{kind}].")
    return {"conditionMatchType": kind, "conditions": [_condition(one) for one in conditions]}


def _condition(body: Any) -> dict[str, Any]:
    fields: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    faults = Faults()
    faults.text(fields, "field", 512, required=True)
    faults.choice(fields, "operation", OPERATIONS)
    faults.flag(fields, "not")
    faults.text(fields, "expectedValue", 15_000)
    faults.end()
    kept = {"field": fields["field"], "not": fields.get("not", False), "operation": fields["operation"]}
    return {**kept, "expectedValue": fields.get("expectedValue", "")}


def _found(call: Call) -> Thing:
    return call.account.find("integrations", call.ids[0])


def _writable(call: Call) -> Thing:
    one = _found(call)
    if not takes_alerts(one["type"]):
        raise unprocessable(f"Integration with type '{one['type']}' does not have actions.")
    if ADVANCED_INTEGRATIONS not in call.account.features:
        # As the vendor words it: Terraform provider, issues 109 and 452.
        raise unprocessable("Your plan does not allow saving or updating advanced integrations.")
    return one


def _store(call: Call, integration: Thing, actions: Mapping[str, list[Thing]]) -> dict[str, Any]:
    call.account.store.put("actions", {"id": integration["id"], **actions})
    call.account.store.put("integrations", {**integration, "isAdvanced": True})
    return _view(call.account, integration, actions)


def _list(call: Call) -> Answer:
    one = _found(call)
    return data(call, _view(call.account, one, _all(call.account, one)))


def _create(call: Call) -> Answer:
    """One action beside those there are."""
    one, kind = _writable(call), call.body.get("type")
    if kind not in KINDS:
        raise unprocessable(f"Type should be one of [{', '.join(KINDS)}].")
    actions = _all(call.account, one)
    action = _action(call.account, call.given(*call.body), kind, len(actions[kind]))
    view = _store(call, one, {**actions, kind: [*actions[kind], action]})
    return Answer(201, {"result": "Created", "data": view})


def _replace(call: Call) -> Answer:
    """All of them; a kind that is not named has none after that."""
    one = _writable(call)
    actions: dict[str, list[Thing]] = {}
    for kind in KINDS:
        sent = call.body.get(kind)
        sent = [] if sent is None else sent
        if not isinstance(sent, list):
            raise unprocessable(f"{kind} should be a list.")
        actions[kind] = [_action(call.account, body, kind, order) for order, body in enumerate(sent)]
    return Answer(200, {"result": "Updated", "data": _store(call, one, actions)})


ROUTES: Final = (
    Route("GET", "/v2/integrations/*/actions", _list),
    Route("POST", "/v2/integrations/*/actions", _create),
    Route("PUT", "/v2/integrations/*/actions", _replace),
)
