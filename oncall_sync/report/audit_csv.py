"""An audit as one table of facts for a spreadsheet: a row says one thing, `section` says of what.

A spreadsheet takes a cell that begins like a formula for one, whatever quotes are around it; such a cell gets an
apostrophe in front, which the spreadsheet takes for "this is text".
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeAlias

from oncall_sync.plan.audit.ground import Audit
from oncall_sync.plan.audit.load import hours_of
from oncall_sync.plan.audit.values import Ladder
from oncall_sync.plan.told import instant

from . import audit_words as words
from .plain import plain

COLUMNS = (
    "section", "provider", "name", "urgency", "level", "person",
    "metric", "value", "unit", "since", "until", "text", "where",
)  # fmt: skip
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r|%]")
_LONGEST = 2000
Row: TypeAlias = dict[str, str | int | float]


def audit_csv(audit: Audit) -> str:
    """Return the table with its head, a row per line; every text is safe in a spreadsheet."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    for row in _rows(audit):
        writer.writerow({name: defused(cell) for name, cell in row.items()})
    return out.getvalue()


def defused(cell: str | float) -> str | float:
    """Return a cell that no spreadsheet takes for a formula. Numbers stay numbers: none of ours is negative."""
    if not isinstance(cell, str):
        return cell
    text = plain(cell, _LONGEST)
    return f"'{text}" if _FORMULA.match(text) else text


def _rows(audit: Audit) -> Iterator[Row]:
    for ladder in audit.ladders:
        yield from _ladder(ladder)
    yield from _people(audit)
    yield from _load(audit)
    for odd in audit.overrides:
        row: Row = {"section": "override", "provider": odd.provider, "name": odd.schedule, "person": odd.user}
        yield row | {"metric": odd.why, "since": instant(odd.since), "until": instant(odd.until)}
    for unused in audit.unused:
        row = {"section": "unused", "provider": unused.provider, "name": unused.name, "metric": unused.kind}
        yield row
    for other in audit.unmanaged:
        row = {"section": "unmanaged", "provider": other.provider, "name": other.name, "metric": other.kind}
        yield row | {"text": f"managed by {other.by}" if other.by else ""}
    for chat in audit.chat:
        row = {"section": "chat command", "name": chat.command, "metric": chat.service}
        yield row | {"text": words.landing(chat)}
    for finding in audit.findings:
        row = {"section": "finding", "level": finding.level, "metric": finding.rule, "text": finding.message}
        yield row | {"where": str(finding.source) if finding.source else ""}


def _ladder(one: Ladder) -> Iterator[Row]:
    row: Row = {"section": "service", "provider": one.provider, "name": one.service, "urgency": one.urgency}
    now = _minutes(one.human_now) if one.opens else ""
    yield row | {"metric": "human_now", "value": now, "unit": "minutes", "text": words.human_now(one)}
    yield row | {
        "metric": "human_worst",
        "value": "" if one.never or one.gaps else _minutes(one.worst),
        "unit": "minutes",
        "since": _instant(one.worst_at),
        "text": words.worst_when(one),
    }
    for metric, found in (("never", one.never), ("gap", one.gaps)):
        for since, until in found:
            yield row | {"metric": metric, "since": instant(since), "until": instant(until)}
    for level in one.levels:
        for person in level.people:
            yield row | {
                "section": "ladder",
                "level": level.number,
                "person": person.user,
                "metric": "reached",
                "value": _minutes(person.reached),
                "unit": "minutes",
                "text": words.person(person),
            }


def _people(audit: Audit) -> Iterator[Row]:
    for one in audit.people:
        row: Row = {"section": "person", "provider": one.provider, "person": one.user, "since": instant(one.first)}
        yield row | {"metric": " ".join(one.problems), "text": "; ".join(map(words.contact, one.contacts))}
    for coming in audit.incoming:
        row = {"section": "incoming", "provider": coming.provider, "name": coming.schedule, "person": coming.user}
        ready = "ready" if coming.ready else "not ready"
        yield row | {"metric": ready, "since": instant(coming.since), "text": words.incoming(coming)}


def _load(audit: Audit) -> Iterator[Row]:
    spans = {"back": (audit.since, audit.now), "ahead": (audit.now, audit.until)}
    for one in audit.turns:
        since, until = map(instant, spans[one.part])
        row: Row = {"section": "load", "person": one.user, "since": since, "until": until, "text": one.zone}
        for metric, value in (
            ("hours", one.hours), ("night_hours", one.night_hours), ("weekend_hours", one.weekend_hours),
        ):  # fmt: skip
            yield row | {"metric": f"{metric}_{one.part}", "value": hours_of(value), "unit": "hours"}
        for metric, count in (("nights", one.nights), ("weekends", one.weekends), ("handoffs", one.handoffs)):
            yield row | {"metric": f"{metric}_{one.part}", "value": count, "unit": metric}
    for share in audit.shares:
        row = {"section": "share", "provider": share.provider, "name": share.schedule, "person": share.user}
        row |= {"since": _instant(share.known_since)}
        yield row | {"metric": "hours", "value": hours_of(share.hours), "unit": "hours"}
        yield row | {"metric": "ratio", "value": share.ratio, "unit": "of the mean"}


def _minutes(value: timedelta | None) -> str | float:
    return "" if value is None else round(value / timedelta(minutes=1), 2)


def _instant(value: datetime | None) -> str:
    return "" if value is None else instant(value)
