"""What became of a POST whose answer was lost, and whether somebody made the same thing at the same moment.

Sources: PagerDuty's API description ("query" filters a list by a part of the name). That the name of a service is
unique is known from the field (openshift/pagerduty-operator#43); for the other kinds nothing is relied upon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from oncall_sync.model import Call, Outcome

from .client import Client
from .incidents import OPEN
from .wire import Body, instant

NOT_UNIQUE: Final = frozenset({"/teams", "/schedules", "/escalation_policies"})
"""Lists in which two objects may have one name."""
FEW: Final = 5
"""Up to so many services are read one by one."""
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


def namesakes(client: Client, call: Call, remote_id: str) -> dict[str, str]:
    """Return the descriptions, by id, of others with the name of what was just made. Raises ProviderError."""
    if call.path not in NOT_UNIQUE:
        return {}
    wanted = (call.body or {})[_LISTS[call.path]]
    found = _named(client, call.path, wanted["name"])
    return {one["id"]: one.get("description") or "" for one in found if one["id"] != remote_id}


def doubled(client: Client, parts: Mapping[str, Call]) -> dict[str, frozenset[str]]:
    """Return the ids of integrations with the names of those just added, by the ids of these, within one service.

    A request per service, or the whole list of services if there are many. Raises ProviderError.
    """
    added = {
        key: (found[1], call.body or {})
        for key, call in parts.items()
        if (found := _INTEGRATIONS.fullmatch(call.path))
    }
    there = _integrations(client, {path for path, _ in added.values()})
    out: dict[str, frozenset[str]] = {}
    for key, (path, body) in added.items():
        name = body["integration"]["name"]
        same = {one["id"] for one in there.get(path, ()) if (one.get("name") or one.get("summary")) == name}
        if len(same - {key}) and key in same:
            out[key] = frozenset(same - {key})
    return out


def _integrations(client: Client, services: set[str]) -> dict[str, list[Body]]:
    """Return integrations by the path of their service."""
    include = {"include[]": ["integrations"]}
    if len(services) <= FEW:
        read = {path: client.get(path, "read a service", include)["service"] for path in sorted(services)}
    else:
        pages = client.pages("/services", "services", include)
        read = {f"/services/{one['id']}": one for page in pages for one in page}
    return {path: body.get("integrations") or [] for path, body in read.items()}


def _same(client: Client, path: str, wanted: Mapping[str, Any]) -> Iterator[Body]:
    for one in _named(client, path, wanted["name"]):
        if (one.get("description") or "") == (wanted.get("description") or ""):
            yield one


def _named(client: Client, path: str, name: str) -> Iterator[Body]:
    for page in client.pages(path, path.strip("/"), {"query": name}):
        yield from (one for one in page if one.get("name") == name)


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
    for page in client.pages("/incidents", "incidents", OPEN):
        for one in page:
            for key in {_id(one, "service"), _id(one, "escalation_policy")} & (services | policies):
                title = str(one.get("title") or one.get("summary") or "")
                found.setdefault(key, []).append(f"#{one.get('incident_number')} {title}".strip())
    return found


def _id(incident: Mapping[str, Any], key: str) -> str:
    return str((incident.get(key) or {}).get("id"))
