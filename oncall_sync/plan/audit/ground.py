"""What an audit is made from, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall_sync.model import Finding, Policies, Reach, Ref, Snapshot, Source
from oncall_sync.plan.diff import Decision
from oncall_sync.rota.scene import Scene

from .values import ChatLanding, Incoming, Ladder, OddOverride, PersonRow, Share, Turns, Unmanaged, Unused

INCOMING = timedelta(days=7)
"""How far ahead people are looked at who are not on call yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One live account, as far as it is audited.

    Attributes:
        kind: its vendor.
        snapshot: everything that was read.
        decision: who is who, and what refs are called.
        owned: the refs of what this workspace manages there.
        scene: what rings now, in declared refs where they are known; overrides that people made are in it.
        services: the services to tell of.
        schedules: the schedules to tell of.
        reach: how people are reached; None where the provider cannot tell.
    """

    kind: str
    snapshot: Snapshot
    decision: Decision
    owned: frozenset[Ref]
    scene: Scene
    services: tuple[Ref, ...] = ()
    schedules: tuple[Ref, ...] = ()
    reach: Mapping[Ref, Reach] | None = None

    @property
    def provider(self) -> str:
        """Return its name in oncall.yaml."""
        return self.snapshot.provider

    def name(self, ref: Ref) -> str:
        """Return what people call something: a user's key, else a name, else an email."""
        return self.decision.labels.name(ref)

    def key(self, ref: Ref) -> str:
        """Return the key of what is declared, the name of what is not."""
        return self.name(ref) if ref.remote else ref.key

    def manages(self, ref: Ref) -> bool:
        """Return whether this workspace declares something, and owns it."""
        return ref in self.owned


def owned(decision: Decision) -> frozenset[Ref]:
    """Return the refs of what is there and carries our mark, or would be adopted by an apply."""
    bound, marks, adopted = decision.bindings.bound, decision.bindings.marks, decision.bindings.adopted
    return frozenset(ref for ref, live in bound.items() if (live.kind, live.remote_id) in marks or ref in adopted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an audit is asked for; instants are aware.

    `whole` is what `--all` asks for: what nobody manages is told of as well. `narrow` says that only some services
    were asked for, so that nothing is said of what nobody uses.
    """

    policies: Policies
    now: datetime
    back: timedelta
    horizon: timedelta
    whole: bool = False
    narrow: bool = False

    @property
    def since(self) -> datetime:
        """Return from when on load is counted."""
        return self.now - self.back

    @property
    def until(self) -> datetime:
        """Return where the looking ahead ends."""
        return self.now + self.horizon

    def source(self, ref: Ref, path: str = "") -> Source | None:
        """Return where something was declared, if it was."""
        declared = None if ref.remote else self.policies.get(ref)
        return declared.where(path) if declared else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Everything an audit says, in names; instants are aware UTC."""

    workspace: str
    now: datetime
    since: datetime
    until: datetime
    accounts: tuple[tuple[str, str, str], ...] = ()
    not_read: Mapping[str, str] = field(default_factory=dict)
    ladders: tuple[Ladder, ...] = ()
    people: tuple[PersonRow, ...] = ()
    incoming: tuple[Incoming, ...] = ()
    overrides: tuple[OddOverride, ...] = ()
    unused: tuple[Unused, ...] = ()
    unmanaged: tuple[Unmanaged, ...] = ()
    chat: tuple[ChatLanding, ...] = ()
    turns: tuple[Turns, ...] = ()
    shares: tuple[Share, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """Return the findings that `--exit-code` speaks of: errors and warnings."""
        return tuple(one for one in self.findings if one.level != "note")
