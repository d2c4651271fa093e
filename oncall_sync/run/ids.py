"""Ids that are known, and names that stand in calls for those that are not yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from oncall_sync.model import Call, Ref
from oncall_sync.plan.diff import Decision


class Ids(Mapping[Ref, str]):
    """Ids by ref: of live objects, of what this run made, and placeholders for what it is still to make."""

    def __init__(self, known: Mapping[Ref, str]) -> None:
        self._known = dict(known)
        self.made: set[str] = set()

    def __getitem__(self, ref: Ref) -> str:
        return ref.key if ref.remote else self._known.get(ref, placeholder(ref))

    def __iter__(self) -> Iterator[Ref]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def add(self, ref: Ref, remote_id: str) -> None:
        """Remember what this run made."""
        self._known[ref] = remote_id
        self.made.add(remote_id)

    def complete(self, call: Call) -> Call:
        """Return a call with every placeholder filled that can be."""
        names = {placeholder(ref): remote_id for ref, remote_id in self._known.items()}
        path = call.path
        for name, remote_id in names.items():
            path = path.replace(name, remote_id)
        return replace(call, path=path, body=_fill(call.body, names))


def placeholder(ref: Ref) -> str:
    """Return what stands for the id of something that is not made yet."""
    return f"@{{{ref}}}"


def ids_of(decision: Decision) -> Ids:
    """Return the ids that are known before anything is made."""
    return Ids({ref: live.remote_id for ref, live in decision.bindings.bound.items()})


def _fill(value: Any, names: Mapping[str, str], key: str = "") -> Any:
    """Fill placeholders where ids stand, and nowhere else: a description may hold any text."""
    if isinstance(value, Mapping):
        return {name: _fill(item, names, name) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_fill(item, names, key) for item in value]
    return names.get(value, value) if isinstance(value, str) and key.casefold().endswith("id") else value
