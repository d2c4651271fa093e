"""Ownership marks: how a live object says which declared resource it is, and what was last applied to it.

A mark is the last line of a description, worded for people who meet it in the vendor's own pages:
`Managed by oncall-sync: <workspace>/<kind>.<key> #v1:<8 hex>`, and `(protected)` behind it where policies say so:
by the time that somebody takes a protected resource out of the policies, only the object itself remembers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from oncall_sync.model import KINDS, Ref

VERSION = "v1"
_KINDS = {str(kind): kind for kind in KINDS}
_MARK = re.compile(
    r"\s*Managed by oncall-sync: (?P<workspace>[^\s/]+)/(?P<kind>[a-z_]+)\.(?P<key>\S.*?)"
    r" #(?P<version>v\d+):(?P<digest>[0-9a-f]{8,64})(?P<protected> \(protected\))?\s*$"
)
_OTHER_TOOL = re.compile(r"\bmanaged by (?!oncall-sync:)(?P<tool>[\w.-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """Which resource of which workspace an object is, the fingerprint of what was last applied, and whether
    it may ever be deleted.
    """

    workspace: str
    ref: Ref
    digest: str
    version: str = VERSION
    protected: bool = False

    def __str__(self) -> str:
        line = f"Managed by oncall-sync: {self.workspace}/{self.ref} #{self.version}:{self.digest}"
        return f"{line} (protected)" if self.protected else line


def split(description: str | None) -> tuple[str, Mark | None]:
    """Return a description's own text (stripped at the end) and its mark, if its last line is one."""
    text = description or ""
    found = _MARK.search(text)
    if not found or found["kind"] not in _KINDS:
        return text.rstrip(), None
    ref, protected = Ref(_KINDS[found["kind"]], found["key"]), found["protected"] is not None
    mark = Mark(found["workspace"], ref, found["digest"], found["version"], protected)
    return text[: found.start()].rstrip(), mark


def join(text: str, mark: Mark, limit: int) -> str:
    """Return `text` with the mark behind it, `text` cut so that the whole stays within `limit` characters."""
    text = fit(text, limit - len(str(mark)) - 2)
    return f"{text}\n\n{mark}" if text else str(mark)


def fit(text: str, room: int) -> str:
    """Return text as it stands in front of a mark: without blanks at its end, and cut to `room` characters."""
    text = text.rstrip()
    if len(text) <= room:
        return text
    return text[: room - 1].rstrip() + "…" if room > 0 else ""


def room_for_text(ref: Ref, workspace: str, limit: int) -> int:
    """Return how many characters of text fit in front of this resource's mark, whether it is protected or not."""
    return limit - len(str(Mark(workspace, ref, "0" * 8, protected=True))) - 2


def other_tool(description: str) -> str | None:
    """Return the name of another tool that a description says manages the object (`Managed by Terraform`)."""
    found = _OTHER_TOOL.search(description)
    return found["tool"].rstrip(".") if found else None
