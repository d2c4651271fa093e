"""The changes of characters that make edits: whole lines of block collections, values in their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, NamedTuple

from .editing_changes import REMOVE, EditError
from .editing_flow import rewritten
from .editing_steps import Steps
from .editing_tree import (
    BLOCK_STYLES,
    Entry,
    Node,
    comment_end,
    line_start,
    next_line,
)
from .editing_words import (
    Style,
    Written,
    behind_dash,
    below_key,
    block_item,
    block_value,
    column,
    flow_text,
    folded,
    item_lines,
    literal,
    pairs,
    quote_of_all,
)
from .yaml_tokens import MAPPING, SEQUENCE

_COMMENT_LINE: Final = re.compile(r"[ \t]*#")
_EMPTY_LINE: Final = re.compile(r"\n[ \t]*\r?\n")
_BEFORE_ITEM: Final = re.compile(r" *(?:- +)*")
_HEADER: Final = re.compile(r"[|>][^ \t\r\n]*")
_QUOTES: Final = ("'", '"')


class Patch(NamedTuple):
    """`text[start:end]` becomes `new`."""

    start: int
    end: int
    new: str


def patched(text: str, patches: Iterable[Patch], start: int, end: int) -> str:
    """Return `text[start:end]` with patches that lie in it; of those at one place, what is put in comes first.

    Raises:
        EditError: two patches overlap.
    """
    pieces: list[str] = []
    at = start
    for patch in sorted(patches, key=lambda patch: (patch.start, patch.end > patch.start)):
        if patch.start < at:
            line = text.count("\n", 0, patch.start) + 1
            raise EditError("two edits change the same characters: make them one by one", line, 1)
        pieces += [text[at : patch.start], patch.new]
        at = patch.end
    return "".join([*pieces, text[at:end]])


@dataclass(frozen=True, slots=True)
class Editor:
    """Finds the patches for a text in a style; the text ends in a line end."""

    text: str
    style: Style

    def inside(self, node: Node, steps: Steps) -> Iterator[Patch]:
        """Yield the patches for what happens inside of a collection."""
        if node.flow and steps.reshape():
            yield Patch(node.start, node.end, self._flow(node, steps))
            return
        for at, entry in enumerate(node.entries):
            yield from self._entry(node, steps, at, entry)
        if node.flow:
            return
        yield from self._removed(node, steps)
        yield from self._inserted(node, steps)

    def _entry(self, node: Node, steps: Steps, at: int, entry: Entry) -> Iterator[Patch]:
        """Yield the patches for the value of an entry that stays."""
        if at in steps.values:
            if steps.values[at] is not REMOVE:
                yield from self._value(node, entry, steps.values[at])
        elif at in steps.inner:
            inner = steps.inner[at]
            if entry.value.block and not inner.survivors(entry.value):
                yield from self._value(node, entry, inner.added(entry.value))
            else:
                yield from self.inside(entry.value, inner)

    def _flow(self, node: Node, steps: Steps) -> str:
        def core(at: int) -> str:
            entry = node.entries[at]
            return patched(self.text, self._entry(node, steps, at, entry), entry.start, entry.end)

        return rewritten(self.text, node, steps, core, self.style)

    # Values

    def _value(self, parent: Node, entry: Entry, value: Any) -> Iterator[Patch]:
        """Yield the patches that put another value into an entry."""
        node = entry.value
        keep = node.style if isinstance(value, str) and node.style in _QUOTES else ""
        if parent.flow:
            written = Written(flow_text(value, self.style.quote, keep))
        else:
            self._refuse_odd(entry)
            written = self._written(parent, entry, value, keep)
        if node.start == node.end:
            yield from self._in_empty(entry, written)
        elif not parent.flow and node.block and self._is_below(entry):
            yield from self._instead_of_lines(entry, written)
        else:
            yield from self._in_line(entry, written)

    def _written(self, parent: Node, entry: Entry, value: Any, quote: str) -> Written:
        indent = column(self.text, entry.start)
        if isinstance(value, str) and entry.value.style in BLOCK_STYLES:
            inside = indent + (self.style.step if parent.kind == MAPPING else 2)
            first = folded if entry.value.style == ">" else literal
            if written := first(value, inside, self.style) or literal(value, inside, self.style):
                return written
        if value and entry.value.block and isinstance(value, dict if entry.value.kind == MAPPING else list):
            below = below_key if parent.kind == MAPPING else behind_dash
            return below(value, indent, self.style)
        if parent.kind == SEQUENCE:
            return block_item(value, indent, self.style, quote)
        used = column(self.text, entry.key.end if entry.key else entry.start) + 2
        return block_value(value, indent, used, self.style, quote)

    def _is_below(self, entry: Entry) -> bool:
        begin = entry.key.end if entry.key else entry.start
        return "\n" in self.text[begin : entry.value.start]

    def _in_empty(self, entry: Entry, written: Written) -> Iterator[Patch]:
        at = entry.value.start
        head = f" {written.head}" if written.head else ""
        if not entry.colon:
            head = f":{head}"
        elif head and self.text[at : at + 1] == " ":
            at, head = at + 1, f"{written.head} " if self.text[at + 1 : at + 2] == "#" else written.head
        yield Patch(at, at, head)
        yield from self._rest(next_line(self.text, at), written)

    def _in_line(self, entry: Entry, written: Written) -> Iterator[Patch]:
        node = entry.value
        start, end, head = node.start, node.end, written.head
        if not head:
            begin = entry.key.end if entry.key else entry.start
            start = self.text.index(":", begin) + 1 if entry.key else begin + 1
        elif node.style in BLOCK_STYLES and (header := _HEADER.match(self.text, start)):
            # A comment in the first line of a block scalar stays behind what is there now.
            head += self.text[header.end() : comment_end(self.text, header.end())]
        yield Patch(start, end, head)
        yield from self._rest(next_line(self.text, end), written)

    def _instead_of_lines(self, entry: Entry, written: Written) -> Iterator[Patch]:
        node = entry.value
        if written.head:
            begin = self.text.index(":", entry.key.end) + 1 if entry.key else entry.start + 1
            yield Patch(begin, begin, f" {written.head}")
        start = line_start(self.text, node.start)
        yield from self._rest(start, written)
        yield Patch(start, next_line(self.text, node.end), "")

    def _rest(self, at: int, written: Written) -> Iterator[Patch]:
        if written.rest:
            yield Patch(at, at, self._lines(written.rest))

    def _lines(self, lines: list[str]) -> str:
        return "".join(line + self.style.newline for line in lines)

    # Entries of block collections

    def _removed(self, node: Node, steps: Steps) -> Iterator[Patch]:
        """Yield the patches that take entries away, with their lines and the comments behind them."""
        for at, entry in enumerate(node.entries):
            if steps.values.get(at) is not REMOVE:
                continue
            self._refuse_odd(entry)
            after = next_line(self.text, entry.end)
            if self._leads(node, steps, at):
                # What comes next takes the place behind the dash.
                gap = re.compile(r"\s*").match(self.text, after)
                yield Patch(entry.start, gap.end() if gap else after, "")
            else:
                yield Patch(line_start(self.text, entry.start), after, "")

    def _leads(self, node: Node, steps: Steps, at: int) -> bool:
        """Tell whether an entry is, or comes to be, behind what its collection's first line begins with."""
        first = node.entries[0].start
        if line_start(self.text, first) + len(self._indent(first)) == first:
            return False
        for before in range(at):
            entry = node.entries[before]
            gap = self.text[entry.end : node.entries[before + 1].start]
            if steps.values.get(before) is not REMOVE or _COMMENT_LINE.search(gap.partition("\n")[2]):
                return False
        return True

    def _inserted(self, node: Node, steps: Steps) -> Iterator[Patch]:
        """Yield the patches that add entries."""
        indent = column(self.text, node.entries[0].start)
        apart = [""] if self._apart(node) else []
        for at, values in sorted(steps.before.items()):
            new = [item_lines(value, indent, self.style, quote_of_all(node)) for value in values]
            if at < len(node.entries) and self._leads(node, steps, at):
                start = node.entries[at].start
                text = self._lines([line for lines in new for line in lines + apart])
                yield Patch(start, start, text.lstrip(" ") + " " * indent)
            elif at:
                yield from self._behind(node.entries[at - 1], [apart + lines for lines in new])
            else:
                start = self._top(node)
                yield Patch(start, start, self._lines([line for lines in new for line in lines + apart]))
        if steps.keys:
            self._refuse_odd(node.entries[-1])
            new = [apart + pairs({key: value}, indent, self.style) for key, value in steps.keys]
            yield from self._behind(node.entries[-1], new)

    def _behind(self, entry: Entry, new: list[list[str]]) -> Iterator[Patch]:
        start = next_line(self.text, entry.end)
        yield Patch(start, start, self._lines([line for lines in new for line in lines]))

    def _apart(self, node: Node) -> bool:
        """Tell whether entries, two at least, all have an empty line between them."""
        gaps = [self.text[one.end : next_.start] for one, next_ in pairwise(node.entries)]
        return bool(gaps) and all(_EMPTY_LINE.search(gap) for gap in gaps)

    def _top(self, node: Node) -> int:
        """Return where a new first item goes: above the comments that stand above the first one."""
        at = line_start(self.text, node.entries[0].start)
        while at and _COMMENT_LINE.match(self.text, above := line_start(self.text, at - 1)):
            at = above
        return at

    def _indent(self, at: int) -> str:
        found = re.compile(r" *").match(self.text, line_start(self.text, at))
        return found[0] if found else ""

    def _refuse_odd(self, entry: Entry) -> None:
        before = self.text[line_start(self.text, entry.start) : entry.start]
        if not _BEFORE_ITEM.fullmatch(before) or (entry.key is not None and not entry.colon):
            line = self.text.count("\n", 0, entry.start) + 1
            message = "a way to write this that edits do not follow: put it on a line of its own, as `key: value`"
            raise EditError(message, line, len(before) + 1)
