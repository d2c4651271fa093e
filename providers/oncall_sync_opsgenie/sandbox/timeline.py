"""A schedule's timeline: who is on call from when to when. Source: Opsgenie API: schedule timeline.

Recorded: the window begins at midnight in the schedule's zone and is cut there; what is over is `historical` and
says who was reached, what is under way is split at the moment of the call, `order` is a float.
"""

import calendar
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from oncall_sync_sandbox.store import Thing

from .account import KINDS, Account
from .envelope import data
from .history import State, states
from .http import Answer, Call, Route
from .reached import OnCall, emails, people
from .refusals import Faults
from .rendering import FORWARDING, Period, base, final, overridden
from .times import Span, instant_of, parse_day, stamp, zone_of

HISTORICAL: Final = "historical"
EXPANDABLE: Final = ("base", "forwarding", "override")
MOST: Final = 12
"""Inferred: the longest interval, in its unit."""
UNITS: Final = ("days", "weeks", "months")

Rotation = Mapping[str, Any]
Render = Callable[[State, Rotation, Span], list[Period]]


def _timeline(call: Call) -> Answer:
    account, schedule = call.account, call.account.find_by(call, "schedules")
    span = _window(call, zone_of(schedule["timezone"]))
    rules = list(account.store.all("forwarding_rules"))

    def shown(state: State, rotation: Rotation, part: Span) -> list[Period]:
        return final(rotation, state.overrides, rules, state.zone, part)

    def turns(state: State, rotation: Rotation, part: Span) -> list[Period]:
        return base(rotation, state.zone, *part)

    def swaps(state: State, rotation: Rotation, part: Span) -> list[Period]:
        return overridden(rotation, state.overrides, state.zone, *part)

    def passed(state: State, rotation: Rotation, part: Span) -> list[Period]:
        return [one for one in shown(state, rotation, part) if one.type == FORWARDING]

    lines: dict[str, Render] = {"finalTimeline": shown}
    for name, render in (("base", turns), ("override", swaps), ("forwarding", passed)):
        if call.expands(name):
            lines[f"{name}Timeline"] = render
    found = {name: {"rotations": _rotations(account, schedule, span, render)} for name, render in lines.items()}
    parent = {name: schedule[name] for name in ("id", "name", "enabled")}
    window = {"startDate": stamp(span[0]), "endDate": stamp(span[1])}
    return data(call, {"_parent": parent, **window, **found}, expandable=list(EXPANDABLE))


def _window(call: Call, zone: ZoneInfo) -> Span:
    """From local midnight of `date` (today) over `interval` (1) `intervalUnit` (weeks)."""
    fields = {
        "interval": call.one("interval") or "1",
        "intervalUnit": (call.one("intervalUnit") or "weeks").lower(),
    }
    day = parse_day(call.one("date") or stamp(call.account.now()), zone)
    faults = Faults()
    faults.choice(fields, "intervalUnit", UNITS)
    number = int(fields["interval"]) if fields["interval"].isdecimal() else 0
    faults.whole({"interval": number}, "interval", 1, MOST)
    if day is None:
        faults.add("date", "date should be a date and time.")
    faults.end()
    assert day is not None  # noqa: S101  # else it was a fault
    start, end = (datetime.combine(one, time()) for one in (day, _later(day, number, fields["intervalUnit"])))
    return instant_of(start, zone), instant_of(end, zone)


def _later(day: date, number: int, unit: str) -> date:
    if unit != "months":
        return day + timedelta(days=number * (7 if unit == "weeks" else 1))
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _rotations(account: Account, schedule: Thing, span: Span, render: Render) -> list[dict[str, Any]]:
    """A line for every rotation the schedule has or had in that time, in their order."""
    heads: dict[str, Rotation] = {}
    periods: dict[str, list[Period]] = {}
    for state, part in states(account, schedule, *span):
        for rotation in state.rotations:
            heads[rotation["id"]] = rotation
            periods.setdefault(rotation["id"], []).extend(render(state, rotation, part))
    now = account.now()
    return [
        {
            **{name: head[name] for name in ("id", "name", "order")},
            "periods": [_view(account, one, now) for one in _split(periods[key], now)],
        }
        for key, head in sorted(heads.items(), key=lambda item: float(item[1]["order"]))
    ]


def _split(periods: Iterable[Period], now: datetime) -> list[Period]:
    """What is over by `now` is historical, and joined if nothing but an edit came between."""
    found: list[Period] = []
    for one in periods:
        parts = [one._replace(end=now), one._replace(start=now)] if one.start < now < one.end else [one]
        for part in parts:
            shown = part._replace(type=HISTORICAL) if part.end <= now else part
            if found and found[-1].end == shown.start and found[-1][2:] == shown[2:]:
                found[-1] = found[-1]._replace(end=shown.end)
            else:
                found.append(shown)
    return found


def _view(account: Account, period: Period, now: datetime) -> dict[str, Any]:
    recipient = _recipient(account, period.recipient.type, period.recipient.id)
    view: dict[str, Any] = {
        "startDate": stamp(period.start),
        "endDate": stamp(period.end),
        "type": period.type,
        "recipient": recipient,
    }
    source = [] if period.forwarded is None else emails(account, [period.forwarded])
    if period.type == HISTORICAL:
        at = min(period.start, now)
        users = [] if period.recipient.type == "none" else people(account, OnCall(period.recipient), at)
        view["flattenedRecipients"] = [_recipient(account, "user", one) for one in users]
        if source:
            view["recipient"] = {**recipient, "forwardedFrom": source[0]}
    elif period.type == FORWARDING:
        view["fromUser"] = source[0]
    return view


def _recipient(account: Account, kind: str, key: str) -> dict[str, str]:
    """Name or username, both under `name` (recorded)."""
    if kind == "none":
        return {"type": kind}
    thing = account.store.get(KINDS[kind], key)
    if thing is None:
        return {"id": key, "type": kind}
    return {"id": key, "type": kind, "name": thing["username" if kind == "user" else "name"]}


ROUTES: Final = (Route("GET", "/v2/schedules/*/timeline", _timeline),)
