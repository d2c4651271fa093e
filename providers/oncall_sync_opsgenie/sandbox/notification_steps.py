"""By which contact, and how soon, a notification rule tells. Source: Opsgenie API: notification rule step.

`sendAfter` counts from the alert, not from the step before.
"""

from collections.abc import Mapping
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .contacts import METHODS, contacts_of
from .envelope import created, data, deleted, updated
from .http import Answer, Call, Route
from .refusals import Faults, not_found, unprocessable

ACTIONS: Final = (
    "create-alert", "acknowledged-alert", "closed-alert", "renotified-alert", "assigned-alert", "add-note",
    "schedule-start", "schedule-end", "incoming-call-routing",
)  # fmt: skip
MOST_STEPS: Final = 20
"""Inferred: steps of one rule."""
_STEP: Final = ("contact", "sendAfter", "enabled")


def rules_of(account: Account, user: str) -> list[Thing]:
    """A user's rules, those of one action in their order."""
    found = account.store.index("notification_rules", "user", lambda one: one["user"])[user]
    return sorted(found, key=lambda one: (ACTIONS.index(one["actionType"]), one["order"]))


def found_rule(call: Call) -> Thing:
    """The rule in the path, of the user in the path."""
    user = call.account.find("users", call.ids[0])["id"]
    for one in rules_of(call.account, user):
        if one["id"] == call.ids[1]:
            return one
    raise not_found("Notification rule", call.ids[1])


def step_from(account: Account, user: str, body: Any, before: Thing | None = None) -> Thing:
    """A step as it is kept: over `before`, or new with a contact and `enabled`, which it then needs."""
    given: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    fields = {**(before or {}), **{name: given[name] for name in _STEP if given.get(name) is not None}}
    faults = Faults()
    faults.flag(fields, "enabled")
    if "enabled" not in fields:
        faults.add("enabled", "enabled can not be empty.")
    contact = fields.get("contact")
    if not isinstance(contact, dict) or contact.get("method") not in METHODS:
        faults.add("contact", f"contact should have a method of [{', '.join(METHODS)}].")
    elif not any(_same(contact, one) for one in contacts_of(account, user)):
        faults.add("contact", "contact does not exist.")
    after = fields.get("sendAfter", {})
    if not isinstance(after, dict) or after.get("timeUnit", "minutes") != "minutes":
        faults.add("sendAfter", "sendAfter should be in minutes.")
    else:
        faults.whole(after, "timeAmount", 0)
    faults.end()
    return new_step(account, fields)


def new_step(account: Account, fields: dict[str, Any]) -> Thing:
    """A step as it is kept, with an id, without checks."""
    amount = fields.get("sendAfter", {}).get("timeAmount", 0)
    return {
        "id": fields.get("id") or account.new_id(),
        "contact": {name: fields["contact"][name] for name in ("method", "to")},
        "sendAfter": {"timeAmount": amount, "timeUnit": "minutes"},
        "enabled": fields["enabled"],
    }


def _same(contact: Mapping[str, Any], one: Thing) -> bool:
    return (contact["method"], contact.get("to")) == (one["method"], one["to"])


def _steps(call: Call) -> Answer:
    return data(call, found_rule(call)["steps"])


def _found_step(call: Call) -> Thing:
    for step in found_rule(call)["steps"]:
        if step["id"] == call.ids[2]:
            return dict(step)
    raise not_found("Notification rule step", call.ids[2])


def _kept_step(call: Call, step: Thing) -> None:
    rule = found_rule(call)
    steps = [step if one["id"] == step["id"] else one for one in rule["steps"]]
    if step not in steps:
        steps.append(step)
    call.account.store.put("notification_rules", {**rule, "steps": steps})


def _create_step(call: Call) -> Answer:
    rule = found_rule(call)
    if len(rule["steps"]) >= MOST_STEPS:
        raise unprocessable(f"A notification rule can not have more than {MOST_STEPS} steps.")
    step = step_from(call.account, rule["user"], {name: call.body.get(name) for name in _STEP})
    _kept_step(call, step)
    return created(call, {"id": step["id"]})


def _get_step(call: Call) -> Answer:
    rule = found_rule(call)
    return data(call, {"_parent": {"id": rule["id"], "name": rule["name"]}, **_found_step(call)})


def _update_step(call: Call) -> Answer:
    step = step_from(call.account, found_rule(call)["user"], call.given(*_STEP), _found_step(call))
    _kept_step(call, step)
    return updated(call, {"id": step["id"]})


def _delete_step(call: Call) -> Answer:
    rule, step = found_rule(call), _found_step(call)
    rest = [one for one in rule["steps"] if one["id"] != step["id"]]
    call.account.store.put("notification_rules", {**rule, "steps": rest})
    return deleted(call)


def _enable_step(call: Call) -> Answer:
    _kept_step(call, {**_found_step(call), "enabled": True})
    return updated(call, {"id": call.ids[2]}, "Enabled")


def _disable_step(call: Call) -> Answer:
    _kept_step(call, {**_found_step(call), "enabled": False})
    return updated(call, {"id": call.ids[2]}, "Disabled")


_STEPS: Final = "/v2/users/*/notification-rules/*/steps"
ROUTES: Final = (
    Route("GET", _STEPS, _steps),
    Route("POST", _STEPS, _create_step),
    Route("GET", f"{_STEPS}/*", _get_step),
    Route("PATCH", f"{_STEPS}/*", _update_step),
    Route("DELETE", f"{_STEPS}/*", _delete_step),
    Route("POST", f"{_STEPS}/*/enable", _enable_step),
    Route("POST", f"{_STEPS}/*/disable", _disable_step),
)
