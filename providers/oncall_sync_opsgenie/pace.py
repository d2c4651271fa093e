"""How fast requests go out: by Opsgenie's limits per domain, for all threads together.

An account has one limit per domain and period (a second and a minute), both as rolling windows, checked
separately; a used up domain says nothing about the others. Numbers depend on the plan and are not published:
they are asked for (`Client.discover_limits`), and where that is refused the pace adapts to what 429 says.

Sources: Opsgenie docs "Rate Limiting"; the shape of /v2/request-limits/ from opsgenie-configuration-backup.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from .answers import PERIOD, Answer, number

WAIT_BUDGET_SECONDS: Final = 180.0
"""How long 429 may hold us back, over all reads together. Keeping to a known limit is not counted."""
WORTH_TELLING_SECONDS: Final = 2.0
START_PER_SECOND: Final = 5
"""Requests a second in a domain whose limit is not known; halved by each 429."""
LEAST_SHARE: Final = 1 / 16
"""A pace is never cut to less than this part of the limit."""
RECOVERY_SECONDS: Final = 10.0
RECOVERY_SHARE: Final = 0.1
"""So much of the limit comes back for each `RECOVERY_SECONDS` without a 429: from half to full in 50 s."""
LONGEST_SECONDS: Final = 60.0
"""A 429 that names no period pauses its domain 1, 2, 4 … seconds, one that names one so long; none longer."""
JITTER_SECONDS: Final = 0.1
"""Added to every period: requests do not arrive as evenly as they were sent."""
MEMORY_SECONDS: Final = 60.0

ALERT: Final = "alert"
CONFIGURATION: Final = "configuration"
HEARTBEAT: Final = "heartbeat"
INCIDENT: Final = "incident"
INTEGRATION_CONFIGURATION: Final = "integration configuration"
ON_CALLS: Final = "schedule-oncalls"
SEARCH: Final = "search"

_BY_RESOURCE: Final[Mapping[str, str]] = {"alerts": ALERT, "heartbeats": HEARTBEAT, "incidents": INCIDENT}


def domain(method: str, path: str) -> str:
    """Return the rate limit's domain of a request; `path` begins with the version and may carry a query."""
    parts = path.partition("?")[0].strip("/").split("/")
    resource = parts[1] if len(parts) > 1 else ""
    reads = method.upper() == "GET"
    if reads and len(parts) == 2 and resource in {"users", "alerts"}:
        return SEARCH
    if resource == "schedules" and (parts[2:3] == ["on-calls"] or parts[-1] in {"on-calls", "next-on-calls"}):
        return ON_CALLS
    if resource == "integrations" and not reads:
        return INTEGRATION_CONFIGURATION
    return _BY_RESOURCE.get(resource, CONFIGURATION)


@dataclass(frozen=True, slots=True)
class Window:
    """At most so many requests within any span of so many seconds."""

    most: int
    seconds: float


def windows(body: Any) -> dict[str, tuple[Window, ...]]:
    """Return the windows of each domain that an answer of /v2/request-limits/ names; what is odd is left out."""
    found: dict[str, tuple[Window, ...]] = {}
    for one in _dicts(_dict(_dict(body).get("data")).get("rateLimits")):
        pairs = [
            (_count(each.get("limit")), _count(each.get("periodInSeconds"))) for each in _dicts(one.get("limits"))
        ]
        kept = tuple(Window(most, seconds) for most, seconds in pairs if most and seconds)
        if kept and isinstance(one.get("domain"), str):
            found[one["domain"]] = kept
    return found


