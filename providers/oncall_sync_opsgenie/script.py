"""The calls of one change, as they are collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from oncall_sync.model import Call, Change, Maybe, Ref

from .wire import PATHS, Body, id_of


@dataclass(slots=True)
class Script:
    """Calls for one change, in order. Ids are `ref/n`; `own` is the object's id, or its placeholder.

    Bodies have no envelope: Opsgenie takes an object's fields at the top.
    """

    change: Change
    ids: Mapping[Ref, str]
    calls: list[Call] = field(default_factory=list)
    created: str | None = None

    @property
    def own(self) -> str:
        """Return the id of the object that changes."""
        return self.change.remote_id or id_of(self.change.ref, self.ids)

    @property
    def path(self) -> str:
        """Return the object's path."""
        return f"{PATHS[self.change.ref.kind]}/{self.own}"

    @property
    def name(self) -> str:
        """Return the object for people: `service platform-alerts`."""
        return f"{self.change.ref.kind.replace('_', ' ')} {self.change.name}"

    def create(self, body: Mapping[str, Any]) -> str:
        """Add the call that makes the object and return its id; everything after waits for it."""
        self.created = self.add(
            "POST", PATHS[self.change.ref.kind], f"create {self.name}", dict(body), makes=self.change.ref
        )
        return self.created

    def update(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Add the call that changes the object: only the keys of `after` that differ; none if nothing does."""
        body = changed(before, after)
        if body:
            self.add("PATCH", self.path, f"change {self.name}", body)

    def delete(self) -> None:
        """Add the call that deletes the object."""
        self.add("DELETE", self.path, f"delete {self.name}", phase="clear")

    def add(  # noqa: PLR0913 - a call has that many parts
        self,
        method: Literal["POST", "PUT", "PATCH", "DELETE"],
        path: str,
        says: str,
        body: Mapping[str, Any] | None = None,
        *,
        phase: Literal["make", "settle", "clear"] = "make",
        makes: Ref | None = None,
        after: Sequence[str] = (),
    ) -> str:
        """Add a call and return its id. A query stands behind the path (`?identifierType=id`).

        `settle` is for what points to something that may be made later in the same plan, `clear` for what takes
        something away.
        """
        waits = (*((self.created,) if self.created else ()), *after)
        call = Call(
            id=f"{self.change.ref}/{len(self.calls) + 1}",
            ref=self.change.ref,
            method=method,
            path=path,
            says=says,
            body=body,
            phase=phase,
            makes=makes,
            depends_on=waits,
        )
        self.calls.append(call)
        return call.id


def raw_of(script: Script) -> Mapping[str, Any]:
    """Return what came of the object when it was read; nothing for one that is to be made."""
    return script.change.live.raw if script.change.live else {}


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Body:
    """Return the keys of `after` whose values differ from those of `before`; null and none are the same."""
    return {key: value for key, value in after.items() if value != before.get(key)}


def described(value: Maybe[str | None]) -> str:
    """Return a description as it is sent; "" clears it."""
    return value if isinstance(value, str) else ""
