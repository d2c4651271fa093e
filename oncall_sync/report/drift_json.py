"""Drift for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from oncall_sync.model import FieldChange, Touch
from oncall_sync.plan.drift import Drift, Drifted
from oncall_sync.plan.plan import TOOL, place
from oncall_sync.plan.told import instant

from .drift_words import accept, revert

FORMAT_VERSION: Final = "1.0"


def drift_json(drift: Drift) -> str:
    """Return canonical JSON text: sorted keys, LF, a newline at the end; docs/how-to/drift.md has each key."""
    return json.dumps(values(drift), sort_keys=True, indent=2) + "\n"


def values(drift: Drift) -> dict[str, Any]:
    """Return drift as JSON values."""
    return {
        "format_version": FORMAT_VERSION,
        "tool": TOOL,
        "workspace": drift.workspace,
        "now": instant(drift.now),
        "since": instant(drift.since),
        "providers": [{"name": p.name, "kind": p.kind, "account": p.account} for p in drift.providers],
        "not_read": [{"name": name, "reason": reason} for name, reason in drift.not_read.items()],
        "drift": [_drifted(found, drift) for found in drift.drifted],
        "untold": [{"name": name, "reason": why} for name, why in drift.untold.items()],
        "notes": list(drift.notes),
        "findings": [
            {"rule": f.rule, "level": f.level, "message": f.message, "source": place(f.source)}
            for f in drift.errors
        ],
    }


def _drifted(found: Drifted, drift: Drift) -> dict[str, Any]:
    return {
        "provider": found.provider,
        "ref": str(found.ref),
        "name": found.name,
        "remote_id": found.remote_id,
        "team": found.team,
        "why": found.why,
        "fields": _fields(found.fields),
        "fields_certain": found.apart,
        "pending": _fields(found.pending),
        "added": sorted(found.kept),
        "says": found.says,
        "changed": [_touch(touch, drift) for touch in found.touches],
        "impact": found.effect.as_json() if found.effect else None,
        "source": place(found.source),
        "revert": revert(found),
        "accept": accept(found),
    }


def _fields(fields: Iterable[FieldChange]) -> list[dict[str, Any]]:
    return [{"path": f.path, "before": f.before, "after": f.after} for f in fields]


def _touch(touch: Touch, drift: Drift) -> dict[str, Any]:
    return {
        "at": instant(touch.at),
        "by": touch.by,
        "user": drift.people.get(touch.by.casefold()) if touch.by else None,
        "means": touch.means,
        "action": touch.action,
        "fields": list(touch.fields),
    }
