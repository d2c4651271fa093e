"""How a person is reached. Source: Opsgenie API: user contacts.

One thing under two names: `method` and `status.enabled` here, `contactMethod` and `enabled` in an expanded user.
"""

import re
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .envelope import created, data, deleted, updated
from .http import Answer, Call, Route
from .refusals import Faults, conflict, not_found

METHODS: Final = ("email", "sms", "voice", "mobile")
BY_THE_APP_ONLY: Final = "mobile"
"""The mobile app registers itself; the API cannot (docs of the Terraform provider)."""
PHONE: Final = re.compile(r"[0-9]{1,4}-[0-9]{4,15}")
"""Inferred: COUNTRY-NUMBER, as everywhere in examples."""
DISABLED: Final = "Disabled by user"
"""Inferred: the reason that a contact switched off by a call tells."""
UNVERIFIED: Final = "Contact is not verified"
"""Inferred: the reason of a number that nobody confirmed."""
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


def default_contacts(account: Account, user: Thing) -> None:
    """A new user can be reached by email."""
    add_contact(account, user["id"], "email", user["username"])


def add_contact(account: Account, user: str, method: str, to: str) -> Thing:
    """Stores a contact without checks."""
    one = {"id": account.new_id(), "user": user, "method": method, "to": to, "enabled": True}
    return account.store.put("contacts", one)


def unconfirmed(account: Account, contact: str) -> None:
    """Makes a contact one whose owner never typed in the code that was sent to it."""
    one = account.store.get("contacts", contact)
    if one is not None:
        account.store.put("contacts", {**one, "enabled": False, "reason": UNVERIFIED})


def contacts_of(account: Account, user: str) -> list[Thing]:
    """The contacts of a user, oldest first."""
    return account.store.index("contacts", "user", lambda one: one["user"])[user]


def drop_contacts(account: Account, user: str) -> None:
    """Forgets how to reach a user who goes."""
    for one in contacts_of(account, user):
        account.store.drop("contacts", one["id"])


def expanded(account: Account, user: str) -> list[dict[str, Any]]:
    """`userContacts` of a user with `expand=contact`."""
    return [
        {"to": one["to"], "id": one["id"], "contactMethod": one["method"], **_status(one)}
        for one in contacts_of(account, user)
    ]


def _status(one: Thing) -> dict[str, Any]:
    return (
        {"enabled": True} if one["enabled"] else {"enabled": False, "disabledReason": one.get("reason", DISABLED)}
    )


def _view(one: Thing) -> dict[str, Any]:
    return {"id": one["id"], "method": one["method"], "to": one["to"], "status": _status(one)}


def _found(call: Call) -> Thing:
    user = call.account.find("users", call.ids[0])["id"]
    for one in contacts_of(call.account, user):
        if one["id"] == call.ids[1]:
            return one
    raise not_found("Contact", call.ids[1])


def _check(call: Call, contact: Thing) -> None:
    faults = Faults()
    faults.choice(contact, "method", METHODS)
    faults.text(contact, "to", 512, required=True)
    faults.end()
    if contact["method"] == BY_THE_APP_ONLY:
        faults.add("method", "Mobile contacts can not be written by the API.")
    elif not (_EMAIL if contact["method"] == "email" else PHONE).fullmatch(contact["to"]):
        faults.add("to", f"to is not valid for the method [{contact['method']}].")
    faults.end()
    for one in contacts_of(call.account, contact["user"]):
        if one["id"] != contact["id"] and (one["method"], one["to"]) == (contact["method"], contact["to"]):
            raise conflict("Contact", contact["to"], contact["method"])


def _list(call: Call) -> Answer:
    user = call.account.find("users", call.ids[0])["id"]
    return data(call, [{**_view(one), "applyOrder": 0} for one in contacts_of(call.account, user)])


def _create(call: Call) -> Answer:
    user = call.account.find("users", call.ids[0])["id"]
    fields = {"method": None, "to": None, **call.given("method", "to")}
    _check(call, {"id": "", "user": user, **fields})
    return created(call, {"id": add_contact(call.account, user, fields["method"], fields["to"])["id"]})


def _get(call: Call) -> Answer:
    return data(call, _view(_found(call)))


def _update(call: Call) -> Answer:
    """Only `to`; what kind of contact it is stays."""
    contact = {**_found(call), **call.given("to")}
    _check(call, contact)
    call.account.store.put("contacts", contact)
    return updated(call, {"id": contact["id"]})


def _delete(call: Call) -> Answer:
    call.account.store.drop("contacts", _found(call)["id"])
    return deleted(call)


def _enable(call: Call) -> Answer:
    one = call.account.store.put("contacts", {**_found(call), "enabled": True})
    return updated(call, {"id": one["id"]}, "Enabled")


def _disable(call: Call) -> Answer:
    one = call.account.store.put("contacts", {**_found(call), "enabled": False})
    return updated(call, {"id": one["id"]}, "Disabled")


ROUTES: Final = (
    Route("GET", "/v2/users/*/contacts", _list),
    Route("POST", "/v2/users/*/contacts", _create),
    Route("GET", "/v2/users/*/contacts/*", _get),
    Route("PATCH", "/v2/users/*/contacts/*", _update),
    Route("DELETE", "/v2/users/*/contacts/*", _delete),
    Route("POST", "/v2/users/*/contacts/*/enable", _enable),
    Route("POST", "/v2/users/*/contacts/*/disable", _disable),
)
