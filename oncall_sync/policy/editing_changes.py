"""What an edit is, what a list of edits does to plain data, and the fewest edits between two data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]


class EditError(Exception):
    """An edit that is not made; `str(error)` says why and what to do, for a person.

    Attributes:
        line: where in the text, from 1.
        column: where in that line, from 1.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class _Remove:
    """The type of `REMOVE`."""

    def __repr__(self) -> str:
        return "REMOVE"


REMOVE: Final = _Remove()
"""As the value of an `Edit`: the key or item goes, with its lines and the comment behind it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Put a value where `path` leads; a key that its mapping does not have yet is added as the last one.

    Attributes:
        path: keys and list positions from the top of the document, positions as they are before any edit.
        value: plain data (dict, list, str, int, float, bool, None), or `REMOVE`.
    """

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Insert:
    """Put a value into a list, before the item that is at this position now.

    Attributes:
        path: to the list, then a position, 0 to its length; as it is before any edit. Of several at one position
            the first given stands first.
        value: plain data.
    """

    path: Path
    value: Any


Change: TypeAlias = Edit | Insert


def same(one: Any, other: Any) -> bool:
    """Tell whether two plain data are the same, types included (`1` is neither `True` nor `1.0`)."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def changes_between(old: Any, new: Any, path: Path = ()) -> list[Change]:
    """Return few edits that turn the plain data `old` at `path` into `new`; none if they are the same.

    Mappings are compared key by key; the order of keys does not matter. Lists keep their longest common
    subsequence; between its items, mappings of one `name` and then what stands at the same place are taken for the
    same item, changed. What has nothing in common is one edit.
    """
    if same(old, new):
        return []
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() & new.keys():
        return mapping_changes(old, new, path)
    if isinstance(old, list) and isinstance(new, list) and old and new:
        return _list_changes(old, new, path)
    return [Edit(path, new)]


def mapping_changes(old: dict[str, Any], new: dict[str, Any], path: Path) -> list[Change]:
    """Return the edits between two mappings, key by key even if they have none in common."""
    changes: list[Change] = []
    for key, value in old.items():
        below = (*path, key)
        changes += changes_between(value, new[key], below) if key in new else [Edit(below, REMOVE)]
    return changes + [Edit((*path, key), value) for key, value in new.items() if key not in old]


def applied(data: Any, changes: Iterable[Change]) -> Any:
    """Return a copy of plain data with edits made; each has to lead somewhere.

    Raises:
        LookupError, TypeError: an edit leads nowhere.
    """
    inside: dict[str | int, list[Change]] = {}
    before: dict[int, list[Any]] = {}
    for change in changes:
        if not change.path:
            return change.value
        if isinstance(change, Insert) and len(change.path) == 1:
            before.setdefault(int(change.path[0]), []).append(change.value)
        else:
            inside.setdefault(change.path[0], []).append(type(change)(change.path[1:], change.value))
    if isinstance(data, dict):
        return _applied_to_mapping(data, inside)
    found: list[Any] = []
    for at in range(len(data) + 1):
        found += before.get(at, [])
        if at < len(data):
            value = applied(data[at], inside[at]) if at in inside else data[at]
            found += [] if value is REMOVE else [value]
    return found


def _applied_to_mapping(data: dict[str, Any], inside: dict[str | int, list[Change]]) -> dict[str, Any]:
    found = {key: applied(value, inside[key]) if key in inside else value for key, value in data.items()}
    for key, changes in inside.items():
        if key not in data:
            found[str(key)] = applied(None, changes)
    return {key: value for key, value in found.items() if value is not REMOVE}


def _list_changes(old: list[Any], new: list[Any], path: Path) -> list[Change]:
    pairs = _common(old, new, same)
    changes: list[Change] = []
    kept = bool(pairs)
    i = j = 0
    for i_next, j_next in [*pairs, (len(old), len(new))]:
        matched, more = _gap(old, new, range(i, i_next), range(j, j_next), path)
        kept = kept or matched
        changes += more
        i, j = i_next + 1, j_next + 1
    return changes if kept else [Edit(path, new)]


def _gap(old: list[Any], new: list[Any], here: range, there: range, path: Path) -> tuple[bool, list[Change]]:
    """Return whether any item stays, changed, and the edits where two lists have no item in common."""
    named = _common([_name(old[i]) for i in here], [_name(new[j]) for j in there], _one_name)
    pairs = [(here[i], there[j]) for i, j in named]
    changes: list[Change] = []
    matched = False
    i, j = here.start, there.start
    for i_next, j_next in [*pairs, (here.stop, there.stop)]:
        while i < i_next and j < j_next:
            matched = True
            changes += changes_between(old[i], new[j], (*path, i))
            i, j = i + 1, j + 1
        changes += [Edit((*path, at), REMOVE) for at in range(i, i_next)]
        changes += [Insert((*path, i_next), new[at]) for at in range(j, j_next)]
        if i_next < here.stop:
            matched = True
            changes += changes_between(old[i_next], new[j_next], (*path, i_next))
        i, j = i_next + 1, j_next + 1
    return matched, changes


def _name(item: Any) -> Any:
    return item.get("name") if isinstance(item, dict) else None


def _one_name(one: Any, other: Any) -> bool:
    return one is not None and same(one, other)


def _common(old: Sequence[Any], new: Sequence[Any], equal: Callable[[Any, Any], bool]) -> list[tuple[int, int]]:
    """Return the positions of a longest common subsequence."""
    start, stop = 0, min(len(old), len(new))
    while start < stop and equal(old[start], new[start]):
        start += 1
    end = 0
    while end < stop - start and equal(old[-1 - end], new[-1 - end]):
        end += 1
    middle = _common_middle(old[start : len(old) - end], new[start : len(new) - end], equal)
    pairs = [(at, at) for at in range(start)] + [(start + i, start + j) for i, j in middle]
    return pairs + [(len(old) - at, len(new) - at) for at in range(end, 0, -1)]


def _common_middle(
    old: Sequence[Any], new: Sequence[Any], equal: Callable[[Any, Any], bool]
) -> list[tuple[int, int]]:
    matches = [[equal(one, other) for other in new] for one in old]
    longest = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            here = longest[i + 1][j + 1] + 1 if matches[i][j] else 0
            longest[i][j] = max(here, longest[i + 1][j], longest[i][j + 1])
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if matches[i][j] and longest[i][j] == longest[i + 1][j + 1] + 1:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs
