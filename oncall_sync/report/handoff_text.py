"""A handoff note as lines for a terminal, or for a mail."""

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
from .plain import plain


def handoff_text(note: Handoff) -> str:
    """Return the note; ends with a newline."""
    lines = [f"{plain(note.schedule.name)}: handoff {headline(note)}", ""]
    lines += _people(note)
    lines += [f"  rings at {plain(paging(note, one), 1000)}" for one in note.paged]
    lines += _unready(note)
    lines += _incidents(note)
    lines += _changes(note)
    lines += _week(note)
    lines += [f"{plain(name)} was not read: {plain(why)}" for name, why in note.not_read.items()]
    return "\n".join(lines) + "\n"


def _people(note: Handoff) -> Iterator[str]:
    handover = note.handover
    for who, users in (("goes ", handover.goes), ("stays", handover.before & handover.after)):
        if users:
            yield f"  {who}  {_names(note, users)}"
    ready = note.asked.ready or {}
    for user in sorted(handover.comes, key=note.names):
        reach = f"; {'' if ready[user].fine else 'NOT READY: '}{plain(ready[user].says)}" if user in ready else ""
        yield f"  comes  {plain(note.names(user))}, {until(note)}{reach}"
    if note.asked.ready is None and handover.comes:
        yield "  whether they can be reached was not asked"
    quiet = gap(note)
    if quiet:
        yield f"  {quiet}"
    if note.as_declared:
        yield f"  {AS_DECLARED}"
    for one in note.rotations:
        yield f"  {plain(one.rotation)}: {_names(note, one.before)} -> {_names(note, one.after)}"


def _names(note: Handoff, users: Iterable[Ref]) -> str:
    return ", ".join(plain(name) for name in named(note, users)) or "nobody"


def _unready(note: Handoff) -> Iterator[str]:
    others = [(user, at) for user, at in note.unready if user not in note.handover.comes]
    if not others:
        return
    yield ""
    yield "not ready in the week after it"
    for user, at in others:
        says = (note.asked.ready or {})[user].says
        yield f"  {plain(note.names(user))}, on call from {when(note, at)}, {plain(says)}"


def _incidents(note: Handoff) -> Iterator[str]:
    yield ""
    if note.asked.incidents is None:
        yield "open incidents: not asked, or not told by the provider"
        return
    if not note.asked.incidents:
        yield "no open incidents"
        return
    yield "open incidents"
    for one in note.asked.incidents[:MOST_INCIDENTS]:
        what, services, people, since = incident(note, one)
        yield f"  {plain(what)}, {taken(one)}, since {since}, {plain(services)}, with {plain(people)}"
    if len(note.asked.incidents) > MOST_INCIDENTS:
        yield f"  and {len(note.asked.incidents) - MOST_INCIDENTS} more"


def _changes(note: Handoff) -> Iterator[str]:
    yield ""
    changes = note.asked.changes
    since = when(note, note.changed_since)
    if changes is None:
        yield "what changed in the week before: not asked, or not told by the provider"
        return
    yield f"changed since {since}" if changes else f"no change is known since {since}"
    for one in changes[:MOST_CHANGES]:
        at, what, action, by = change(note, one)
        yield f"  {at}  {plain(what)}: {plain(action)}, by {plain(by)}"
    if len(changes) > MOST_CHANGES:
        yield f"  and {len(changes) - MOST_CHANGES} more"
    if note.asked.untold:
        yield f"  {plain(note.asked.untold, 1000)}"


def _week(note: Handoff) -> Iterator[str]:
    yield ""
    yield "the week after it"
    for shift in note.week[:MOST_SHIFTS]:
        span = spans_told([(shift.since, shift.until)], note.zone, 1)[0]
        yield f"  {span}: {_names(note, shift.users)} ({plain(shift.why)})"
    if len(note.week) > MOST_SHIFTS:
        yield f"  and {len(note.week) - MOST_SHIFTS} more"
    for one in note.swaps:
        span = spans_told([(one.since, one.until)], note.zone, 1)[0]
        yield f"  swap: {plain(note.names(one.user))} takes over {span}"
