"""What became of a POST whose answer was lost, and whether somebody made the same thing at the same moment.

Sources: PagerDuty's API description ("query" filters a list by a part of the name) and its uniqueness rules:
teams, escalation policies and services refuse a name that is taken, schedules do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from oncall_sync.model import Call, Outcome

from .client import Client
from .wire import Body, instant

NOT_UNIQUE: Final = frozenset({"/schedules"})
"""Lists in which two objects may have one name."""
_LISTS: Final[Mapping[str, str]] = {
    "/teams": "team",
    "/schedules": "schedule",
    "/escalation_policies": "escalation_policy",
    "/services": "service",
}
_INTEGRATIONS: Final = re.compile(r"(/services/[^/]+)/integrations")
_OVERRIDES: Final = re.compile(r"/schedules/[^/]+/overrides")


def made(client: Client, call: Call) -> Outcome | None:
    """Return what a POST made, if it is there. Raises ProviderError."""
    body = call.body or {}
    if call.path in _LISTS:
        wanted = body[_LISTS[call.path]]
        return next((Outcome(status=200, remote_id=one["id"]) for one in _same(client, call.path, wanted)), None)
    if found := _INTEGRATIONS.fullmatch(call.path):
        service = client.get(found[1], "read a service", {"include[]": ["integrations"]})["service"]
        names = {one.get("name") or one.get("summary") for one in service.get("integrations") or ()}
        return Outcome(status=200) if body["integration"]["name"] in names else None
    if _OVERRIDES.fullmatch(call.path):
        return _overrides(client, call.path, body["overrides"])
    if call.path == "/alert_grouping_settings":
        return _grouping(client, body["alert_grouping_setting"])
    return None


def twins(client: Client, call: Call, remote_id: str) -> Sequence[str]:
    """Return the ids of others with the name and description of what was just made. Raises ProviderError."""
    if call.path not in NOT_UNIQUE:
        return ()
    wanted = (call.body or {})[_LISTS[call.path]]
    return [one["id"] for one in _same(client, call.path, wanted) if one["id"] != remote_id]


def _same(client: Client, path: str, wanted: Mapping[str, Any]) -> Iterator[Body]:
    for page in client.pages(path, path.strip("/"), {"query": wanted["name"]}):
        yield from (
            one
            for one in page
            if one.get("name") == wanted["name"]
            and (one.get("description") or "") == (wanted.get("description") or "")
        )


def _overrides(client: Client, path: str, wanted: Sequence[Body]) -> Outcome | None:
    params = {"since": min(o["start"] for o in wanted), "until": max(o["end"] for o in wanted), "overflow": "true"}
    there = client.get(path, "read overrides", params).get("overrides") or ()
    known = {(instant(o["start"]), instant(o["end"]), o["user"]["id"]) for o in there}
    asked = {(instant(o["start"]), instant(o["end"]), o["user"]["id"]) for o in wanted}
    return Outcome(status=200) if asked <= known else None


def _grouping(client: Client, wanted: Mapping[str, Any]) -> Outcome | None:
    services = {one["id"] for one in wanted["services"]}
    for page in client.cursor_pages("/alert_grouping_settings", "alert_grouping_settings"):
        for one in page:
            if services <= {service["id"] for service in one.get("services") or ()}:
                return Outcome(status=200, remote_id=one["id"])
    return None


def open_incidents(client: Client, services: set[str], policies: set[str]) -> dict[str, list[str]]:
    """Return open incidents by the service or the escalation policy they need, named by number and title.

    One request per hundred open incidents of the account. Raises ProviderError.
    """
    found: dict[str, list[str]] = {}
    asked = {"statuses[]": ["triggered", "acknowledged"]}
    for page in client.pages("/incidents", "incidents", asked):
        for one in page:
            for key in {_id(one, "service"), _id(one, "escalation_policy")} & (services | policies):
                title = str(one.get("title") or one.get("summary") or "")
                found.setdefault(key, []).append(f"#{one.get('incident_number')} {title}".strip())
    return found


def _id(incident: Mapping[str, Any], key: str) -> str:
    return str((incident.get(key) or {}).get("id"))
