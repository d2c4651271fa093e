"""Whom an alert of each service rings first: what a reader of the configuration most wants to know."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .forwarding import forwarded
from .maintenance import disabled_by
from .reached import OnCall, emails, people
from .rendering import Recipient

TAG: Final = "service:"
"""Alerts carry the tags of the integration they came by, and one tag says which service they are about."""


def first_called(account: Account, at: datetime) -> dict[str, list[str]]:
    """Service name -> the sorted addresses of those an alert rings first, by any integration that is its own.

    That is every enabled integration with the tag `service:NAME` that no maintenance switches off at `at`. What
    is about a service without one goes where its team's routing rules send an alert.
    """
    by_tag = account.store.index("integrations", "tags", lambda one: tuple(one["fields"].get("tags") or ()))
    off = disabled_by(account, at)
    called: dict[str, list[str]] = {}
    for service in account.store.all("services"):
        tagged = by_tag[f"{TAG}{service['name']}"]
        mine = [one for one in tagged if one["enabled"] and one["id"] not in off]
        recipients = [each for one in mine for each in _responders(one)] if mine else _team(service["teamId"])
        called[service["name"]] = sorted(emails(account, list(set(_people(account, recipients, at)))))
    return called


def _people(account: Account, recipients: Iterable[Recipient], at: datetime) -> Iterator[str]:
    for one in recipients:
        if one.type == "user":
            yield forwarded(account, one.id, at)
        else:
            yield from people(account, OnCall(one), at)


def _responders(integration: Thing) -> Iterator[Recipient]:
    """Who gets its alerts; without responders that is the team that owns it (inferred)."""
    named = [one for one in integration["responders"] if one["type"] != "none"]
    yield from (Recipient(one["type"], one["id"]) for one in named)
    if not integration["responders"]:
        yield from _team(integration["ownerTeam"])


def _team(key: str | None) -> Iterator[Recipient]:
    if key is not None:
        yield Recipient("team", key)
