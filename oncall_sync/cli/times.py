"""Instants as people write them on a command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from oncall_sync.errors import UsageError

_DAY = timedelta(days=1)


def asked_instant(text: str, zone: str, now: datetime, option: str) -> datetime:
    """Return an aware instant from RFC 3339, `2026-11-28 03:00` or `sat 03:00` (the next one).

    What has no offset is wall clock in `zone`. Raises UsageError.
    """
    from oncall_sync.policy.words import WordError, moment, wall
    from oncall_sync.rota.wall import to_instant, to_wall

    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        value = None
    if value is not None and value.tzinfo is not None:
        return value.astimezone(UTC)
    try:
        week = moment(text)
    except WordError:
        try:
            return to_instant(wall(text, dates=True), zone)
        except WordError as error:
            hint = "write it as 2026-11-28T03:00:00Z, 2026-11-28 03:00 or sat 03:00"
            raise UsageError(f"{option} {text!r}: {hint}") from error
    here = to_wall(now, zone)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    coming = midnight + (week.day - midnight.weekday()) % 7 * _DAY + timedelta(minutes=week.minute)
    return to_instant(coming if coming >= here else coming + 7 * _DAY, zone)
