"""Who is called next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from .basic import ABSENT, Maybe, Ref
from .resource import Resource


@dataclass(frozen=True, slots=True)
class Level:
    """Everybody in `notify` (users and schedules) rings together; after `escalate_after` the next level does."""

    notify: tuple[Ref, ...]
    escalate_after: Maybe[timedelta] = ABSENT
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPolicy(Resource):
    """Levels in the order they ring, and how many extra passes follow the first."""

    levels: tuple[Level, ...] = ()
    repeat: Maybe[int] = ABSENT
