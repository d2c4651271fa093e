"""How plain data is written as YAML that this project reads back as the same, in the style of a file."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from .editing_tree import Node
from .scalars import MAX_DIGITS, scalar
from .wording import WordError, kind_of
from .yaml_tokens import MAPPING

WIDTH: Final = 100
_QUOTES: Final = ("'", '"')
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


class UnwritableError(ValueError):
    """A value that no policy could hold; the place is the caller's to add."""


@dataclass(frozen=True, slots=True)
class Written:
    """A value as text: `head` goes behind its key or dash, `rest` is whole lines, indented, without line ends."""

    head: str
    rest: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Style:
    """How a file is written.

    Attributes:
        newline: its line end.
        step: how many columns a mapping is indented below its key.
        dash: how many columns a list is indented below its key.
        quote: around text that needs a quote.
        literals: whether text of several lines may be a block scalar.
    """

    newline: str
    step: int
    dash: int
    quote: str
    literals: bool = True


def style_of(text: str, top: Node | None) -> Style:
    """Return the style of a file, from what stands first in it; else two columns and double quotes."""
    found = text.find("\n")
    newline = "\r\n" if found > 0 and text[found - 1] == "\r" else "\n"
    steps: list[int] = []
    dashes: list[int] = []
    quotes: list[str] = []
    for node in top.below() if top else ():
        if node.style in _QUOTES:
            quotes.append(node.style)
        if node.kind != MAPPING or node.flow:
            continue
        for entry in node.entries:
            value = entry.value
            if value.block:
                steps_or_dashes = steps if value.kind == MAPPING else dashes
                steps_or_dashes.append(column(text, value.entries[0].start) - column(text, entry.start))
    step = next((width for width in steps if width > 0), 2)
    return Style(newline, step, dashes[0] if dashes else step, quotes[0] if quotes else '"')


def quote_of_all(node: Node) -> str:
    """Return the quote that all items of a list stand in, or an empty text."""
    quotes = {entry.value.style for entry in node.entries}
    return quotes.pop() if len(quotes) == 1 and quotes <= set(_QUOTES) else ""


def column(text: str, at: int) -> int:
    """Return how many characters stand before one in its line."""
    return at - (text.rfind("\n", 0, at) + 1)


def scalar_text(value: Any, quote: str, *, preferred: str = "") -> str:
    """Return a scalar on one line, good behind a key, in a list and in brackets: plain if that reads the same.

    Args:
        value: plain data, no collection.
        quote: for text that needs one.
        preferred: a quote for any text, if there is to be one.

    Raises:
        UnwritableError: no plain scalar, or a number that policies cannot hold.
    """
    if isinstance(value, str):
        if not preferred and _reads_plain(f"[{value}]", value) and _reads_plain(f"- {value}", value):
            return value
        return _quoted(value, preferred or quote)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        text = repr(value)
        if len(text) <= MAX_DIGITS or isinstance(value, float):
            return text
    raise UnwritableError("only text, short numbers, true, false, null, lists and mappings can be")


def key_text(key: Any, quote: str) -> str:
    """Return the key of a mapping.

    Raises:
        UnwritableError: it is not text.
    """
    if not isinstance(key, str):
        raise UnwritableError(f"a key has to be text, and this one is {kind_of(key)}")
    plain = key != "<<" and _reads_plain(f"{{{key}: 1}}", key, "1") and _reads_plain(f"{key}: 1", key, "1")
    return key if plain else _quoted(key, quote)


def flow_text(value: Any, quote: str, preferred: str = "") -> str:
    """Return any plain data on one line, collections in brackets and braces."""
    if isinstance(value, dict):
        return "{" + ", ".join(flow_pair(key, item, quote) for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow_text(item, quote) for item in value) + "]"
    return scalar_text(value, quote, preferred=preferred)


def flow_pair(key: Any, value: Any, quote: str) -> str:
    """Return a key and its value as they stand in braces."""
    return f"{key_text(key, quote)}: {flow_text(value, quote)}"


def block_value(value: Any, indent: int, used: int, style: Style, preferred: str = "") -> Written:
    """Return a value that stands behind a key: on its line if it fits, else below it.

    Args:
        value: plain data.
        indent: the column of the key.
        used: how many columns of its line are taken.
        style: of the file.
        preferred: a quote for text that is the value, if there is to be one.
    """
    short = _short(value, used, style.quote, preferred)
    if short is not None:
        return Written(short)
    if isinstance(value, str):
        return literal(value, indent + style.step, style) or Written(
            scalar_text(value, style.quote, preferred=preferred)
        )
    return below_key(value, indent, style)


