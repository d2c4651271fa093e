"""The rate limit: per key and minute, told in `ratelimit-*` headers. Source: PagerDuty API "Rate limits"."""

import math
import time
from collections.abc import Callable
from typing import Final

WINDOW: Final = 60.0


class RateLimit:
    """Counts the calls of each token in windows of a minute of real time, whatever the sandbox's clock says."""

    def __init__(self, calls: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._calls = calls
        self._clock = clock
        self._windows: dict[str, tuple[float, int]] = {}

    def take(self, token: str) -> tuple[bool, dict[str, str]]:
        """Whether one more call is fine, and the headers that say how many are left; none without a limit."""
        if self._calls is None:
            return True, {}
        now = self._clock()
        start, used = self._windows.get(token, (now, 0))
        if now - start >= WINDOW:
            start, used = now, 0
        allowed = used < self._calls
        self._windows[token] = (start, used + allowed)
        left = self._calls - used - allowed
        return allowed, headers(self._calls, left, math.ceil(WINDOW - (now - start)))


def headers(limit: int, left: int, reset: int) -> dict[str, str]:
    """The three headers; `reset` is in seconds from now."""
    return {"ratelimit-limit": str(limit), "ratelimit-remaining": str(left), "ratelimit-reset": str(reset)}
