"""Calls to the handlers of schedules and what belongs to them, without a server between."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest

from oncall_sync_opsgenie.sandbox import (
    escalations,
    forwarding,
    oncalls,
    overrides,
    rotations,
    routing_rules,
    schedules,
    teams,
    timeline,
    users,
)
from oncall_sync_opsgenie.sandbox.account import Account
from oncall_sync_opsgenie.sandbox.http import Call
from oncall_sync_opsgenie.sandbox.refusals import Refusal
from oncall_sync_opsgenie.sandbox.users import new_user
from oncall_sync_sandbox.clock import Clock
from oncall_sync_sandbox.http import Routes
from oncall_sync_sandbox.store import Store

NOW = datetime(2026, 11, 21, 9, 0, 30, tzinfo=UTC)  # a Saturday; seconds on purpose
_MODULES = (
    escalations, forwarding, oncalls, overrides, rotations, routing_rules, schedules, teams, timeline, users,
)  # fmt: skip
_ROUTES = Routes(route for module in _MODULES for route in module.ROUTES)


class Desk:
    """An account with three people; `get`, `post` and so on give what is in `data`, `refused` the status."""

    def __init__(self, now: datetime = NOW, **fields: Any) -> None:
        self.clock = Clock(now)
        self.account = Account(Store(), self.clock, **{"zone": "Europe/London", **fields})
        self.users = {
            name: new_user(
                self.account,
                {"username": f"{name}@acme.example", "fullName": name.title(), "role": {"name": "User"}},
            )["id"]
            for name in ("anna", "ben", "cleo")
        }

    def call(self, method: str, path: str, body: Any = None) -> Any:
        plain, _, query = path.partition("?")
        route = _ROUTES.find(method, [unquote(part) for part in plain.strip("/").split("/")])
        assert route is not None, path
        handler, ids = route
        return handler(
            Call(
                account=self.account,
                method=method,
                path=plain,
                query=parse_qsl(query, keep_blank_values=True),
                headers={},
                body=body or {},
                request_id="test",
                ids=ids,
            )
        )

    def get(self, path: str) -> Any:
        return self.whole(path)["data"]

    def whole(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status == 200
        return answer.body

    def post(self, path: str, body: Any) -> Any:
        answer = self.call("POST", path, body)
        assert (answer.status, answer.body["result"]) == (201, "Created")
        return answer.body["data"]

    def patch(self, path: str, body: Any, method: str = "PATCH") -> Any:
        answer = self.call(method, path, body)
        assert (answer.status, answer.body["result"]) == (200, "Updated")
        return answer.body["data"]

    def delete(self, path: str) -> None:
        answer = self.call("DELETE", path)
        assert (answer.status, answer.body) == (200, {"result": "Deleted"})

    def refused(self, status: int, method: str, path: str, body: Any = None) -> Any:
        """The body of a refusal, which must have that status and change nothing."""
        before = self.everything()
        with pytest.raises(Refusal) as refusal:
            self.call(method, path, body)
        assert (refusal.value.status, self.everything()) == (status, before), refusal.value
        return refusal.value.body

    def everything(self) -> dict[str, Any]:
        kinds = ("teams", "schedules", "rotations", "overrides", "escalations", "routing_rules")
        return {kind: list(self.account.store.all(kind)) for kind in kinds}

    # Short ways to make things.

    def user(self, name: str) -> dict[str, str]:
        return {"type": "user", "id": self.users[name]}

    def rotation(self, *people: str, **fields: Any) -> dict[str, Any]:
        return {
            "startDate": "2026-11-02T09:00:00Z",
            "type": "weekly",
            "participants": [self.user(one) for one in people],
            **fields,
        }

    def schedule(self, *turns: Any, name: str = "Primary", **fields: Any) -> str:
        body = {"name": name, "timezone": "Europe/London", **fields}
        if turns:
            body["rotations"] = list(turns)
        return f"/v2/schedules/{self.post('/v2/schedules', body)['id']}"

    def override(self, path: str, person: str, since: str, until: str, **fields: Any) -> str:
        body = {"user": self.user(person), "startDate": since, "endDate": until, **fields}
        return str(self.post(f"{path}/overrides", body)["alias"])

    def escalation(self, *rules: Any, name: str = "Escalate", **fields: Any) -> str:
        return (
            f"/v2/escalations/{self.post('/v2/escalations', {'name': name, 'rules': list(rules), **fields})['id']}"
        )

    def rule(self, recipient: Any, delay: int = 0, how: str = "default") -> dict[str, Any]:
        return {
            "condition": "if-not-acked",
            "notifyType": how,
            "delay": {"timeAmount": delay},
            "recipient": recipient,
        }

    def to(self, kind: str, path: str) -> dict[str, str]:
        return {"type": kind, "id": path.rsplit("/", 1)[-1]}

    def team(self, name: str = "Payments", **members: str) -> str:
        body = {
            "name": name,
            "members": [{"user": {"id": self.users[one]}, "role": role} for one, role in members.items()],
        }
        return f"/v2/teams/{self.post('/v2/teams', body)['id']}"

    def on_call(self, path: str, at: str | None = None) -> list[str]:
        """First names of those on call."""
        query = "" if at is None else f"&date={at}"
        found = self.get(f"{path}/on-calls?flat=true{query}")["onCallRecipients"]
        return [one.partition("@")[0] for one in found]

    def at(self, text: str) -> None:
        self.clock.set(datetime.fromisoformat(text))
