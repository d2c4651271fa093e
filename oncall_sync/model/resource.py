"""What all declared and live things have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .basic import ABSENT, Maybe, Ref, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """The common part of a team, user, schedule, escalation policy or service.

    Attributes:
        ref: its key in policies; in a snapshot, its id at the provider.
        name: what people see at the provider.
        description: free text without the ownership mark when declared; as found (mark included) when live.
        provider: the provider's name in oncall.yaml, or `none` for what is planned but never sent.
        team: the owner.
        external: it belongs to somebody else: referred to, never written.
        protected: never deleted, not even with a waiver.
        was: the key it had before, for one apply.
        settings: provider-only blocks by provider kind, as written (or as read); checked by the adapter.
        source: where it was declared.
        marks: where each part was declared, by path (`levels.0.notify`); missing parts fall back to `source`.
    """

    ref: Ref
    name: str
    description: Maybe[str | None] = ABSENT
    provider: str = "none"
    team: Maybe[Ref | None] = ABSENT
    external: bool = False
    protected: bool = False
    was: str | None = None
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    source: Source | None = field(default=None, compare=False)
    marks: Mapping[str, Source] = field(default_factory=dict, compare=False, repr=False)

    def where(self, path: str = "") -> Source | None:
        """Return where `path` was written: the nearest enclosing part that has a place of its own."""
        while path:
            if path in self.marks:
                return self.marks[path]
            path = path.rpartition(".")[0]
        return self.source
