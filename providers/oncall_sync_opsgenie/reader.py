"""An account's lists, read several at a time; nothing is interpreted here but whom a name belongs to.

Source: Opsgenie API description. One request per page of users and services, and per list of the rest; two per
team (no list has members or routing rules), one per integration that belongs to a service, and, for teams whose
integrations say that there are policies, one per list of them and one per policy.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from oncall_sync.errors import NotFound
from oncall_sync.model.meantime import BEING_DELETED, BEING_RENAMED, for_the_meantime
from oncall_sync.provider import Progress

from .client import WORKERS, Client
from .convert_integration import POLICY_TAGS
from .convert_service import integration_of, is_carrier, is_replaced, policy_belongs
from .wire import Body

_CARRIER: Final = " (direct)"

T = TypeVar("T")


@dataclass(slots=True)
class Lists:
    """What the account holds, as it came; `rules` by team, `integrations` and `policies` by service, all by id.

    `loose` holds what the list says of integrations that belong to no service, by name.
    """

    account: str
    users: list[Body] = field(default_factory=list)
    teams: list[Body] = field(default_factory=list)
    rules: dict[str, list[Body]] = field(default_factory=dict)
    schedules: list[Body] = field(default_factory=list)
    escalations: list[Body] = field(default_factory=list)
    services: list[Body] = field(default_factory=list)
    integrations: dict[str, list[Body]] = field(default_factory=dict)
    policies: dict[str, list[Body]] = field(default_factory=dict)
    loose: dict[str, Body] = field(default_factory=dict)


class Reader:
    """Reads one account once."""

    def __init__(self, client: Client, progress: Progress) -> None:
        self._client = client
        self._progress = progress
        self._lock = threading.Lock()

    def everything(self) -> Lists:
        """Return all lists. Raises ProviderError: the first that came, after the others were called off.

        What moves between pages while we read is there once; what vanishes is left out.
        """
        pool = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="opsgenie")
        try:
            return self._read(pool)
        finally:
            pool.shutdown(cancel_futures=True)

    def _read(self, pool: ThreadPoolExecutor) -> Lists:
        account = pool.submit(account_name, self._client)
        self._client.discover_limits()
        out = Lists(account=account.result())
        teams = pool.submit(self._list, "/v2/teams", "teams")
        services = pool.submit(self._pages, "/v1/services", "services")
        integrations = pool.submit(self._list, "/v2/integrations", "integrations")
        escalations = pool.submit(self._list, "/v2/escalations", "escalations")
        schedules = pool.submit(self._list, "/v2/schedules?expand=rotation", "schedules")
        users = pool.submit(self._pages, "/v2/users", "users")
        members = [pool.submit(self._team, one["id"]) for one in teams.result()]
        out.services = services.result()
        owned = owners(out.services)
        self._integrations(pool, integrations.result(), owned, out)
        for team, rules in filter(None, self._done("members and routing rules", members)):
            out.teams.append(team)
            out.rules[team["id"]] = rules
        self._policies(pool, owned, out)
        out.escalations, out.schedules, out.users = escalations.result(), schedules.result(), users.result()
        return out

    def _team(self, key: str) -> tuple[Body, list[Body]] | None:
        team = self._found(f"/v2/teams/{key}", "read a team")
        rules = self._found(f"/v2/teams/{key}/routing-rules", "read routing rules")
        return None if team is None or rules is None else (team["data"], _items(rules))

    def _integrations(
        self, pool: ThreadPoolExecutor, listed: Iterable[Body], owned: Mapping[Key, str], out: Lists
    ) -> None:
        """Read those that belong to a service whole, and keep of the rest what the list says."""
        asked: list[tuple[str, str, Future[Body | None]]] = []
        for one in listed:
            name = for_good(owned, one.get("teamId"), one["name"])
            service = owner(owned, one.get("teamId"), name, _is_integration_of)
            if service is None:
                out.loose[one["name"]] = one
            else:
                path = f"/v2/integrations/{one['id']}"
                asked.append((service, name, pool.submit(self._found, path, "read an integration")))
        self._keep(out.integrations, "integration settings", asked)

    def _policies(self, pool: ThreadPoolExecutor, owned: Mapping[Key, str], out: Lists) -> None:
        lists = [
            (team, pool.submit(self._found, f"/v2/policies/{kind}?teamId={team}", f"read {kind} policies"))
            for team, kind in sorted(_with_policies(out))
        ]
        asked: list[tuple[str, str, Future[Body | None]]] = []
        for team, listed in lists:
            for one in _items(listed.result() or {"data": []}):
                name = for_good(owned, team, one["name"])
                service = owner(owned, team, name, policy_belongs)
                if service is not None:
                    path = f"/v2/policies/{one['id']}?teamId={team}"
                    asked.append((service, name, pool.submit(self._found, path, "read a policy")))
        self._keep(out.policies, "policies", asked)

    def _keep(
        self, kept: dict[str, list[Body]], label: str, asked: Sequence[tuple[str, str, Future[Body | None]]]
    ) -> None:
        """Keep what is there by service, under the name that it has for good."""
        found = self._done(label, [future for *_, future in asked])
        for (service, name, _), body in zip(asked, found, strict=True):
            if body is not None:
                kept.setdefault(service, []).append({**body["data"], "name": name})

    def _list(self, path: str, label: str) -> list[Body]:
        return self._gather(label, [_items(self._client.get(path, f"read {label}"))])

    def _pages(self, path: str, label: str) -> list[Body]:
        return self._gather(label, self._client.pages(path, f"read {label}"))

    def _gather(self, label: str, pages: Iterable[list[Body]]) -> list[Body]:
        found: dict[str, Body] = {}
        self._count(label, 0, 0)
        for page in pages:
            found.update({one["id"]: one for one in page})
            self._count(label, len(found), len(found))
        return list(found.values())

    def _found(self, path: str, doing: str) -> Body | None:
        """Return the answer about one thing; None if it is gone."""
        try:
            return self._client.get(path, doing)
        except NotFound:
            return None

    def _done(self, label: str, asked: Sequence[Future[T]]) -> Iterator[T]:
        """Yield results in order, and tell how many there are."""
        for done, future in enumerate(asked, 1):
            yield future.result()
            self._count(label, done, len(asked))

    def _count(self, label: str, done: int, total: int) -> None:
        with self._lock:
            self._progress(label, done, total)


Key = tuple[Any, str]
"""A team's id and a service's name."""


def account_name(client: Client) -> str:
    """Return the account's name. Raises ProviderError, and KeyError if the answer has none."""
    name = client.get("/v2/account", "read the account")["data"]["name"]
    if not isinstance(name, str) or not name:
        raise ValueError("the account has no name")
    return name


