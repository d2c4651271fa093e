"""A YAML text as a tree of nodes that know the characters they are written with.

Libyaml's marks, mended where they say more or less than the node: a block collection ends with its last value and
not with the comments behind it, and an empty value stands right behind its colon or dash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from .yaml_tokens import ALIAS, MAPPING, SCALAR, SEQUENCE

BLOCK_STYLES: Final = ("|", ">")
_COLON: Final = re.compile(r"[ \t]*:")
_GAP: Final = re.compile(r"(?:\s|#[^\n]*)*")
_COMMENT: Final = re.compile(r"[ \t]*(?:#[^\r\n]*)?")


@dataclass(slots=True)
class Entry:
    """An item of a list, or a key with its value.

    Attributes:
        key: of a mapping.
        start: where it begins: at its key, its dash, or (a flow list) its value.
        colon: whether the value stands behind a colon of its own, in the line where the key ends.
    """

    key: Node | None
    value: Node
    start: int
    colon: bool = True

    @property
    def end(self) -> int:
        """Where its value ends, not counting comments."""
        return self.value.end


@dataclass(slots=True)
class Node:
    """One value as it is written: `text[start:end]`, anchor included.

    Attributes:
        flow: a collection in brackets or braces.
        style: of a scalar: empty (plain), a quote, `|` or `>`.
        used: it has an anchor that an alias names.
        entries: of a collection.
    """

    kind: int
    start: int
    end: int
    line: int
    column: int
    flow: bool = False
    style: str = ""
    text: str = ""
    used: bool = False
    entries: list[Entry] = field(default_factory=list)

    @property
    def block(self) -> bool:
        """Whether it is a collection in lines of its own."""
        return self.kind in (MAPPING, SEQUENCE) and not self.flow

    def below(self) -> Iterator[Node]:
        """Yield this node and all in it; recursion is bounded by the reader's depth."""
        yield self
        for entry in self.entries:
            yield from entry.value.below()


def tree(text: str) -> Node | None:
    """Return the first document's top node, or None if there is none.

    Args:
        text: what the policy reader has no problem with, without a byte order mark.
    """
    builder = _Builder(text)
    parser = yaml.CBaseLoader(text)
    try:
        while not isinstance(event := parser.get_event(), yaml.StreamEndEvent):
            builder.take(event)
    finally:
        parser.dispose()
    return builder.top


def line_start(text: str, at: int) -> int:
    """Return where the line that holds a character begins."""
    return text.rfind("\n", 0, at) + 1


def next_line(text: str, at: int) -> int:
    """Return where the next line begins, or the end of the text."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def comment_end(text: str, at: int) -> int:
    """Return where a comment in the rest of the line ends; the line break is not part of it."""
    found = _COMMENT.match(text, at)
    return found.end() if found else at


def after_gap(text: str, at: int) -> int:
    """Return the first character after space, line breaks and comments."""
    found = _GAP.match(text, at)
    return found.end() if found else at


class _Builder:
    def __init__(self, text: str) -> None:
        self.text = text
        self.top: Node | None = None
        self._open: list[tuple[Node, list[Node]]] = []
        self._anchors: dict[str, Node] = {}

    def take(self, event: Any) -> None:
        """Take in one event."""
        if isinstance(event, yaml.CollectionEndEvent):
            self._close(*self._open.pop(), _end(event))
        elif isinstance(event, yaml.NodeEvent):
            node = self._node(event)
            if self._open:
                self._open[-1][1].append(node)
            elif self.top is None:
                self.top = node
            if isinstance(event, yaml.CollectionStartEvent):
                self._open.append((node, []))

    def _node(self, event: Any) -> Node:
        mark = event.start_mark
        place = mark.index, _end(event), mark.line + 1, mark.column + 1
        if isinstance(event, yaml.AliasEvent):
            self._anchors[str(event.anchor)].used = True
            return Node(ALIAS, *place)
        if isinstance(event, yaml.ScalarEvent):
            node = Node(SCALAR, *place, style=event.style or "", text=event.value)
            node.end = self._scalar_end(node)
        else:
            kind = MAPPING if isinstance(event, yaml.MappingStartEvent) else SEQUENCE
            node = Node(kind, *place, flow=bool(event.flow_style))
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _scalar_end(self, node: Node) -> int:
        if node.style not in BLOCK_STYLES:
            return node.end
        written = self.text[node.start : node.end]
        header = written.split("\n", 1)[0].split("#")[0]
        # With `+` the empty lines behind the text are part of it; without, they are the file's.
        kept = re.sub(r"\r?\n\Z", "", written) if "+" in header else written.rstrip()
        return node.start + len(kept)

    def _close(self, node: Node, children: list[Node], end: int) -> None:
        if node.kind == MAPPING:
            node.entries = [
                self._pair(key, value) for key, value in zip(children[::2], children[1::2], strict=True)
            ]
        elif node.flow:
            node.entries = [Entry(None, child, child.start) for child in children]
        else:
            self._items(node, children)
        node.end = end if node.flow else node.entries[-1].end

    def _pair(self, key: Node, value: Node) -> Entry:
        colon = _COLON.match(self.text, key.end)
        if value.start == value.end:
            value.start = value.end = colon.end() if colon else key.end
        return Entry(key, value, key.start, colon is not None)

    def _items(self, node: Node, children: list[Node]) -> None:
        at = node.start
        if self.text[at] == "&":
            at += len(re.split(r"\s", self.text[at:], maxsplit=1)[0])
        for child in children:
            dash = after_gap(self.text, at)
            if child.start == child.end:
                child.start = child.end = dash + 1
            node.entries.append(Entry(None, child, dash))
            at = child.end


def _end(event: Any) -> int:
    return int(event.end_mark.index)
