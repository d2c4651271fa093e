"""What a plain (unquoted) scalar means: the core schema of YAML 1.2, and nothing of 1.1.

`on`, `yes`, `09:00` and `2026-11-25` are text.
"""

from __future__ import annotations

import math
import re
from typing import Final, TypeAlias

from .wording import WordError, shown

MAX_DIGITS: Final = 18

Scalar: TypeAlias = str | int | float | bool | None

_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER_STARTS: Final = frozenset("-+.0123456789")
_INT: Final = re.compile(r"[-+]?[0-9]+")
_BASED: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def is_text(text: str) -> bool:
    """Tell quickly whether a plain scalar is text for certain; `<<` is not, it has a meaning as a key."""
    return text not in _WORDS and text[0] not in _NUMBER_STARTS and text != "<<"


def scalar(text: str) -> Scalar:
    """Return the value of a plain scalar.

    Raises:
        WordError: a number that no setting could mean: infinite, not a number, or far too long.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _INT.fullmatch(text):
        return int(_short(text))
    if _BASED.fullmatch(text):
        return int(_short(text), 0)
    if _FLOAT.fullmatch(text):
        value = float(_short(text))
        if math.isfinite(value):
            return value
    elif not _NOT_FINITE.fullmatch(text):
        return text
    raise WordError(f"{shown(text)} is not a number to work with: write a smaller one, or put text in quotes")


def _short(text: str) -> str:
    if len(text) > MAX_DIGITS:
        raise WordError(f"{shown(text)} is too long a number: put it in quotes if it is text")
    return text
