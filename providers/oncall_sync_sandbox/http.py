"""Answers, refusals, and the way from a method and a path to a handler."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON body; no body for 204."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """An answer other than 2xx: `status` and the JSON `body` to send, in the vendor's own shape."""

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = dict(body)
        self.headers = dict(headers or {})


@dataclass(frozen=True)  # no slots: a generic class that is called by its alias wants to say so
class Route(Generic[C]):
    """A method and a path; `*` matches one segment."""

    method: str
    path: str
    handler: Callable[[C], Answer]


Found = tuple[Callable[[C], Answer], tuple[str, ...]]


class Routes(Generic[C]):
    """All calls of an API; fixed words go before variable ones."""

    def __init__(self, routes: Iterable[Route[C]]) -> None:
        table: dict[tuple[str, int], list[tuple[tuple[str, ...], Callable[[C], Answer]]]] = defaultdict(list)
        for route in routes:
            parts = tuple(route.path.strip("/").split("/"))
            table[route.method, len(parts)].append((parts, route.handler))
        for found in table.values():
            found.sort(key=lambda one: tuple(part == "*" for part in one[0]))
        self._table = dict(table)

    def find(self, method: str, parts: list[str]) -> Found[C] | None:
        """The handler and the variable parts; None if the API has no such call."""
        for pattern, handler in self._table.get((method, len(parts)), ()):
            if all(want in ("*", part) for want, part in zip(pattern, parts, strict=True)):
                return handler, tuple(part for want, part in zip(pattern, parts, strict=True) if want == "*")
        return None
