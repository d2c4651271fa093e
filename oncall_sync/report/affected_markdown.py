"""Everything about a person as Markdown: a checklist for an issue or a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from oncall_sync.model import Source
from oncall_sync.plan.affected import Affected
from oncall_sync.plan.person.found import Standing
from oncall_sync.plan.wording import duration

from .affected_text import GOES, MOST_SHIFTS, MOST_SPANS, after, named, naming_words, standing_words, where_alone
from .clocks import local, spans_told, total
from .markdown import code, inline, row, table_head
from .plain import LONGEST

LONG = 2 * LONGEST
"""A sentence of ours with names in it is longer than a name."""


def affected_markdown(found: Affected, written: Mapping[Source, str]) -> str:
    """Return headed lists: what to do with a box to tick, what rings as tables; ends with a newline."""
    lines = [f"## On-call: {inline(found.person)}", "", _head(found)]
    if found.nowhere:
        lines += ["", "Nothing names or rings them."]
    lines += _policies(found, written)
    for one in found.standings:
        lines += _standing(one)
    lines += _rings(found)
    lines += _alone(found)
    lines += _shifts(found)
    lines += _breaks(found)
    lines += _not_read(found)
    return "\n".join(lines) + "\n"


def _head(found: Affected) -> str:
    name = f"{inline(found.name)}, " if found.name != found.person else ""
    return f"{name}declared at {code(found.source)}." if found.source else f"{name}not declared in the policies."


def _policies(found: Affected, written: Mapping[Source, str]) -> Iterator[str]:
    if not found.lines:
        return
    yield from ("", "### Lines to change, in this order", "")
    for line in found.lines:
        text = f": {code(written[line.source])}" if line.source in written else ""
        yield f"- [ ] {code(line.source)}{text}<br>{inline(line.says, LONG)}: {inline(line.do, LONG)}"
    for one in found.follows:
        yield f"- {inline(one.ref.words)} follows {inline(one.follows.key)}: nothing to write there"


def _standing(one: Standing) -> Iterator[str]:
    said = standing_words(one)
    if not (said or one.namings or one.swaps or one.incidents):
        return
    yield from ("", f"### At {inline(one.provider)}", "")
    yield from (f"- {inline(words, LONG)}" for words in (*said, *one.routes))
    for naming in one.namings:
        box = "[ ] " if naming.fate == "by hand" else ""
        yield f"- {box}{inline(naming_words(naming), LONG)}; {GOES[naming.fate]}"
    for swap in one.swaps:
        when = spans_told([(swap.since, swap.until)], swap.zone, 1)[0]
        what = f"swap on schedule {inline(swap.schedule)}: {inline(when)}"
        yield f"- [ ] {what}; give it to somebody else, or delete it"
    for incident in one.incidents or ():
        number = f"{inline(f'#{incident.number}')} " if incident.number else ""
        since = inline(local(incident.opened_at, "UTC"))
        yield f"- [ ] open incident {number}{inline(incident.title)}, since {since}; assign it to somebody else"


def _rings(found: Affected) -> Iterator[str]:
    if not found.reached:
        return
    yield from ("", f"### What rings them in the coming {duration(found.until - found.since)}", "")
    yield table_head("services", "urgency", "level", "rings", "together", "next")
    for one in found.reached:
        when = spans_told(one.spans[:1], found.zones(one.services[0]), 1)[0]
        cells = (inline(named(found, one.services), LONG), one.urgency, str(one.level), after(one))
        yield row((*cells, total(one.spans), inline(when)))


def _alone(found: Affected) -> Iterator[str]:
    if not found.alone:
        return
    yield from ("", "### Only they are on call", "")
    for one in found.alone:
        yield f"- {inline(where_alone(found, one), LONG)}"
        yield from (f"  - {inline(text)}" for text in spans_told(one.spans, found.zones(one.policy), MOST_SPANS))


def _shifts(found: Affected) -> Iterator[str]:
    if not found.turns:
        return
    yield from ("", "### Their next shifts", "", table_head("schedule", "when", "why"))
    for one in found.turns[:MOST_SHIFTS]:
        when = spans_told([(one.since, one.until)], found.zones(one.schedule), 1)[0]
        yield row((inline(found.names(one.schedule)), inline(when), inline(one.why)))
    if len(found.turns) > MOST_SHIFTS:
        yield from ("", f"and {len(found.turns) - MOST_SHIFTS} more")


def _breaks(found: Affected) -> Iterator[str]:
    if not found.breaks:
        return
    yield from ("", "### Once nothing names them any more, and nobody takes their place", "")
    for one in found.breaks:
        where = f"{code(one.source)}: " if one.source else ""
        yield f"- {where}{one.level}: {inline(one.message, 1000)} ({code(one.rule)})"


def _not_read(found: Affected) -> Iterator[str]:
    if found.not_read:
        yield ""
    yield from (f"- {inline(name)} was not read: {inline(why)}" for name, why in found.not_read.items())
