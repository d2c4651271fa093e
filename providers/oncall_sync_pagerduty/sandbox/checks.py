"""What a field may hold, said in the vendor's sentences; faults are collected, so one answer names them all."""

from collections.abc import Collection
from typing import Any

from oncall_sync_sandbox.store import Thing

from .account import Account
from .refusals import invalid


class Faults:
    """The sentences collected so far; `end()` refuses if there are any."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, sentence: str) -> None:
        """One more."""
        self.found.append(sentence)

    def end(self) -> None:
        """400 code 2001 with all of them."""
        if self.found:
            raise invalid(*self.found)

    def text(self, thing: Thing, name: str, most: int, *, required: bool = False) -> None:
        """A string of at most `most` characters, not blank if `required`, null otherwise allowed."""
        label, value = _label(name), thing.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if required:
                self.add(f"{label} can't be blank")
        elif not isinstance(value, str):
            self.add(f"{label} must be a string")
        elif len(value) > most:
            self.add(f"{label} is too long (maximum is {most} characters)")
        elif required and not value.isprintable():
            self.add(f"{label} cannot contain non-printable characters")

    def choice(self, thing: Thing, name: str, allowed: Collection[str]) -> None:
        """One of a fixed list."""
        value = thing.get(name)
        if not isinstance(value, str) or value not in allowed:
            self.add(f"{_label(name)} is not included in the list")

    def whole(self, thing: Thing, name: str, least: int, most: int | None = None, *, null: bool = False) -> None:
        """A whole number within bounds; null only if `null`."""
        value, label = thing.get(name), _label(name)
        if value is None and null:
            return
        if not isinstance(value, int) or isinstance(value, bool):
            self.add(f"{label} is not a number")
        elif value < least:
            self.add(f"{label} must be greater than or equal to {least}")
        elif most is not None and value > most:
            self.add(f"{label} must be less than or equal to {most}")


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def referred(account: Account, kind: str, value: Any) -> str:
    """The id in a reference; 404 code 2100 when it names nothing.

    Recorded for the targets of an escalation policy; inferred for every other reference in a body.
    """
    key = value.get("id") if isinstance(value, dict) else None
    if not isinstance(key, str):
        raise invalid(f"{kind.replace('_', ' ').capitalize()} must be references with an id")
    return str(account.find(kind, key)["id"])


def referred_all(account: Account, kind: str, value: Any) -> list[str]:
    """The ids of a list of references, each once, in order; null is no reference at all."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid(f"{kind.replace('_', ' ').capitalize()} must be an array")
    return list(dict.fromkeys(referred(account, kind, one) for one in value))


def rows(value: Any, label: str) -> list[dict[str, Any]]:
    """A list of objects, null being an empty one; anything else is refused."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise invalid(f"{label} must be an array of objects")
    return value


def written(body: dict[str, Any], fields: Collection[str]) -> dict[str, Any]:
    """The part of a body a client may write; the rest is read-only and ignored, as the vendor does."""
    return {name: body[name] for name in fields if name in body}
