"""The calls of one change, as they are collected, and the bodies they start from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from oncall_sync.model import ABSENT, Call, Change, Maybe, Ref

from .wire import PATHS, Body, id_of, reference

_DERIVED: Final = frozenset(
    ("id", "self", "html_url", "summary", "created_at", "updated_at", "privilege", "privileges")
)
_ABOUT: Final = frozenset(("self", "html_url", "summary"))


@dataclass(slots=True)
class Script:
    """Calls for one change, in order. Ids are `ref/n`; `own` is the object's id, or its placeholder."""

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

    def create(self, body: Mapping[str, Any]) -> None:
        """Add the call that makes the object; everything after waits for it."""
        kind = self.change.ref.kind
        call = self.add("POST", PATHS[kind], f"create {self.name}", {kind: dict(body)}, makes=True)
        self.created = call

    def update(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Add the call that changes the object, if there is a difference."""
        if before != after:
            self.add("PUT", self.path, f"change {self.name}", {self.change.ref.kind: dict(after)})

    def delete(self) -> None:
        """Add the call that deletes the object."""
        self.add("DELETE", self.path, f"delete {self.name}", phase="clear")

    def add(  # noqa: PLR0913 - a call has that many parts
        self,
        method: Literal["POST", "PUT", "DELETE"],
        path: str,
        says: str,
        body: Mapping[str, Any] | None = None,
        *,
        makes: bool = False,
        phase: Literal["make", "clear"] = "make",
        after: Sequence[str] = (),
    ) -> str:
        """Add a call and return its id."""
        waits = (*((self.created,) if self.created else ()), *after)
        call = Call(
            id=f"{self.change.ref}/{len(self.calls) + 1}",
            ref=self.change.ref,
            method=method,
            path=path,
            says=says,
            body=body,
            phase=phase,
            makes=self.change.ref if makes else None,
            depends_on=waits,
        )
        self.calls.append(call)
        return call.id


def raw_of(script: Script) -> Mapping[str, Any]:
    """Return what came of the object when it was read; nothing for one that is to be made."""
    return script.change.live.raw if script.change.live else {}


def described(value: Maybe[str | None]) -> str:
    """Return a description as it is sent; "" clears it."""
    return value if isinstance(value, str) else ""


def owners(team: Maybe[Ref | None], before: Sequence[Ref], ids: Mapping[Ref, str]) -> list[Body]:
    """Return the teams of an object: its owner in the place of the first one; others stay."""
    if team is ABSENT:
        return [reference("team", ref.key) for ref in before]
    own = [] if team is None else [id_of(team, ids)]
    rest = [ref.key for ref in before[1:] if ref.key not in own]
    return [reference("team", key) for key in (*own, *rest)]


def writable(body: Mapping[str, Any], *drop: str) -> Body:
    """Return a live body as a PUT may carry it: what the model does not carry stays, what is derived goes.

    Nulls go too: a key with null means the same as none, except where the writer says so itself.
    """
    kept = {key: value for key, value in body.items() if key not in _DERIVED and key not in drop}
    return {key: _short(value) for key, value in kept.items() if value is not None}


def _short(value: Any) -> Any:
    """Cut references to what identifies them."""
    if isinstance(value, Mapping):
        about = _ABOUT if "id" in value and "type" in value else frozenset()
        return {key: _short(one) for key, one in value.items() if key not in about}
    if isinstance(value, list):
        return [_short(one) for one in value]
    return value
