"""How a sandbox is started."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything a sandbox can be told; the defaults are an empty account in memory, on any free port."""

    port: int = 0
    """The port on 127.0.0.1; 0 takes any that is free."""
    seed: Mapping[str, Any] | None = None
    """What the account begins with: a parsed seed file."""
    now: datetime | None = None
    """Aware; the clock then stands at it. None is the real clock."""
    latency: timedelta = timedelta()
    """How long every answer takes at least."""
    rate_limit: int | None = None
    """Calls per minute and token; None is no limit."""
    store: Path | None = None
    """A SQLite file that survives a restart; None is memory."""
    token: str | None = None
    """The only token taken; None takes any that is well-formed."""
