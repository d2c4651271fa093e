"""Integrations of a service.

Source: PagerDuty API: integrations of a service. DELETE works though no page mentions it; the key is the server's
alone: one that is sent is ignored (issues of the Terraform provider).
"""

import hashlib
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import API, Account
from .audit import record
from .checks import Faults, rows, written
from .http import Answer, Call, Route
from .refusals import invalid, not_found
from .times import shown
from .vendors import vendor_view

EMAIL: Final = "generic_email_inbound_integration"
TYPES: Final = (
    "aws_cloudwatch_inbound_integration",
    "cloudkick_inbound_integration",
    "event_transformer_api_inbound_integration",
    EMAIL,
    "generic_events_api_inbound_integration",
    "keynote_inbound_integration",
    "nagios_inbound_integration",
    "pingdom_inbound_integration",
    "sql_monitor_inbound_integration",
    "events_api_v2_inbound_integration",
)
VENDOR_DECIDES_THE_TYPE: Final = True
"""With both `type` and `vendor` sent, the answer has the vendor's type (Terraform provider issues 36 and 932)."""
LISTS_SHOW_THE_KEY: Final = True
"""Inferred: `include[]=integrations` carries `integration_key`, as a GET of one does."""

_EMAIL_CHOICES: Final = {
    "email_incident_creation": ("on_new_email", "on_new_email_subject", "only_if_no_open_incidents", "use_rules"),
    "email_filter_mode": ("all-email", "or-rules-email", "and-rules-email"),
    "email_parsing_fallback": ("open_new_incident", "discard"),
}
_EMAIL_FIELDS: Final = ("integration_email", *_EMAIL_CHOICES, "email_parsers", "email_filters")
_MODES: Final = ("match", "no-match", "always")


def integrations_of(account: Account, service: str) -> list[Thing]:
    """A service's integrations, oldest first."""
    return account.store.index("integrations", "service", lambda one: one["service"])[service]


def integration_view(call: Call, one: Thing, *, full: bool) -> dict[str, Any]:
    """An integration, whole or as a reference."""
    account, path = call.account, f"services/{one['service']}/integrations/{one['id']}"
    head = {
        "id": one["id"],
        "type": one["type"] if full else f"{one['type']}_reference",
        "summary": one["name"],
        "self": f"{API}/{path}",
        "html_url": f"{account.site}/{path}",
    }
    if not full:
        return head
    vendor = None
    if one["vendor"] is not None:
        whole = call.includes("vendors")
        vendor = (
            vendor_view(account, account.find("vendors", one["vendor"]))
            if whole
            else account.ref("vendors", one["vendor"])
        )
    view = head | {
        "name": one["name"],
        "service": account.ref("services", one["service"]),
        "created_at": one["created_at"],
        "vendor": vendor,
    }
    if one["type"] == EMAIL:
        # The description allows no empty lists here: nothing set is nothing shown.
        return view | {name: value for name, value in one["email"].items() if value not in ([], None)}
    if LISTS_SHOW_THE_KEY or call.ids[1:]:
        view["integration_key"] = one["key"]
    return view


def new_integration(account: Account, service: str, body: dict[str, Any]) -> Thing:
    """An integration with defaults filled in and checked, not yet stored."""
    vendor = body.get("vendor")
    if vendor is not None:
        if not isinstance(vendor, dict) or not isinstance(vendor.get("id"), str):
            raise invalid("Vendor must be a reference with an id")
        vendor = account.find("vendors", vendor["id"])
    kind = body.get("type")
    kind = kind.removesuffix("_reference") if isinstance(kind, str) else None
    if vendor is not None and (VENDOR_DECIDES_THE_TYPE or kind is None):
        kind = vendor["type"]
    if kind not in TYPES:
        raise invalid("Type can't be blank" if kind is None else "Type is not included in the list")
    key = account.store.new_id()
    one: Thing = {
        "id": key,
        "service": service,
        "type": kind,
        "name": body.get("name") or (vendor or {}).get("name") or "Integration",
        "vendor": None if vendor is None else vendor["id"],
        "created_at": shown(account.now(), account.zone),
        "key": hashlib.sha256(f"{account.subdomain} {service} {key}".encode()).hexdigest()[:32],
        "email": {},
    }
    if kind == EMAIL:
        blank = {
            "email_incident_creation": "on_new_email_subject",
            "email_filter_mode": "all-email",
            "email_filters": [],
        }
        one["email"] = blank | {
            "integration_email": None,
            "email_parsers": [],
            "email_parsing_fallback": "open_new_incident",
        }
    return _applied(account, one, body)


