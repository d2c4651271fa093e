"""Settings in words: durations and urgencies as people write them."""

from __future__ import annotations

from datetime import timedelta

from oncall_sync.model import AcceptFrom, ByPriority, ConstantUrgency, SupportHours, Urgency
from oncall_sync.rota.hours import in_words

_UNITS = ((7 * 24 * 60, "week", "weeks"), (24 * 60, "d", "d"), (60, "h", "h"), (1, "m", "m"))


def duration(value: timedelta) -> str:
    """Return a duration as policies write it: `15m`, `4h`, `2d`, `1 week`; exact to the minute."""
    minutes = round(value.total_seconds() / 60)
    for size, one, many in _UNITS:
        if minutes and minutes % size == 0:
            count = minutes // size
            word = one if count == 1 else many
            return f"{count} {word}" if len(word) > 1 else f"{count}{word}"
    return f"{minutes}m"


def urgency(value: Urgency) -> str:
    """Return an urgency rule as one phrase."""
    if isinstance(value, ConstantUrgency):
        return value.urgency
    if isinstance(value, SupportHours):
        raised = ", raised to high when they start" if value.raise_at_start else ""
        return (
            f"{value.during} during {in_words(value.hours)} ({value.time_zone}), {value.outside} outside{raised}"
        )
    if isinstance(value, ByPriority):
        return f"high for {', '.join(value.high)}; low for {', '.join(value.low)}"
    return "as each event says"


def sender(value: AcceptFrom) -> str:
    """Return an accepted sender: a domain or an address as it is, a regular expression between slashes."""
    return f"/{value.value}/" if value.form == "regex" else value.value
