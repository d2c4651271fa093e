"""Markdown in which no name can act: nothing pings, links, becomes an issue or ends a table.

Hosts turn `@name`, `#12`, addresses and the like into links and notifications after they have read the
Markdown, so a backslash does not stop them. What could be read so stands in `<code>`, which they leave alone, and
the sign itself in an element of its own, so that the name does not follow it in one text. What is copied from the
page is the text as it was: no invisible characters are put in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .plain import LONGEST, plain

EMPTY = "(empty)"
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_HARMLESS = frozenset(",.;:/()'\"?")
_COUNTED = re.compile(r"\d+[.)]$")
_SIGN = re.compile(r"[@#]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_ACTS = re.compile(
    r"@"  # somebody, a team, or an email address
    r"|[#!~%$&^]\w"  # GitHub's issues; GitLab's merge requests, labels, milestones, snippets, epics, alerts
    r"|:\w*[a-z][\w+-]*:|:(?:[+-]1|100|1234):"  # an emoji; not the middle of 12:00:00
    r"|://|www\.|\b(?:mailto|xmpp):"
    r"|\b(?:GH|GHSA|CVE)-"
    r"|\b[0-9a-f]{7,40}\b",  # a commit
    re.IGNORECASE,
)


def inline(text: object, longest: int = LONGEST) -> str:
    """Return text as Markdown that shows exactly this text, on one line, in a table cell or anywhere else.

    It holds no pipe, backtick, bracket, HTML of its own or sign that a host acts on; what is longer than `longest`
    characters is cut. Whatever has nothing to show is `(empty)`.
    """
    words = plain(text, longest).split(" ")
    shown = " ".join(_word(word) for word in words).strip()
    return shown or EMPTY


def code(text: object, longest: int = LONGEST) -> str:
    """Return text in the type of code; as harmless as `inline`."""
    shown = " ".join(_escaped(word) for word in plain(text, longest).split(" ")).strip()
    return f"<code>{shown or EMPTY}</code>"


def fenced(line: str, language: str = "sh") -> str:
    """Return a block with a line to copy; `line` must not begin with backticks."""
    return f"```{language}\n{plain(line, 1000)}\n```"


def row(cells: Iterable[str]) -> str:
    """Return a row of a table; the cells are Markdown already."""
    return f"| {' | '.join(cells)} |"


def table_head(*titles: str) -> str:
    """Return the first two lines of a table."""
    return f"{row(titles)}\n{row('---' for _ in titles)}"


def hidden(*words: str) -> str:
    """Return a comment that no reader sees, for programs to find; only letters, digits and `.-_` are in it."""
    kept = (re.sub(r"[^A-Za-z0-9._-]|-(?=-)", "_", word) for word in words if word)
    return f"<!-- {':'.join(kept)} -->"


def _word(word: str) -> str:
    return f"<code>{_escaped(word)}</code>" if _ACTS.search(word) else _escaped(word)


def _escaped(word: str) -> str:
    """Return a word in which only what is harmless wherever it stands is written as it is."""
    counted = _COUNTED.match(word)  # `1.` and `1)` begin a list

    def one(found: re.Match[str]) -> str:
        char = found[0]
        entity = f"&#{ord(char)};"
        if _SIGN.match(word, found.start()):
            return f"<span>{entity}</span>"
        kept = (char in _HARMLESS and not counted) or (char == "-" and found.start())
        return char if kept else entity

    return _PUNCTUATION.sub(one, word)
