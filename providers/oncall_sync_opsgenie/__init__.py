"""Opsgenie, behind the protocol of `oncall_sync.provider`.

Importing this package costs nothing: the adapter is loaded when somebody asks for it, Opsgenie's client when a
request is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .adapter import Opsgenie

__all__ = ["Opsgenie"]


def __getattr__(name: str) -> Any:
    if name != "Opsgenie":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .adapter import Opsgenie

    return Opsgenie
