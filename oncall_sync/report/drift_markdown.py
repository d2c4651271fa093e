"""Drift as the body of one issue that a nightly job keeps up to date.

The first line is a hidden marker, the same for every drift of a workspace, by which a job finds the issue. Nothing
depends on the hour, so as long as the drift is the same, so is the body, and nobody is notified again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from oncall_sync.errors import SyncError
from oncall_sync.plan.drift import Drift, Drifted
from oncall_sync.plan.told import ToldImpact

from .drift_words import MOST_TOUCHES, accept, field_lines, nobody_known, remarks, revert, title, touched
from .fitting import Item, Section, fitted, size
from .markdown import code, hidden, inline
from .plain import counted

LIMIT: Final = 64_000
_LONGEST: Final = 800
_RANKS: Final = (
    "Nobody is on call",
    "Other people are paged",
    "Who is paged is not known",
    "Nobody is paged otherwise",
)


def marker(workspace: str) -> str:
    """Return the first line of every issue about drift of a workspace; `""` if it could not be read."""
    return hidden("oncall-sync", "drift", workspace)


def drift_markdown(drift: Drift) -> str:
    """Return the issue's body; it is shorter than `LIMIT`."""
    top = [marker(drift.workspace), f"## Drift of {inline(drift.workspace)}", _verdict(drift), _read(drift)]
    room = LIMIT - sum(size(part) + 2 for part in top)
    parts = fitted([*_sections(drift)], room)
    return "\n\n".join([*top, *(part.strip("\n") for part in parts)]) + "\n"


def no_drift_markdown(workspace: str, error: SyncError) -> str:
    """Return the body for when nothing could be compared, so that an older one does not seem to hold."""
    name = f" of {inline(workspace)}" if workspace else ""
    said = f"**Whether anything drifted could not be told.** {inline(str(error), _LONGEST)}"
    return "\n\n".join([marker(workspace), f"## Drift{name}", said]) + "\n"


def _sections(drift: Drift) -> Iterator[Section]:
    ranked = sorted(drift.drifted, key=lambda found: (_rank(found), found.provider, found.ref))
    for number, head in enumerate(_RANKS):
        items = [Item(_head(found, drift), _more(found, drift)) for found in ranked if _rank(found) == number]
        yield Section(head=f"### {head}\n", items=items, noun="objects", extra="details")
    told = [f"- {inline(note, _LONGEST)}" for note in drift.notes]
    told += [f"- **{f.level}** {inline(f.message, _LONGEST)} ({code(f.rule)})" for f in drift.errors]
    yield Section(head="### Not compared\n", items=[Item(line) for line in told], noun="notes")


def _rank(found: Drifted) -> int:
    if found.effect is None:
        return 2
    if found.effect.opened:
        return 0
    return 1 if found.effect.pages or found.effect.first_difference_after is not None else 3


def _head(found: Drifted, drift: Drift) -> str:
    where = f" at {inline(found.provider)}" if len(drift.providers) > 1 else ""
    source = f" {code(found.source)}" if found.source else ""
    return f"- **{inline(title(found), _LONGEST)}**{where}{source}"


def _more(found: Drifted, drift: Drift) -> str:
    lines = list(_details(found, drift))
    return "\n".join(f"  - {line}" for line in lines)


def _details(found: Drifted, drift: Drift) -> Iterator[str]:
    if found.effect is not None:
        yield from _who_rings(found.effect)
    for line in field_lines(found):
        yield inline(line, _LONGEST)
    for line in remarks(found):
        yield inline(line, _LONGEST)
    for touch in found.touches[:MOST_TOUCHES]:
        yield f"changed {inline(touched(touch, drift), _LONGEST)}"
    if len(found.touches) > MOST_TOUCHES:
        yield f"and {counted(len(found.touches) - MOST_TOUCHES, 'earlier change')}"
    if not found.touches:
        untold = drift.untold.get(found.provider)
        yield (
            inline(nobody_known(found, drift), _LONGEST)
            if untold
            else "who did it, the provider's trail does not say"
        )
    yield f"to undo it: {_said(revert(found))}"
    yield f"to keep it: {_said(accept(found))}"


def _who_rings(effect: ToldImpact) -> Iterator[str]:
    """Yield which ladders ring otherwise; spans would be others every night."""
    for service in sorted({gap.service for gap in effect.opened}):
        yield f"at times nobody is on call for {inline(service)}"
    levels = sorted({(page.service, page.urgency, page.level) for page in effect.pages})
    for service, urgency, level in levels:
        yield f"{inline(service)} ({urgency} urgency) pages otherwise at level {level}"


def _said(text: str) -> str:
    """Return words of ours in which commands stand between backticks."""
    parts = text.split("`")
    return "".join(code(part) if number % 2 else part for number, part in enumerate(parts))


def _verdict(drift: Drift) -> str:
    stuck = f" **{counted(len(drift.errors), 'error')}: not everything was compared.**" if drift.errors else ""
    if not drift.drifted:
        return f"**Nothing was changed at the provider since the last apply.**{stuck}"
    verb = "was" if len(drift.drifted) == 1 else "were"
    count = counted(len(drift.drifted), "object")
    return f"**{count} {verb} changed at the provider since the last apply.**{stuck}"


def _read(drift: Drift) -> str:
    said = [f"{inline(p.name)}: account {inline(p.account)}" for p in drift.providers]
    said += [f"{inline(name)}: not read, {inline(reason)}" for name, reason in drift.not_read.items()]
    return " · ".join(said)
