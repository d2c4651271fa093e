"""Everything that is declared, in one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .basic import Ref
from .check import ChatCommand, Check, Group, Waiver
from .escalation import EscalationPolicy
from .found import Finding
from .mention import Mention
from .people import Team, User
from .resource import Resource
from .rule import RuleBook
from .schedule import Schedule
from .service import Service, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """All policy files together: resources by key, references checked, times and turns resolved.

    Guarantees: every `Ref` in it names a resource that is in it (waivers aside); mappings are in key order, so
    that equal declarations are equal whatever file they stand in. `notes` says what was kept but cannot be
    checked here; `mentions` holds every place in the files that names a resource, by what it names; `rules` are
    the organisation's own, from files of their own; `sha256` is the digest of the policy files as they were read,
    `files` how many there were.
    """

    workspace: str | None = None
    users: Mapping[str, User] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    escalation_policies: Mapping[str, EscalationPolicy] = field(default_factory=dict)
    urgency_rules: Mapping[str, Urgency] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    groups: Mapping[str, Group] = field(default_factory=dict)
    chat_commands: Mapping[str, ChatCommand] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    rules: RuleBook = field(default_factory=RuleBook)
    mentions: Mapping[Ref, tuple[Mention, ...]] = field(default_factory=dict, compare=False, repr=False)
    notes: tuple[Finding, ...] = field(default=(), compare=False)
    sha256: str = field(default="", compare=False)
    files: int = field(default=0, compare=False)

    def of_kind(self, kind: str) -> Mapping[str, Resource]:
        """Return the resources of one kind by key; urgency rules are values, not resources, and have none."""
        by_kind: Mapping[str, Mapping[str, Resource]] = {
            "user": self.users,
            "team": self.teams,
            "schedule": self.schedules,
            "escalation_policy": self.escalation_policies,
            "service": self.services,
        }
        return by_kind.get(kind, {})

    def get(self, ref: Ref) -> Resource | None:
        """Return the resource that `ref` names, or None if it is not declared."""
        return self.of_kind(ref.kind).get(ref.key)

    def resources(self) -> Iterator[Resource]:
        """Yield every resource: users, teams, schedules, escalation policies, services; by key within a kind."""
        for kind in ("user", "team", "schedule", "escalation_policy", "service"):
            yield from self.of_kind(kind).values()
