"""An account's lists, read page by page and several at a time; nothing is interpreted here.

Source: the table of lists in PagerDuty's API description. One request per page of each list, one per team for its
members (no list has their roles), and, where there are tags, one per tag or per tagged kind of object.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from oncall_sync.errors import ProviderError
from oncall_sync.provider import Progress

from .client import WORKERS, Client
from .wire import Body

STRATEGIES: Final = "escalation_rule_assignment_strategies"
PAUSES: Final = "auto_pause_notifications_parameters"
V3_PAGE: Final = 1000
TAGGED: Final = ("teams", "escalation_policies")

_NOT_IN_THE_PLAN: Final = frozenset({402, 403})
_NOT_THERE: Final = frozenset({402, 403, 404})


@dataclass(slots=True)
class Lists:
    """What the lists hold, as it came."""

    users: list[Body] = field(default_factory=list)
    teams: list[Body] = field(default_factory=list)
    schedules: list[Body] = field(default_factory=list)
    shift_based: list[Body] = field(default_factory=list)
    policies: list[Body] = field(default_factory=list)
    services: list[Body] = field(default_factory=list)
    groupings: list[Body] = field(default_factory=list)
    members: dict[str, list[Body]] = field(default_factory=dict)
    tags: dict[str, list[Body]] = field(default_factory=dict)
    """Tags by the id of what carries them."""


class Reader:
    """Reads one account once."""

    def __init__(self, client: Client, progress: Progress) -> None:
        self._client = client
        self._progress = progress
        self._lock = threading.Lock()

    def everything(self) -> Lists:
        """Return all lists. Raises ProviderError: the first that came, after the others were called off."""
        pool = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="pagerduty")
        try:
            return self._read(pool)
        finally:
            pool.shutdown(cancel_futures=True)

    def _read(self, pool: ThreadPoolExecutor) -> Lists:
        layers = {"include[]": ["schedule_layers"]}
        teams = pool.submit(self._list, "/teams", "teams")
        policies = pool.submit(self._policies)
        schedules = pool.submit(self._list, "/schedules", "schedules", layers)
        services = pool.submit(self._services)
        tags = pool.submit(self._optional, self._tags)
        users = pool.submit(self._list, "/users", "users")
        shifts = pool.submit(self._optional, self._shift_based)
        groupings = pool.submit(self._optional, self._groupings)
        out = Lists(teams=teams.result())
        members = {one["id"]: pool.submit(self._members, one["id"]) for one in out.teams}
        out.policies = policies.result()
        out.tags = self._tagged(pool, tags.result(), {"teams": out.teams, "escalation_policies": out.policies})
        self._count("members", 0, len(members))
        for done, (key, future) in enumerate(members.items(), 1):
            out.members[key] = future.result()
            self._count("members", done, len(members))
        out.schedules, out.services, out.users = schedules.result(), services.result(), users.result()
        out.shift_based, out.groupings = shifts.result(), groupings.result()
        return out

    def _list(self, path: str, key: str, params: Mapping[str, object] | None = None) -> list[Body]:
        return self._gather(key, self._client.pages(path, key, params))

    def _policies(self) -> list[Body]:
        try:
            return self._list("/escalation_policies", "escalation_policies", {"include[]": [STRATEGIES]})
        except ProviderError as error:
            if error.status not in _NOT_IN_THE_PLAN:
                raise
        # Plans without round robin refuse to tell how levels are assigned (Terraform provider).
        return self._list("/escalation_policies", "escalation_policies")

    def _services(self) -> list[Body]:
        try:
            return self._list("/services", "services", {"include[]": ["integrations", PAUSES]})
        except ProviderError as error:
            if error.status not in _NOT_IN_THE_PLAN:
                raise
        return self._list("/services", "services", {"include[]": ["integrations"]})

    def _shift_based(self) -> list[Body]:
        pages = self._client.pages("/v3/schedules", "schedules", limit=V3_PAGE)
        return [one for page in pages for one in page]

    def _groupings(self) -> list[Body]:
        pages = self._client.cursor_pages("/alert_grouping_settings", "alert_grouping_settings")
        return [one for page in pages for one in page]

    def _tags(self) -> list[Body]:
        return self._list("/tags", "tags")

    def _members(self, team: str) -> list[Body]:
        pages = self._client.pages(f"/teams/{team}/members", "members")
        return [one for page in pages for one in page]

    def _tagged(
        self, pool: ThreadPoolExecutor, tags: list[Body], things: Mapping[str, list[Body]]
    ) -> dict[str, list[Body]]:
        """Return tags by what carries them, asking per tag or per thing, whichever is fewer calls."""
        out: dict[str, list[Body]] = {}
        if not tags:
            return out
        if len(tags) * len(TAGGED) <= sum(len(found) for found in things.values()):
            per_tag = [(tag, pool.submit(self._carriers, tag["id"], kind)) for kind in TAGGED for tag in tags]
            for tag, carriers in per_tag:
                for key in carriers.result():
                    out.setdefault(key, []).append(tag)
            return out
        per_thing = {
            one["id"]: pool.submit(self._tags_of, kind, one["id"])
            for kind, found in things.items()
            for one in found
        }
        return {key: future.result() for key, future in per_thing.items()}

    def _carriers(self, tag: str, kind: str) -> list[str]:
        pages = self._client.pages(f"/tags/{tag}/{kind}", kind)
        return [one["id"] for page in pages for one in page]

    def _tags_of(self, kind: str, key: str) -> list[Body]:
        pages = self._client.pages(f"/{kind}/{key}/tags", "tags")
        return [one for page in pages for one in page]

    def _optional(self, read: Callable[[], list[Body]]) -> list[Body]:
        """Read a list that not every account, plan or token has."""
        try:
            return read()
        except ProviderError as error:
            if error.status not in _NOT_THERE:
                raise
            return []

    def _gather(self, key: str, pages: Iterator[list[Body]]) -> list[Body]:
        """Collect pages; what moved to another page while we read is there once."""
        found: dict[str, Body] = {}
        label = key.replace("_", " ")
        self._count(label, 0, 0)
        for page in pages:
            found.update({one["id"]: one for one in page})
            self._count(label, len(found), len(found))
        return list(found.values())

    def _count(self, label: str, done: int, total: int) -> None:
        with self._lock:
            self._progress(label, done, total)


def each(jobs: Iterable[Callable[[], Body]]) -> list[Body]:
    """Run independent reads several at a time and return their results in order. Raises the first error."""
    pool = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="pagerduty")
    try:
        futures: list[Future[Body]] = [pool.submit(job) for job in jobs]
        return [future.result() for future in futures]
    finally:
        pool.shutdown(cancel_futures=True)
