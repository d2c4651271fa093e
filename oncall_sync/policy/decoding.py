"""Bytes to text that says the same to everybody who looks at it."""

from __future__ import annotations

import re
from typing import Final

from oncall_sync.errors import Problem

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_SHOWN: Final = 20
_BOM: Final = b"\xef\xbb\xbf"
_OTHER_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")

# Characters that editors and diff views hide, or that some readers take for the end of a line and others do not.
_BREAKS: Final = "\x85\u2028\u2029"
_DIRECTIONS: Final = "\u202a-\u202e\u2066-\u2069"
_FORBIDDEN: Final = re.compile(
    rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_BREAKS}{_DIRECTIONS}\ufeff\ufffe\uffff]|\r(?!\n)"
)


def decode(content: bytes, file: str) -> tuple[str | None, list[Problem]]:
    """Return the text of a file, without its byte order mark, or None and why not.

    The text is UTF-8 of at most `MAX_BYTES`, its lines end in LF or CRLF, and nothing in it is invisible.
    """
    if len(content) > MAX_BYTES:
        size = f"{MAX_BYTES // 2**20} MiB"
        return None, [Problem(file, 0, 0, f"larger than {size}: split it into several files")]
    if content.startswith(_OTHER_BOMS):
        return None, [Problem(file, 1, 1, "the file is UTF-16: save it as UTF-8")]
    try:
        text = content.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        return None, [_not_utf8(content, error.start, file)]
    problems = [
        Problem(file, *_place(text, found.start()), _forbidden(found[0]))
        for found, _ in zip(_FORBIDDEN.finditer(text), range(MAX_SHOWN), strict=False)
    ]
    return (None, problems) if problems else (text, [])


def _not_utf8(content: bytes, at: int, file: str) -> Problem:
    before = content[:at].removeprefix(_BOM).decode()
    message = f"the byte 0x{content[at]:02x} is not UTF-8 text: save the file as UTF-8"
    return Problem(file, *_place(before, len(before)), message)


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1


def _forbidden(character: str) -> str:
    code = f"U+{ord(character):04X}"
    if character == "\0":
        return "a NUL byte, so this is not a text file: write YAML as plain UTF-8 text"
    if character == "\r" or character in _BREAKS:
        return f"a line break that not every program takes for one ({code}): end lines with LF or CRLF"
    if ord(character) > 0xFF:
        return f"an invisible character ({code}): remove it, or write it as an escape in double quotes"
    return f"a control character ({code}): remove it, or write it as an escape in double quotes"
