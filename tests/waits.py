"""Waiting without a clock: a sandbox's waits written down or held as long as it takes, and hangs that fail."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

HANG_SECONDS = 60
"""What takes so long never ends. No machine is that slow, so this says nothing about speed."""


class Waits:
    """Stands in for the sleep of every sandbox here; answers that are asked to be slow come once `go` is set."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.asked: list[float] = []
        self.go = threading.Event()
        self.go.set()
        patch.setattr("oncall_sync_sandbox.app.asyncio", SimpleNamespace(sleep=self._sleep))

    async def _sleep(self, seconds: float) -> None:
        self.asked.append(seconds)
        while not self.go.is_set():
            await asyncio.sleep(0.01)


def until(so: Callable[[], object]) -> None:
    """Return as soon as something is so; what never comes is a failure."""
    deadline = time.monotonic() + HANG_SECONDS
    while not so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


@contextmanager
def not_for_ever() -> Iterator[None]:
    """Let what hangs on the main thread fail."""

    def hung(*_: object) -> None:
        raise AssertionError(f"it hung for {HANG_SECONDS} s")

    before = signal.signal(signal.SIGALRM, hung)
    signal.alarm(HANG_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
