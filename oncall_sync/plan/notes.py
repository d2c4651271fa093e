"""What a decision about one resource gives reason to say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from oncall_sync.model import Change, FieldChange, Finding, Kind, Live, Resource, Schedule

from .fill import Filled, references
from .identity import Bindings
from .marks import Mark, other_tool, room_for_text

RINGS = ("time_zone", "rotations", "overlap", "precedence", "levels", "repeat", "escalation_policy", "urgency")


def kept_children(resource: Resource, filled: Filled) -> Iterator[Finding]:
    """Yield a warning for each child that stays although nobody declares it."""
    for name in sorted(filled.kept):
        part = "the rotation" if isinstance(resource, Schedule) else "the integration"
        message = (
            f"{resource.ref.words}: {part} {name!r} is not declared, and as far as can be told it was added at the"
            " provider; it stays. Declare it here, or remove it there"
        )
        yield Finding("kept-child", "warning", message, resource.source, resource.ref)


def cut_description(wanted: Resource, workspace: str, limits: Mapping[Kind, int]) -> Iterator[Finding]:
    """Yield a warning if the description has to be cut in front of its mark."""
    room = room_for_text(wanted.ref, workspace, limits.get(wanted.ref.kind, 1024))
    text = wanted.description if isinstance(wanted.description, str) else ""
    if len(text) > room:
        message = f"{wanted.ref.words}: the description is cut to {room} characters, to leave room for the mark"
        yield Finding("description-cut", "warning", message, wanted.where("description"), wanted.ref)


def risky_adoption(resource: Resource, text: str, changed: Sequence[FieldChange]) -> Iterator[Finding]:
    """Yield a guard's finding if taking an object over would change who rings, or take it from another tool."""
    tool = other_tool(text)
    rings = [c.path for c in changed if c.path.partition(".")[0] in RINGS]
    reasons = [f"its description says that {tool} manages it"] if tool else []
    reasons += [f"it would ring differently ({', '.join(rings)})"] if rings else []
    if reasons:
        message = f"{resource.ref.words} exists already and would be taken over, but {' and '.join(reasons)}"
        yield Finding("risky-adoption", "error", message, resource.source, resource.ref)


def unwritable(resource: Resource, live: Live | None, provider: str) -> Iterator[Finding]:
    """Yield a refusal if what is there is kept in a form that the adapter can name, and no more than that."""
    if live is not None and live.resource.external:
        message = (
            f"{resource.ref.words}: {live.resource.name!r} is kept at {provider} in a form that is not written"
            " from here (`drift` tells if it was upgraded); take it as it is with `external: true`, or declare"
            " another name for a new one"
        )
        yield Finding("not-writable", "error", message, resource.source, resource.ref)


def needing(resource: Resource, bindings: Bindings) -> Iterator[Finding]:
    """Yield a refusal if a resource needs what is refused and not there either."""
    lost = sorted(ref for ref in references(resource) if ref in bindings.refused and ref not in bindings.bound)
    if lost:
        words = " and ".join(ref.words for ref in lost)
        message = f"{resource.ref.words} needs {words}, which cannot be made (see there)"
        yield Finding("needs-refused", "error", message, resource.source, resource.ref)


def still_protected(changes: Sequence[Change], marks: Mapping[tuple[Kind, str], Mark]) -> Iterator[Finding]:
    """Yield a refusal for each delete of something that was protected when it was last applied."""
    for change in changes:
        if change.action != "delete" or not marks[change.ref.kind, str(change.remote_id)].protected:
            continue
        message = (
            f"{change.ref.words} is protected and no longer declared: put it back; to delete it, apply it once"
            " with `protected: false`, then take it out"
        )
        yield Finding("protected-deleted", "error", message, None, change.ref)
