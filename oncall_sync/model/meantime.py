"""What an object is called until another one has given up the name that it is to have, or until it is deleted."""

from __future__ import annotations

from typing import Final

BEING_RENAMED: Final = " - being renamed"
BEING_DELETED: Final = " - being deleted"
"""Of letters and a dash, which every provider takes in a name."""
SHORTEST_LIMIT: Final = 100
"""How many characters every provider takes in a name of any kind."""


def for_the_meantime(name: str, suffix: str) -> str:
    """Return `name` with one of the two endings, cut in front of it to what every provider takes."""
    return f"{name[: SHORTEST_LIMIT - len(suffix)]}{suffix}"


def is_for_the_meantime(name: str) -> bool:
    """Return whether a name is one that an object has for the meantime only."""
    return name.endswith((BEING_RENAMED, BEING_DELETED))
