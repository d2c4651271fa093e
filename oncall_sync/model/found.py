"""What is found at a provider, and what is decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from .basic import Kind, Ref, Source
from .resource import Resource

Action: TypeAlias = Literal["create", "adopt", "update", "rename", "delete"]
Severity: TypeAlias = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Account:
    """Which account a token opens: a stable id, so that a plan for one is never applied to another."""

    id: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """One object as it is at the provider.

    `resource` speaks of other objects by their ids. `raw` is the body as it came, for PUTs that keep what the
    model does not carry; adapters read it, nobody else does.
    """

    remote_id: str
    resource: Resource
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    url: str | None = None

    @property
    def kind(self) -> Kind:
        """Return what kind of thing it is."""
        return self.resource.ref.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A whole account at one instant, as far as the model goes.

    `implicit` holds (team id, user id) for people whom the provider put into a team by itself; `joins_teams` says
    that it does so with everybody whom a policy of the team calls.
    """

    provider: str
    account: Account
    taken_at: datetime
    objects: tuple[Live, ...] = ()
    users: tuple[Live, ...] = ()
    implicit: frozenset[tuple[str, str]] = frozenset()
    joins_teams: bool = False

    def of_kind(self, kind: Kind) -> tuple[Live, ...]:
        """Return the objects of one kind, in the provider's order."""
        return self.users if kind == "user" else tuple(o for o in self.objects if o.kind == kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOverride:
    """An override as it is at the provider; instants are aware UTC.

    `rotations` names those whose people it replaces; none named is all of them, and whoever else would ring.
    """

    since: datetime
    until: datetime
    user_id: str
    rotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, before and after, as JSON values in names; `path` is dotted (`levels.1.escalate_after`)."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One decision about one object.

    `why` is how it came about: `pending` (YAML changed), `drift` (changed at the provider), `both`, or `new`.
    `wanted` is what to make it (mark not yet added; absent parts already filled from live); None on delete.
    `kept` names children that somebody else put there: part of `wanted`, so that they stay, but not of its mark.
    """

    provider: str
    ref: Ref
    action: Action
    name: str
    remote_id: str | None = None
    fields: tuple[FieldChange, ...] = ()
    why: Literal["new", "pending", "drift", "both"] = "new"
    wanted: Resource | None = None
    live: Live | None = None
    kept: frozenset[str] = frozenset()
    source: Source | None = None
    team: str | None = None


Phase: TypeAlias = Literal["make", "settle", "clear"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request that writes, as data: shown by `plan --calls`, journalled, and performed once.

    `{ref}` placeholders (`@{schedule.daily-duty}`) stand for ids that are not known yet; whoever performs the
    call fills them in. `settle` calls (what points to something that may be made later in the plan) run after
    every `make` call of the whole plan, `clear` calls (what takes something away) after those. A change's settle
    calls are asked for again when it is their turn, with every id known: the mark may go along with them.
    """

    id: str
    ref: Ref
    method: Literal["POST", "PUT", "PATCH", "DELETE"]
    path: str
    says: str
    body: Mapping[str, Any] | None = None
    phase: Phase = "make"
    makes: Ref | None = None
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one call. `remote_id` is the id of what the call made, if it made something."""

    status: int
    remote_id: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something a person should know: a stable rule id, how bad it is, a sentence, and where."""

    rule: str
    level: Severity
    message: str
    source: Source | None = None
    ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """What a provider cannot hold (`cannot`, an error), or holds only roughly (`approximated`, a warning)."""

    ref: Ref
    fate: Literal["cannot", "approximated"]
    message: str
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How a vendor pages, as data for the rota engine.

    `holds_until_raised`: a low incident that support hours will raise rings nobody before they start. `moves_on`:
    an escalation takes the incident from the level before, whose people's own later rules then stay silent.
    """

    low_escalates: bool
    drops_when_nobody: bool
    skips_empty_levels: bool
    rotations: Literal["everyone", "last_wins"]
    delays: Literal["relative", "from_start"]
    open_incident_stays: bool
    holds_until_raised: bool = False
    moves_on: bool = False
