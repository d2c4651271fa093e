"""What a schedule was at a time: its rotations and overrides of then.

What is past stays as it was, whatever is changed later: recorded timelines call it `historical`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from oncall_sync_sandbox.store import Thing

from .account import Account
from .times import Span, instant, zone_of

VERSIONS: Final = 50
"""How many former states are kept of a schedule."""


class State(NamedTuple):
    """A schedule as it was: rotations in their order, overrides in that of their creation."""

    zone: ZoneInfo
    enabled: bool
    rotations: list[Mapping[str, Any]]
    overrides: list[Mapping[str, Any]]


def rotations_of(account: Account, schedule: str) -> list[Thing]:
    """The rotations of a schedule in their order."""
    found = account.store.index("rotations", "schedule", lambda one: one["schedule"])[schedule]
    return sorted(found, key=lambda one: float(one["order"]))


def overrides_of(account: Account, schedule: str) -> list[Thing]:
    """The overrides of a schedule in the order of their creation."""
    return account.store.index("overrides", "schedule", lambda one: one["schedule"])[schedule]


def remember(account: Account, schedule: Thing) -> Thing:
    """The schedule, stored anew with what it is until now; to be called before anything of it changes.

    A state that lasted no time is not kept, nor is a future that a clock put back has undone.
    """
    now = account.now()
    past = [one for one in schedule["past"] if instant(one["until"]) <= now]
    if instant(schedule["since"]) < now:
        past.append(
            {
                "until": now.isoformat(),
                "timezone": schedule["timezone"],
                "enabled": schedule["enabled"],
                "rotations": rotations_of(account, schedule["id"]),
                "overrides": overrides_of(account, schedule["id"]),
            }
        )
    kept = {**schedule, "past": past[-VERSIONS:], "since": now.isoformat()}
    return account.store.put("schedules", kept)


def states(account: Account, schedule: Thing, since: datetime, until: datetime) -> Iterator[tuple[State, Span]]:
    """Every state that the schedule has between two instants, in order, with its part of that time.

    What it is now holds for all the future, and its first state for all the time before it was made.
    """
    start, now = since, account.now()
    for version in schedule["past"]:
        changed = min(instant(version["until"]), now, until)
        if start < changed:
            yield _state(version, version["rotations"], version["overrides"]), (start, changed)
            start = changed
    if start < until:
        key = schedule["id"]
        yield _state(schedule, rotations_of(account, key), overrides_of(account, key)), (start, until)


def state_at(account: Account, schedule: Thing, at: datetime) -> State:
    """What the schedule is, or was, at an instant."""
    return next(states(account, schedule, at, at + datetime.resolution))[0]


def _state(
    stored: Mapping[str, Any], rotations: list[Mapping[str, Any]] | list[Thing], overrides: list[Any]
) -> State:
    return State(zone_of(stored["timezone"]), stored["enabled"], [*rotations], overrides)
