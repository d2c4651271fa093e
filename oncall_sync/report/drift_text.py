"""Drift as prose for a terminal or a log: what rings soonest first, names never ids."""

from __future__ import annotations

from collections.abc import Iterator

from oncall_sync.plan.drift import Drift, Drifted
from oncall_sync.plan.told import instant
from oncall_sync.plan.wording import duration

from .drift_words import MOST_TOUCHES, accept, field_lines, nobody_known, remarks, revert, title, touched
from .impact_text import impact_lines
from .plain import counted, plain
from .plan_text import finding_line


def drift_text(drift: Drift) -> str:
    """Return all of it as text; ends with a newline."""
    return "\n".join(_lines(drift)) + "\n"


def _lines(drift: Drift) -> Iterator[str]:
    for provider in drift.providers:
        yield f"{provider.name}: account {plain(provider.account)}, workspace {drift.workspace}"
    for name, reason in drift.not_read.items():
        yield f"{name}: not read, {reason}"
    for found in drift.drifted:
        yield ""
        yield from _one(found, drift)
    if drift.notes or drift.errors or (drift.untold and drift.drifted):
        yield ""
    for name, why in drift.untold.items():
        if any(found.provider == name and found.touches for found in drift.drifted):
            yield f"note: {name}: not all of the trail could be read: {plain(why, 600)}"
    yield from (f"note: {plain(note, 1000)}" for note in drift.notes)
    yield from map(finding_line, drift.errors)
    yield ""
    yield _verdict(drift)


def _one(found: Drifted, drift: Drift) -> Iterator[str]:
    where = f"at {found.provider}, " if len(drift.providers) > 1 else ""
    yield f"! {title(found)} ({where}{found.ref})"
    lines = list(field_lines(found))
    if lines:
        yield "    as it was applied -> as it is" if found.apart else "    as it is declared -> as it is"
        yield from (f"      {line}" for line in lines)
    yield from (f"    {line}" for line in remarks(found))
    for touch in found.touches[:MOST_TOUCHES]:
        yield f"    changed {touched(touch, drift)}"
    if len(found.touches) > MOST_TOUCHES:
        yield f"    and {counted(len(found.touches) - MOST_TOUCHES, 'earlier change')}"
    if not found.touches:
        yield f"    {nobody_known(found, drift)}"
    yield from _effect(found)
    yield f"    to undo it: {revert(found)}"
    yield f"    to keep it: {accept(found)}"


def _effect(found: Drifted) -> Iterator[str]:
    if found.effect is None:
        return
    lines = [line for line in impact_lines(found.effect) if line]
    yield from (f"    {line}" for line in lines)
    if not lines:
        yield f"    nobody is paged differently in the coming {duration(found.effect.until - found.effect.since)}"


def _verdict(drift: Drift) -> str:
    stuck = f"; {counted(len(drift.errors), 'error')}: not everything was compared" if drift.errors else ""
    if not drift.drifted:
        return f"nothing was changed at the provider since it was last applied{stuck}"
    count = counted(len(drift.drifted), "object")
    verb = "was" if len(drift.drifted) == 1 else "were"
    said = f"{count} {verb} changed at the provider since the last apply{stuck}"
    return f"{said}; trails were asked since {instant(drift.since)}"