@dataclass(slots=True)
class _Lane:
    """One domain: its windows, when it was used, and how much of its limit is used now."""

    windows: Sequence[Window] = (Window(START_PER_SECOND, 1.0),)
    sent: deque[float] = field(default_factory=deque)
    share: float = 1.0
    resume_at: float = 0.0
    slowed_at: float = float("-inf")
    eased_at: float = float("-inf")
    in_a_row: int = 0

    def free_at(self, now: float) -> float:
        """Return the earliest moment at which a request exceeds nothing."""
        at = max(now, self.resume_at)
        for window in self.windows:
            allowed = window.most * self.share
            most, seconds = (int(allowed), window.seconds) if allowed >= 1 else (1, window.seconds / allowed)
            if len(self.sent) >= most:
                at = max(at, self.sent[-most] + seconds + JITTER_SECONDS)
        return at

    def use(self, now: float) -> None:
        """Remember a request."""
        kept = now - JITTER_SECONDS - max([MEMORY_SECONDS, *(window.seconds for window in self.windows)])
        while len(self.sent) > 1 and self.sent[0] < kept:
            self.sent.popleft()
        self.sent.append(now)

    def slow(self, sent_at: float, now: float) -> bool:
        """Halve the pace; False if the request was on its way already when it was halved before."""
        if sent_at <= self.slowed_at:
            return False
        self.share = max(LEAST_SHARE, self.share / 2)
        self.slowed_at = now
        return True

    def ease(self, sent_at: float, now: float) -> None:
        """Take a bit of the pace back, after a while in which nothing was refused."""
        if sent_at > self.slowed_at:
            self.in_a_row = 0
        if self.share < 1 and now - max(self.slowed_at, self.eased_at) >= RECOVERY_SECONDS:
            self.share = min(1.0, self.share + RECOVERY_SHARE)
            self.eased_at = now


class Pace:
    """Lets requests through, one pace per domain for all threads. `on_wait` is told of waits worth telling.

    Guarantees: in no span of a window's length do more requests go out than the window allows.
    """

    def __init__(self, sleep: Callable[[float], None], clock: Callable[[], float]) -> None:
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()
        self._lanes: dict[str, _Lane] = {}
        self._waited = 0.0
        self._told_until = float("-inf")
        self.on_wait: Callable[[float], None] | None = None

    @property
    def spent(self) -> bool:
        """Return whether the waiting budget is used up."""
        return self._waited > WAIT_BUDGET_SECONDS

    def learn(self, limits: Mapping[str, Sequence[Window]]) -> None:
        """Keep to these windows from now on; domains that are not among them go on adapting."""
        with self._lock:
            for name, found in limits.items():
                self._lane(name).windows = tuple(found)

    def hold_back(self, domain: str) -> float:
        """Sleep until a request of this domain may go out, and count it; returns the clock at that moment."""
        while True:
            with self._lock:
                now = self._clock()
                lane = self._lane(domain)
                at = lane.free_at(now)
                if at <= now:
                    lane.use(now)
                    return now
                news = at - now >= WORTH_TELLING_SECONDS and at >= self._told_until + WORTH_TELLING_SECONDS
                if news:
                    self._told_until = at
            if news and (told := self.on_wait) is not None:
                told(at - now)
            self._sleep(at - now)

    def heed(self, domain: str, answer: Answer, sent_at: float) -> None:
        """Slow a domain down after a 429, and pause it; after a delayed answer slow it; else recover a bit.

        Args:
            sent_at: what `hold_back` returned for the request.
        """
        with self._lock:
            now, lane = self._clock(), self._lane(domain)
            if answer.status == 429:
                lane.in_a_row = max(1, lane.in_a_row + lane.slow(sent_at, now))
                self._pause(lane, number(answer, PERIOD), now)
            elif answer.headers.get("x-ratelimit-state", "").upper() == "THROTTLED":
                lane.slow(sent_at, now)
            else:
                lane.ease(sent_at, now)

    def _pause(self, lane: _Lane, told: float | None, now: float) -> None:
        doubled = min(LONGEST_SECONDS, 2.0 ** min(lane.in_a_row - 1, 10))
        until = now + (doubled if told is None else min(max(told, JITTER_SECONDS), LONGEST_SECONDS))
        self._waited += max(0.0, until - max(lane.resume_at, now))
        lane.resume_at = max(lane.resume_at, until)

    def _lane(self, domain: str) -> _Lane:
        # How the API spells a domain of two words is not known: compare letters, long and short form alike.
        key = re.sub("[^a-z]", "", domain.lower()).replace("configuration", "config")
        return self._lanes.setdefault(key, _Lane())


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
