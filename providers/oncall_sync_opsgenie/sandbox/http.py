"""One call as handlers see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from oncall_sync_sandbox import http
from oncall_sync_sandbox.http import Answer
from oncall_sync_sandbox.store import Thing

from .account import Account
from .refusals import unprocessable

NULLS_ARE_IGNORED: Final = True
"""Inferred: an explicit null in a body counts as an absent field, so PATCH cannot clear anything with it."""


@dataclass(slots=True, kw_only=True)
class Call:
    """An authenticated request to a known path; `ids` are the variable parts of the path, in order, decoded."""

    account: Account
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: dict[str, Any]
    request_id: str
    ids: tuple[str, ...] = ()
    actor: Thing | None = None

    def one(self, name: str) -> str | None:
        """The last value of a query parameter."""
        return next((value for key, value in reversed(self.query) if key == name), None)

    def flag(self, name: str) -> bool:
        """A boolean of the query."""
        return (self.one(name) or "").lower() == "true"

    def expands(self, name: str) -> bool:
        """Whether `expand=a,b` names it."""
        return any(name in value.split(",") for key, value in self.query if key == "expand")

    def identifier_type(self, name: str = "identifierType", allowed: tuple[str, ...] = ("id", "name")) -> str:
        """What the path's identifier is; `allowed[0]` when the query does not say, 422 for anything else."""
        kind = (self.one(name) or allowed[0]).lower()
        if kind not in allowed:
            raise unprocessable(f"Identifier type should be one of [{', '.join(allowed)}]")
        return kind

    def given(self, *names: str) -> dict[str, Any]:
        """The fields of the body that are there, junk left out: what PATCH changes and the rest keeps."""
        return {
            name: self.body[name]
            for name in names
            if name in self.body and not (NULLS_ARE_IGNORED and self.body[name] is None)
        }

    @property
    def base(self) -> str:
        """The address the caller came to, for links to other pages."""
        return f"http://{self.headers.get('host', '127.0.0.1')}"


Handler = Callable[[Call], Answer]
Route = http.Route[Call]

__all__ = ["NULLS_ARE_IGNORED", "Answer", "Call", "Handler", "Route"]
