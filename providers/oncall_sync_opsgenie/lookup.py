"""What became of a POST whose answer was lost, and which incidents are open.

Source: Opsgenie's API description. Names of teams, schedules, escalations, services and integrations are unique,
so no two of one name can come about; those of rotations, routing rules and policies are looked up within what has
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from oncall_sync.model import Call, Outcome

from .client import Client
from .wire import instant

_WHOLE: Final = ("/v2/teams", "/v2/schedules", "/v2/escalations", "/v2/integrations")
_PAGED: Final = ("/v1/services",)
_WITHIN: Final = re.compile(r"(/v2/schedules/[^/?]+/rotations|/v2/teams/[^/?]+/routing-rules)(\?.*)?")
_OVERRIDES: Final = re.compile(r"/v2/schedules/[^/?]+/overrides")
_POLICIES: Final = re.compile(r"/v2/policies\?(?P<team>teamId=.*)")
OPEN: Final = "status:open"
FEW: Final = 5
"""Up to so many schedules are read one by one."""


def made(client: Client, call: Call) -> Outcome | None:
    """Return what a POST made, if it is there. Raises ProviderError.

    A team's members are put in by POST as well: doing that twice is doing it once.
    """
    body = call.body or {}
    if call.path in _WHOLE:
        return _named(_items(client.get(call.path, "look for what was made")), body)
    if call.path in _PAGED:
        return _named((one for page in client.pages(call.path, "look for what was made") for one in page), body)
    if _OVERRIDES.fullmatch(call.path):
        return _override(_items(client.get(call.path, "read overrides")), body)
    if path := _list_with(call, body):
        return _named(_items(client.get(path, "look for what was made")), body)
    return None


def doubled(client: Client, parts: Mapping[str, Call]) -> dict[str, frozenset[str]]:
    """Return the ids of rotations, rules and policies with the names of those just added, by the ids of these.

    One request per schedule or team that got some, and one for all schedules if there are many; names of
    integrations are unique. Raises ProviderError.
    """
    added = {
        key: (path, call.body or {}) for key, call in parts.items() if (path := _list_with(call, call.body or {}))
    }
    lists = _lists(client, sorted({path for path, _ in added.values()}))
    out: dict[str, frozenset[str]] = {}
    for key, (path, body) in added.items():
        same = {one["id"] for one in lists[path] if body.get("name") and one.get("name") == body["name"]}
        if key in same and len(same) > 1:
            out[key] = frozenset(same - {key})
    return out


def _lists(client: Client, paths: Sequence[str]) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Return what these lists hold."""
    doing = "look for what another apply made as well"
    rotations = [path for path in paths if path.endswith("/rotations")]
    if len(rotations) <= FEW:
        return {path: _items(client.get(path, doing)) for path in paths}
    schedules = _items(client.get("/v2/schedules", doing, {"expand": "rotation"}))
    there = {f"/v2/schedules/{one['id']}/rotations": one.get("rotations") or () for one in schedules}
    rest = {path: _items(client.get(path, doing)) for path in paths if path not in rotations}
    return rest | {path: there.get(path, ()) for path in rotations}


def _list_with(call: Call, body: Mapping[str, Any]) -> str | None:
    """Return the list in which a part would be that a POST added; None where names are unique."""
    if found := _WITHIN.fullmatch(call.path):
        return found[1]
    if found := _POLICIES.fullmatch(call.path):
        return f"/v2/policies/{body['type']}?{found['team']}"
    return None


def _named(listed: Iterable[Mapping[str, Any]], wanted: Mapping[str, Any]) -> Outcome | None:
    """Return what has the name, and the description if both say one: somebody else's has another mark."""
    for one in listed:
        same = one.get("description") is None or one["description"] == wanted.get("description", "")
        if one.get("name") == wanted.get("name") and same:
            return Outcome(status=200, remote_id=one["id"])
    return None


def _override(listed: Iterable[Mapping[str, Any]], wanted: Mapping[str, Any]) -> Outcome | None:
    asked = (instant(wanted["startDate"]), instant(wanted["endDate"]), wanted["user"]["id"])
    for one in listed:
        if (instant(one["startDate"]), instant(one["endDate"]), (one.get("user") or {}).get("id")) == asked:
            return Outcome(status=200)
    return None


def open_incidents(client: Client, services: set[str]) -> dict[str, list[str]]:
    """Return open incidents by the service they are about, named by number and message.

    One request per hundred open incidents of the account. Raises ProviderError.
    """
    found: dict[str, list[str]] = {}
    for page in client.pages("/v1/incidents", "read incidents", {"query": OPEN}):
        for one in page:
            for key in services.intersection(one.get("impactedServices") or ()):
                number = f"#{one['tinyId']} " if one.get("tinyId") else ""
                found.setdefault(key, []).append(f"{number}{one.get('message') or ''}".strip())
    return found


def _items(body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found = body["data"]
    return found if isinstance(found, list) else found.get("overrides") or found.get("rotations") or ()
