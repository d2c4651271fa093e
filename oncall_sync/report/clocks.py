"""Spans in local time, as notes to people tell them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from oncall_sync.plan.checks.words import lasting, moment, span
from oncall_sync.rota.wall import to_wall

Span = tuple[datetime, datetime]


def local(at: datetime, zone: str) -> str:
    """Return an instant with its weekday and zone: `Mon 2026-11-30 09:00 Europe/Vienna`."""
    return moment(at, zone)


def spans_told(spans: Sequence[Span], zone: str, most: int) -> list[str]:
    """Return spans in local time; of more than `most` the first ones, and how many more there are and how long."""
    told = [span(since, until, zone) for since, until in spans[:most]]
    rest = spans[most:]
    if rest:
        last = f"{to_wall(rest[-1][1], zone):%a %Y-%m-%d %H:%M}"
        told.append(f"and {len(rest)} more ({total(rest)}), the last until {last}")
    return told


def total(spans: Sequence[Span]) -> str:
    """Return how long spans are together: `7d`."""
    return lasting(sum((until - since for since, until in spans), timedelta()))
