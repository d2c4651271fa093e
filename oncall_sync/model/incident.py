"""What is going on at a provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .basic import UrgencyName


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncident:
    """One incident that nobody has resolved.

    Attributes:
        number: the small number that people use, or an empty text.
        title: what it is about, as somebody or something wrote it.
        opened_at: when it came about (aware UTC).
        services: ids of the services it is about.
        assigned: ids of the people who have it now; empty where a provider does not say.
        urgency: None where a provider has no such thing.
        acknowledged: whether somebody has taken it.
    """

    number: str
    title: str
    opened_at: datetime
    services: tuple[str, ...]
    assigned: tuple[str, ...] = ()
    urgency: UrgencyName | None = None
    acknowledged: bool = False