def _applied(account: Account, one: Thing, body: dict[str, Any]) -> Thing:
    one = {**one, **written(body, ("name",))}
    faults = Faults()
    faults.text(one, "name", 255, required=True)
    if one["type"] == EMAIL:
        one["email"] = {**one["email"], **written(body, _EMAIL_FIELDS)}
        _check_email(account, faults, one)
    faults.end()
    return one


def _check_email(account: Account, faults: Faults, one: Thing) -> None:
    email = one["email"]
    address = email["integration_email"]
    host = f"@{account.subdomain}.pagerduty.com"
    if not isinstance(address, str) or not address.strip():
        faults.add("Integration email can't be blank")
    elif not address.lower().endswith(host) or len(address) == len(host):
        faults.add(f"Integration email must end in {host}")
    elif any(
        other["id"] != one["id"] and str(other["email"].get("integration_email")).lower() == address.lower()
        for other in account.store.all("integrations")
    ):
        faults.add("Integration email has already been taken")
    for name, allowed in _EMAIL_CHOICES.items():
        faults.choice(email, name, allowed)
    _check_rules(faults, email)


def _check_rules(faults: Faults, email: Thing) -> None:
    for rule in rows(email["email_filters"], "Email filters"):
        for field in ("subject", "body", "from_email"):
            if rule.get(f"{field}_mode", "always") not in _MODES:
                faults.add(f"Email filters {field.replace('_', ' ')} mode is not included in the list")
    for parser in rows(email["email_parsers"], "Email parsers"):
        extractors = rows(parser.get("value_extractors"), "Email parsers value extractors")
        if parser.get("action") not in ("trigger", "resolve"):
            faults.add("Email parsers action is not included in the list")
        elif sum(one.get("value_name") == "incident_key" for one in extractors) != 1:
            faults.add("Email parsers must have exactly one incident_key extractor")


def _found(call: Call) -> Thing:
    service = call.account.find("services", call.ids[0])
    one = call.account.find("integrations", call.ids[1])
    if one["service"] != service["id"]:
        raise not_found()
    return one


def _create(call: Call) -> Answer:
    service = call.account.find("services", call.ids[0])
    one = new_integration(call.account, service["id"], call.wrapped("integration"))
    call.account.store.put("integrations", one)
    _note(call, one, "added")
    return Answer(201, {"integration": integration_view(call, one, full=True)})


def _note(call: Call, one: Thing, what: str) -> None:
    about = {"id": one["id"], "type": f"{one['type']}_reference", "summary": one["name"]}
    record(call, "update", ("services", one["service"]), references=[{"name": "integrations", what: [about]}])


def _get(call: Call) -> Answer:
    from .services import service_view  # a service shows its integrations

    view = integration_view(call, _found(call), full=True)
    if call.includes("services"):
        view["service"] = service_view(call, call.account.find("services", call.ids[0]))
    return Answer(200, {"integration": view})


def _update(call: Call) -> Answer:
    one = call.account.store.put("integrations", _applied(call.account, _found(call), call.wrapped("integration")))
    return Answer(200, {"integration": integration_view(call, one, full=True)})


def _delete(call: Call) -> Answer:
    one = _found(call)
    call.account.store.drop("integrations", one["id"])
    _note(call, one, "removed")
    return Answer(204)


ROUTES: Final = (
    Route("POST", "/services/*/integrations", _create),
    Route("GET", "/services/*/integrations/*", _get),
    Route("PUT", "/services/*/integrations/*", _update),
    Route("DELETE", "/services/*/integrations/*", _delete),
)
