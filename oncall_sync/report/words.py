"""A change in words: what a reader needs to know of it, names instead of ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from oncall_sync.model import Change, FieldChange

from .plain import plain

_WHY = {
    "drift": "changed at the provider; goes back to what is declared",
    "both": "changed here and at the provider",
}


def headline(change: Change) -> str:
    """Return the change in one line: `schedule checkout-night: user5 and user6 change places`."""
    kind = change.ref.kind.replace("_", " ")
    said = [text for text, _ in map(_spoken, change.fields) if text]
    told = f": {'; '.join(said)}" if said and change.action in ("update", "rename", "adopt") else ""
    why = f" ({_WHY[change.why]})" if change.why in _WHY else ""
    return f"{kind} {plain(change.name)}{told}{why}"


def details(change: Change) -> Iterator[str]:
    """Yield one line per field that the headline has not told in full."""
    for field in change.fields:
        _, whole = _spoken(field)
        if whole:
            continue
        if change.action == "create":
            yield from _created(field.path, field.after)
        elif isinstance(field.after, dict) and field.before is None:
            yield f"{_path(field.path)}: new, {_one_line(field.after)}"
        elif isinstance(field.before, dict) and field.after is None:
            yield f"{_path(field.path)}: ends (was {_one_line(field.before)})"
        else:
            yield f"{_path(field.path)}: {_value(field.before)} -> {_value(field.after)}"


def _spoken(field: FieldChange) -> tuple[str, bool]:
    """Return prose for a field if there is better than `old -> new`, and whether it says everything."""
    if field.path == "name":
        return f"renamed from {plain(field.before)}", True
    if field.path == "key":
        return f"its key was {plain(field.before)}", True
    if field.path == "mark":
        return "its mark is written anew", True
    if not (field.path.startswith("rotations.") and field.path.endswith(".members")):
        return "", False
    if not isinstance(field.before, list) or not isinstance(field.after, list):
        return "", False
    return turns(field.before, field.after), False


def turns(before: Sequence[str], after: Sequence[str]) -> str:
    """Return what happens to the order of turns; both lists begin with the same turn.

    >>> turns(["anna", "ben", "carla"], ["anna", "carla", "ben"])
    'ben and carla change places'
    """
    if sorted(before) == sorted(after):
        moved = [i for i, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        if len(moved) == 2:
            first, second = (plain(before[i]) for i in moved)
            return f"{first} and {second} change places"
        return "the turns are dealt in another order"
    joins = [plain(m) for m in dict.fromkeys(after) if m not in before]
    leaves = [plain(m) for m in dict.fromkeys(before) if m not in after]
    if len(joins) == len(leaves) == 1 and [joins[0] if m == leaves[0] else m for m in before] == list(after):
        return f"{joins[0]} takes the turns of {leaves[0]}"
    said = [f"{_and(joins)} {'joins' if len(joins) == 1 else 'join'}"] if joins else []
    said += [f"{_and(leaves)} {'leaves' if len(leaves) == 1 else 'leave'}"] if leaves else []
    return ", ".join(said) or "somebody has more or fewer turns"


def _created(path: str, value: Any) -> Iterator[str]:
    """Yield what is worth reading of a new object: everything but what is empty or said by its name."""
    if path == "name" or value in (None, "", [], {}):
        return
    if isinstance(value, dict) and all(isinstance(item, dict) for item in value.values()):
        for name, item in value.items():
            yield f"{_path(f'{path}.{name}')}: {_one_line(item)}"
    else:
        yield f"{_path(path)}: {_value(value)}"


def _one_line(value: Any) -> str:
    if not isinstance(value, dict):
        return _value(value)
    return "; ".join(
        f"{_path(key)} {_value(item)}" for key, item in value.items() if item not in (None, "", [], {})
    )


def _value(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_value(item) for item in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{plain(key)} ({_one_line(item)})" for key, item in value.items()) or "none"
    return plain(value) if value != "" else "none"


def _path(path: str) -> str:
    if path.startswith("members."):
        return plain(path.replace(".", " ", 1))  # a person's key or email, dots and all
    head, *rest = path.split(".")
    singular = {"rotations": "rotation", "levels": "level", "integrations": "integration"}.get(head)
    if singular and rest:
        head = singular
    return plain(" ".join([head, *rest]).replace("_", " "))


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
