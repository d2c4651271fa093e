"""Small things that every conversion needs: references, instants, durations, and what may not be kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from oncall_sync.model import Kind, Ref

Body = dict[str, Any]

KIND: Final = "opsgenie"
"""The name of our blocks, and of this provider kind."""

PATHS: Final[Mapping[Kind, str]] = {
    "team": "/v2/teams",
    "schedule": "/v2/schedules",
    "escalation_policy": "/v2/escalations",
    "service": "/v1/services",
}

HIGH_PRIORITY: Final = "P1"
LOW_PRIORITY: Final = "P4"
"""What the urgencies are as an alert's priority, unless oncall.yaml says otherwise."""

_SECRET: Final = re.compile(
    r"((?<=.)(?<!project)key|secret|token|password|passhash|credentials|authorization|headers|webhookurl|lambdaurl)$",
    re.IGNORECASE,
)
"""Fields whose values open something: integration keys, and what an integration sends to others to be let in.

The names are those of the integrations in Opsgenie's API description. A condition's `key` is an alert's field and
a Jira project's key is its name: both are no secrets.
"""

_UNITS: Final[Mapping[str, timedelta]] = {
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
    "seconds": timedelta(seconds=1),
    "milliseconds": timedelta(milliseconds=1),
    "miliseconds": timedelta(milliseconds=1),
    "micros": timedelta(microseconds=1),
    "nanos": timedelta(0),
}
"""Time units of a duration; `miliseconds` is how Opsgenie's API description spells it. Nanoseconds are nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the adapter knows besides an object itself: options of oncall.yaml, and its last read.

    `account` is the account's name, `time_zone` the zone of its policies (the API does not tell it). `loose` holds
    the bodies of integrations that belong to no service's model, by name: of what they are called is how a call
    finds one that exists.
    """

    account: str | None = None
    high_priority: str = HIGH_PRIORITY
    low_priority: str = LOW_PRIORITY
    time_zone: str | None = None
    loose: Mapping[str, Body] = field(default_factory=dict, repr=False)


def safe(value: Any) -> Any:
    """Return a copy without anything secret, fit to be printed."""
    if isinstance(value, Mapping):
        return {key: safe(one) for key, one in value.items() if not _SECRET.search(str(key))}
    if isinstance(value, list | tuple):
        return [safe(one) for one in value]
    return value


def remote(kind: Kind, body: Any) -> Ref | None:
    """Return the ref of what a body or reference speaks of; None without an id."""
    key = body.get("id") if isinstance(body, Mapping) else None
    return Ref(kind, key, remote=True) if isinstance(key, str) and key else None


def id_of(ref: Ref, ids: Mapping[Ref, str]) -> str:
    """Return the id of a ref, or the placeholder that the core fills in later."""
    return ids.get(ref) or (ref.key if ref.remote else f"@{{{ref}}}")


def instant(text: str) -> datetime:
    """Return the aware UTC instant of a time in an answer."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def stamp(moment: datetime) -> str:
    """Return an aware instant as requests carry it: UTC, `Z`, whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def minutes(duration: Any) -> int:
    """Return a duration in minutes, whatever its unit; a rest counts as a whole minute, no duration as 0.

    Raises ValueError for a unit that the API does not have.
    """
    if not isinstance(duration, Mapping):
        return 0
    unit = str(duration.get("timeUnit") or "minutes")
    if unit not in _UNITS:
        raise ValueError(f"unknown time unit {unit!r}")
    span = _UNITS[unit] * int(duration.get("timeAmount") or 0)
    return -(-span // timedelta(minutes=1))


def text_of(value: Any) -> str | None:
    """Return a description: Opsgenie says null, nothing or "" for none."""
    return value if isinstance(value, str) and value else None
