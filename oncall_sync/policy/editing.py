"""Edits of YAML text that change what they are asked to, and leave every other character as it is.

Comments, quotes, indentation, flow or block style, blank lines, line ends, a byte order mark and the end of the
file stay. What is new is written in the style of what is around it. The result is read back, and is given only if
it says what was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from .editing_block import Editor, patched
from .editing_changes import (
    REMOVE,
    Change,
    Edit,
    EditError,
    Insert,
    applied,
    changes_between,
    same,
)
from .editing_steps import steps_for
from .editing_tree import Node, tree
from .editing_words import Style, UnwritableError, pairs, style_of
from .reading import read
from .yaml_tokens import MAPPING

__all__ = ["REMOVE", "Change", "Edit", "EditError", "Insert", "changes_between", "edited"]

_BOM: Final = "\ufeff"
_CHECKED: Final = "this edit cannot be made without changing more than it should: edit the file by hand"


def edited(text: str, edits: Sequence[Change]) -> str:
    """Return a policy file's text with all edits made together.

    Guarantees: the result reads as the old data with the edits made; no edits, or edits that put what is there
    already, change nothing. A list or mapping in place of one of its kind changes only where they differ.

    Raises:
        EditError: the text is not one the policy reader takes; an edit leads nowhere, into another edit, or to a
            value that has an anchor in use or is reached through an alias; or its value cannot be written.
    """
    bom = _BOM if text.startswith(_BOM) else ""
    body = text.removeprefix(_BOM)
    old = _data(body)
    top = tree(body)
    style = style_of(body, top)
    failure = EditError(_CHECKED, 1, 1)
    try:
        # Text of several lines is best read in lines, but where a comment would become part of it, in quotes.
        for how in (style, replace(style, literals=False)):
            for result in _ways(body, _made(body, top, old, edits, how), how):
                if (wrong := _wrong(result, old, edits)) is None:
                    return bom + result
                failure = wrong
    except UnwritableError as error:
        raise EditError(str(error), 1, 1) from None
    raise failure


def _made(body: str, top: Node | None, old: dict[str, Any], edits: Sequence[Change], style: Style) -> str:
    """Return the edited text, ending in a line end."""
    whole = body if not body or body.endswith("\n") else body + style.newline
    if top is not None and top.kind == MAPPING:
        steps = steps_for(top, old, edits)
        return patched(whole, Editor(whole, style).inside(top, steps), 0, len(whole))
    addable = all(isinstance(edit, Edit) and edit.value is not REMOVE and len(edit.path) == 1 for edit in edits)
    new = applied(old, edits) if addable else None
    if not isinstance(new, dict) or (top is not None and top.end > top.start):
        raise EditError("nothing stands here yet that could be edited: write the first key by hand", 1, 1)
    return whole + "".join(line + style.newline for line in pairs(new, 0, style))


def _ways(body: str, made: str, style: Style) -> list[str]:
    """Return how the result may end, best first: as the text did, or in a line end if its last value needs one."""
    if body.endswith("\n") or not made.endswith(style.newline):
        return [made]
    return [made.removesuffix(style.newline), made]


def _data(text: str) -> dict[str, Any]:
    try:
        document, problems = read(text.encode(), "")
    except UnicodeEncodeError:
        raise EditError("this is not text that UTF-8 can hold", 1, 1) from None
    for problem in problems:
        raise EditError(problem.message, max(problem.line, 1), max(problem.column, 1))
    return document.data if document else {}


def _wrong(result: str, old: dict[str, Any], edits: Sequence[Change]) -> EditError | None:
    """Read a result back; return an error if it does not say what the edits ask for."""
    try:
        new = _data(result)
    except EditError as error:
        return EditError(f"{_CHECKED} (it would read: {error})", error.line, error.column)
    return None if same(new, applied(old, edits)) else EditError(_CHECKED, 1, 1)
