"""What libyaml says about a text, in words for people who write YAML twice a year."""

from __future__ import annotations

import re
from typing import Final

import yaml

from oncall_sync.errors import Problem

from .wording import shown

MAX_TABS: Final = 20
_TAB_INDENT: Final = re.compile(r"^ *\t[ \t]*(?=[^ \t\r\n#])", re.MULTILINE)

_QUOTE: Final = "put the text in quotes"
_PLAIN_WORDS: Final = {
    "mapping values are not allowed in this context": (
        "a colon and a space begin a value here, where none can stand: put text with a colon in quotes, "
        "or mend the indentation"
    ),
    "mapping keys are not allowed in this context": f"a ? cannot begin a value: {_QUOTE}",
    "block sequence entries are not allowed in this context": (
        "a list cannot begin here: put `- ` on a line of its own below the key, or write [a, b]"
    ),
    "could not find expected ':'": "a key without a colon: write `key: value`, or mend the line above",
    "did not find expected key": (
        "this does not fit what is above it: give all keys of one mapping the same indentation, and close quotes"
    ),
    "did not find expected '-' indicator": (
        "this does not fit the list above it: begin every item with `- ` at the same indentation"
    ),
    "did not find expected ',' or ']'": "this list is not closed: write `,` between items and `]` at the end",
    "did not find expected ',' or '}'": "this mapping is not closed: write `,` between keys and `}` at the end",
    "did not find expected node content": "a value is missing here: write one, or remove the comma",
    "did not find expected <document start>": (
        "the file goes on after its end: give all top-level keys the same indentation, none at best"
    ),
    "found unexpected end of stream": "a quote is opened and never closed: close it",
    "found unexpected document indicator": "a quote is opened and never closed: close it before this line",
    "found unknown escape character": "no such escape: write \\\\ for a backslash, or use single quotes",
    "did not find expected hexdecimal number": "an escape breaks off: write it as \\xe9 or \\u00e9",
    "found invalid Unicode character escape code": "an escape for a character that there is not: remove it",
    "did not find expected alphabetic or numeric character": f"& and * begin anchors and aliases: {_QUOTE}",
    "found undefined tag handle": f"text that begins with ! is a tag: {_QUOTE}",
    "found an indentation indicator equal to 0": "| and > take 1 to 9 as indentation: leave the number out",
    "did not find expected comment or line break": "a line break belongs here: put the text on the next line",
}
_UNCLOSED: Final = (
    "did not find expected ',' or ']'",
    "did not find expected ',' or '}'",
    "found unexpected end of stream",
    "found unexpected document indicator",
)
_STARTS: Final = {
    "@": f"@ cannot begin a value: {_QUOTE}",
    "\t": "a tab, and YAML is indented with spaces only: remove it",
    "`": f"a backtick cannot begin a value: {_QUOTE}",
    "%": f"% cannot begin a value: {_QUOTE}",
}


def in_plain_words(error: yaml.MarkedYAMLError, text: str, file: str) -> list[Problem]:
    """Return the problem that stopped the parser, at its place; of tabs, all that follow as well."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    tabs = _tabs(text, line, file)
    if tabs and tabs[0].line == line:
        return tabs
    message = _message(error, text, line, column)
    opened = error.context_mark
    if opened and opened.line + 1 < line:
        if error.problem in _UNCLOSED:
            # The end of the file is no help to whoever looks for a bracket.
            return [Problem(file, opened.line + 1, opened.column + 1, f"{message} (missed in line {line})")]
        message += f" (it belongs to what begins in line {opened.line + 1})"
    return [Problem(file, line, column, message)]


def _message(error: yaml.MarkedYAMLError, text: str, line: int, column: int) -> str:
    problem, context = error.problem or "", error.context or ""
    if "cannot start any token" in problem:
        character = "".join(text.split("\n", line)[line - 1 : line])[column - 1 : column]
        return _STARTS.get(character, f"{shown(character)} cannot begin a value: {_QUOTE}")
    if " tag" in context:
        return f"text that begins with ! is a tag: {_QUOTE}"
    if "directive" in context or "directive" in problem:
        return f"a line that begins with % is a YAML directive: remove it, or {_QUOTE}"
    return _PLAIN_WORDS.get(problem) or f"not YAML ({shown(problem)}): mend this line or the one above"


def _tabs(text: str, line: int, file: str) -> list[Problem]:
    """Return every line from `line` on that is indented by a tab."""
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    found: list[Problem] = []
    at = start
    for match in _TAB_INDENT.finditer(text, start):
        line += text.count("\n", at, match.start())
        at = match.start()
        column = match[0].index("\t") + 1
        found.append(Problem(file, line, column, "a tab, and YAML is indented with spaces only: write two spaces"))
        if len(found) == MAX_TABS:
            break
    return found
