"""What is sent for a service, its integrations and its alert grouping."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from oncall_sync.model import ABSENT, Integration, Live, Maybe, Service

from .convert_service import (
    DEFAULT_URGENCY,
    address,
    email_body,
    grouping_body,
    grouping_from,
    integration_body,
    pause_body,
    service_from,
)
from .mail import ALL
from .script import Script, writable
from .settings import canonical
from .urgency import urgency_body
from .wire import KIND, Body, account_id, id_of, reference, seconds, text_of

_NOT_SENT: Final = (
    "status",
    "teams",
    "integrations",
    "addons",
    "last_incident_timestamp",
    "response_play",
    "alert_creation",
    "alert_grouping",
    "alert_grouping_timeout",
    "alert_grouping_parameters",
    "auto_pause_notifications_parameters",
)
"""Runtime, derived, deprecated, or dangerous (`alert_grouping_parameters`); the status is sent when it changes."""

_PAUSE: Final = "auto_pause_notifications_parameters"


def service_calls(script: Script, wanted: Service, account: str | None) -> None:
    """Add the calls for a service. `account` is the account's id, if it is known."""
    live = script.change.live
    block = wanted.settings.get(KIND, {})
    if live is None:
        body = {"type": "service", **_modelled(wanted, script), **_settings(block, {}, has_pause=False)}
        script.create(body | urgency_body(DEFAULT_URGENCY if wanted.urgency is ABSENT else wanted.urgency))
    else:
        raw = live.raw["body"]
        old = _before(live, account)
        was = old.settings.get(KIND, {})
        base = {"type": "service", **writable(raw, *_NOT_SENT), **_modelled(old, script)}
        base |= {"name": raw.get("name"), "description": text_of(raw.get("description")) or ""}
        has_pause = _PAUSE in raw
        base |= _settings(was, was, has_pause=has_pause)
        after = {**base, **_modelled(wanted, script), **_settings(block, was, has_pause=has_pause)}
        if wanted.urgency is not ABSENT and wanted.urgency != old.urgency:
            after |= urgency_body(wanted.urgency)
        script.update(base, after)
    _integrations(script, wanted, account)
    _grouping(script, block.get("alert_grouping"))


def _before(live: Live, account: str | None) -> Service:
    """Return the service as it was read, from its raw body: the core may have changed its copy."""
    body = live.raw["body"]
    return service_from(body, live.raw.get("grouping"), account or account_id([body]) or "")


def _modelled(service: Service, script: Script) -> Body:
    """Return the keys that the model carries; timeouts that are off are said to be off."""
    out: Body = {
        "name": service.name,
        "description": service.description if isinstance(service.description, str) else "",
        "acknowledgement_timeout": _timeout(service.acknowledge_within),
        "auto_resolve_timeout": _timeout(service.resolve_after),
    }
    if service.escalation_policy is not ABSENT:
        policy = id_of(service.escalation_policy, script.ids)
        out["escalation_policy"] = reference("escalation_policy", policy)
    return out


def _timeout(span: Maybe[timedelta | None]) -> int | None:
    return seconds(span) if isinstance(span, timedelta) else None


def _settings(block: Mapping[str, Any], was: Mapping[str, Any], *, has_pause: bool) -> Body:
    """Return the block's keys of a service: the pause where it is known or wanted, the status where it changes."""
    out: Body = {}
    if has_pause or block.get("auto_pause") is not None:
        out[_PAUSE] = pause_body(block.get("auto_pause"))
    if block.get("status") != was.get("status"):
        out["status"] = block.get("status", "active")
    return out


