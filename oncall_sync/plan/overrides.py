"""Declared overrides: created when missing, never deleted; those that people made are theirs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from oncall_sync.model import FieldChange, LiveOverride, Override, Schedule
from oncall_sync.rota.wall import to_instant

from .facts import Label
from .labels import Labels


def missing(
    schedule: Schedule, live: Iterable[LiveOverride], labels: Labels, now: datetime
) -> tuple[Override, ...]:
    """Return the declared overrides that are not over and that the provider does not have."""
    there = {(o.since, o.until, o.user_id) for o in live}
    running = {(o.until, o.user_id) for o in live if o.since <= now}
    out: list[Override] = []
    for override in schedule.overrides:
        since, until = (to_instant(t, schedule.time_zone) for t in (override.since, override.until))
        user = labels.id(override.user)
        # Providers move the start of an override that was created in its middle to that moment.
        known = (since, until, user) in there or (since <= now and (until, user) in running)
        if until > now and not known:
            out.append(override)
    return tuple(out)


def override_fields(schedule: Schedule, label: Label) -> tuple[FieldChange, ...]:
    """Return one field per override that is to be made."""
    return tuple(
        FieldChange(
            f"overrides.{o.since:%Y-%m-%d %H:%M}",
            label(o.instead_of) if o.instead_of else None,
            f"{label(o.user)} until {o.until:%Y-%m-%d %H:%M}",
        )
        for o in schedule.overrides
    )
