"""What came of accepting drift: what is written now, what is left and why."""

from __future__ import annotations

from dataclasses import dataclass, field

from oncall_sync.model import Ref, Source

from .accept_files import Hunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One object that the policies now say as it is.

    Attributes:
        fields: what of it, as dotted paths.
        hunks: which lines of which files changed for it.
        people: the keys of users who were declared because it names them.
        pending: what only the policies had changed before, and an apply is still to make.
    """

    provider: str
    ref: Ref
    name: str
    fields: tuple[str, ...]
    hunks: tuple[Hunk, ...]
    people: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One object that stays as it is in the policies, and why."""

    provider: str
    ref: Ref
    name: str
    reason: str
    source: Source | None = None


@dataclass(slots=True)
class Acceptance:
    """What came of it; `follows` are objects that a plan would change because of what was accepted."""

    accepted: list[Accepted] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    follows: dict[Ref, Ref] = field(default_factory=dict)
