"""Everything that decides who rings, in one value: the engine's whole input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from oncall_sync.model import EscalationPolicy, LiveOverride, Paging, Ref, Schedule, Service, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Services, policies, schedules and people, declared or found.

    Attributes:
        paging: how each provider pages, by the name that resources carry.
        overrides: what people swapped at the provider, by schedule; the later in a list holds.
        refs: the ref of a user id in `overrides`.
    """

    services: Mapping[Ref, Service] = field(default_factory=dict)
    policies: Mapping[Ref, EscalationPolicy] = field(default_factory=dict)
    schedules: Mapping[Ref, Schedule] = field(default_factory=dict)
    users: Mapping[Ref, User] = field(default_factory=dict)
    paging: Mapping[str, Paging] = field(default_factory=dict)
    overrides: Mapping[Ref, Sequence[LiveOverride]] = field(default_factory=dict)
    refs: Mapping[str, Ref] = field(default_factory=dict)


NEUTRAL = Paging(
    low_escalates=True,
    drops_when_nobody=False,
    skips_empty_levels=True,
    rotations="everyone",
    delays="relative",
    open_incident_stays=False,
)
"""How something without a provider pages: nothing that a vendor would have to do is assumed."""
