"""How text that somebody else wrote appears in our sentences, and how a single value is refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

SHOWN_LENGTH: Final = 60
LONGEST_WORD: Final = 300
_NAMED: Final = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_KINDS: Final = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a mapping"}


class WordError(ValueError):
    """What is wrong with one value, and what to write instead; the place is the caller's to add."""


def word(value: object, wanted: str) -> str:
    """Return a value that has to be a short text, without the blanks around it.

    Raises:
        WordError: it is not; the message ends in what was `wanted`.
    """
    if not isinstance(value, str):
        raise WordError(f"this is {kind_of(value)}: write {wanted}")
    if not value.strip():
        raise WordError(f"this is empty: write {wanted}")
    if len(value) > LONGEST_WORD:
        raise WordError(f"{shown(value)} is too long: write {wanted}")
    return value.strip()


def kind_of(value: object) -> str:
    """Return what a YAML value is, for a sentence: `a number`, `a list`, `true or false`."""
    if value is None:
        return "empty"
    return "text" if isinstance(value, str) else _KINDS.get(type(value), "something else")


def escaped(text: str) -> str:
    r"""Return `text` on one printable line: control characters and lone surrogates as `\x1b`, `\n`, `\udc80`.

    Two texts never look the same: a backslash is doubled.
    """
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(_escape(character) for character in text)


def shown(text: str, limit: int = SHOWN_LENGTH) -> str:
    """Return `text` in single quotes, escaped, and cut to `limit` characters, with `…` for the rest."""
    inside = escaped(text[: limit + 1]).replace("'", "\\'")
    if len(inside) > limit:
        inside = inside[: limit - 1] + "…"
    return f"'{inside}'"


def did_you_mean(text: str, choices: Iterable[str]) -> str:
    """Return ` (did you mean 'members'?)` for the choice that resembles `text` most, or an empty text."""
    if len(text) > SHOWN_LENGTH:
        return ""
    # Imported here: difflib is only needed once something is wrong.
    from difflib import get_close_matches

    known = {choice.casefold(): choice for choice in choices}
    close = get_close_matches(text.casefold(), known, n=1, cutoff=0.65)
    return f" (did you mean {shown(known[close[0]])}?)" if close else ""


def _escape(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
