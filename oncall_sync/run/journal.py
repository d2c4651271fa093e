"""What an apply did, written down before and after each call, so that a crash leaves a trace.

JSON lines, mode 0600. Nothing in it is secret: no bodies, no headers, no contact data.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from oncall_sync.model import Call
from oncall_sync.plan.told import instant


class Journal:
    """An open journal. Every line is on disk before the next call is made."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._clock = clock
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8")

    def write(self, event: str, **values: Any) -> None:
        """Add one line."""
        line = {"at": instant(self._clock()), "event": event, **values}
        self._file.write(json.dumps(line, sort_keys=True) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def call(self, event: str, call: Call, **values: Any) -> None:
        """Add one line about a call: what it says, its method and path, never its body."""
        self.write(event, call=call.id, method=call.method, path=call.path, says=call.says, **values)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def unfinished(folder: Path) -> Path | None:
    """Return the newest journal in `folder` if its apply has no end and nobody picked it up; else None."""
    try:
        newest = max(folder.glob("*.journal"), key=lambda path: path.stat().st_mtime, default=None)
        lines = newest.read_text(encoding="utf-8", errors="replace").splitlines() if newest else []
    except OSError:
        return None
    events = [event for event in map(_event, lines) if event in ("start", "end", "picked-up")]
    return newest if events and events[-1] == "start" else None


def _event(line: str) -> str | None:
    """Return the event of a line; None for one that a crash cut off."""
    try:
        return str(json.loads(line)["event"])
    except (ValueError, KeyError, TypeError):
        return None
