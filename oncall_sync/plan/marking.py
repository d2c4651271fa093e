"""Putting the mark on what is about to be written."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from oncall_sync.model import Change

from .facts import Label, fingerprint, without
from .marks import Mark, join


def marked(change: Change, workspace: str, label: Label, limit: int, now: datetime) -> Change:
    """Return a change whose `wanted` carries its mark. `label` must know the ids of everything it names."""
    if change.wanted is None:
        return change
    bare = without(change.wanted, change.kept)
    mark = Mark(workspace, change.ref, fingerprint(bare, label, now), protected=change.wanted.protected)
    text = change.wanted.description if isinstance(change.wanted.description, str) else ""
    return replace(change, wanted=replace(change.wanted, description=join(text, mark, limit)))