def block_item(value: Any, indent: int, style: Style, preferred: str = "") -> Written:
    """Return a value that stands behind a dash, which is at column `indent`; lines below go on in line with it."""
    short = _short(value, indent + 2, style.quote, preferred)
    if short is not None:
        return Written(short)
    if isinstance(value, str):
        return literal(value, indent + 2, style) or Written(scalar_text(value, style.quote, preferred=preferred))
    return behind_dash(value, indent, style)


def behind_dash(value: Any, indent: int, style: Style) -> Written:
    """Return a collection, not empty, that begins behind a dash at column `indent` and goes on below."""
    inside = indent + 2
    if isinstance(value, dict):
        lines = pairs(value, inside, style)
    else:
        lines = [line for item in value for line in item_lines(item, inside, style)]
    return Written(lines[0].lstrip(" "), lines[1:])


def below_key(value: Any, indent: int, style: Style) -> Written:
    """Return a collection, not empty, that stands below a key at column `indent`."""
    if isinstance(value, dict):
        return Written("", pairs(value, indent + style.step, style))
    return Written("", [line for item in value for line in item_lines(item, indent + style.dash, style)])


def pairs(value: dict[str, Any], indent: int, style: Style) -> list[str]:
    """Return the lines of a block mapping whose keys stand at column `indent`."""
    lines: list[str] = []
    for key, item in value.items():
        name = f"{' ' * indent}{key_text(key, style.quote)}:"
        written = block_value(item, indent, len(name) + 1, style)
        lines += [f"{name} {written.head}" if written.head else name, *written.rest]
    return lines


def item_lines(value: Any, indent: int, style: Style, preferred: str = "") -> list[str]:
    """Return the lines of an item of a block list whose dashes stand at column `indent`."""
    written = block_item(value, indent, style, preferred)
    return [f"{' ' * indent}- {written.head}", *written.rest]


def literal(value: str, indent: int, style: Style) -> Written | None:
    """Return text as a block scalar (`|`), or None if only quotes can hold it."""
    body = value.rstrip("\n")
    lines = body.split("\n")
    if not style.literals or not body or lines[0][:1] in (" ", "\t", "") or any(line.isspace() for line in lines):
        return None
    if not body.replace("\n", "").isprintable():
        return None
    ends = len(value) - len(body)
    chomping = ("-", "", "+")[min(ends, 2)]
    rest = [" " * indent + line if line else "" for line in lines] + [""] * max(ends - 1, 0)
    return Written(f"|{chomping}", rest)


def folded(value: str, indent: int, style: Style) -> Written | None:
    """Return one paragraph as a folded block scalar (`>`), or None if it is none."""
    body = value.removesuffix("\n")
    words = body.split(" ")
    if not style.literals or not all(words) or not body.isprintable() or body.startswith("\t"):
        return None
    lines = [words[0]]
    for word in words[1:]:
        if indent + len(lines[-1]) + 1 + len(word) <= WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return Written(">" if body != value else ">-", [" " * indent + line for line in lines])


def _short(value: Any, used: int, quote: str, preferred: str) -> str | None:
    """Return a value on one line, unless it is a collection that does not fit or text of several lines."""
    if isinstance(value, str):
        return None if "\n" in value else scalar_text(value, quote, preferred=preferred)
    text = flow_text(value, quote)
    if value and isinstance(value, dict | list) and (used + len(text) > WIDTH or _has_lines(value)):
        return None
    return text


def _has_lines(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_lines, value.values()))
    if isinstance(value, list):
        return any(map(_has_lines, value))
    return isinstance(value, str) and "\n" in value


def _reads_plain(text: str, *values: str) -> bool:
    """Tell whether a YAML text is a collection of these plain scalars, and the first is read as text."""
    if not values[0].isprintable():
        return False
    try:
        # Around them: stream, document and collection begin and end.
        scalars: list[Any] = list(yaml.parse(text, Loader=yaml.CBaseLoader))[3:-3]
        found = [event.value for event in scalars if _is_plain(event)]
        return len(scalars) == len(values) and found == list(values) and scalar(values[0]) == values[0]
    except (yaml.YAMLError, WordError):
        return False


def _is_plain(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and not (event.style or event.anchor or event.tag)


def _quoted(value: str, quote: str) -> str:
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return '"' + "".join(_escaped(character) for character in value) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
