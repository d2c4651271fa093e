"""The adapter: Opsgenie behind the protocols of `oncall_sync.provider`."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from oncall_sync.errors import NotFound, Rejected, Unreachable, UsageError
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

from . import history, lookup
from .capabilities import CAPABILITIES
from .incidents import open_incidents
from .normal import normalized
from .objections import named_alike, objections_to
from .reach import asked as asked_of
from .reach import reach_of, ways
from .reader import Reader, account_name, each
from .settings import BLOCKS, faults, schema
from .snapshot import snapshot
from .wire import HIGH_PRIORITY, KIND, LOW_PRIORITY, Body, Known, instant
from .writer import calls_for

if TYPE_CHECKING:
    from .client import Client

REGIONS: Final[Mapping[str, str]] = {"us": "https://api.opsgenie.com", "eu": "https://api.eu.opsgenie.com"}

_MALFORMED: Final = (KeyError, TypeError, ValueError, AttributeError)
"""What reading a body raises that lacks what the API's description promises."""
_DEFAULT_RULE: Final = re.compile(r"(?P<rules>/v2/teams/[^/?]+/routing-rules)/default")
_OWNED: Final = re.compile(r"(?P<list>/v2/[a-z]+)/(?P<name>[^/?]+)\?identifierType=name&ownedBy=(?P<team>.+)")
_INTEGRATION: Final = re.compile(r"/v2/integrations/[^/?]+")
_GONE: Final = Outcome(status=404)


