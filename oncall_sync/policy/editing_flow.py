"""Collections in brackets and braces, written anew with what stays untouched to the letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from .editing_changes import REMOVE, EditError
from .editing_steps import Steps
from .editing_tree import Node, comment_end, line_start
from .editing_words import Style, flow_pair, flow_text, quote_of_all
from .yaml_tokens import MAPPING

_LAST_BREAK: Final = re.compile(r"\r?\n[^\n]*\Z")


@dataclass(slots=True)
class Part:
    """An entry with what is around it: `lead core middle,after` (the comma maybe missing with the last).

    Attributes:
        lead: space, and lines of comments, above or before.
        core: the entry.
        middle: between it and its comma.
        after: a comment behind the comma, in the same line.
    """

    lead: str
    core: str
    middle: str = ""
    after: str = ""

    @property
    def own_line(self) -> bool:
        """Whether it begins a line."""
        return "\n" in self.lead


def rewritten(text: str, node: Node, steps: Steps, core: Callable[[int], str], style: Style) -> str:
    """Return a flow collection in which entries come or go.

    Args:
        text: the whole text.
        node: the collection.
        steps: what happens in it.
        core: returns an entry as it will be, by its number.
        style: of the file.

    Raises:
        EditError: a single pair without braces.
    """
    if text[node.end - 1] not in "]}":
        raise EditError("a pair in a list without braces: put `{` and `}` around it first", node.line, node.column)
    first = text.index("{" if node.kind == MAPPING else "[", node.start) + 1
    parts, tail, comma = _parts(text, node, first)
    layout = _Layout(text, node, parts, style)
    body, rest = _body(steps, parts, core, layout)
    inside = _joined(body, layout.line, comma=comma) + rest
    if not tail.strip() and (not parts or not (body or rest)):
        tail = ""
    if "#" in (rest or (body[-1].after if body else "")) and "\n" not in tail:
        tail = layout.outer + tail.lstrip(" ")
    return text[node.start : first] + inside + tail + text[node.end - 1 : node.end]


def _parts(text: str, node: Node, first: int) -> tuple[list[Part], str, bool]:
    """Return the entries, what is left before the closing bracket, and whether a comma stands behind the last."""
    parts: list[Part] = []
    at, close, comma = first, node.end - 1, False
    for entry in node.entries:
        part = Part(text[at : entry.start], "")
        found = _comma(text, entry.end, close)
        comma = found is not None
        part.middle = text[entry.end : found] if found is not None else ""
        at = found + 1 if found is not None else entry.end
        end = comment_end(text, at)
        if end < close and text[end] in "\r\n":
            part.after = text[at:end]
            at = end
        parts.append(part)
    return parts, text[at:close], comma


def _comma(text: str, at: int, close: int) -> int | None:
    gap = re.compile(r"(?:\s|#[^\n]*)*").match(text, at, close)
    at = gap.end() if gap else at
    return at if at < close and text[at] == "," else None


def _body(steps: Steps, parts: list[Part], core: Callable[[int], str], layout: _Layout) -> tuple[list[Part], str]:
    """Return the entries that will be, and comments that stood above what went at the end."""
    body: list[Part] = []
    # What went leaves the comments above it, and its place in the line to what follows there.
    carried, place = "", None
    for at, part in enumerate(parts):
        part.core = core(at)
        lead = part.lead if part.own_line or place is None else place
        new = [layout.written(value) for value in steps.before.get(at, [])]
        if new:
            lead = layout.insert(body, new, carried, lead)
            carried, place = "", None
        if steps.values.get(at) is not REMOVE:
            part.lead, carried, place = carried + lead, "", None
            body.append(part)
        elif found := _LAST_BREAK.search(lead):
            carried, place = carried + lead[: found.start()], found[0]
        elif place is None:
            place = lead
    new = [layout.written(value) for value in steps.before.get(len(parts), [])]
    new += [flow_pair(key, value, layout.quote) for key, value in steps.keys]
    for text in new:
        lead = place if place is not None and (carried or not body) else (layout.behind if body else "")
        body.append(Part(carried + lead, text))
        carried = ""
    return body, carried


class _Layout:
    """Where a new entry goes: on a line of its own if all others are, else behind the one before.

    Attributes:
        lines: whether all entries have lines of their own.
        behind: what stands before an entry that is not the first.
        line: a line break and the indentation of an entry.
        outer: a line break and the indentation of the line where the collection begins.
        quote: for text that needs one.
    """

    def __init__(self, text: str, node: Node, parts: list[Part], style: Style) -> None:
        start = line_start(text, node.start)
        indent = re.compile(r" *").match(text, start)
        self.outer = style.newline + (indent[0] if indent else "")
        self.lines = bool(parts) and all(part.own_line for part in parts)
        breaks = [found[0] for part in parts if (found := _LAST_BREAK.search(part.lead))]
        apart = [part.lead for part in parts[1:] if not part.own_line]
        self.line = breaks[-1] if breaks else self.outer + " " * style.step
        self.behind = self.line if self.lines else (apart[0] if apart else " ")
        self.quote = style.quote
        self._preferred = quote_of_all(node)

    def written(self, value: Any) -> str:
        """Return a new item of a list: quoted if all others are."""
        return flow_text(value, self.quote, self._preferred)

    def insert(self, body: list[Part], new: list[str], carried: str, lead: str) -> str:
        """Add new entries before one; return the lead that is left for that one."""
        if self.lines:
            body += [Part((carried if not at else "") + self.line, text) for at, text in enumerate(new)]
            return lead
        if "\n" in lead or not body:
            body += [Part(carried + lead if not at else self.behind, text) for at, text in enumerate(new)]
            return self.behind
        body += [Part(self.behind, text) for text in new]
        return lead


def _joined(parts: list[Part], line: str, *, comma: bool) -> str:
    pieces: list[str] = []
    commented = False
    for at, part in enumerate(parts):
        last = at == len(parts) - 1
        end = "," if comma or not last else ""
        lead = line if commented and "\n" not in part.lead else part.lead
        pieces.append(f"{lead}{part.core}{part.middle}{end}{part.after}")
        commented = "#" in part.after
    return "".join(pieces)
