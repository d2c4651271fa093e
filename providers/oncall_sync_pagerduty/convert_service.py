"""Services and their integrations: from answers, and into requests.

Sources: PagerDuty's API description (Service, Integration, AlertGroupingSetting), and what it does not say:
`alert_grouping_parameters` in a request takes the service out of a setting it shares (vendor's FAQ), so grouping
goes through `/alert_grouping_settings` alone; `type` beside `vendor` is decided by the vendor (Terraform provider,
issues 36 and 932); an integration's key is the server's and changes with every new one (228, 549).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from oncall_sync.model import ABSENT, ConstantUrgency, Integration, Ref, Service, Urgency

from .mail import filters_body, filters_from
from .settings import DEFAULT_OPENS, canonical, duration_text, parse_duration
from .urgency import urgency_from
from .vendors import PREFIX, neutral
from .wire import KIND, Body, reference, remote, remotes, seconds, text_of

DEFAULT_URGENCY: Final[Urgency] = ConstantUrgency("high")
"""Of a new service: PagerDuty's default. Neither acknowledgements nor incidents end by themselves."""

EVENTS: Final = "events_api_v2_inbound_integration"
EMAIL: Final = "generic_email_inbound_integration"
TRANSFORMER: Final = "event_transformer_api_inbound_integration"
"""The type sent beside a vendor, because the API description demands one; the vendor decides (inferred)."""

_DOMAIN: Final = "pagerduty.com"


def service_from(body: Mapping[str, Any], grouping: Mapping[str, Any] | None, account: str) -> Service:
    """Return a service with its integrations, without any key. `account` is the account's id."""
    teams = remotes("team", body.get("teams"))
    policy = remote("escalation_policy", body.get("escalation_policy"))
    block = {
        "status": "disabled" if body.get("status") == "disabled" else "active",
        "alert_grouping": None if grouping is None else grouping_from(grouping),
        "auto_pause": _pause_from(body.get("auto_pause_notifications_parameters")),
    }
    found = canonical("service", block)
    return Service(
        ref=Ref("service", body["id"], remote=True),
        name=str(body.get("name") or body.get("summary") or ""),
        description=text_of(body.get("description")),
        team=teams[0] if teams else None,
        settings={KIND: found} if found else {},
        escalation_policy=ABSENT if policy is None else policy,
        urgency=urgency_from(body),
        acknowledge_within=_span(body.get("acknowledgement_timeout")),
        resolve_after=_span(body.get("auto_resolve_timeout")),
        integrations=tuple(integration_from(one, account) for one in body.get("integrations") or ()),
    )


def integration_from(body: Mapping[str, Any], account: str) -> Integration:
    """Return an integration in the form that policies declare, or as `other`."""
    name = str(body.get("name") or body.get("summary") or "")
    kind = str(body.get("type") or "").removesuffix("_reference")
    vendor = body.get("vendor")
    if isinstance(vendor, Mapping) and vendor.get("id"):
        called = str(vendor.get("name") or vendor.get("summary") or vendor["id"])
        return Integration(name=name, form="vendor", vendor=neutral(called))
    if kind == EVENTS:
        return Integration(name=name, form="events")
    if kind != EMAIL:
        return Integration(name=name, form="other")
    accepted, block = filters_from(body)
    block["opens_incident"] = body.get("email_incident_creation")
    found = canonical("integration", block)
    return Integration(
        name=name,
        form="email",
        email=local_part(str(body.get("integration_email") or ""), account),
        accept_from=accepted,
        settings={KIND: found} if found else {},
    )


def local_part(address: str, account: str) -> str:
    """Return what a policy says for an address: the part before the @ if the account's domain is behind it."""
    local, _, domain = address.partition("@")
    return local if domain.casefold() == f"{account}.{_DOMAIN}".casefold() else address


def address(email: str | None, account: str | None) -> str:
    """Return the whole address; without an account it stays as it is, to be completed when it is sent."""
    text = email or ""
    return text if "@" in text or account is None else f"{text}@{account}.{_DOMAIN}"


def integration_body(integration: Integration, account: str | None) -> Body:
    """Return everything that a new integration is asked to be; its service is in the path."""
    if integration.form == "vendor":
        vendor = reference("vendor", f"{PREFIX}{integration.vendor}")
        return {"type": TRANSFORMER, "name": integration.name, "vendor": vendor}
    if integration.form == "email":
        return {"type": EMAIL, "name": integration.name, **email_body(integration, account)}
    return {"type": EVENTS, "name": integration.name}


def email_body(integration: Integration, account: str | None) -> Body:
    """Return the keys of an email integration that the model carries; custom filters are not among them."""
    block = integration.settings.get(KIND, {})
    out: Body = {
        "integration_email": address(integration.email, account),
        "email_incident_creation": block.get("opens_incident", DEFAULT_OPENS),
    }
    if integration.accept_from is ABSENT:
        return out
    return out | filters_body(integration.accept_from, block)


def grouping_from(setting: Mapping[str, Any]) -> Body:
    """Return an alert grouping setting as a block's `alert_grouping`."""
    config = setting.get("config") or {}
    out: Body = {"type": setting.get("type")}
    for key, name in (("timeout", "timeout"), ("time_window", "window")):
        if config.get(key) is not None:
            out[name] = duration_text(timedelta(seconds=config[key]))
    if config.get("aggregate"):
        out["aggregate"] = config["aggregate"]
    fields = config.get("fields") or config.get("iag_fields")
    if fields:
        out["fields"] = list(fields)
    return out


def grouping_body(block: Mapping[str, Any]) -> Body:
    """Return type and config of a setting: only keys that go with the type, never null (issues 887 and 1015)."""
    config: Body = {}
    for name, key in (("timeout", "timeout"), ("window", "time_window")):
        if name in block:
            config[key] = seconds(parse_duration(block[name]))
    if "aggregate" in block:
        config["aggregate"] = block["aggregate"]
    if "fields" in block:
        config["iag_fields" if block["type"] == "intelligent" else "fields"] = list(block["fields"])
    return {"type": block["type"], "config": config}


def pause_body(text: str | None) -> Body:
    """Return `auto_pause_notifications_parameters`; a timeout of 0 is PagerDuty's recommendation."""
    if text is None:
        return {"enabled": False}
    timeout = 0 if text == "recommended" else seconds(parse_duration(text))
    return {"enabled": True, "timeout": timeout}


def _pause_from(body: Any) -> str | None:
    if not isinstance(body, Mapping) or not body.get("enabled"):
        return None
    timeout = body.get("timeout")
    return duration_text(timedelta(seconds=timeout)) if timeout else "recommended"


def _span(value: Any) -> timedelta | None:
    return timedelta(seconds=value) if isinstance(value, int) and value > 0 else None
