"""What an adapter implements, what it says it can do, and how adapters are found.

An adapter is a class named in the entry point group `oncall_sync.providers`; the entry point's name is its kind.
It is made from its entry in oncall.yaml with or without a token: what works offline (`capabilities`,
`objections`, `normalize`, `calls`) must work without one; what does not (`account`, `read`, `perform`) raises
`AuthError` then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from .errors import UsageError
from .model import (
    Account,
    Call,
    Change,
    History,
    Kind,
    Live,
    LiveOverride,
    Objection,
    OpenIncident,
    Outcome,
    Paging,
    Reach,
    Ref,
    Resource,
    Snapshot,
    Upgrade,
)

GROUP = "oncall_sync.providers"

Fate: TypeAlias = Literal["exact", "approximated", "cannot"]
Progress: TypeAlias = Callable[[str, int, int], None]
"""Called as `progress("schedules", done, total)` while an account is read; totals may grow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """One entry under `providers:` in oncall.yaml, with what the environment adds.

    `options` are the keys that only this kind knows; the adapter checks them in `objections`-like fashion by
    raising `UsageError` from its constructor. Whatever waits, waits with `sleep`: it tells people, and raises
    `Stopped` when they want to stop, which must get through.
    """

    name: str
    kind: str
    token: str | None = field(default=None, repr=False)
    region: str = "us"
    api_url: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a provider can hold and how it pages; drives docs, validation and the selection of tests.

    `words` maps each word of the policy language (`schedule.rotations.members.nobody`) to its fate and one
    sentence about it. `description_limits` are characters per kind, mark included. `managers` is what the members
    of a team are called who may change it.
    """

    kinds: frozenset[Kind]
    paging: Paging
    words: Mapping[str, tuple[Fate, str]]
    description_limits: Mapping[Kind, int]
    managers: str = "manager"


class Provider(Protocol):
    """The least an adapter does. Every method but `read`, `account` and `perform` is pure."""

    name: str
    capabilities: Capabilities

    def __init__(self, settings: ProviderSettings) -> None: ...

    def account(self) -> Account:
        """Return which account the token opens. Raises ProviderError."""
        ...

    def read(self, now: datetime, progress: Progress) -> Snapshot:
        """Return everything the model can carry, read in bulk, concurrently, within the rate limit.

        Guarantees: no call per object where a list exists; descriptions as they are, marks included;
        raw bodies kept for `calls`. Raises ProviderError.
        """
        ...

    def objections(self, wanted: Resource) -> Iterable[Objection]:
        """Yield what this provider cannot hold, or holds only roughly, and what is wrong in its settings block."""
        ...

    def normalize(self, wanted: Resource, live: Live | None) -> Resource:
        """Return `wanted` as this provider would make it, so that only real changes differ.

        The core has already filled the parts that a policy leaves absent from `live`, whose refs it has turned
        into declared ones where it could. With `live` None (a create) the adapter fills them with the provider's
        documented defaults. Nothing is absent in the result, except a team's members (not managed).
        """
        ...

    def calls(self, change: Change, ids: Mapping[Ref, str]) -> Sequence[Call]:
        """Return what would be sent for this change, in order: only what differs from `change.live`.

        `ids` answers for every `Ref` that `change.wanted` and `change.live` name; an id that is not known yet is
        a placeholder, which the core fills in before `perform`.
        """
        ...

    def perform(self, call: Call) -> Outcome:
        """Send one call, once. Raises ProviderError; what is safe to repeat is the caller's to decide."""
        ...

    def close(self) -> None:
        """Give back connections. May be called twice."""
        ...


@runtime_checkable
class Together(Protocol):
    """An adapter of a vendor at which declared objects can get in each other's way."""

    def objections_together(self, wanted: Sequence[Resource]) -> Iterable[Objection]:
        """Yield what this provider cannot hold side by side. These are all of its resources, external ones too."""
        ...


@runtime_checkable
class Overrides(Protocol):
    """An adapter that can list the overrides people made."""

    def overrides(
        self, schedule_ids: Sequence[str], since: datetime, until: datetime
    ) -> Mapping[str, Sequence[LiveOverride]]:
        """Return overrides that touch the span, by schedule id; one call per schedule."""
        ...


