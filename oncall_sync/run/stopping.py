"""Stopping when somebody asks to: after the request in flight, and at once in the middle of a wait."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from oncall_sync.errors import Stopped
from oncall_sync.provider import Progress

SIGNALS = (signal.SIGINT, signal.SIGTERM)
WORTH_TELLING_SECONDS = 1.0


class Stop:
    """Whether somebody asked to stop, and a sleep that notices. Safe to use from several threads."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._asked = threading.Event()
        self._told = threading.Lock()
        self._told_until = float("-inf")

    @property
    def asked(self) -> bool:
        """Return whether somebody asked to stop."""
        return self._asked.is_set()

    def ask(self) -> None:
        """Ask to stop."""
        self._asked.set()

    def sleep(self, seconds: float) -> None:
        """Wait so long, and tell of it, once for all threads. Raises Stopped as soon as somebody asks to stop."""
        if seconds >= WORTH_TELLING_SECONDS and not self.asked and self._is_news(seconds):
            self._say(f"waiting {seconds:.0f} s for the provider")
        if self._asked.wait(seconds):
            raise Stopped("stopped while waiting; nothing was in flight")

    def _is_news(self, seconds: float) -> bool:
        with self._told:
            until = time.monotonic() + seconds
            news = until >= self._told_until + WORTH_TELLING_SECONDS
            self._told_until = max(until, self._told_until)
            return news

    def between(self, progress: Progress) -> Progress:
        """Return a progress that raises Stopped between two requests, once somebody asked to stop."""

        def checked(what: str, done: int, total: int) -> None:
            if self.asked:
                raise Stopped("stopped on request")
            progress(what, done, total)

        return checked

    @contextmanager
    def waking(self) -> Iterator[None]:
        """Let Ctrl-C end the waits of other threads, too: whoever is interrupted waits for those to end."""
        ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN  # in a background job
        if ignored or threading.current_thread() is not threading.main_thread():
            yield
            return

        def asked(_number: int, _frame: FrameType | None) -> None:
            self.ask()
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGINT, asked)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C and SIGTERM as a wish to stop; a second one stops at once, whatever is in flight."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def asked(_number: int, _frame: FrameType | None) -> None:
            if self.asked:
                raise KeyboardInterrupt
            self.ask()
            self._say("stopping after the request in flight; once more to stop at once")

        before = {number: signal.signal(number, asked) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
