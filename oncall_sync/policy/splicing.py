"""Other data for one part of a policy file, spliced into its text where that part stands.

`editing` makes the edits. What is added here is what a person does by hand and single edits cannot say: an item
that moves takes its lines and comments with it, a value that becomes a list stays in it as it is, and a new key
stands where it belongs and not at the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from .editing import Edit, EditError, changes_between, edited
from .editing_changes import Path, applied, same
from .editing_tree import Node, line_start, next_line, tree
from .editing_words import flow_pair, style_of
from .reading import read
from .yaml_tokens import ALIAS, MAPPING, SEQUENCE

__all__ = ["EditError", "spliced"]

_COMMENT_LINE: Final = re.compile(r"[ \t]*#")
_INDENT: Final = re.compile(r" *(?:- +)*")


def spliced(text: str, path: Path, value: Any) -> str:
    """Return a policy file's text in which `path` leads to `value`, and all else is as it was.

    Guarantees: read back, it is the old data with that value at that place; comments, quotes, indentation and line
    ends of what stays are untouched. A mapping's new keys stand where its data has them. A list of items that only
    change places keeps each with its comments.

    Args:
        text: of a file that the policy reader has no problem with.
        path: keys and list positions; what it leads to has to be there already, but for a last key.
        value: plain data.

    Raises:
        EditError: as `edited`; above all for a value that an alias elsewhere stands for as well.
    """
    old = _data(text)
    wanted = applied(old, [Edit(path, value)])
    result = text
    for _ in range(_MOST_STEPS):
        step = _step(result, path, _at(_data(result), path), value)
        if step is None:
            break
        result = step
    result = edited(result, changes_between(_at(_data(result), path), value, path))
    if not same(_data(result), wanted):
        raise EditError("this cannot be written without changing more than it should: edit the file by hand", 1, 1)
    return result


_MISSING: Final = object()
_MOST_STEPS: Final = 200
"""Of one splice; beyond it, edits do the rest."""


def _data(text: str) -> dict[str, Any]:
    document, problems = read(text.encode(), "")
    for problem in problems:
        raise EditError(problem.message, max(problem.line, 1), max(problem.column, 1))
    return document.data if document else {}


def _at(data: Any, path: Path) -> Any:
    for part in path:
        if isinstance(data, dict) and part not in data:
            return _MISSING
        data = data[part]
    return data


def _step(text: str, path: Path, old: Any, new: Any) -> str | None:
    """Return the text after one step that edits cannot make, or None if there is none left to make."""
    if old is _MISSING or same(old, new):
        return None
    if isinstance(old, dict) and isinstance(new, dict):
        return _mapping_step(text, path, old, new)
    if isinstance(old, dict) and isinstance(new, list) and any(_alike(old, item) for item in new):
        return _wrapped(text, path)
    if isinstance(old, list) and isinstance(new, list):
        order = _order(old, new)
        moved = _moved(text, path, order) if order is not None else None
        if moved is not None:
            return moved
        if len(old) == len(new):
            steps = (_step(text, (*path, at), one, new[at]) for at, one in enumerate(old))
            return next((step for step in steps if step is not None), None)
    return None


def _mapping_step(text: str, path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    keys = list(new)
    for number, key in enumerate(keys):
        later = next((each for each in keys[number + 1 :] if each in old), None)
        if key not in old and later is not None and _short(new[key]):
            found = _put_before(text, path, later, key, new[key])
            if found is not None:
                return found
    steps = (_step(text, (*path, key), value, new[key]) for key, value in old.items() if key in new)
    return next((step for step in steps if step is not None), None)


def _short(value: Any) -> bool:
    """Tell whether a value is written on the line of its key."""
    return not (isinstance(value, str) and "\n" in value) and len(repr(value)) <= 160


def _alike(one: Mapping[str, Any], other: Any) -> bool:
    return isinstance(other, dict) and bool(one.keys() & other.keys())


# Nodes


def _node(top: Node | None, path: Path) -> Node | None:
    """Return the node that a path leads to; None if it is, or is inside, something that is written only once for
    several places: the edit that follows refuses that, and says why.
    """
    node = top
    for part in path:
        if node is None or node.kind == ALIAS or node.used:
            return None
        if node.kind == MAPPING:
            node = next((one.value for one in node.entries if one.key and one.key.text == part), None)
        elif node.kind == SEQUENCE and isinstance(part, int) and part < len(node.entries):
            node = node.entries[part].value
        else:
            return None
    return None if node is None or node.kind == ALIAS or any(part.used for part in node.below()) else node


def _body(text: str) -> tuple[str, str]:
    """Return a byte order mark, if there is one, and the rest; nodes count from there."""
    bare = text.removeprefix("\ufeff")
    return text[: len(text) - len(bare)], bare


def _put_before(text: str, path: Path, later: str, key: str, value: Any) -> str | None:
    bom, body = _body(text)
    top = tree(body)
    node = _node(top, path)
    if node is None:
        return None
    style = style_of(body, top)
    pair = flow_pair(key, value, style.quote)
    entry = next(one for one in node.entries if one.key and one.key.text == later)
    at = entry.start
    if node.flow:
        return f"{bom}{body[:at]}{pair}, {body[at:]}"
    start = line_start(body, at)
    before = body[start:at]
    if before.strip(" "):
        if not _INDENT.fullmatch(before):
            return None
        return f"{bom}{body[:at]}{pair}{style.newline}{' ' * len(before)}{body[at:]}"
    while start and _COMMENT_LINE.match(body, above := line_start(body, start - 1)):
        start = above
    return f"{bom}{body[:start]}{before}{pair}{style.newline}{body[start:]}"


def _wrapped(text: str, path: Path) -> str | None:
    """Return the text in which the mapping at `path` is the only item of a list, written as it was."""
    bom, body = _body(text)
    node = _node(tree(body), path)
    if node is None or node.kind != MAPPING:
        return None
    if node.flow:
        return f"{bom}{body[: node.start]}[{body[node.start : node.end]}]{body[node.end :]}"
    start, end = line_start(body, node.start), next_line(body, node.end)
    before = body[start : node.start]
    if before.strip(" "):
        return None
    lines = body[start:end].splitlines(keepends=True)
    rest = "".join(f"  {line}" if line.strip() else line for line in lines[1:])
    return f"{bom}{body[:start]}{before}- {lines[0].lstrip(' ')}{rest}{body[end:]}"


# Lists whose items change places


def _order(old: Sequence[Any], new: Sequence[Any]) -> list[int] | None:
    """Return the order in which items that stay come to stand, by where they are; None if that is the order now.

    Items that go keep their places.
    """
    left = list(range(len(old)))
    found: list[int] = []
    for item in new:
        at = next((at for at in left if same(old[at], item)), None)
        if at is not None:
            left.remove(at)
            found.append(at)
    places = sorted(found)
    if found == places:
        return None
    order = list(range(len(old)))
    for place, at in zip(places, found, strict=True):
        order[place] = at
    return order


def _moved(text: str, path: Path, order: Sequence[int]) -> str | None:
    bom, body = _body(text)
    node = _node(tree(body), path)
    if node is None:
        return None
    spans = _spans_in_line(body, node) if node.flow else _spans_of_lines(body, node)
    if spans is None:
        return None
    pieces = [body[: spans[0][0]]]
    for place, (_, end) in enumerate(spans):
        start, stop = spans[order[place]]
        following = spans[place + 1][0] if place + 1 < len(spans) else len(body)
        pieces += [body[start:stop], body[end:following]]
    return bom + "".join(pieces)


def _spans_in_line(body: str, node: Node) -> list[tuple[int, int]] | None:
    """Return the items of a list in brackets; None if comments stand among them, which belong to some of them."""
    inside = body[node.start : node.end]
    if "#" in inside and "\n" in inside:
        return None
    return [(entry.start, entry.end) for entry in node.entries]


def _spans_of_lines(body: str, node: Node) -> list[tuple[int, int]] | None:
    """Return the lines of each item of a block list, with the comments above and behind it.

    The last line may lack its end: then nothing is moved. Comments above the first item are taken for its own.
    """
    spans: list[tuple[int, int]] = []
    for entry in node.entries:
        start = line_start(body, entry.start)
        if body[start : entry.start].strip(" "):
            return None
        floor = spans[-1][1] if spans else 0
        while start > floor and _COMMENT_LINE.match(body, above := line_start(body, start - 1)):
            start = above
        spans.append((start, next_line(body, entry.end)))
    return spans if body[spans[-1][1] - 1] == "\n" else None
