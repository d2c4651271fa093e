"""Who rings, and who is on call, as text in local time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from oncall_sync.model import Ref
from oncall_sync.rota.paging import Paged
from oncall_sync.rota.shifts import Shift
from oncall_sync.rota.wall import to_wall

from .plain import plain

Name = Callable[[Ref], str]


def who_text(service: str, at: datetime, zone: str, paged: Paged, name: Name) -> str:
    """Return the ladder of one event, a line per ring; ends with a newline."""
    lines = [f"{plain(service)}, {_local(at, zone)} ({zone}), {paged.urgency} urgency"]
    if not paged.incident:
        lines.append("  nobody: no incident is opened, because nobody at all is on call")
    elif not paged.rings:
        lines.append("  nobody rings")
    for ring in paged.rings:
        via = f" through {plain(name(ring.via))}" if ring.via else ""
        lines.append(
            f"  {_local(ring.at, zone)}  level {ring.level}  {ring.urgency:4}  {plain(name(ring.user))}{via}"
        )
    if paged.raised_at is not None:
        lines.append(f"  turns high at {_local(paged.raised_at, zone)} unless somebody has acknowledged it")
    return "\n".join(lines) + "\n"


def shifts_text(schedule: str, zone: str, shifts: Iterable[Shift], name: Name) -> str:
    """Return a line per shift; ends with a newline."""
    lines = [f"{plain(schedule)} ({zone})"]
    for shift in shifts:
        people = ", ".join(sorted(plain(name(user)) for user in shift.users)) or "nobody"
        lines.append(
            f"  {_local(shift.since, zone)} to {_local(shift.until, zone)}  {people} ({plain(shift.why)})"
        )
    return "\n".join(lines) + "\n"


def _local(at: datetime, zone: str) -> str:
    return f"{to_wall(at, zone):%a %Y-%m-%d %H:%M}"
