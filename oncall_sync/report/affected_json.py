"""Everything about a person as JSON values: instants as UTC with Z, durations as ISO 8601."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oncall_sync.model import OpenIncident, Source
from oncall_sync.plan.affected import Affected
from oncall_sync.plan.person.found import Naming, Standing
from oncall_sync.plan.person.lines import Line
from oncall_sync.plan.person.rung import Span
from oncall_sync.plan.told import instant, iso_duration


def affected_json(found: Affected, written: Mapping[Source, str]) -> dict[str, Any]:
    """Return it whole; `written` is the text of lines."""
    return {
        "user": found.person,
        "name": found.name,
        "source": source_json(found.source),
        "since": instant(found.since),
        "until": instant(found.until),
        "policies": [_line(line, written) for line in found.lines],
        "follows": [
            {"ref": str(one.ref), "follows": str(one.follows), "source": source_json(one.source)}
            for one in found.follows
        ],
        "providers": [_standing(one) for one in found.standings],
        "not_read": dict(found.not_read),
        **_rung(found),
        "breaks": [
            {"rule": one.rule, "level": one.level, "message": one.message, "source": source_json(one.source)}
            for one in found.breaks
        ],
    }


def _rung(found: Affected) -> dict[str, Any]:
    name = found.names
    return {
        "rings": [
            {
                "services": [name(ref) for ref in one.services],
                "urgency": one.urgency,
                "level": one.level,
                "after": iso_duration(one.after),
                "spans": [span_json(span) for span in one.spans],
            }
            for one in found.reached
        ],
        "alone": [
            {
                "escalation_policy": name(one.policy),
                "services": [name(ref) for ref in one.services],
                "level": one.level,
                "spans": [span_json(span) for span in one.spans],
            }
            for one in found.alone
        ],
        "shifts": [
            {"schedule": name(one.schedule), **span_json((one.since, one.until)), "why": one.why}
            for one in found.turns
        ],
    }


def source_json(source: Source | None) -> dict[str, Any] | None:
    """Return a place as file, line and column."""
    return {"file": source.file, "line": source.line, "column": source.column} if source else None


def span_json(span: Span) -> dict[str, str]:
    """Return a span as since and until."""
    return {"since": instant(span[0]), "until": instant(span[1])}


def incident_json(one: OpenIncident) -> dict[str, Any]:
    """Return an incident without whom it is with."""
    return {
        "number": one.number or None,
        "title": one.title,
        "opened_at": instant(one.opened_at),
        "urgency": one.urgency,
        "acknowledged": one.acknowledged,
    }


def _line(line: Line, written: Mapping[Source, str]) -> dict[str, Any]:
    return {
        "ref": str(line.ref) if line.ref else None,
        "part": line.part,
        "says": line.says,
        "do": line.do,
        "alone": line.alone,
        "source": source_json(line.source),
        "line": written.get(line.source),
    }


def _standing(one: Standing) -> dict[str, Any]:
    return {
        "name": one.provider,
        "there": one.there,
        "cannot": one.cannot,
        "objects": [_naming(naming) for naming in one.namings],
        "overrides": [{"schedule": swap.schedule, **span_json((swap.since, swap.until))} for swap in one.swaps],
        "incidents": None if one.incidents is None else [incident_json(each) for each in one.incidents],
        "routes": list(one.routes),
        "names_deleted_users": list(one.deleted),
    }


def _naming(one: Naming) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": one.name,
        "ref": str(one.ref) if one.ref else None,
        "says": one.says,
        "owner": one.owner,
        "goes": one.fate,
        "url": one.url,
    }
