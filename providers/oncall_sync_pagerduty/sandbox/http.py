"""One call as handlers see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from oncall_sync_sandbox import http
from oncall_sync_sandbox.http import Answer
from oncall_sync_sandbox.store import Thing

from .account import Account
from .refusals import invalid


@dataclass(slots=True, kw_only=True)
class Call:
    """An authenticated request to a known path; `ids` are the variable parts of the path, in order."""

    account: Account
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: Any
    token: str
    request_id: str
    ids: tuple[str, ...] = ()
    actor: Thing | None = None

    def one(self, name: str) -> str | None:
        """The last value of a query parameter."""
        return next((value for key, value in reversed(self.query) if key == name), None)

    def many(self, name: str) -> list[str]:
        """Every value of `name[]`."""
        return [value for key, value in self.query if key == f"{name}[]"]

    def flag(self, name: str) -> bool:
        """A boolean of a query string: `1` and `true` are true (PagerDuty API: Types)."""
        return self.one(name) in {"1", "true"}

    def includes(self, name: str) -> bool:
        """Whether `include[]=name` was asked for."""
        return name in self.many("include")

    def wrapped(self, name: str) -> dict[str, Any]:
        """The object under its singular name, which every write must have."""
        inner = self.body.get(name) if isinstance(self.body, dict) else None
        if not isinstance(inner, dict):
            raise invalid(f"{name.replace('_', ' ').capitalize()} can't be blank")
        return inner


Handler = Callable[[Call], Answer]
Route = http.Route[Call]

__all__ = ["Answer", "Call", "Handler", "Route"]
