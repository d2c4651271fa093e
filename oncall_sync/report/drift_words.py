"""Drift in words: what every form of it says alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from oncall_sync.model import Change, FieldChange, Touch
from oncall_sync.plan.drift import Drift, Drifted
from oncall_sync.plan.told import instant

from .plain import plain
from .words import details, headline

MOST_TOUCHES: Final = 5
"""How many changes of one object are told, newest first; the JSON form has all of them."""
_MOST_NAMED: Final = 4

REVERT: Final = "`oncall-sync apply`"
ACCEPT: Final = "`oncall-sync drift --accept`"


def title(found: Drifted) -> str:
    """Return what happened to an object in one line: `schedule Night: user5 takes the turns of anna`."""
    kind = found.ref.kind.replace("_", " ")
    if found.why == "upgraded":
        return f"{kind} {plain(found.name)} {found.says}"
    if found.why == "child":
        return f"{kind} {plain(found.name)}: {_added(found)}"
    return headline(_turned(found, found.fields))


def summary(found: Drifted) -> str:
    """Return the title, with the names of what differs where it does not tell."""
    said = title(found)
    named = [plain(field.path.replace("_", " ")) for field in found.fields]
    if not named or found.why in ("child", "upgraded") or ": " in said.partition(plain(found.name))[2]:
        return said
    more = [f"{len(named) - _MOST_NAMED} more"] if len(named) > _MOST_NAMED else []
    return f"{said}: {', '.join([*named[:_MOST_NAMED], *more])}"


def field_lines(found: Drifted) -> Iterator[str]:
    """Yield a line per field, as it was applied and as it is."""
    yield from details(_turned(found, found.fields))


def remarks(found: Drifted) -> Iterator[str]:
    """Yield what must be said so that nobody reads more out of the fields than they tell."""
    if found.why == "both" and found.apart:
        also = ", ".join(plain(f.path) for f in found.pending)
        yield (
            f"the policies changed as well ({also}): that is no drift" if also else "the policies changed as well"
        )
    elif found.why == "both":
        yield (
            "the policies changed as well, and whose change is whose cannot be told: what is shown as before is"
            " what the policies say now"
        )
    elif found.why == "upgraded":
        yield "who rings because of it cannot be told: it cannot be read in full any more"
    if found.kept and found.why != "child":
        yield _added(found)


def revert(found: Drifted) -> str:
    """Return how to undo it."""
    if found.why == "upgraded":
        return (
            "there is no way back by the API: declare a new schedule under another name, and re-point what uses it"
        )
    if found.why == "child":
        return "remove it at the provider; `oncall-sync apply` leaves it there"
    return f"{REVERT}; what was added stays until you remove it at the provider" if found.kept else REVERT


def accept(found: Drifted) -> str:
    """Return how to make it the declared state."""
    if found.why == "upgraded":
        return "say `external: true` in the policies: it is referred to, and never written"
    return ACCEPT


def touched(touch: Touch, drift: Drift) -> str:
    """Return who did something and when: `2026-11-23T12:00:00Z anna (anna@example.com), in the browser`."""
    who = person(touch, drift) or "somebody whom the trail does not name"
    named = [plain(name) for name in touch.fields[:_MOST_NAMED]]
    more = len(touch.fields) - len(named)
    listed = ", ".join([*named, *([f"{more} more"] if more > 0 else [])])
    return f"{instant(touch.at)} {who}, {plain(touch.means)}{f' ({listed})' if listed else ''}"


def person(touch: Touch, drift: Drift) -> str | None:
    """Return who it was: a declared user's key and email, else what the provider calls them."""
    if touch.by is None:
        return None
    key = drift.people.get(touch.by.casefold())
    return f"{plain(key)} ({plain(touch.by)})" if key else plain(touch.by)


def nobody_known(found: Drifted, drift: Drift) -> str:
    """Return why there is nobody to name."""
    untold = drift.untold.get(found.provider)
    if untold:
        return f"who did it cannot be told: {plain(untold, 600)}"
    return f"who did it cannot be told: the provider's trail has nothing of it since {instant(drift.since)}"


def _turned(found: Drifted, fields: tuple[FieldChange, ...]) -> Change:
    return Change(
        provider=found.provider,
        ref=found.ref,
        action="update",
        name=found.name,
        fields=fields,
        why="pending",  # the words for drift in a plan say what an apply would do
    )


def _added(found: Drifted) -> str:
    part = "rotation" if found.ref.kind == "schedule" else "integration"
    names = ", ".join(repr(plain(name)) for name in sorted(found.kept))
    verb = (
        "is not declared, and as far as can be told it was"
        if len(found.kept) == 1
        else "are not declared, and as far as can be told they were"
    )
    return f"the {part}{'s' if len(found.kept) > 1 else ''} {names} {verb} added at the provider"