def _integrations(script: Script, wanted: Service, account: str | None) -> None:
    if wanted.integrations is ABSENT:
        return
    live = script.change.live
    before = _before(live, account).integrations if live else ()
    bodies = live.raw["body"].get("integrations") or () if live else ()
    left = list(zip(() if before is ABSENT else before, bodies, strict=True))
    gone: list[tuple[Mapping[str, Any], Integration, tuple[str, ...]]] = []
    for integration in wanted.integrations:
        twin = next((one for one in left if _replaces(one[0], integration)), None) or next(
            (one for one in left if one[0].name == integration.name), None
        )
        if twin is not None:
            left.remove(twin)
        if twin is None or not _replaces(twin[0], integration):
            made = _add(script, integration, account)
            if twin is not None:
                gone.append((twin[1], twin[0], made))
        elif integration.form == "email" and integration != twin[0]:
            _change(script, integration, twin[1], account)
        elif integration.was is not None:
            _rename(script, integration, twin[1])
    for body, model, after in (*gone, *((body, model, ()) for model, body in left)):
        says = f"delete integration {model.name} of {script.name}"
        script.add("DELETE", f"{script.path}/integrations/{body['id']}", says, phase="clear", after=after)


def _replaces(live: Integration, wanted: Integration) -> bool:
    """Return whether the live integration can become the wanted one without a new key."""
    return (live.name, live.form, live.vendor) == (wanted.was or wanted.name, wanted.form, wanted.vendor)


def _add(script: Script, integration: Integration, account: str | None) -> tuple[str, ...]:
    if integration.form == "other":
        return ()
    body = {"integration": integration_body(integration, account)}
    says = f"add {integration.form} integration {integration.name} to {script.name}"
    return (script.add("POST", f"{script.path}/integrations", says, body),)


def _rename(script: Script, integration: Integration, raw: Mapping[str, Any]) -> None:
    body = {
        "type": str(raw["type"]).removesuffix("_reference"),
        "name": integration.name,
        **({"vendor": raw["vendor"]} if raw.get("vendor") else {}),
    }
    says = f"rename integration {integration.was} of {script.name} to {integration.name}"
    script.add("PUT", f"{script.path}/integrations/{raw['id']}", says, {"integration": body})


def _change(script: Script, integration: Integration, raw: Mapping[str, Any], account: str | None) -> None:
    base = {key: value for key, value in writable(raw, "service").items() if value != []}
    after = {
        **base,
        **email_body(integration, account),
        "name": integration.name,
        "type": str(raw["type"]).removesuffix("_reference"),
    }
    if address(str(raw.get("integration_email") or ""), account) == after["integration_email"]:
        after["integration_email"] = raw["integration_email"]
    if after.get("email_filter_mode") == ALL:
        after.pop("email_filters", None)
    says = f"change integration {integration.name} of {script.name}"
    script.add("PUT", f"{script.path}/integrations/{raw['id']}", says, {"integration": after})


def _grouping(script: Script, wanted: Mapping[str, Any] | None) -> None:
    """Add what makes the service's alert grouping so; a setting that other services share is left to them."""
    setting = script.change.live.raw.get("grouping") if script.change.live else None
    before = None if setting is None else canonical("service", {"alert_grouping": grouping_from(setting)})
    if wanted == (before or {}).get("alert_grouping"):
        return
    own = script.own
    others = [one["id"] for one in (setting or {}).get("services", ()) if one["id"] != own]
    says = f"change the alert grouping of {script.name}"
    after: tuple[str, ...] = ()
    if setting is not None and others:
        body = _setting(setting, {"type": setting["type"], "config": _config(setting)}, others)
        after = (script.add("PUT", f"/alert_grouping_settings/{setting['id']}", says, body),)
    elif setting is not None and wanted is None:
        script.add("DELETE", f"/alert_grouping_settings/{setting['id']}", says, phase="clear")
        return
    elif setting is not None and wanted is not None:
        script.add(
            "PUT",
            f"/alert_grouping_settings/{setting['id']}",
            says,
            _setting(setting, grouping_body(wanted), [own]),
        )
        return
    if wanted is not None:
        body = _setting({"name": script.change.name}, grouping_body(wanted), [own])
        script.add("POST", "/alert_grouping_settings", says, body, after=after)


def _setting(setting: Mapping[str, Any], content: Body, services: list[str]) -> Body:
    about = {key: setting[key] for key in ("name", "description") if setting.get(key)}
    return {
        "alert_grouping_setting": {**about, **content, "services": [reference("service", key) for key in services]}
    }


def _config(setting: Mapping[str, Any]) -> Body:
    config = setting.get("config") or {}
    return {key: one for key, one in config.items() if one is not None and not key.startswith("recommended")}
