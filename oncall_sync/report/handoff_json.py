"""A handoff note as JSON values: instants as UTC with Z, people by name."""

from __future__ import annotations

from typing import Any

from oncall_sync.model import OpenIncident
from oncall_sync.plan.handoff import Handoff, Told
from oncall_sync.plan.told import instant

from .affected_json import incident_json, span_json
from .handoff_words import named


def handoff_json(note: Handoff) -> dict[str, Any]:
    """Return it whole; what was not asked, or is not told, is null."""
    handover, asked = note.handover, note.asked
    return {
        "schedule": note.schedule.name,
        "ref": None if note.schedule.ref.remote else str(note.schedule.ref),
        "provider": note.provider,
        "time_zone": note.zone,
        "at": instant(handover.at),
        "until": instant(handover.until) if handover.until else None,
        "goes": named(note, handover.goes),
        "comes": named(note, handover.comes),
        "stays": named(note, handover.before & handover.after),
        "quiet_since": instant(handover.quiet_since) if handover.quiet_since else None,
        "as_declared": note.as_declared,
        "rotations": [
            {"rotation": one.rotation, "before": named(note, one.before), "after": named(note, one.after)}
            for one in note.rotations
        ],
        "rings_at": [
            {
                "escalation_policy": note.names(one.policy),
                "level": one.level,
                "services": [note.names(ref) for ref in one.services],
            }
            for one in note.paged
        ],
        "reach": _reach(note),
        "not_ready": [{"user": note.names(user), "since": instant(at)} for user, at in note.unready],
        "incidents": None if asked.incidents is None else [_incident(note, one) for one in asked.incidents],
        "changed_since": instant(note.changed_since),
        "changes": None if asked.changes is None else [_change(one) for one in asked.changes],
        "untold": asked.untold,
        "week": [
            {**span_json((one.since, one.until)), "users": named(note, one.users), "why": one.why}
            for one in note.week
        ],
        "overrides": [{"user": note.names(one.user), **span_json((one.since, one.until))} for one in note.swaps],
        "not_read": dict(note.not_read),
    }


def _reach(note: Handoff) -> list[dict[str, Any]] | None:
    if note.asked.ready is None:
        return None
    found = sorted(note.asked.ready.items(), key=lambda item: note.names(item[0]))
    return [{"user": note.names(user), "ready": one.fine, "says": one.says} for user, one in found]


def _incident(note: Handoff, one: OpenIncident) -> dict[str, Any]:
    return {
        **incident_json(one),
        "services": sorted(note.services[id_] for id_ in one.services if id_ in note.services),
        "assigned": sorted(note.people(id_) for id_ in one.assigned),
    }


def _change(one: Told) -> dict[str, Any]:
    touch = one.touch
    return {
        "at": instant(touch.at),
        "what": one.what,
        "action": touch.action,
        "fields": list(touch.fields),
        "by": touch.by,
        "means": touch.means,
        "ours": touch.ours,
    }
