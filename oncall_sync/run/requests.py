"""What a run is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from oncall_sync.model import Finding, Policies
from oncall_sync.plan.guards import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a plan is asked for. `now` is aware; `horizon` bounds what is said about the future.

    `targets` limits a plan to these refs (`service.checkout`) and what they need; none is no limit.
    """

    workspace: str
    policies: Policies
    kinds: Mapping[str, str]
    root: Path
    now: datetime
    horizon: timedelta = timedelta(days=28)
    expires: timedelta = timedelta(days=7)
    limits: Limits = field(default_factory=Limits)
    refresh_marks: bool = False
    findings: tuple[Finding, ...] = ()
    targets: frozenset[str] = frozenset()
    not_read: Mapping[str, str] = field(default_factory=dict)
