"""How a person is reached: contact methods and notification rules of a user.

Source: PagerDuty API: contact methods and notification rules of a user; the messages are recorded by the
Terraform provider's tests.
"""

from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import API, Account
from .audit import record
from .checks import Faults, written
from .http import Answer, Call, Route
from .refusals import invalid, not_found
from .times import shown

DEFAULT_LABEL: Final = "Default"
NEW_USERS_GET_DEFAULTS: Final = True
"""Inferred: a new user has one email contact method and a rule for each urgency at 0 minutes."""
METHODS_TAKE_THEIR_RULES: Final = True
"""Inferred: deleting a contact method deletes the rules that use it."""

_TYPES: Final = ("email", "phone", "sms", "whatsapp", "push_notification")
_DIALLED: Final = {"phone_contact_method", "sms_contact_method", "whatsapp_contact_method"}
_NO_TRUNK_ZERO: Final = {33, 40, 44, 45, 49, 61}
_MEXICO: Final = 52
_METHOD_FIELDS: Final = ("type", "label", "address", "country_code", "send_short_email")
_IN_USE: Final = {"enabled": True, "blacklisted": False}
"""Read-only: what a contact method is until PagerDuty stops using it."""
_RULE_FIELDS: Final = ("start_delay_in_minutes", "urgency", "contact_method")


def default_contacts(account: Account, user: Thing) -> None:
    """What a user has from the start."""
    if not NEW_USERS_GET_DEFAULTS:
        return
    method = add_contact(
        account, user["id"], {"type": "email_contact_method", "label": DEFAULT_LABEL, "address": user["email"]}
    )
    for urgency in ("high", "low"):
        add_rule(account, user["id"], method["id"], urgency, 0)


def add_contact(account: Account, user: str, fields: dict[str, Any]) -> Thing:
    """Stores a contact method without checks."""
    return account.store.put(
        "contact_methods",
        {
            "id": account.store.new_id(),
            "user": user,
            "send_short_email": False,
            "country_code": 1,
            **_IN_USE,
            **fields,
        },
    )


def add_rule(account: Account, user: str, method: str, urgency: str, delay: int) -> Thing:
    """Stores a notification rule without checks."""
    rule: Thing = {"id": account.store.new_id(), "user": user, "method": method, "urgency": urgency}
    rule |= {"start_delay_in_minutes": delay, "created_at": shown(account.now(), account.zone)}
    return account.store.put("notification_rules", rule)


def drop_contacts(account: Account, user: str) -> None:
    """Forgets how to reach a user who goes."""
    for kind in ("notification_rules", "contact_methods"):
        for one in [one for one in account.store.all(kind) if one["user"] == user]:
            account.store.drop(kind, one["id"])


def contact_view(one: Thing, *, full: bool) -> dict[str, Any]:
    """A contact method, whole or as a reference."""
    one = {**_IN_USE, **one}
    head = {
        "id": one["id"],
        "type": one["type"] if full else f"{one['type']}_reference",
        "summary": one["label"],
        "self": f"{API}/users/{one['user']}/contact_methods/{one['id']}",
        "html_url": None,
    }
    if not full:
        return head
    head |= {"label": one["label"], "address": one["address"]}
    if one["type"] == "email_contact_method":
        return head | {"send_short_email": one["send_short_email"], "send_html_email": True}
    if one["type"] == "push_notification_contact_method":
        return head | {
            "device_type": "android",
            "sounds": [],
            "blacklisted": one["blacklisted"],
            "created_at": None,
        }
    return head | {name: one[name] for name in ("blacklisted", "country_code", "enabled")}


def rule_view(account: Account, one: Thing, *, full: bool, whole_method: bool = False) -> dict[str, Any]:
    """A notification rule, whole or as a reference; its contact method likewise."""
    head = {
        "id": one["id"],
        "type": "assignment_notification_rule" + ("" if full else "_reference"),
        "summary": f"{one['start_delay_in_minutes']} minutes: channel {one['method']}",
        "self": f"{API}/users/{one['user']}/notification_rules/{one['id']}",
        "html_url": None,
    }
    if not full:
        return head
    method = account.store.get("contact_methods", one["method"])
    if method is None:
        raise not_found()
    return head | {
        "start_delay_in_minutes": one["start_delay_in_minutes"],
        "created_at": one["created_at"],
        "contact_method": contact_view(method, full=whole_method),
        "urgency": one["urgency"],
    }


def _mine(call: Call, kind: str) -> list[Thing]:
    user = call.account.find("users", call.ids[0])["id"]
    return call.account.store.index(kind, "user", lambda one: one["user"])[user]


def _found(call: Call, kind: str) -> Thing:
    for one in _mine(call, kind):
        if one["id"] == call.ids[1]:
            return one
    raise not_found()


def _check_contact(call: Call, method: Thing) -> None:
    faults = Faults()
    faults.choice(method, "type", [f"{name}_contact_method" for name in _TYPES])
    faults.end()
    faults.text(method, "label", 255, required=True)
    faults.text(method, "address", 100, required=True)
    if method["type"] in _DIALLED:
        faults.whole(method, "country_code", 1, 1999)
        faults.end()
        _check_number(faults, method)
    elif method["type"] == "email_contact_method" and "@" not in str(method["address"]):
        faults.add("Address is invalid")
    faults.end()
    key = ("type", "address") + (("country_code",) if method["type"] in _DIALLED else ())
    if any(
        one["id"] != method["id"] and all(one[k] == method[k] for k in key)
        for one in _mine(call, "contact_methods")
    ):
        raise invalid("User Contact method must be unique")


