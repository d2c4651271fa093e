"""Where policy files name something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .basic import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One place in a policy file that names a resource.

    Attributes:
        path: the way to it through the file, with everything that may be a list counted from 0 as if it were one
            (`schedules`, `checkout-night`, `rotations`, 0, `members`, 2).
        source: the very line and column.
        count: how many stand in the list it is part of; 1 where it stands alone.
        beside: the plain values that stand in the same mapping, as text (`since`, `until`, `role`).
    """

    path: tuple[str | int, ...]
    source: Source
    count: int = 1
    beside: Mapping[str, str] = field(default_factory=dict)
