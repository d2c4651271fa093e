"""From an account's lists to a snapshot of the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from oncall_sync.errors import ProviderError
from oncall_sync.model import Account, Live, Ref, Resource, Schedule, Snapshot

from .convert_schedule import schedule_from, shift_based_from
from .convert_service import service_from
from .convert_team import policy_from, team_from, user_from
from .reader import Lists
from .wire import KIND, Body, safe


def snapshot(provider: str, lists: Lists, account: str, now: datetime) -> Snapshot:
    """Return everything the model can carry.

    Guarantees: raw bodies hold no key, no calendar feed and no contact; each says beside `body` what belongs to
    the object but comes from another list. Raises ProviderError for a time zone this machine does not know.
    """
    try:
        schedules = tuple(_schedules(lists, now))
    except ZoneInfoNotFoundError as error:
        message = (
            f"a schedule has the time zone {error.args[0]!r}, which this machine does not know; update tzdata"
        )
        raise ProviderError(provider, message) from None
    implicit = frozenset(_implicit(lists, schedules))
    objects = (*_teams(lists), *schedules, *_policies(lists), *_services(lists, account))
    users = tuple(_live(user_from(one), _without_contacts(one), {}) for one in lists.users)
    return Snapshot(
        provider=provider,
        account=Account(account, KIND),
        taken_at=now,
        objects=objects,
        users=users,
        implicit=implicit,
        joins_teams=True,
    )


def _without_contacts(user: Body) -> Body:
    return {key: one for key, one in user.items() if key not in {"contact_methods", "notification_rules"}}


def _live(resource: Resource, body: Body, more: Mapping[str, Any]) -> Live:
    return Live(
        remote_id=body["id"],
        resource=resource,
        raw={"body": safe(body), **{key: safe(value) for key, value in more.items()}},
        url=body.get("html_url"),
    )


def _teams(lists: Lists) -> Iterator[Live]:
    for body in lists.teams:
        members, tags = lists.members.get(body["id"], []), lists.tags.get(body["id"], [])
        yield _live(team_from(body, members, tags), body, {"members": members, "tags": tags})


def _schedules(lists: Lists, now: datetime) -> Iterator[Live]:
    for body in lists.schedules:
        yield _live(schedule_from(body, now), body, {"read_at": now.isoformat()})
    for body in lists.shift_based:
        yield _live(shift_based_from(body), body, {"read_at": now.isoformat()})


def _policies(lists: Lists) -> Iterator[Live]:
    for body in lists.policies:
        tags = lists.tags.get(body["id"], [])
        yield _live(policy_from(body, tags), body, {"tags": tags})


def _services(lists: Lists, account: str) -> Iterator[Live]:
    grouping = {one["id"]: setting for setting in lists.groupings for one in setting.get("services") or ()}
    for body in lists.services:
        setting = grouping.get(body["id"])
        yield _live(service_from(body, setting, account), body, {"grouping": setting})


def _implicit(lists: Lists, schedules: Iterable[Live]) -> Iterator[tuple[str, str]]:
    """Yield the people whom PagerDuty puts into a team because a policy of the team rings them (issue 285)."""
    people: dict[str, set[str]] = {}
    for live in schedules:
        if isinstance(live.resource, Schedule):
            people[live.remote_id] = {
                member.key for rotation in live.resource.rotations for member in rotation.members if member
            }
    for body in lists.policies:
        targets = [ref for level in policy_from(body, ()).levels for ref in level.notify]
        rung = {user for ref in targets for user in _rung(ref, people)}
        for team in body.get("teams") or ():
            yield from ((team["id"], user) for user in rung)


def _rung(ref: Ref, people: Mapping[str, set[str]]) -> set[str]:
    return {ref.key} if ref.kind == "user" else people.get(ref.key, set())
