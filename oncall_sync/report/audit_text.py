"""An audit as text for a terminal or a log, in the order in which somebody tired needs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from oncall_sync.model import Finding
from oncall_sync.plan.audit.ground import Audit
from oncall_sync.plan.audit.values import Ladder, Turns
from oncall_sync.plan.checks.words import moment, span
from oncall_sync.plan.told import instant

from . import audit_words as words
from .plain import counted, plain

_LONGEST = 600
_HEAD = ("person", "", "hours", "nights", "night h", "weekends", "weekend h", "handoffs", "by the clock of")


def audit_text(audit: Audit) -> str:
    """Return the whole audit as text; ends with a newline."""
    return "\n".join(_lines(audit)) + "\n"


def _lines(audit: Audit) -> Iterator[str]:
    for provider, _, account in audit.accounts:
        yield f"{plain(provider)}: account {plain(account)}, workspace {plain(audit.workspace)}"
    for name, reason in audit.not_read.items():
        yield f"{plain(name)}: not read, {plain(reason)}"
    yield f"as of {instant(audit.now)}, looking ahead until {instant(audit.until)}"
    yield from _ladders(audit)
    yield from _titled("chat commands", _chat(audit))
    yield from _titled("on call within a week, and not now", _incoming(audit))
    yield from _titled("overrides worth a look", _overrides(audit))
    unused = (f"{one.kind.replace('_', ' ')} {plain(one.name)}" for one in audit.unused)
    yield from _titled("leads nowhere", unused)
    yield from _titled("not managed by this workspace", _unmanaged(audit))
    yield from _load(audit)
    yield from _titled("shares of each schedule, back and ahead", _shares(audit))
    if audit.findings:
        yield ""
    yield from map(_finding, audit.findings)
    yield ""
    yield words.verdict(audit)


def _finding(one: Finding) -> str:
    where = f"{plain(one.source)}: " if one.source else ""
    return f"{where}{one.level}: {plain(one.message, 1500)} [{one.rule}]"


def _titled(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield title
        yield from (f"  {line}" for line in found)


def _ladders(audit: Audit) -> Iterator[str]:
    yield ""
    yield "services, and how long it takes until a human hears of an incident"
    if not audit.ladders:
        yield "  none of this workspace is at a provider yet"
    for ladder in audit.ladders:
        yield f"  {_headline(ladder)}"
        for level in ladder.levels:
            people = [plain(words.person(one), _LONGEST) for one in level.people] or ["nobody"]
            yield f"    {words.level(level)}"
            yield from (f"      {one}" for one in people)


def _headline(ladder: Ladder) -> str:
    when = words.worst_when(ladder)
    said = f"now {words.human_now(ladder)}, at worst {words.human_worst(ladder)}"
    beside = "" if ladder.managed else " (not managed)"
    return f"{plain(ladder.service)}{beside}, {ladder.urgency}: {said}" + (f" ({plain(when)})" if when else "")


def _chat(audit: Audit) -> Iterator[str]:
    for one in audit.chat:
        yield f"{plain(one.command)} pages {plain(one.service)}: {plain(words.landing(one), _LONGEST)}"


def _incoming(audit: Audit) -> Iterator[str]:
    for one in audit.incoming:
        when = plain(moment(one.since, one.zone))
        yield f"{plain(one.user)}, {plain(one.schedule)} from {when}: {plain(words.incoming(one), _LONGEST)}"


def _overrides(audit: Audit) -> Iterator[str]:
    for one in audit.overrides:
        when = plain(span(one.since, one.until, one.zone))
        yield f"{plain(one.schedule)}: {plain(one.user)} from {when} ({one.why})"


def _unmanaged(audit: Audit) -> Iterator[str]:
    for provider, _, _ in audit.accounts:
        mine = [one for one in audit.unmanaged if one.provider == provider]
        for kind in sorted({one.kind for one in mine}):
            names = [f"{plain(o.name)}{f' (of {plain(o.by)})' if o.by else ''}" for o in mine if o.kind == kind]
            count = counted(len(names), kind.replace("_", " "))
            yield f"{plain(provider)}: {count}: {plain(', '.join(names), _LONGEST)}"


def _load(audit: Audit) -> Iterator[str]:
    rows = [_HEAD, *(_turns(one) for one in audit.turns)]
    if len(rows) == 1:
        return
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    yield ""
    yield f"load: back from {words.day(audit.since)}, ahead until {words.day(audit.until)}"
    for row in rows:
        cells = [
            cell.ljust(width) if place in (0, 1, 8) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield f"  {'  '.join(cells).rstrip()}"


def _turns(one: Turns) -> tuple[str, ...]:
    return (
        plain(one.user),
        one.part,
        words.hours(one.hours),
        str(one.nights),
        words.hours(one.night_hours),
        str(one.weekends),
        words.hours(one.weekend_hours),
        str(one.handoffs),
        plain(one.zone),
    )


def _shares(audit: Audit) -> Iterator[str]:
    for one in audit.shares:
        known = f", known since {words.day(one.known_since)}" if one.known_since else ""
        said = f"{words.hours(one.hours)} h, {one.ratio:g} of the mean{known}"
        yield f"{plain(one.schedule)}: {plain(one.user)} {said}"
