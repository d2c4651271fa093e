"""The adapter: PagerDuty behind the protocols of `oncall_sync.provider`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from oncall_sync.errors import Rejected, Unreachable, UsageError
from oncall_sync.model import (
    Account,
    Call,
    Change,
    History,
    Live,
    LiveOverride,
    Objection,
    OpenIncident,
    Outcome,
    Reach,
    Ref,
    Resource,
    Snapshot,
    Upgrade,
)
from oncall_sync.provider import Capabilities, Progress, ProviderSettings, SandboxOptions

from . import lookup
from .answers import Answer
from .capabilities import CAPABILITIES
from .convert_service import address
from .history import TOKEN_END, Trail, upgrade
from .incidents import open_incidents
from .normal import normalized
from .objections import objections_to
from .reach import GONE, PARAMS, reach_of, ways
from .reader import Reader, each
from .settings import BLOCKS, faults, schema
from .snapshot import snapshot
from .vendors import PREFIX, find
from .wire import KIND, Body, account_id, instant, stamp
from .writer import Known, calls_for

if TYPE_CHECKING:
    from .client import Client

REGIONS: Final[Mapping[str, str]] = {
    "us": "https://api.pagerduty.com",
    "eu": "https://api.eu.pagerduty.com",
}

_MALFORMED: Final = (KeyError, TypeError, ValueError, AttributeError)
"""What reading a body raises that lacks what the API's description promises."""


