"""Instants on the wire: what the API reads, and how it writes them back.

Reads ISO 8601 (date only, no seconds, `-07` offsets: PagerDuty API "Types") and Go's `time.String()`
("2025-01-06 09:00:00 +0000 UTC"), which the Terraform provider sends. Writes RFC 3339 in a zone, `Z` for UTC.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_WIRE = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d+))?)?"
    r" ?(?P<offset>Z|[+-]\d{2}(?::?\d{2})?)?(?: [A-Z]{2,5}| [+-]\d{2,4})?)?"
)


def parse(text: object, zone: tzinfo = UTC) -> datetime | None:
    """The instant `text` names, aware; None if it names none. Without an offset it is local to `zone`."""
    found = _WIRE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    try:
        day = datetime.fromisoformat(found["day"])
        local = day.replace(
            hour=int(found["hour"] or 0),
            minute=int(found["minute"] or 0),
            second=int(found["second"] or 0),
            microsecond=int((found["fraction"] or "0")[:6].ljust(6, "0")),
        )
        return local.replace(tzinfo=_offset(found["offset"], zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def wall_as_utc(text: object) -> datetime | None:
    """The wall clock in `text` taken as UTC, its offset ignored."""
    if not isinstance(text, str):
        return None
    found = _WIRE.fullmatch(text)
    if found is None:
        return None
    return parse(f"{found['day']}T{found['hour'] or '00'}:{found['minute'] or '00'}:{found['second'] or '00'}Z")


def _offset(text: str | None, zone: tzinfo) -> tzinfo:
    if text is None:
        return zone
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-size if text[0] == "-" else size)


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds: how instants are stored."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_minute(moment: datetime) -> datetime:
    """Seconds zeroed, as the API does with the times of a layer."""
    return moment.replace(second=0, microsecond=0)


def instant(stored: str) -> datetime:
    """The instant of a stored stamp."""
    return datetime.fromisoformat(stored)


def shown(moment: datetime | str | None, zone: tzinfo) -> str | None:
    """RFC 3339 as seen in `zone`, with the offset that holds at that instant; None stays None."""
    if moment is None:
        return None
    at = instant(moment) if isinstance(moment, str) else moment
    local = at.astimezone(zone)
    if zone is UTC:
        return local.strftime("%Y-%m-%dT%H:%M:%SZ")
    return local.replace(microsecond=0).isoformat()


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if "/" in name)


def known_zone(name: object) -> bool:
    """Whether v2 takes it as a time zone: `Area/City` and `Etc/UTC`, never plain `UTC` (v3 migration guide)."""
    return isinstance(name, str) and name in _zones()


def zone_of(name: str) -> tzinfo:
    """The zone by its name; every name of UTC is `datetime.UTC`, so that it is written as `Z`."""
    return UTC if name in {"Etc/UTC", "UTC"} else ZoneInfo(name)
