"""Small things that every conversion needs: references, instants, and what may not be kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from oncall_sync.model import Kind, Ref

Body = dict[str, Any]

KIND: Final = "pagerduty"
"""The name of our blocks, and of this provider kind."""

PATHS: Final[Mapping[Kind, str]] = {
    "team": "/teams",
    "schedule": "/schedules",
    "escalation_policy": "/escalation_policies",
    "service": "/services",
}

_SECRET: Final = re.compile(r"(_key|_cal_url|secret|token|password)$")
"""Keys whose values open something: integration keys, private calendar feeds."""


def safe(value: Any) -> Any:
    """Return a copy without anything secret, fit to be printed."""
    if isinstance(value, Mapping):
        return {key: safe(one) for key, one in value.items() if not _SECRET.search(str(key))}
    if isinstance(value, list | tuple):
        return [safe(one) for one in value]
    return value


def account_id(bodies: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the account's subdomain, as the first page address among `bodies` names it."""
    for one in bodies:
        host = urlsplit(str(one.get("html_url") or "")).hostname
        if host:
            return host.removesuffix(".pagerduty.com")
    return None


def reference(kind: str, key: str) -> Body:
    """Return a reference as requests carry it."""
    return {"id": key, "type": f"{kind}_reference"}


def remote(kind: Kind, body: Any) -> Ref | None:
    """Return the ref of what a body or reference speaks of; None without an id."""
    key = body.get("id") if isinstance(body, Mapping) else None
    return Ref(kind, key, remote=True) if isinstance(key, str) else None


def remotes(kind: Kind, bodies: Any) -> tuple[Ref, ...]:
    """Return the refs of a list of bodies or references."""
    return tuple(ref for one in bodies or () if (ref := remote(kind, one)) is not None)


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


def zone_of(name: str) -> str:
    """Return a time zone's name as PagerDuty's layered schedules take it.

    They refuse plain `UTC` and call it `Etc/UTC` (PagerDuty's guide for the upgrade to v3 schedules).
    """
    return "Etc/UTC" if name == "UTC" else name


def text_of(value: Any) -> str | None:
    """Return a description: PagerDuty says null or "" for none."""
    return value if isinstance(value, str) and value else None


def seconds(span: timedelta) -> int:
    """Return whole seconds."""
    return int(span.total_seconds())