@runtime_checkable
class Lookup(Protocol):
    """An adapter that can tell what became of a request that makes something.

    Without it, a POST whose answer was lost is never repeated: the next run has to tell.
    """

    def made(self, call: Call) -> Outcome | None:
        """Return what a POST made, found by its name and mark; None if it is not there. Raises ProviderError.

        For a POST that makes nothing of its own (it sets what is set already), None is right: it is repeated.
        """
        ...

    def namesakes(self, call: Call, remote_id: str) -> Mapping[str, str]:
        """Return others with the name of what `call` just made as `remote_id`: their descriptions, by id.

        Empty where the provider keeps names unique. Raises ProviderError.
        """
        ...

    def doubled(self, parts: Mapping[str, Call]) -> Mapping[str, Collection[str]]:
        """Return which parts that POSTs just added (by id) are there twice: the ids of others of their name.

        Parts are what has no mark of its own: an integration, a rotation, a rule. In bulk. Raises ProviderError.
        """
        ...


@runtime_checkable
class Blockers(Protocol):
    """An adapter that knows what is going on right now."""

    def open_incidents(self, objects: Sequence[Live]) -> Mapping[str, Sequence[str]]:
        """Return, by remote id, in a few words each, the open incidents that need one of these objects.

        In bulk; objects without any are left out. Raises ProviderError.
        """
        ...


@runtime_checkable
class Incidents(Protocol):
    """An adapter that can tell whom open incidents are with."""

    def incidents(self, services: Sequence[str], people: Sequence[str]) -> Sequence[OpenIncident]:
        """Return open incidents about these services or with these people, oldest first. Raises ProviderError."""
        ...


@runtime_checkable
class Reachability(Protocol):
    """An adapter that can tell how people can be reached."""

    def ways_to_reach(self, user_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """Return, for each user, which of `push`, `phone`, `sms` and `email` would ring for a high urgency.

        In bulk; never numbers or addresses. Raises ProviderError.
        """
        ...


@runtime_checkable
class PersonalReach(Protocol):
    """An adapter that can also tell what each person set up for themselves; it may cost requests per person."""

    def reach(self, user_ids: Sequence[str]) -> Mapping[str, Reach]:
        """Return everything known of how these users are reached, their own notification rules included.

        Numbers and addresses come masked. Raises ProviderError.
        """
        ...


@runtime_checkable
class Recalls(Protocol):
    """An adapter whose vendor tells what people did to objects."""

    def history(self, objects: Sequence[Live], since: datetime, until: datetime) -> History:
        """Return who changed these objects in the span, newest first; our own writes are marked `ours`.

        Best effort: a trail that a plan or a token does not open is not an error, `untold` says so.
        """
        ...

    def upgraded(self, live: Live) -> Upgrade | None:
        """Return what became of an object that the vendor turned into something else, None if it did not."""
        ...


@runtime_checkable
class SettingsSchema(Protocol):
    """An adapter whose provider-only blocks editors can complete."""

    @classmethod
    def settings_schema(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return a draft-07-safe JSON Schema per place a block may stand (`service`, `escalation_policy`, …)."""
        ...


@runtime_checkable
class HasSandbox(Protocol):
    """An adapter that brings a local server which speaks its vendor's API."""

    @classmethod
    def sandbox(cls, options: SandboxOptions, ready: Callable[[str], None]) -> None:
        """Serve until interrupted; calls `ready(url)` once it listens."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """What every sandbox understands; see `oncall-sync sandbox --help`."""

    port: int = 0
    seed: Mapping[str, Any] | None = None
    now: datetime | None = None
    latency: timedelta = timedelta()
    rate_limit: int | None = None
    store: str | None = None
    token: str | None = None


@cache
def _installed() -> Mapping[str, EntryPoint]:
    """Return the adapters' entry points by kind; every installed package is looked through, so once is enough."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name)}


def installed() -> Mapping[str, type[Provider]]:
    """Return adapter classes by kind, as their packages' entry points name them; imports each."""
    return {name: entry.load() for name, entry in _installed().items()}


def kinds() -> frozenset[str]:
    """Return the kinds of the installed adapters without importing any."""
    return frozenset(_installed())


def adapter(kind: str) -> type[Provider]:
    """Return the adapter class for a kind. Raises UsageError if none is installed."""
    if kind not in _installed():
        known = ", ".join(_installed()) or "none"
        raise UsageError(f"no adapter for the provider kind {kind!r} is installed (installed: {known})")
    loaded: type[Provider] = _installed()[kind].load()
    return loaded
