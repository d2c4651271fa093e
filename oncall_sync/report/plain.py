"""Text from YAML or a provider, made safe to print on one line of a terminal or a log."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 200
_OLD_COMMAND = re.compile(r"##(?=\w*\[)")
"""How GitHub's and Azure's runners were spoken to first, and still can be: anywhere in a line."""


def plain(text: object, longest: int = LONGEST) -> str:
    """Return text without anything that a terminal or a line reader would act on.

    Control characters (escapes, newlines), invisible and direction-changing ones are written as escapes; what
    is longer than `longest` characters is cut. It never begins with `::`, and nowhere holds `##[` or `##vso[`,
    which CI runners take for commands.
    """
    out: list[str] = []
    for char in str(text):
        if char.isprintable() and unicodedata.category(char) not in {"Cf", "Cc", "Zl", "Zp"}:
            out.append(char)
        else:
            out.append(char.encode("unicode_escape").decode("ascii"))
    line = "".join(out)
    if line.lstrip().startswith("::"):
        line = line.replace(":", "\\x3a", 1)
    line = _OLD_COMMAND.sub(r"#\\x23", line)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def counted(count: int, thing: str) -> str:
    """Return a count with its noun: `1 change`, `3 changes`, `2 escalation policies`."""
    if count == 1:
        return f"1 {thing}"
    return f"{count} {thing.removesuffix('y')}ies" if thing.endswith("cy") else f"{count} {thing}s"
