"""How fast requests go out: by what the answers' rate limit headers say, for all threads together.

Source: PagerDuty developer docs, "Rate Limits".
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from .answers import Answer, number

WAIT_BUDGET_SECONDS: Final = 180.0
"""How long the rate limit may hold us back, over all reads together."""
UNTOLD_RESET_SECONDS: Final = 5.0
"""For a 429 without `ratelimit-reset`; PagerDuty says that there are such."""
FEW_LEFT: Final = 10
"""From here on, what remains of the limit is spread over the time until it is reset."""
LONGEST_PAUSE_SECONDS: Final = 60.0
"""The limit is one per minute: whatever an answer says, nobody is held back for longer without another try."""
WORTH_TELLING_SECONDS: Final = 1.0


class Pace:
    """Lets requests through, one pace for all threads. `on_wait` is told of every wait worth telling."""

    def __init__(self, sleep: Callable[[float], None], clock: Callable[[], float]) -> None:
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()
        self._resume_at = 0.0
        self._waited = 0.0
        self.on_wait: Callable[[float], None] | None = None

    @property
    def spent(self) -> bool:
        """Return whether the waiting budget is used up."""
        return self._waited > WAIT_BUDGET_SECONDS

    def hold_back(self) -> None:
        """Sleep until requests may go out."""
        with self._lock:
            wait = self._resume_at - self._clock()
        if wait > 0:
            self._sleep(wait)

    def heed(self, answer: Answer) -> None:
        """Slow down after an answer: until the reset after a 429, and bit by bit while little is left."""
        left, reset = number(answer, "ratelimit-remaining"), number(answer, "ratelimit-reset")
        if answer.status == 429:
            longer = self._pause(UNTOLD_RESET_SECONDS if reset is None else max(reset, 0.1))
            with self._lock:
                self._waited += longer
        elif left is not None and reset is not None and left <= FEW_LEFT:
            self._pause(reset / (left + 1))

    def _pause(self, seconds: float) -> float:
        """Let nobody send for so long; returns by how much that is longer than before."""
        seconds = min(seconds, LONGEST_PAUSE_SECONDS)
        with self._lock:
            now = self._clock()
            longer = max(0.0, now + seconds - max(self._resume_at, now))
            self._resume_at = max(self._resume_at, now + seconds)
        if longer >= WORTH_TELLING_SECONDS and (told := self.on_wait) is not None:
            told(seconds)
        return longer
