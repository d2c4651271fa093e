"""Edits sorted into the tree of a text: what happens inside each collection, and what is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from .editing_changes import REMOVE, Change, Edit, EditError, Insert, Path, changes_between, mapping_changes, same
from .editing_tree import Node
from .editing_words import UnwritableError, flow_text
from .wording import kind_of, shown
from .yaml_tokens import ALIAS, MAPPING, SEQUENCE

_SHARED: Final = (
    "an alias (*…) elsewhere stands for the same value, and would change with it: write that value out"
)
_THROUGH: Final = "this is an alias (*…), and what it stands for is used elsewhere: write the value out here first"


@dataclass(slots=True)
class Steps:
    """What happens inside one collection; entries are counted as they are before any edit.

    Attributes:
        inner: inside of an entry's value, a collection that stays.
        values: what stands in place of an entry's value; `REMOVE` if the entry goes.
        before: of a list: what is put before an entry, or behind the last.
        keys: of a mapping: what is added.
    """

    inner: dict[int, Steps] = field(default_factory=dict)
    values: dict[int, Any] = field(default_factory=dict)
    before: dict[int, list[Any]] = field(default_factory=dict)
    keys: list[tuple[str, Any]] = field(default_factory=list)

    def survivors(self, node: Node) -> bool:
        """Tell whether any entry of the collection stays."""
        return any(self.values.get(at) is not REMOVE for at in range(len(node.entries)))

    def added(self, node: Node) -> Any:
        """Return all that is added, as data: what the collection holds if nothing else stays."""
        if node.kind == MAPPING:
            return dict(self.keys)
        return [value for at in sorted(self.before) for value in self.before[at]]

    def reshape(self) -> bool:
        """Tell whether entries come or go."""
        return bool(self.before or self.keys) or any(value is REMOVE for value in self.values.values())


def steps_for(top: Node, data: dict[str, Any], edits: Sequence[Change]) -> Steps:
    """Return what the edits do to the tree whose data is `data`, both of one text.

    Raises:
        EditError: an edit leads nowhere, into another one, or to what is shared.
    """
    sorter = _Sorter(top, data)
    _refuse_nested(sorter, edits)
    for edit in edits:
        try:
            flow_text(None if edit.value is REMOVE else edit.value, '"')
        except UnwritableError as error:
            raise sorter.error(edit.path, f"cannot be written: {error}") from None
        sorter.add(edit)
    return sorter.steps


def _refuse_nested(sorter: _Sorter, edits: Sequence[Change]) -> None:
    taken = Counter(edit.path for edit in edits if isinstance(edit, Edit))
    for edit in edits:
        above = (edit.path[:length] for length in range(len(edit.path)))
        if any(path in taken for path in above) or (isinstance(edit, Edit) and taken[edit.path] > 1):
            raise sorter.error(edit.path, "is edited twice in one go: make it one edit")


class _Sorter:
    def __init__(self, top: Node, data: dict[str, Any]) -> None:
        self.top = top
        self.data = data
        self.steps = Steps()

    def add(self, edit: Change) -> None:
        """Sort in one edit; of a collection in place of one of its kind, only what differs."""
        if not edit.path:
            self._whole(edit)
            return
        steps, node, data = self._descend(edit.path)
        last = edit.path[-1]
        if isinstance(edit, Insert):
            if not (isinstance(data, list) and isinstance(last, int) and 0 <= last <= len(data)):
                raise self.error(edit.path, "is no position of a list: nothing can be put there")
            steps.before.setdefault(last, []).append(edit.value)
            return
        at = _entry_of(node, last)
        if at is not None:
            self._set(edit, steps, node.entries[at].value, at, data[last])
        elif isinstance(data, dict) and isinstance(last, str) and edit.value is not REMOVE:
            steps.keys.append((last, edit.value))
        else:
            raise self.error(edit.path, "is not there: nothing to change")

    def error(self, path: Path, message: str) -> EditError:
        """Return an error at the nearest place of a path that there is."""
        node = self.top
        for part in path:
            at = _entry_of(node, part)
            if at is None:
                break
            node = node.entries[at].value
        name = shown(".".join(map(str, path)) or "the file")
        return EditError(f"{name} {message}", node.line, node.column)

    def _whole(self, edit: Change) -> None:
        if isinstance(edit, Insert) or not isinstance(edit.value, dict):
            raise self.error((), "has to stay a mapping: edit its keys")
        for change in mapping_changes(self.data, edit.value, ()):
            self.add(change)

    def _descend(self, path: Path) -> tuple[Steps, Node, Any]:
        """Return what happens in the collection that holds the end of a path, and the collection."""
        steps, node = self.steps, self.top
        data: Any = self.data
        _refuse_shared(node)
        for part in path[:-1]:
            at = _entry_of(node, part)
            if at is None:
                raise self.error(path, "is not there: nothing to change")
            node, data = node.entries[at].value, data[part]
            _refuse_shared(node)
            steps = steps.inner.setdefault(at, Steps())
        if node.kind not in (MAPPING, SEQUENCE):
            raise self.error(path, f"is not there: what should hold it is {kind_of(data)}")
        return steps, node, data

    def _set(self, edit: Change, steps: Steps, node: Node, at: int, old: Any) -> None:
        if same(old, edit.value):
            return
        if node.kind != ALIAS and type(old) is type(edit.value) and isinstance(old, dict | list):
            changes = changes_between(old, edit.value, edit.path)
            if [change.path for change in changes] != [edit.path]:
                for change in changes:
                    self.add(change)
                return
        for part in node.below():
            if part.used:
                raise EditError(_SHARED, part.line, part.column)
        steps.values[at] = edit.value


def _refuse_shared(node: Node) -> None:
    if node.kind == ALIAS:
        raise EditError(_THROUGH, node.line, node.column)
    if node.used:
        raise EditError(_SHARED, node.line, node.column)


def _entry_of(node: Node, part: str | int) -> int | None:
    """Return the number of the entry that a key or a position names."""
    if node.kind == SEQUENCE:
        return part if type(part) is int and 0 <= part < len(node.entries) else None
    if node.kind == MAPPING:
        return next((at for at, entry in enumerate(node.entries) if entry.key and entry.key.text == part), None)
    return None
