"""Open incidents: what they are about, since when, and whom they are with.

Source: PagerDuty's API description of GET /incidents. Without a `date_range` it answers for the last month only,
and an incident may be open for longer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from oncall_sync.model import OpenIncident

from .client import Client
from .wire import Body, instant

OPEN: Final[Mapping[str, Any]] = {"statuses[]": ["triggered", "acknowledged"], "date_range": "all"}
MOST: Final = 50
"""Ids asked for at once: each is some thirty characters of an address."""


def open_incidents(client: Client, services: Sequence[str], people: Sequence[str]) -> list[OpenIncident]:
    """Return the open incidents about some services or with some people, oldest first.

    A request per fifty services, one for the people; more where there are more than a hundred incidents.
    """
    asked = [{"service_ids[]": [*services[at : at + MOST]]} for at in range(0, len(services), MOST)]
    asked += [{"user_ids[]": [*people[at : at + MOST]]} for at in range(0, len(people), MOST)]
    found = {one["id"]: _incident(one) for params in asked for one in _listed(client, params)}
    return sorted(found.values(), key=lambda one: one.opened_at)


def _listed(client: Client, asked: Mapping[str, Any]) -> Iterator[Body]:
    for page in client.pages("/incidents", "incidents", {**OPEN, **asked}):
        yield from page


def _incident(body: Body) -> OpenIncident:
    service = (body.get("service") or {}).get("id")
    urgency = body.get("urgency")
    return OpenIncident(
        number=str(body.get("incident_number") or ""),
        title=str(body.get("title") or body.get("summary") or ""),
        opened_at=instant(body["created_at"]),
        services=(service,) if service else (),
        assigned=tuple(one["assignee"]["id"] for one in body.get("assignments") or ()),
        urgency=urgency if urgency in ("high", "low") else None,
        acknowledged=body.get("status") == "acknowledged",
    )
