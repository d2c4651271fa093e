"""From an account's lists to a snapshot of the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from oncall_sync.errors import ProviderError
from oncall_sync.model import Account, Live, Resource, Snapshot

from .convert_escalation import policy_from
from .convert_schedule import schedule_from
from .convert_service import service_from
from .convert_team import CAME_WITH, is_being_made, team_from, user_from
from .reader import Lists
from .wire import KIND, Body, Known, safe


def snapshot(provider: str, lists: Lists, known: Known, now: datetime) -> Snapshot:
    """Return everything the model can carry.

    Guarantees: raw bodies hold no key, nothing that lets somebody in elsewhere, and no contact; each says beside
    `body` what belongs to the object but comes from another list. Raises ProviderError for a time zone this
    machine does not know.
    """
    try:
        objects = tuple(_objects(lists, known, now))
    except ZoneInfoNotFoundError as error:
        message = (
            f"a schedule has the time zone {error.args[0]!r}, which this machine does not know; update tzdata"
        )
        raise ProviderError(provider, message) from None
    return Snapshot(
        provider=provider,
        account=Account(lists.account, KIND),
        taken_at=now,
        objects=objects,
        users=tuple(_live(user_from(one), _without_contacts(one), {}) for one in lists.users),
    )


def _objects(lists: Lists, known: Known, now: datetime) -> Iterator[Live]:
    for body in lists.teams:
        rules = lists.rules.get(body["id"], [])
        yield _live(team_from(body, rules), body, {"rules": rules})
    left = _left_over(lists)
    for body in lists.schedules:
        if body["id"] in left:
            continue
        yield _live(schedule_from(body), body, {"read_at": now.isoformat()})
    for body in lists.escalations:
        if body["id"] not in left:
            yield _live(policy_from(body), body, {})
    for body in lists.services:
        integrations = lists.integrations.get(body["id"], [])
        policies = lists.policies.get(body["id"], [])
        service = service_from(body, integrations, policies, known)
        yield _live(service, body, {"integrations": integrations, "policies": policies})


def _left_over(lists: Lists) -> set[str]:
    """Return the ids of what came with teams that were never finished, and that nothing else refers to by now.

    It goes with the next change of its team, which tells of it; nothing declared is ever taken for it.
    """
    making = {team["id"]: team["name"] for team in lists.teams if is_being_made(team)}
    names = {(key, f"{name}{suffix}") for key, name in making.items() for *_, suffix in CAME_WITH}
    came = {
        one["id"]
        for one in (*lists.escalations, *lists.schedules)
        if ((one.get("ownerTeam") or {}).get("id"), one["name"]) in names and not one.get("description")
    }
    if not came:
        return came
    rules = [
        rule
        for team, found in lists.rules.items()
        for rule in found
        if not (team in making and rule.get("isDefault"))
    ]
    escalations = [one for one in lists.escalations if one["id"] not in came]
    return came - set(_referred([rules, escalations, lists.schedules, lists.integrations]))


def _referred(value: Any) -> Iterator[str]:
    """Yield the ids of what alerts are sent to, anywhere in some bodies."""
    if isinstance(value, Mapping):
        if "type" in value and isinstance(value.get("id"), str):
            yield value["id"]
        for one in value.values():
            yield from _referred(one)
    elif isinstance(value, list):
        for one in value:
            yield from _referred(one)


def _without_contacts(user: Body) -> Body:
    return {key: one for key, one in user.items() if key != "userContacts"}


def _live(resource: Resource, body: Body, more: Mapping[str, Any]) -> Live:
    return Live(
        remote_id=body["id"],
        resource=resource,
        raw={"body": safe(body), **{key: safe(value) for key, value in more.items()}},
        url=(body.get("links") or {}).get("web"),
    )
