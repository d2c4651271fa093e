"""Time that passes only while somebody sleeps."""

from __future__ import annotations


class Clock:
    """A clock and a sleep that belong together."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now