class Opsgenie:
    """One Opsgenie account. Safe to use from several threads.

    What it learns from a read (the account's name, integrations that belong to no service) makes later calls
    exact.
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
                f"providers.{settings.name}: Opsgenie has no region {settings.region!r}; write {known}"
            )
        self._url = settings.api_url or REGIONS[settings.region]
        self._lock = threading.Lock()
        self._made: Client | None = None
        self._known = Known(
            high_priority=settings.options.get("high_priority", HIGH_PRIORITY),
            low_priority=settings.options.get("low_priority", LOW_PRIORITY),
            time_zone=settings.options.get("time_zone"),
        )

    @property
    def _client(self) -> Client:
        with self._lock:
            if self._made is None:
                from .client import Client

                settings = self._settings
                self._made = Client(self.name, settings.token, self._url, sleep=settings.sleep)
            return self._made

    def account(self) -> Account:
        """Return the account by its name. One request."""
        with self._as_the_apis("the account"):
            return Account(account_name(self._client), KIND)

    def read(self, now: datetime, progress: Progress) -> Snapshot:
        """Return the account at the aware instant `now`. Raises ProviderError."""
        client = self._client
        client.pace.on_wait = lambda seconds: progress("waiting for the rate limit", 0, round(seconds))
        try:
            lists = Reader(client, progress).everything()
            self._known = replace(self._known, account=lists.account, loose=lists.loose)
            return snapshot(self.name, lists, self._known, now)
        except _MALFORMED as error:
            raise self._not_the_apis("the account", error) from error
        finally:
            client.pace.on_wait = None

    @contextmanager
    def _as_the_apis(self, what: str) -> Iterator[None]:
        """Turn what reading an odd body raises into an error that names what was read."""
        try:
            yield
        except _MALFORMED as error:
            raise self._not_the_apis(what, error) from error

    def _not_the_apis(self, what: str, error: Exception) -> Unreachable:
        message = f"could not read {what}: an answer is not the API's ({type(error).__name__})"
        return Unreachable(self.name, message)

    def objections(self, wanted: Resource) -> Iterable[Objection]:
        """Yield what Opsgenie cannot hold, and what is wrong in `opsgenie:` blocks."""
        return objections_to(wanted, self._known)

    def objections_together(self, wanted: Sequence[Resource]) -> Iterable[Objection]:
        """Yield which schedules are named like a team: Opsgenie refuses that."""
        return named_alike(wanted)

    def normalize(self, wanted: Resource, live: Live | None) -> Resource:
        """Return `wanted` as it would be read back."""
        return normalized(wanted, live, self._known)

    def calls(self, change: Change, ids: Mapping[Ref, str]) -> Sequence[Call]:
        """Return what would be sent, in order.

        Three paths stand for what is only found when it is sent: a team's default routing rule, and the schedule
        and the escalation that came with a team.
        """
        return calls_for(change, ids, self._known)

    def perform(self, call: Call) -> Outcome:
        """Send one call, once; what it needs to know first is read. Raises ProviderError."""
        with self._as_the_apis(f"what is needed to {call.says}"):
            path = self._found(call)
            body = self._whole(call)
        if path is None:
            return _GONE
        try:
            answer = self._client.send(call.method, path, call.says, body)
        except Rejected:
            if not _OWNED.fullmatch(call.path):
                raise
            return _GONE  # what came with a team is in use by now, so it stays
        data = answer.body.get("data") if isinstance(answer.body, dict) else None
        found = data.get("id") if isinstance(data, dict) else None
        if call.makes is not None and not found:
            message = f"could not {call.says}: the answer does not say what was made"
            raise Unreachable(self.name, message, status=answer.status)
        return Outcome(status=answer.status, remote_id=found if call.method == "POST" else None)

    def _found(self, call: Call) -> str | None:
        """Return the path as the API has it; None if what is to be deleted is not there."""
        client = self._client
        if rule := _DEFAULT_RULE.fullmatch(call.path):
            rules = client.get(rule["rules"], "read routing rules")["data"]
            return f"{rule['rules']}/{next(one['id'] for one in rules if one.get('isDefault'))}"
        if owned := _OWNED.fullmatch(call.path):
            try:
                one = client.get(f"{owned['list']}/{owned['name']}?identifierType=name", call.says)["data"]
            except NotFound:
                return None
            ours = (one.get("ownerTeam") or {}).get("id") == owned["team"] and not one.get("description")
            return f"{owned['list']}/{one['id']}" if ours else None
        return call.path

    def _whole(self, call: Call) -> Mapping[str, Any] | None:
        """Return what is sent. An integration is replaced as a whole, so it is read first, with its secrets."""
        if call.body is None or call.method != "PUT" or not _INTEGRATION.fullmatch(call.path):
            return call.body
        there: Body = self._client.get(call.path, f"read what is there, to {call.says}")["data"]
        read_only = {"_readOnly", *(there.get("_readOnly") or ())}
        kept = {key: value for key, value in there.items() if key not in read_only}
        return {key: value for key, value in (kept | dict(call.body)).items() if value is not None}

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

    def namesakes(self, call: Call, remote_id: str) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's
        """Return nothing: Opsgenie refuses a name that is taken, for every kind that carries a mark."""
        return {}

    def doubled(self, parts: Mapping[str, Call]) -> Mapping[str, Collection[str]]:
        """Return the rotations, rules and policies, of those just added, that are there twice."""
        with self._as_the_apis("what was made"):
            return lookup.doubled(self._client, parts)

    def open_incidents(self, objects: Sequence[Live]) -> Mapping[str, Sequence[str]]:
        """Return the open incidents of services; an alert needs nothing once it has notified."""
        services = {live.remote_id for live in objects if live.kind == "service"}
        return lookup.open_incidents(self._client, services) if services else {}

    def incidents(self, services: Sequence[str], people: Sequence[str]) -> Sequence[OpenIncident]:
        """Return the open incidents about services or with people, oldest first."""
        with self._as_the_apis("incidents"):
            return open_incidents(self._client, services, people)

    def ways_to_reach(self, user_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """Return how each user can be reached; a request per user."""
        asked = list(dict.fromkeys(user_ids))
        get = self._client.get
        answers = each(partial(get, f"/v2/users/{key}?expand=contact", "read contacts") for key in asked)
        return {key: ways(body.get("data") or {}) for key, body in zip(asked, answers, strict=True)}

    def reach(self, user_ids: Sequence[str]) -> Mapping[str, Reach]:
        """Return how each user is reached; three requests a user, and one more per further rule for new alerts."""
        asked = list(dict.fromkeys(user_ids))
        get = self._client.get
        with self._as_the_apis("how people are reached"):
            answers = each(partial(asked_of, get, key) for key in asked)
            return {key: reach_of(found, self._known) for key, found in zip(asked, answers, strict=True)}

    def overrides(
        self, schedule_ids: Sequence[str], since: datetime, until: datetime
    ) -> Mapping[str, Sequence[LiveOverride]]:
        """Return the overrides of schedules that touch the span, by schedule id; one request each."""
        asked = list(dict.fromkeys(schedule_ids))
        get = self._client.get
        answers = each(partial(get, f"/v2/schedules/{key}/overrides", "read overrides") for key in asked)
        with self._as_the_apis("overrides"):
            listed = {
                key: [_override(one) for one in body["data"] if (one.get("user") or {}).get("type") == "user"]
                for key, body in zip(asked, answers, strict=True)
            }
        return {
            key: tuple(one for one in found if one.since < until and since < one.until)
            for key, found in listed.items()
        }

    def history(self, objects: Sequence[Live], since: datetime, until: datetime) -> History:
        """Return who changed these objects since, as the logs of their teams tell; about a request per team."""
        with self._as_the_apis("the logs of teams"):
            return history.history(self._client, objects, since, until)

    def upgraded(self, live: Live) -> Upgrade | None:  # noqa: ARG002 - the protocol's
        """Return nothing: Opsgenie turns no object into something else."""
        return None

    @classmethod
    def settings_schema(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return a JSON Schema per place: the kinds, `level`, `integration`, and `provider` for oncall.yaml."""
        return {place: schema(place) for place in BLOCKS}

    @classmethod
    def sandbox(cls, options: SandboxOptions, ready: Callable[[str], None]) -> None:
        """Serve a local Opsgenie until interrupted."""
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
    return LiveOverride(
        since=instant(body["startDate"]),
        until=instant(body["endDate"]),
        user_id=body["user"]["id"],
        rotations=tuple(str(one.get("name")) for one in body.get("rotations") or ()),
    )
