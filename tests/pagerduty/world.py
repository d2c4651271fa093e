"""A PagerDuty account in a sandbox, and the least of a core that an adapter needs to be driven."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import requests

from oncall_sync.model import ABSENT, Call, Change, Live, Outcome, Ref, Resource, Rotation, Snapshot, Team
from oncall_sync.provider import ProviderSettings
from oncall_sync_pagerduty import PagerDuty
from tests.conformance.openapi import DESCRIPTION, check_request

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOST = "https://api.pagerduty.com"
TOKEN = "u+tokentokentoken"
PEOPLE = ("anna", "ben", "carla", "david", "lead")
ANNA, BEN, CARLA, DAVID, LEAD = (Ref("user", name) for name in PEOPLE)
SEED = {
    "subdomain": "acme",
    "users": {name: {"email": f"{name}@example.com", "name": name.title()} for name in PEOPLE},
}


def adapter(url: str | None = None, token: str | None = TOKEN, **options: Any) -> PagerDuty:
    """An adapter, connected to nothing unless asked."""
    settings = ProviderSettings(name="pd", kind="pagerduty", token=token, api_url=url, options=options)
    return PagerDuty(settings)


def quiet(label: str, done: int, total: int) -> None:
    """Progress for nobody."""


def weekly(*members: Ref | None, start: datetime = datetime(2026, 1, 5, 9), **more: Any) -> Rotation:
    """A weekly rotation."""
    return Rotation(**{"members": members, "start": start, "every": timedelta(weeks=1), **more})


def fill(call: Call, ids: Mapping[Ref, str]) -> Call:
    """Put ids in the place of placeholders."""
    found = {str(ref): key for ref, key in ids.items()}
    text = json.dumps([call.path, call.body])
    path, body = json.loads(re.sub(r"@\{([^}]+)\}", lambda match: found[match[1]], text))
    return replace(call, path=path, body=body)


@dataclass
class World:
    """One account: what is declared is made in it, as a core would."""

    url: str
    pagerduty: PagerDuty
    now: datetime = NOW
    ids: dict[Ref, str] = field(default_factory=dict)
    foreign: list[tuple[str, str]] = field(default_factory=list)
    """Calls of somebody else."""

    def read(self) -> Snapshot:
        """The account now; learns the ids of people."""
        snapshot = self.pagerduty.read(self.now, quiet)
        for live in snapshot.users:
            self.ids[Ref("user", live.resource.name.lower())] = live.remote_id
        return snapshot

    def live(self, ref: Ref) -> Live:
        """What is there of a declared resource."""
        snapshot = self.read()
        return next(live for live in snapshot.of_kind(ref.kind) if live.remote_id == self.ids[ref])

    def make(self, wanted: Resource) -> Live:
        """Create a resource and return it as it is read back."""
        if not self.ids:
            self.read()
        held = self.pagerduty.normalize(wanted, None)
        self.perform(Change(provider="pd", ref=wanted.ref, action="create", name=wanted.name, wanted=held))
        return self.live(wanted.ref)

    def change(self, wanted: Resource, live: Live) -> list[Call]:
        """Make a live resource as wanted; returns what was sent."""
        live = self._without_implicit(wanted, live)
        held = self.pagerduty.normalize(wanted, live)
        return self.perform(
            Change(
                provider="pd",
                ref=wanted.ref,
                action="update",
                name=wanted.name,
                remote_id=live.remote_id,
                wanted=held,
                live=live,
            )
        )

    def _without_implicit(self, wanted: Resource, live: Live) -> Live:
        """Leave out of a team whom the provider put there and nobody declares, as a core does."""
        team = live.resource
        if not isinstance(wanted, Team) or not isinstance(team, Team) or team.members is ABSENT:
            return live
        implicit = {user for key, user in self.read().implicit if key == live.remote_id}
        declared = () if wanted.members is ABSENT else wanted.members
        gone = implicit - {self.ids[member.user] for member in declared}
        left = tuple(member for member in team.members if member.user.key not in gone)
        return replace(live, resource=replace(team, members=left))

    def delete(self, ref: Ref) -> None:
        """Delete a resource."""
        live = self.live(ref)
        self.perform(
            Change(
                provider="pd",
                ref=ref,
                action="delete",
                name=live.resource.name,
                remote_id=live.remote_id,
                live=live,
            )
        )

    def perform(self, change: Change) -> list[Call]:
        """Send a change's calls, those that clear last."""
        calls = list(self.pagerduty.calls(change, self.ids))
        for call in sorted(calls, key=lambda one: one.phase == "clear"):
            outcome: Outcome = self.pagerduty.perform(fill(call, self.ids))
            if call.makes is not None and outcome.remote_id is not None:
                self.ids[call.makes] = outcome.remote_id
        return calls

    def names(self, refs: Any) -> list[str]:
        """People's keys for remote refs."""
        known = {key: ref.key for ref, key in self.ids.items()}
        return [known[ref.key] for ref in refs]

    def log(self) -> list[dict[str, Any]]:
        """Every request since the log was reset."""
        found: list[dict[str, Any]] = requests.get(f"{self.url}/__sandbox__/requests", timeout=60).json()
        return found

    def odd_requests(self) -> list[str]:
        """What is wrong with our requests by PagerDuty's description; nothing where that is not at hand."""
        problems = []
        for one in self.log() if DESCRIPTION.exists() else ():
            called = (one["method"], one["path"])
            if called in self.foreign:
                self.foreign.remove(called)
                continue
            query = parse_qsl(one["query"] or "")
            problems += [f"{called}: {each}" for each in check_request(*called, query, one["body"])]
        return problems

    def control(self, verb: str, **body: Any) -> None:
        """Tell the sandbox something."""
        requests.post(f"{self.url}/__sandbox__/{verb}", json=body, timeout=60).raise_for_status()

    def vendor(self, method: str, path: str, body: Any = None) -> Any:
        """A call as somebody else makes it."""
        self.foreign.append((method, path))
        headers = {"Authorization": "Token token=other", "From": "anna@example.com"}
        answer = requests.request(method, self.url + path, json=body, headers=headers, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None
