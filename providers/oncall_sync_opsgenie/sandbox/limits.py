"""The rate limits: a token bucket for each domain and window. Source: Opsgenie docs "API Rate Limiting".

Limits belong to the account, whatever key is used. What the plans allow is not published; GET /v2/request-limits/,
which the vendor's own backup tool uses, tells.
"""

import re
import time
from collections.abc import Callable
from typing import Any, Final

CONFIGURATION: Final = "configuration"
DOMAINS: Final = (
    "alert",
    "heartbeat",
    "integration",
    CONFIGURATION,
    "incident",
    "email",
    "search",
    "schedule-oncalls",
    "integration-configuration",
)
"""The last one's spelling is ours: the docs write "integration configuration"."""
SECONDS_OF_A_MINUTE: Final = 10
"""Inferred: the limit of a second is this part of a minute's, and never less than one call."""
GENEROUS: Final = 6000
"""Calls per minute that are told, and not enforced, when the sandbox has no limit."""

_RULES: Final = (
    (re.compile(r"GET /v2/users/?"), "search"),
    (re.compile(r"GET /v2/schedules/(on-calls|[^/]+/(next-)?on-calls)(/.*)?"), "schedule-oncalls"),
    (re.compile(r"(POST|PUT|PATCH|DELETE) /v2/integrations(/.*)?"), "integration-configuration"),
    (re.compile(r"GET /v2/alerts/?"), "search"),
    (re.compile(r"[A-Z]+ /v2/alerts(/.*)?"), "alert"),
    (re.compile(r"GET /v2/heartbeats/[^/]+/ping"), "heartbeat"),
    (re.compile(r"[A-Z]+ /v1/incidents(/.*)?"), "incident"),
)


def domain_of(method: str, path: str) -> str:
    """The domain whose bucket a call takes from."""
    line = f"{method} {path}"
    return next((domain for rule, domain in _RULES if rule.fullmatch(line)), CONFIGURATION)


def windows(calls: int) -> dict[int, int]:
    """Seconds of a window -> its limit, for so many calls per minute."""
    return {1: max(1, calls // SECONDS_OF_A_MINUTE), 60: calls}


def shown(calls: int | None) -> list[dict[str, Any]]:
    """What /v2/request-limits/ says."""
    limits = [{"limit": limit, "periodInSeconds": period} for period, limit in windows(calls or GENEROUS).items()]
    return [{"domain": domain, "limits": limits} for domain in DOMAINS]


def headers(period: int | None = None) -> dict[str, str]:
    """`X-RateLimit-State`, and of a refused call what it exceeded and for how long."""
    if period is None:
        return {"X-RateLimit-State": "OK"}
    return {
        "X-RateLimit-State": "THROTTLED",
        "X-RateLimit-Reason": "ACCOUNT",
        "X-RateLimit-Period-In-Sec": str(period),
    }


class RateLimit:
    """Buckets that fill up again in real time, whatever the sandbox's clock says."""

    def __init__(self, calls: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._windows = {} if calls is None else windows(calls)
        self._clock = clock
        self._buckets: dict[tuple[str, int], tuple[float, float]] = {}

    def take(self, domain: str) -> int | None:
        """None if one more call is fine; else the window, in seconds, that is used up. A refused call is free."""
        now = self._clock()
        left = {period: self._left(domain, period, now) for period in self._windows}
        for period in sorted(left, reverse=True):
            if left[period] < 1:
                return period
        for period, tokens in left.items():
            self._buckets[domain, period] = (now, tokens - 1)
        return None

    def _left(self, domain: str, period: int, now: float) -> float:
        limit = self._windows[period]
        at, tokens = self._buckets.get((domain, period), (now, float(limit)))
        return min(float(limit), tokens + (now - at) * limit / period)