class PagerDuty:
    """One PagerDuty account.

    What it learns from a read (the account's id, which schedules are shift-based) makes later calls exact; a
    read's instant travels in each schedule's `Live.raw`, so that `calls` needs no clock. Safe to use from several
    threads.
    """

    capabilities: Capabilities = CAPABILITIES

    def __init__(self, settings: ProviderSettings) -> None:
        self.name = settings.name
        self._settings = settings
        problems = [message for _, message in faults("provider", settings.options)]
        if problems:
            raise UsageError(f"providers.{settings.name}: {problems[0]}")
        if settings.api_url is None and settings.region not in REGIONS:
            known = " or ".join(REGIONS)
            raise UsageError(
                f"providers.{settings.name}: PagerDuty has no region {settings.region!r}; write {known}"
            )
        self._url = settings.api_url or REGIONS[settings.region]
        self._shift_based = settings.options.get("schedules") == "shift_based"
        self._lock = threading.Lock()
        self._made: Client | None = None
        self._known = Known()
        self._emails: Mapping[str, str] = {}
        self._vendors: list[Body] | None = None

    @property
    def _client(self) -> Client:
        with self._lock:
            if self._made is None:
                from .client import Client

                settings = self._settings
                self._made = Client(self.name, settings.token, self._url, sleep=settings.sleep)
            return self._made

    def account(self) -> Account:
        """Return the account: its subdomain, as the address of any user's page names it. One request."""
        body = self._client.get("/users", "read users", {"limit": 1, "offset": 0})
        return Account(self._remember(body.get("users") or ()), KIND)

    def read(self, now: datetime, progress: Progress) -> Snapshot:
        """Return the account at the aware instant `now`. Raises ProviderError."""
        client = self._client
        client.pace.on_wait = lambda seconds: progress("waiting for the rate limit", 0, round(seconds))
        try:
            with self._as_the_apis("the account"):
                return self._read(client, now, progress)
        finally:
            client.pace.on_wait = None

    def _read(self, client: Client, now: datetime, progress: Progress) -> Snapshot:
        lists = Reader(client, progress).everything()
        found = (*lists.users, *lists.services, *lists.schedules, *lists.policies, *lists.teams)
        account = self._remember(found)
        self._known = Known(account, frozenset(one["id"] for one in lists.shift_based))
        self._emails = {one["id"]: one["email"] for one in lists.users if one.get("email")}
        return snapshot(self.name, lists, account, now)

    @contextmanager
    def _as_the_apis(self, what: str) -> Iterator[None]:
        """Turn what reading an odd body raises into an error that names what was read."""
        try:
            yield
        except _MALFORMED as error:
            message = f"could not read {what}: an answer is not the API's ({type(error).__name__})"
            raise Unreachable(self.name, message) from error

    def _remember(self, bodies: Iterable[Mapping[str, Any]]) -> str:
        """Keep the account's id. An account without a single object goes by the API's host."""
        found = account_id(bodies) or urlsplit(self._url).hostname or self._url
        self._known = Known(found, self._known.shift_based)
        return found

    def objections(self, wanted: Resource) -> Iterable[Objection]:
        """Yield what PagerDuty cannot hold, and what is wrong in `pagerduty:` blocks."""
        return objections_to(wanted, self._shift_based)

    def normalize(self, wanted: Resource, live: Live | None) -> Resource:  # noqa: ARG002 - the protocol's
        """Return `wanted` as it would be read back."""
        return normalized(wanted, self._known.account)

    def calls(self, change: Change, ids: Mapping[Ref, str]) -> Sequence[Call]:
        """Return what would be sent, in order.

        Two things stand in a call by name until it is performed: a vendor (`vendor:NAME` as its id), and the
        account's domain behind an address if nothing was read before.
        """
        return calls_for(change, ids, self._known)

    def perform(self, call: Call) -> Outcome:
        """Send one call, once. Raises ProviderError."""
        answer = self._client.send(call.method, call.path, call.says, self._completed(call))
        if call.path.endswith("/overrides"):
            self._check_overrides(call, answer)
        made = answer.body if isinstance(answer.body, dict) else {}
        found = next((one["id"] for one in made.values() if isinstance(one, dict) and "id" in one), None)
        if call.makes is not None and found is None:
            message = f"could not {call.says}: the answer does not say what was made"
            raise Unreachable(self.name, message, status=answer.status)
        return Outcome(status=answer.status, remote_id=found if call.method == "POST" else None)

    def _completed(self, call: Call) -> Mapping[str, Any] | None:
        integration = (call.body or {}).get("integration")
        if not isinstance(integration, Mapping):
            return call.body
        whole = dict(integration)
        vendor = (whole.get("vendor") or {}).get("id", "")
        if vendor.startswith(PREFIX):
            whole["vendor"] = {**whole["vendor"], "id": self._vendor(vendor.removeprefix(PREFIX))}
        if "integration_email" in whole and "@" not in whole["integration_email"]:
            whole["integration_email"] = address(
                whole["integration_email"], self._known.account or self.account().id
            )
        return {"integration": whole}

    def _vendor(self, name: str) -> str:
        if self._vendors is None:
            self._vendors = [one for page in self._client.pages("/vendors", "vendors") for one in page]
        found = find(name, self._vendors)
        if found is None:
            raise Rejected(self.name, f"PagerDuty's catalogue has no vendor {name!r}")
        return found

    def _check_overrides(self, call: Call, answer: Answer) -> None:
        """Look at each override's own status: a 201 may hold refusals (PagerDuty's API description)."""
        body = answer.body.get("overrides") if isinstance(answer.body, dict) else answer.body
        items = body if isinstance(body, list) else []
        bad = [one for one in items if isinstance(one, dict) and one.get("status", 201) not in range(200, 300)]
        reasons = tuple(str(reason) for one in bad for reason in one.get("errors") or ())
        if bad:
            message = f"could not {call.says}: {len(bad)} of {len(items)} refused: {'; '.join(reasons)}"
            raise Rejected(self.name, message, status=400, reasons=reasons)

    def close(self) -> None:
        """Give back connections. May be called twice."""
        with self._lock:
            if self._made is not None:
                self._made.close()
                self._made = None

    def made(self, call: Call) -> Outcome | None:
        """Return what a POST made whose answer was lost, if it is there."""
        with self._as_the_apis("what was made"):
            return lookup.made(self._client, call)

    def namesakes(self, call: Call, remote_id: str) -> Mapping[str, str]:
        """Return others of the name of what was just made; none of a service, whose names are unique."""
        with self._as_the_apis("what was made"):
            return lookup.namesakes(self._client, call, remote_id)

    def doubled(self, parts: Mapping[str, Call]) -> Mapping[str, Collection[str]]:
        """Return the integrations, of those just added, that are there twice."""
        with self._as_the_apis("what was made"):
            return lookup.doubled(self._client, parts)

    def open_incidents(self, objects: Sequence[Live]) -> Mapping[str, Sequence[str]]:
        """Return the open incidents of services, and those on their way through escalation policies."""
        services = {live.remote_id for live in objects if live.kind == "service"}
        policies = {live.remote_id for live in objects if live.kind == "escalation_policy"}
        return lookup.open_incidents(self._client, services, policies) if services | policies else {}

    def incidents(self, services: Sequence[str], people: Sequence[str]) -> Sequence[OpenIncident]:
        """Return the open incidents about services or with people, oldest first."""
        with self._as_the_apis("incidents"):
            return open_incidents(self._client, services, people)

    def ways_to_reach(self, user_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """Return how each user would ring for a high urgency; a request per hundred users of the account."""
        asked = set(user_ids)
        found: dict[str, frozenset[str]] = dict.fromkeys(user_ids, frozenset())
        for page in self._client.pages("/users", "users", PARAMS):
            found |= {user["id"]: ways(user) for user in page if user.get("id") in asked}
        return found

    def reach(self, user_ids: Sequence[str]) -> Mapping[str, Reach]:
        """Return how each user is reached; a request per hundred users of the account."""
        asked = set(user_ids)
        found = dict.fromkeys(user_ids, Reach(cannot=GONE))
        with self._as_the_apis("how people are reached"):
            for page in self._client.pages("/users", "users", PARAMS):
                found |= {user["id"]: reach_of(user) for user in page if user.get("id") in asked}
        return found

    def overrides(
        self, schedule_ids: Sequence[str], since: datetime, until: datetime
    ) -> Mapping[str, Sequence[LiveOverride]]:
        """Return the overrides of layered schedules that touch the span, by schedule id; one request each."""
        asked = [key for key in schedule_ids if key not in self._known.shift_based]
        params = {"since": stamp(since), "until": stamp(until), "overflow": "true"}  # whole, not cut to the span
        get = self._client.get
        answers = each(partial(get, f"/schedules/{key}/overrides", "read overrides", params) for key in asked)
        found: dict[str, Sequence[LiveOverride]] = dict.fromkeys(schedule_ids, ())
        with self._as_the_apis("overrides"):
            for key, body in zip(asked, answers, strict=True):
                found[key] = tuple(_override(one) for one in body.get("overrides") or ())
        return found

    def history(self, objects: Sequence[Live], since: datetime, until: datetime) -> History:
        """Return who changed these objects since, as far as the last read knows people and schedules."""
        end, based = str(self._settings.token)[-TOKEN_END:], self._known.shift_based
        trail = Trail(client=self._client, token_end=end, emails=self._emails, shift_based=based)
        with self._as_the_apis("the audit trail"):
            return trail.history(objects, since, until)

    def upgraded(self, live: Live) -> Upgrade | None:
        """Return what is told of a schedule that is shift-based now. One request."""
        return upgrade(self._client, live.remote_id) if live.remote_id in self._known.shift_based else None

    @classmethod
    def settings_schema(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return a JSON Schema per place: the kinds, `level`, `integration`, and `provider` for oncall.yaml."""
        return {place: schema(place) for place in BLOCKS}

    @classmethod
    def sandbox(cls, options: SandboxOptions, ready: Callable[[str], None]) -> None:
        """Serve a local PagerDuty until interrupted."""
        from .sandbox import Options, serve

        serve(
            Options(
                port=options.port,
                seed=options.seed,
                now=options.now,
                latency=options.latency,
                rate_limit=options.rate_limit,
                store=None if options.store is None else Path(options.store),
                token=options.token,
            ),
            ready,
        )


def _override(body: Mapping[str, Any]) -> LiveOverride:
    return LiveOverride(since=instant(body["start"]), until=instant(body["end"]), user_id=body["user"]["id"])
