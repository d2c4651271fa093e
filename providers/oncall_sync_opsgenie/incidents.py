"""Open incidents: what they are about, since when, and who was called to them.

Source: Opsgenie's API description of GET /v1/incidents. An incident belongs to its responders, people and teams;
whoever of a team has it is not told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oncall_sync.model import OpenIncident

from .client import Client
from .lookup import OPEN
from .wire import instant


def open_incidents(client: Client, services: Sequence[str], people: Sequence[str]) -> list[OpenIncident]:
    """Return the open incidents about some services or with some people, oldest first.

    A request per hundred open incidents of the account: its search language cannot ask for responders.
    """
    asked, known = {*services}, {*people}
    if not asked and not known:
        return []
    pages = client.pages("/v1/incidents", "read incidents", {"query": OPEN})
    found = (_incident(body) for page in pages for body in page)
    wanted = (one for one in found if asked.intersection(one.services) or known.intersection(one.assigned))
    return sorted(wanted, key=lambda one: one.opened_at)


def _incident(body: Mapping[str, Any]) -> OpenIncident:
    people = [one for one in body.get("responders") or () if one.get("type") == "user"]
    return OpenIncident(
        number=str(body.get("tinyId") or ""),
        title=str(body.get("message") or ""),
        opened_at=instant(body["createdAt"]),
        services=tuple(body.get("impactedServices") or ()),
        assigned=tuple(one["id"] for one in people if one.get("id")),
    )