def owners(services: Iterable[Body]) -> dict[Key, str]:
    """Return the ids of services by team and name; of two alike the first one has what is named after both."""
    found: dict[Key, str] = {}
    for one in services:
        found.setdefault((one.get("teamId"), one["name"]), one["id"])
    return found


def for_good(owned: Mapping[Key, str], team: Any, name: str) -> str:
    """Return what something of a service is called, but for a name for the meantime.

    What is named after a service is renamed before it: where a run was cut off in between, only that has the name
    for the meantime, and says by its tags that it is not as it should be.
    """
    if not any(suffix in name for suffix in (BEING_RENAMED, BEING_DELETED)):
        return name
    for its_team, service in owned:
        for suffix in (BEING_RENAMED, BEING_DELETED):
            meantime = for_the_meantime(service, suffix)
            if its_team == team and (team, meantime) not in owned and name.startswith(meantime):
                return f"{service}{name.removeprefix(meantime)}"
    return name


def owner(owned: Mapping[Key, str], team: Any, name: str, belongs: Callable[[str, str], bool]) -> str | None:
    """Return the id of the team's service after which something is named; the longest name if several fit."""
    parts = name.split(": ")
    names = [": ".join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]
    for service in (name.removesuffix(_CARRIER), *names):
        key = owned.get((team, service))
        if key is not None and belongs(service, name):
            return key
    return None


def each(jobs: Iterable[Callable[[], Body]]) -> list[Body]:
    """Run independent reads several at a time and return their results in order. Raises the first error."""
    pool = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="opsgenie")
    try:
        futures = [pool.submit(job) for job in jobs]
        return [future.result() for future in futures]
    finally:
        pool.shutdown(cancel_futures=True)


def _is_integration_of(service: str, name: str) -> bool:
    return is_carrier(service, name) or is_replaced(service, name) or integration_of(service, name) is not None


def _with_policies(lists: Lists) -> set[tuple[str, str]]:
    """Return teams and types of policies: those that the integrations of a team's service tell of."""
    teams: dict[str, str] = {one["id"]: one["teamId"] for one in lists.services if one.get("teamId")}
    return {
        (teams[service], kind)
        for service, found in lists.integrations.items()
        for kind, tag in POLICY_TAGS.items()
        for one in found
        if service in teams and tag in (one.get("tags") or ())
    }


def _items(body: Body) -> list[Body]:
    found = body["data"]
    if not isinstance(found, list):
        raise TypeError("a list was expected")
    return found
