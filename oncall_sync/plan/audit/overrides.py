"""Overrides worth a look: of people who are gone, those that change nothing, declared ones that are over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, Literal, TypeAlias

from oncall_sync.model import Finding, LiveOverride, Ref, Schedule, Source
from oncall_sync.plan.checks.words import span
from oncall_sync.rota.scene import Scene
from oncall_sync.rota.shifts import Shift, shifts
from oncall_sync.rota.wall import to_instant

from .ground import Account, Asked
from .reach import DEACTIVATED
from .rules import found
from .values import OddOverride, Span

Why: TypeAlias = Literal["stale-override", "idle-override", "past-override"]

_TOLD: Final[Mapping[Why, str]] = {
    "stale-override": "is of somebody no longer in the account, so nobody hears of it: give it to somebody else",
    "idle-override": "changes nothing, as the same people would ring anyway: delete it",
    "past-override": "is over: take it out of the policies",
}


def odd_overrides(asked: Asked, account: Account) -> Iterator[tuple[OddOverride, Finding]]:
    """Yield what is odd about the overrides of the schedules to tell of, each with its finding."""
    for ref in account.schedules:
        schedule = account.scene.schedules.get(ref)
        if schedule is None:
            continue
        for override in account.scene.overrides.get(ref, ()):
            yield from _live(asked, account, schedule, override)
        declared = None if ref.remote else asked.policies.schedules.get(ref.key)
        if declared is not None:
            yield from _declared(asked, account, declared)


def _live(
    asked: Asked, account: Account, schedule: Schedule, override: LiveOverride
) -> Iterator[tuple[OddOverride, Finding]]:
    if override.until <= asked.now:
        return
    user = account.scene.refs.get(override.user_id) or Ref("user", override.user_id, remote=True)
    if _gone(account, override.user_id, user):
        yield _odd("stale-override", account, schedule, user, (override.since, override.until), None)
    elif _idle(account.scene, schedule, override, asked.now):
        yield _odd("idle-override", account, schedule, user, (override.since, override.until), None)


def _gone(account: Account, user_id: str, user: Ref) -> bool:
    reach = (account.reach or {}).get(user)
    off = reach is not None and (reach.cannot or "").startswith(DEACTIVATED)
    return off or not any(live.remote_id == user_id for live in account.snapshot.users)


def _idle(scene: Scene, schedule: Schedule, override: LiveOverride, now: datetime) -> bool:
    """Return whether the same people would ring without it, at every instant that is left of it."""
    since, until = max(override.since, now), override.until
    there = scene.overrides.get(schedule.ref, ())
    others = [one for one in there if one is not override]

    def ring(live: list[LiveOverride]) -> list[tuple[datetime, datetime, frozenset[Ref]]]:
        spans: list[Shift] = list(shifts(schedule, since, until, people=scene.users, live=live, refs=scene.refs))
        return [(one.since, one.until, one.users) for one in spans]

    return ring(list(there)) == ring(others)


def _declared(asked: Asked, account: Account, schedule: Schedule) -> Iterator[tuple[OddOverride, Finding]]:
    for number, override in enumerate(schedule.overrides):
        since, until = (to_instant(at, schedule.time_zone) for at in (override.since, override.until))
        if until <= asked.now:
            source = schedule.where(f"overrides.{number}")
            yield _odd("past-override", account, schedule, override.user, (since, until), source)


def _odd(
    why: Why, account: Account, schedule: Schedule, user: Ref, when: Span, source: Source | None
) -> tuple[OddOverride, Finding]:
    odd = OddOverride(
        provider=account.provider,
        schedule=account.key(schedule.ref),
        user=account.name(user),
        since=when[0],
        until=when[1],
        zone=schedule.time_zone,
        why=why,
    )
    text = span(*when, schedule.time_zone)
    message = f"schedule {odd.schedule}: the override of {odd.user} from {text} {_TOLD[why]}"
    return odd, found(why, message, source, schedule.ref)
