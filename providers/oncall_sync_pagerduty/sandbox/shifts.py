"""Who is on call in a window: the rendering, over the versions a schedule has had, in the API's shapes.

Changes are never retroactive (PagerDuty knowledge base: schedules), so what was on call before the last update
is rendered from the layers of then.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from oncall_sync_sandbox.store import Thing

from .account import Account
from .http import Call
from .refusals import refuse
from .rendering import Entry, render_final, render_layer, render_overrides
from .times import instant, parse, shown

HALF_WINDOW: Final = timedelta(weeks=2)
HORIZON: Final = timedelta(days=90)
"""How far from the window a whole shift is looked for (PagerDuty API: on-calls reach 90 days)."""
_FIRST_LOOK: Final = timedelta(days=8)

Render = Callable[[datetime, datetime], list[Entry]]


def asked_window(call: Call, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """`since` and `until`, either of which implies the other two weeks away; None when neither is given."""
    since, until = (_asked(call, name, zone) for name in ("since", "until"))
    if since is None:
        if until is None:
            return None
        since = until - HALF_WINDOW
    if until is None:
        until = since + HALF_WINDOW
    if until < since:
        raise refuse(400, 2005, "Invalid Range", ["Until must be after since"])
    return since, until


def _asked(call: Call, name: str, zone: tzinfo) -> datetime | None:
    text = call.one(name)
    if text is None:
        return None
    moment = parse(text, zone)
    if moment is None:
        raise refuse(400, 2004, f"Invalid {name}", [f"{name.capitalize()} is not a valid date"])
    return moment


def overrides_of(account: Account, schedule: str) -> list[Thing]:
    """The overrides of a schedule in the order of their creation."""
    return account.store.index("overrides", "schedule", lambda one: one["schedule"])[schedule]


def final(account: Account, schedule: Thing) -> Render:
    """The final schedule: the layers of each time, and the overrides on top."""
    overrides = overrides_of(account, schedule["id"])
    zone = schedule["time_zone"]

    def render(since: datetime, until: datetime) -> list[Entry]:
        found: list[Entry] = []
        for layers, start, end in _versions(schedule, since, until):
            found += _cut(render_final(layers, overrides, zone, start, end), start, end)
        return _merged(found)

    return render


def of_layer(schedule: Thing, key: str) -> Render:
    """One layer alone, as it was at each time."""

    def render(since: datetime, until: datetime) -> list[Entry]:
        found: list[Entry] = []
        for layers, start, end in _versions(schedule, since, until):
            for layer in layers:
                if layer["id"] == key:
                    found += _cut(render_layer(layer, schedule["time_zone"], start, end), start, end)
        return _merged(found)

    return render


def of_overrides(account: Account, schedule: Thing) -> Render:
    """The overrides alone."""
    overrides = overrides_of(account, schedule["id"])
    return lambda since, until: _cut(render_overrides(overrides, since, until), since, until)


def whole(render: Render, since: datetime, until: datetime) -> list[Entry]:
    """The entries that touch the window, not cut at its bounds, as far as the horizon."""
    reach = _FIRST_LOOK
    while True:
        first, last = since - reach, until + reach
        found = [
            one for one in render(first, last) if one.end > since and (one.start < until or one.start == since)
        ]
        if reach >= HORIZON or all(one.start > first and one.end < last for one in found):
            return found
        reach = min(reach * 2, HORIZON)


def rendered(
    account: Account, render: Render, window: tuple[datetime, datetime] | None, zone: tzinfo, *, overflow: bool
) -> dict[str, Any]:
    """`rendered_schedule_entries` and the percentage covered; empty and null without a window (recorded)."""
    if window is None:
        return {"rendered_schedule_entries": [], "rendered_coverage_percentage": None}
    since, until = window
    cut = render(since, until)
    span = (until - since).total_seconds()
    covered = sum((one.end - one.start).total_seconds() for one in cut)
    entries = whole(render, since, until) if overflow else cut
    return {
        "rendered_schedule_entries": [entry_view(account, one, zone) for one in entries],
        "rendered_coverage_percentage": round(100 * covered / span, 1) if span else 0.0,
    }


def entry_view(account: Account, entry: Entry, zone: tzinfo) -> dict[str, Any]:
    """One shift."""
    user = account.ref("users", entry.user_id)
    return {"start": shown(entry.start, zone), "end": shown(entry.end, zone), "user": user}


def _versions(
    schedule: Thing, since: datetime, until: datetime
) -> Iterator[tuple[list[Thing], datetime, datetime]]:
    start = since
    for version in schedule["past"]:
        changed = instant(version["until"])
        if start < changed and start < until:
            yield version["layers"], start, min(changed, until)
            start = min(changed, until)
    if start < until:
        yield schedule["layers"], start, until


def _cut(entries: Sequence[Entry], since: datetime, until: datetime) -> list[Entry]:
    return [
        Entry(max(one.start, since), min(one.end, until), one.user_id)
        for one in entries
        if one.start < until and one.end > since
    ]


def _merged(entries: Sequence[Entry]) -> list[Entry]:
    found: list[Entry] = []
    for one in entries:
        if found and found[-1].user_id == one.user_id and found[-1].end == one.start:
            found[-1] = Entry(found[-1].start, one.end, one.user_id)
        else:
            found.append(one)
    return found
