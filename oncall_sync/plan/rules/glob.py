"""Keys by pattern: stars only, and never slow, as patterns come with pull requests."""

from __future__ import annotations


def fits(pattern: str, text: str) -> bool:
    """Tell whether all of `text` is as `pattern` says, in which `*` stands for any text, also none.

    It takes at most as many steps as both lengths multiplied.
    """
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    *middle, last = rest
    if not text.startswith(first) or not text[len(first) :].endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return at <= end
