"""Integrations: how alerts come, and whom they are for. Source: Opsgenie API: integration; its description has the
types. What the Terraform provider sends and needs is known from running it.

PUT replaces everything: what it does not say is as if it never had been said. Read-only fields may be sent back.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from oncall_sync_sandbox.store import Thing

from .account import Account
from .envelope import created, data, deleted, updated
from .http import Answer, Call, Route
from .integration_types import EMAIL, NOT_BY_API, TYPES, WEBHOOKS, calls_back, has_key, takes_alerts
from .refusals import Faults, conflict, forbidden, unprocessable

NAME: Final = 250
EMAIL_NAME: Final = re.compile(r"[A-Za-z0-9_.+-]+")
"""Inferred: what the part before the @ may be made of."""
RESPONDERS: Final = ("user", "team", "schedule", "escalation", "none")
PRIORITIES: Final = ("P1", "P2", "P3", "P4", "P5")
KEY_IS_SHOWN_ONCE: Final = True
"""Inferred: only the answer to POST has `apiKey`; the Terraform provider never reads it again."""
ANOTHER_OWNER_IS_ANOTHER_KEY: Final = True
"""Inferred from the Terraform provider, which makes an integration anew when its team changes."""

_INCOMING_FLAGS: Final = (
    "suppressNotifications",
    "ignoreTeamsFromPayload",
    "ignoreRecipientsFromPayload",
    "ignoreRespondersFromPayload",
    "ignoreTagsFromPayload",
    "ignoreExtraPropertiesFromPayload",
)
_RIGHTS: Final = {
    "allowReadAccess": True,
    "allowWriteAccess": True,
    "allowDeleteAccess": True,
    "allowConfigurationAccess": False,
}
_ALWAYS_READ_ONLY: Final = ("id", "isGlobal", "isAdvanced", "feature-type", "isDefaultIntegration", "apiKey")
_OURS: Final = ("type", "name", "enabled", "ownerTeam", "responders", "recipients", "assignedTeam")
_JUNK: Final = ("_readOnly", "emailAddress", "callback-type", "base-webhook-callback-type")
_INCOMING: Final = (*_INCOMING_FLAGS, *_RIGHTS, "priority", "customPriority", "tags", "extraProperties")


def integration_view(account: Account, one: Thing) -> dict[str, Any]:
    """An integration as GET shows it: flat, and with the names of the fields that cannot be written."""
    fields = {name: value for name, value in one["fields"].items() if value is not None}
    read_only = ["id", "isGlobal"]
    if takes_alerts(one["type"]):
        read_only += ["isAdvanced", "feature-type"]
        fields |= {
            "isAdvanced": one["isAdvanced"],
            "feature-type": "email-based" if one["type"] in EMAIL else "token-based",
            "responders": [account.shown(each) for each in one["responders"]],
            "recipients": [account.shown(each) for each in one["recipients"]],
        }
    if one["type"] in EMAIL:
        read_only.append("emailAddress")
        fields["emailAddress"] = f"{fields['emailUsername']}@{account.name}.opsgenie.net"
    if one["type"] == "API":
        read_only.append("isDefaultIntegration")
        fields["isDefaultIntegration"] = False
    if has_key(one["type"]) and not KEY_IS_SHOWN_ONCE:
        fields["apiKey"] = one["apiKey"]
    view = {**fields, **{name: one[name] for name in ("type", "id", "name", "enabled")}}
    view["isGlobal"] = one["ownerTeam"] is None
    if one["ownerTeam"] is not None:
        view["ownerTeam"] = account.team_meta(one["ownerTeam"])
    return {**view, "_readOnly": read_only}


def meta(one: Thing) -> dict[str, Any]:
    """What lists and answers to writing tell; a global one has no team (docs)."""
    found = {name: one[name] for name in ("id", "name", "enabled", "type")}
    return found if one["ownerTeam"] is None else {**found, "teamId": one["ownerTeam"]}


def _written(account: Account, body: Mapping[str, Any], before: Thing | None) -> Thing:
    """A whole integration from a whole body, in place of `before` if there is one."""
    kind = _type(body, before)
    if before is None and kind in NOT_BY_API:
        raise unprocessable(f"Integration with type '{kind}' can not be created by the API.")
    faults = Faults()
    faults.text(body, "name", NAME, required=True)
    faults.flag(body, "enabled")
    fields = _incoming(body, faults) if takes_alerts(kind) else {}
    if has_key(kind):
        fields |= _flags(body, _RIGHTS, faults)
    if calls_back(kind):
        fields |= _callback(body)
    if kind in EMAIL:
        fields["emailUsername"] = body.get("emailUsername")
        faults.text(body, "emailUsername", 100, required=True, pattern=EMAIL_NAME)
    if kind in WEBHOOKS and not body.get("url"):
        raise unprocessable("Property [url] cannot be empty.")  # as the vendor words it
    faults.end()
    owner = account.owner(body)
    key = account.new_id() if before is None else before["id"]
    made: Thing = {
        "id": key,
        "type": kind,
        "name": body["name"],
        "enabled": body.get("enabled", True),
        "ownerTeam": owner,
        "isAdvanced": False if before is None else before["isAdvanced"],
        "responders": _responders(account, body, "responders"),
        "recipients": _responders(account, body, "recipients"),
        "fields": fields,
        "apiKey": str(uuid5(NAMESPACE_URL, f"opsgenie:key:{key}:{owner}")),
    }
    if before is not None and not ANOTHER_OWNER_IS_ANOTHER_KEY:
        made["apiKey"] = before["apiKey"]
    _check_unique(account, made)
    return made


def _type(body: Mapping[str, Any], before: Thing | None) -> str:
    kind = body.get("type")
    if not isinstance(kind, str) or not kind:
        raise unprocessable("Property [type] cannot be empty.")
    if kind not in TYPES:
        raise unprocessable(f"Integration with type '{kind}' does not exist")  # as the vendor words it
    if before is not None and before["type"] != kind:
        raise unprocessable("Type of an integration can not be changed.")
    return kind


def _flags(body: Mapping[str, Any], defaults: Mapping[str, bool], faults: Faults) -> dict[str, Any]:
    for name in defaults:
        faults.flag(body, name)
    return {name: body.get(name, default) for name, default in defaults.items()}


def _incoming(body: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    """What every integration by which alerts come has. Without a priority an alert keeps its own (docs)."""
    fields = _flags(body, dict.fromkeys(_INCOMING_FLAGS, False), faults)
    faults.strings(body, "tags")
    extra = body.get("extraProperties", {})
    if not isinstance(extra, dict) or not all(isinstance(value, str) for value in extra.values()):
        faults.add("extraProperties", "extraProperties should be an object of texts.")
    if body.get("priority"):
        faults.choice(body, "priority", PRIORITIES)
    faults.text(body, "customPriority", 512)
    fields |= {"tags": body.get("tags", []), "extraProperties": extra}
    return fields | {name: body[name] for name in ("priority", "customPriority") if body.get(name)}


def _callback(body: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a callback, as they came: each type has its own, and the description lists hundreds."""
    known = {*_ALWAYS_READ_ONLY, *_OURS, *_JUNK, *_INCOMING}
    return {name: value for name, value in body.items() if name not in known}