def _check_number(faults: Faults, method: Thing) -> None:
    address, country = str(method["address"]), method["country_code"]
    if len(address) > 40 or not set(address) <= set("0123456789,*#"):
        faults.add("Address may only contain up to 40 digits and the characters , * #")
    elif country in _NO_TRUNK_ZERO and address.startswith("0"):
        faults.add("Address must not start with a trunk prefix of 0")
    elif country == _MEXICO and method["type"] == "sms_contact_method" and address.startswith("1"):
        faults.add("Address must not start with 1 for Mexico")


def _post_contact(call: Call) -> Answer:
    user = call.account.find("users", call.ids[0])["id"]
    fields = {
        "type": None,
        "label": None,
        "address": None,
        **written(call.wrapped("contact_method"), _METHOD_FIELDS),
    }
    method = {"id": "", "user": user, "country_code": 1, "send_short_email": False, **_IN_USE, **fields}
    if fields["type"] == "push_notification_contact_method":
        raise invalid("Push notification contact methods can only be created by the mobile app")
    _check_contact(call, method)
    method["id"] = call.account.store.new_id()
    call.account.store.put("contact_methods", method)
    return Answer(201, {"contact_method": contact_view(method, full=True)})


def _put_contact(call: Call) -> Answer:
    before = _found(call, "contact_methods")
    method = {**before, **written(call.wrapped("contact_method"), _METHOD_FIELDS), "type": before["type"]}
    _check_contact(call, method)
    call.account.store.put("contact_methods", method)
    return Answer(200, {"contact_method": contact_view(method, full=True)})


def _delete_contact(call: Call) -> Answer:
    method = _found(call, "contact_methods")
    if METHODS_TAKE_THEIR_RULES:
        for rule in _mine(call, "notification_rules"):
            if rule["method"] == method["id"]:
                call.account.store.drop("notification_rules", rule["id"])
    call.account.store.drop("contact_methods", method["id"])
    return Answer(204)


def _rule_from(call: Call, before: Thing) -> Thing:
    fields = written(call.wrapped("notification_rule"), _RULE_FIELDS)
    reference = fields.pop("contact_method", {"id": before["method"]})
    methods = {one["id"] for one in _mine(call, "contact_methods")}
    method = reference.get("id") if isinstance(reference, dict) else None
    if not isinstance(method, str) or method not in methods:
        raise invalid("Contact method can't be blank" if not method else "Contact method must belong to the user")
    rule = {**before, **fields, "method": method}
    faults = Faults()
    faults.whole(rule, "start_delay_in_minutes", 0)
    faults.choice(rule, "urgency", ("high", "low"))
    faults.end()
    if rule["urgency"] == "low":
        call.account.need("urgencies")
    same = ("method", "start_delay_in_minutes", "urgency")
    if any(
        one["id"] != rule["id"] and all(one[k] == rule[k] for k in same)
        for one in _mine(call, "notification_rules")
    ):
        raise invalid("Channel Start delay must be unique for a given contact method")
    return rule


def _post_rule(call: Call) -> Answer:
    user = call.account.find("users", call.ids[0])["id"]
    blank = {"id": "", "user": user, "method": None, "urgency": "high", "start_delay_in_minutes": None}
    rule = _rule_from(call, blank)
    kept = add_rule(call.account, user, rule["method"], rule["urgency"], rule["start_delay_in_minutes"])
    view = rule_view(call.account, kept, full=True)
    record(call, "update", ("users", user), resource={name: view[name] for name in ("id", "type", "summary")})
    return Answer(201, {"notification_rule": view})


def _put_rule(call: Call) -> Answer:
    rule = call.account.store.put("notification_rules", _rule_from(call, _found(call, "notification_rules")))
    return Answer(200, {"notification_rule": rule_view(call.account, rule, full=True)})


def _delete_rule(call: Call) -> Answer:
    call.account.store.drop("notification_rules", _found(call, "notification_rules")["id"])
    return Answer(204)


def _rules(call: Call) -> Answer:
    urgency = call.one("urgency") or "high"
    if urgency not in {"high", "low", "all"}:
        raise invalid("Urgency is not included in the list")
    found = [one for one in _mine(call, "notification_rules") if urgency in {"all", one["urgency"]}]
    whole = call.includes("contact_methods")
    views = [rule_view(call.account, one, full=True, whole_method=whole) for one in found]
    return Answer(200, {"notification_rules": views})


def _contacts(call: Call) -> Answer:
    found = _mine(call, "contact_methods")
    return Answer(200, {"contact_methods": [contact_view(one, full=True) for one in found], "total": len(found)})


def _contact(call: Call) -> Answer:
    return Answer(200, {"contact_method": contact_view(_found(call, "contact_methods"), full=True)})


def _rule(call: Call) -> Answer:
    rule = _found(call, "notification_rules")
    view = rule_view(call.account, rule, full=True, whole_method=call.includes("contact_methods"))
    return Answer(200, {"notification_rule": view})


ROUTES: Final = (
    Route("GET", "/users/*/contact_methods", _contacts),
    Route("POST", "/users/*/contact_methods", _post_contact),
    Route("GET", "/users/*/contact_methods/*", _contact),
    Route("PUT", "/users/*/contact_methods/*", _put_contact),
    Route("DELETE", "/users/*/contact_methods/*", _delete_contact),
    Route("GET", "/users/*/notification_rules", _rules),
    Route("POST", "/users/*/notification_rules", _post_rule),
    Route("GET", "/users/*/notification_rules/*", _rule),
    Route("PUT", "/users/*/notification_rules/*", _put_rule),
    Route("DELETE", "/users/*/notification_rules/*", _delete_rule),
)
