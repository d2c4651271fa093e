"""Faults on order: the n-th call from now is dropped, refused, or slow."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

Kind = Literal["drop-before", "drop-after", "429", "500", "slow"]
WRITING: Final = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_KEYS: Final = {"kind", "write", "call", "path", "times", "ms"}


@dataclass(slots=True)
class Fault:
    """Strikes the `first`-th matching call and the `times - 1` after it."""

    kind: Kind
    first: int
    times: int
    only_writes: bool
    path: re.Pattern[str]
    ms: int
    seen: int = 0

    def strikes(self, method: str, path: str) -> bool:
        """Counts this call if it matches, and says whether it is one to strike."""
        if (self.only_writes and method not in WRITING) or not self.path.search(path):
            return False
        self.seen += 1
        return self.seen >= self.first  # and gone once it is spent

    @property
    def spent(self) -> bool:
        """Whether it can strike no more."""
        return self.seen >= self.first + self.times - 1


def ordered(body: Mapping[str, Any]) -> Fault:
    """The fault a control call asks for; ValueError says what is wrong with it."""
    if unknown := set(body) - _KEYS:
        raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
    kind = str(body.get("kind"))
    if kind not in get_args(Kind):
        raise ValueError(f"kind must be one of {', '.join(get_args(Kind))}")
    if "write" in body and "call" in body:
        raise ValueError("write and call exclude each other")
    numbers = {name: body.get(name, 1) for name in ("write", "call", "times")} | {"ms": body.get("ms", 1000)}
    if not all(isinstance(value, int) and not isinstance(value, bool) and value > 0 for value in numbers.values()):
        raise ValueError("write, call, times and ms must be whole numbers above 0")
    try:
        path = re.compile(str(body.get("path", "")))
    except re.error as error:
        raise ValueError(f"path is not a regular expression: {error}") from error
    return Fault(
        kind=kind,  # type: ignore[arg-type]  # checked above
        first=numbers["write" if "write" in body else "call"],
        times=numbers["times"],
        only_writes="write" in body,
        path=path,
        ms=numbers["ms"],
    )


class Faults:
    """All that are on order."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Counting starts with the next call."""
        self._ordered.append(fault)

    def clear(self) -> None:
        """No more faults."""
        self._ordered.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        """Counts a call; the fault that strikes it, the first ordered if several do."""
        struck = [fault for fault in self._ordered if fault.strikes(method, path)]
        self._ordered = [fault for fault in self._ordered if not fault.spent]
        return struck[0] if struck else None