def _responders(account: Account, body: Mapping[str, Any], field: str) -> list[dict[str, str]]:
    found = body.get(field, [])
    if not isinstance(found, list):
        raise unprocessable(f"{field} should be a list.")
    return [account.recipient(one, RESPONDERS) for one in found]


def _check_unique(account: Account, made: Thing) -> None:
    """409 for a name, or the first part of an address, that another one has."""
    other = account.by_name("integrations", made["name"])
    if other is not None and other["id"] != made["id"]:
        raise conflict("Integration", made["name"])
    address = str(made["fields"].get("emailUsername")).lower()
    for one in account.store.all("integrations") if made["type"] in EMAIL else ():
        if one["id"] != made["id"] and str(one["fields"].get("emailUsername")).lower() == address:
            raise conflict("Integration", address, "emailUsername")


def _body(call: Call) -> dict[str, Any]:
    """What the body says; a null is as good as nothing."""
    return call.given(*call.body)


def _list(call: Call) -> Answer:
    found = list(call.account.store.all("integrations"))
    if (kind := call.one("type")) is not None:
        found = [one for one in found if one["type"] == kind]
    if (team := call.one("teamId")) is not None:
        found = [one for one in found if one["ownerTeam"] == team]
    if (name := call.one("teamName")) is not None:
        named = call.account.by_name("teams", name)
        found = [one for one in found if named is not None and one["ownerTeam"] == named["id"]]
    return data(call, [meta(one) for one in found])


def _create(call: Call) -> Answer:
    one = call.account.store.put("integrations", _written(call.account, _body(call), None))
    key = {"apiKey": one["apiKey"]} if has_key(one["type"]) else {}
    return created(call, {**meta(one), **key})


def _get(call: Call) -> Answer:
    return data(call, integration_view(call.account, call.account.find("integrations", call.ids[0])))


def _update(call: Call) -> Answer:
    before = call.account.find("integrations", call.ids[0])
    one = call.account.store.put("integrations", _written(call.account, _body(call), before))
    return updated(call, meta(one))


def _delete(call: Call) -> Answer:
    one = call.account.find("integrations", call.ids[0])
    call.account.store.drop("actions", one["id"])
    call.account.store.drop("integrations", one["id"])
    return deleted(call)


def _switch(call: Call) -> Answer:
    """Enables or disables, as the path says. 201, strange as it is: so says the API description."""
    on = call.path.endswith("/enable")
    one = call.account.find("integrations", call.ids[0])
    one = call.account.store.put("integrations", {**one, "enabled": on})
    return Answer(201, {"result": "Enabled" if on else "Disabled", "data": meta(one)})


def _authenticate(call: Call) -> Answer:
    """Whether the key that came is that of an integration of the type; keys of no integration may do it all."""
    kind = _type(call.body, None)
    key = call.headers.get("authorization", "").rpartition(" ")[2]
    mine = next((one for one in call.account.store.all("integrations") if one["apiKey"] == key), None)
    if mine is not None and mine["type"] != kind:
        raise forbidden("Api key does not belong to an integration of this type")
    return Answer(200, {"result": "Authenticated"})


ROUTES: Final = (
    Route("GET", "/v2/integrations", _list),
    Route("POST", "/v2/integrations", _create),
    Route("POST", "/v2/integrations/authenticate", _authenticate),
    Route("GET", "/v2/integrations/*", _get),
    Route("PUT", "/v2/integrations/*", _update),
    Route("DELETE", "/v2/integrations/*", _delete),
    Route("POST", "/v2/integrations/*/enable", _switch),
    Route("POST", "/v2/integrations/*/disable", _switch),
)
