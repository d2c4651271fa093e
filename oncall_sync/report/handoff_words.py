"""What the forms of a handoff note say alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from oncall_sync.model import OpenIncident, Ref
from oncall_sync.plan.checks.words import lasting
from oncall_sync.plan.handoff import Handoff, Paged, Told

from .clocks import local

MOST_INCIDENTS = 20
MOST_CHANGES = 20
MOST_SERVICES = 6
MOST_FIELDS = 5
MOST_SHIFTS = 20
AS_DECLARED = "the provider keeps no turns from before its last change: these are the declared ones"


def named(note: Handoff, users: Iterable[Ref]) -> list[str]:
    """Return the names of people, sorted."""
    return sorted(note.names(user) for user in users)


def headline(note: Handoff) -> str:
    """Return when it is, in the schedule's zone."""
    return local(note.handover.at, note.zone)


def until(note: Handoff) -> str:
    """Return how long the people who come are on call."""
    end = note.handover.until
    return f"until {local(end, note.zone)}" if end is not None else "with nobody to take over within a year"


def paging(note: Handoff, one: Paged) -> str:
    """Return a level that calls the schedule."""
    names = [note.names(ref) for ref in one.services]
    more = f" and {len(names) - MOST_SERVICES} more" if len(names) > MOST_SERVICES else ""
    services = f" for {', '.join(names[:MOST_SERVICES])}{more}" if names else ", which no service uses"
    return f"level {one.level} of escalation policy {note.names(one.policy)}{services}"


def incident(note: Handoff, one: OpenIncident) -> tuple[str, str, str, str]:
    """Return an incident's number and title, its services, whom it is with, and since when."""
    number = f"#{one.number} " if one.number else ""
    services = ", ".join(sorted(note.services[id_] for id_ in one.services if id_ in note.services))
    people = ", ".join(sorted(note.people(id_) for id_ in one.assigned)) or "nobody by name"
    since = f"{local(one.opened_at, note.zone)} ({one.urgency} urgency)" if one.urgency else None
    return f"{number}{one.title}", services, people, since or local(one.opened_at, note.zone)


def taken(one: OpenIncident) -> str:
    """Return whether somebody has an incident in hand."""
    return "acknowledged" if one.acknowledged else "open"


def change(note: Handoff, one: Told) -> tuple[str, str, str, str]:
    """Return when something was changed, what, by whom and how."""
    touch = one.touch
    more = f" and {len(touch.fields) - MOST_FIELDS} more" if len(touch.fields) > MOST_FIELDS else ""
    fields = f" ({', '.join(touch.fields[:MOST_FIELDS])}{more})" if touch.fields else ""
    by = "this tool" if touch.ours else touch.by or "somebody"
    return local(touch.at, note.zone), one.what, f"{touch.action}{fields}", f"{by}, {touch.means}"


def gap(note: Handoff) -> str | None:
    """Return for how long nobody was on call before, if so."""
    since = note.handover.quiet_since
    if since is None:
        return None
    return (
        f"nobody was on call for {lasting(note.handover.at - since)} before that, since {local(since, note.zone)}"
    )


def when(note: Handoff, at: datetime) -> str:
    """Return an instant in the schedule's zone."""
    return local(at, note.zone)
