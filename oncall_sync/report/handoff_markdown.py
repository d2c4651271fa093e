"""A handoff note as Markdown, for an issue, a wiki page or a chat that reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from oncall_sync.model import Ref
from oncall_sync.plan.handoff import Handoff

from .clocks import spans_told
from .handoff_words import (
    AS_DECLARED,
    MOST_CHANGES,
    MOST_INCIDENTS,
    MOST_SHIFTS,
    change,
    gap,
    headline,
    incident,
    named,
    paging,
    taken,
    until,
    when,
)
from .markdown import inline, row, table_head
from .plain import LONGEST

LONG = 5 * LONGEST


def handoff_markdown(note: Handoff) -> str:
    """Return the note; ends with a newline."""
    lines = [f"## Handoff of {inline(note.schedule.name)}, {inline(headline(note))}", ""]
    lines += _people(note)
    lines += [f"- rings at {inline(paging(note, one), LONG)}" for one in note.paged]
    lines += _unready(note)
    lines += _incidents(note)
    lines += _changes(note)
    lines += _week(note)
    if note.not_read:
        lines += ["", *(f"- {inline(name)} was not read: {inline(why)}" for name, why in note.not_read.items())]
    return "\n".join(lines) + "\n"


def _people(note: Handoff) -> Iterator[str]:
    handover = note.handover
    for who, users in (("goes", handover.goes), ("stays", handover.before & handover.after)):
        if users:
            yield f"- **{who}** {_names(note, users)}"
    ready = note.asked.ready or {}
    for user in sorted(handover.comes, key=note.names):
        mark = "" if user not in ready or ready[user].fine else "**not ready:** "
        reach = f"; {mark}{inline(ready[user].says)}" if user in ready else ""
        yield f"- **comes** {inline(note.names(user))}, {inline(until(note))}{reach}"
    if note.asked.ready is None and handover.comes:
        yield "- whether they can be reached was not asked"
    quiet = gap(note)
    if quiet:
        yield f"- {inline(quiet)}"
    if note.as_declared:
        yield f"- {AS_DECLARED}"
    for one in note.rotations:
        yield f"- {inline(one.rotation)}: {_names(note, one.before)} → {_names(note, one.after)}"


def _names(note: Handoff, users: Iterable[Ref]) -> str:
    return ", ".join(inline(name) for name in named(note, users)) or "nobody"


def _unready(note: Handoff) -> Iterator[str]:
    others = [(user, at) for user, at in note.unready if user not in note.handover.comes]
    if not others:
        return
    yield from ("", "### Not ready in the week after it", "")
    for user, at in others:
        says = (note.asked.ready or {})[user].says
        yield f"- {inline(note.names(user))}, on call from {inline(when(note, at))}, {inline(says)}"


def _incidents(note: Handoff) -> Iterator[str]:
    yield from ("", "### Open incidents", "")
    incidents = note.asked.incidents
    if not incidents:
        yield "none" if incidents is not None else "not asked, or not told by the provider"
        return
    yield table_head("incident", "state", "since", "services", "with")
    for one in incidents[:MOST_INCIDENTS]:
        what, services, people, since = incident(note, one)
        yield row((inline(what), taken(one), inline(since), inline(services), inline(people)))
    if len(incidents) > MOST_INCIDENTS:
        yield from ("", f"and {len(incidents) - MOST_INCIDENTS} more")


def _changes(note: Handoff) -> Iterator[str]:
    changes = note.asked.changes
    yield from ("", f"### Changed since {inline(when(note, note.changed_since))}", "")
    if changes is None:
        yield "not asked, or not told by the provider"
        return
    if changes:
        yield table_head("when", "what", "change", "by")
    for one in changes[:MOST_CHANGES]:
        yield row(inline(cell) for cell in change(note, one))
    if len(changes) > MOST_CHANGES:
        yield from ("", f"and {len(changes) - MOST_CHANGES} more")
    if not changes and not note.asked.untold:
        yield "no change is known"
    if note.asked.untold:
        yield from ("", inline(note.asked.untold, LONG))


def _week(note: Handoff) -> Iterator[str]:
    yield from ("", "### The week after it", "")
    for shift in note.week[:MOST_SHIFTS]:
        span = spans_told([(shift.since, shift.until)], note.zone, 1)[0]
        yield f"- {inline(span)}: {_names(note, shift.users)} ({inline(shift.why)})"
    if len(note.week) > MOST_SHIFTS:
        yield f"- and {len(note.week) - MOST_SHIFTS} more"
    for one in note.swaps:
        span = spans_told([(one.since, one.until)], note.zone, 1)[0]
        yield f"- swap: {inline(note.names(one.user))} takes over {inline(span)}"
