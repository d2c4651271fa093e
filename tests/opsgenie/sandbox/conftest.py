"""One sandbox per module, reset before every test; every answer to `Client`, refusals too, is held against the
vendor's own description."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from oncall_sync_opsgenie.sandbox import Options, Running
from tests.conformance.opsgenie_swagger import DESCRIPTION, check_answer

NOW = datetime(2026, 11, 21, 9, 0, 30, tzinfo=UTC)  # a Saturday; seconds on purpose
SEED: dict[str, Any] = {
    "name": "acme",
    "time_zone": "Europe/London",
    "users": {
        "anna": {"email": "anna@acme.example"},
        "ben": {"email": "ben@acme.example"},
        "cleo": {"email": "cleo@acme.example", "role": "Admin"},
        "ray": {"email": "ray@acme.example", "role": "Observer"},
    },
    "teams": {"Ops": {"members": {"anna": "admin", "ben": "user"}, "defaults": False}},
}
KEY = "0b9b8c1e-3c0a-4f6e-9b1c-2f7f8f0c7a10"


class Client:
    """A REST client as plain as they come; `ok` insists on a status and gives the JSON."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"GenieKey {KEY}"
        self.users: dict[str, str] = {}
        self.ops = ""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.session.request(method, self.url + path, json=body, headers=named, timeout=60)
        if DESCRIPTION.exists() and not path.startswith("/__sandbox__"):
            plain = path.partition("?")[0]
            content = None if plain.endswith(".ics") and answer.ok else answer.json()
            assert check_answer(method, plain, answer.status_code, content) == []
        return answer

    def ok(self, status: int, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = self.call(method, path, body, **headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str, **headers: str) -> Any:
        """The `data` of what is there."""
        return self.ok(200, "GET", path, **headers)["data"]

    def make(self, path: str, /, **body: Any) -> Any:
        """The meta of what POST has made."""
        made = self.ok(201, "POST", path, body)
        assert made["result"] == "Created"
        return made["data"]

    def change(self, path: str, verb: str = "PATCH", /, **body: Any) -> Any:
        """The meta of what was changed."""
        return self.ok(200, verb, path, body)["data"]

    def drop(self, path: str) -> None:
        """Deletes it."""
        assert self.ok(200, "DELETE", path)["result"] == "Deleted"

    def refused(self, status: int, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The error's body without what every answer has."""
        found = self.ok(status, method, path, body, **headers)
        return {name: value for name, value in found.items() if name not in {"took", "requestId"}}

    def errors(self, path: str, verb: str = "POST", /, **body: Any) -> dict[str, str]:
        """The fields that a 422 finds fault with, and why."""
        found: dict[str, str] = self.refused(422, verb, path, body)["errors"]
        return found

    def control(self, name: str, **body: Any) -> Any:
        return self.ok(200, "POST", f"/__sandbox__/{name}", body)

    def clock(self, text: str) -> None:
        self.control("clock", now=text)

    def rings(self, at: str = "2026-11-21T09:00:30Z") -> Any:
        return self.ok(200, "GET", f"/__sandbox__/rings?at={at}")

    def reset(self) -> None:
        self.control("reset", what="all")
        users = self.session.get(f"{self.url}/v2/users", timeout=60).json()["data"]
        self.users = {user["username"].partition("@")[0]: user["id"] for user in users}
        self.ops = self.session.get(f"{self.url}/v2/teams", timeout=60).json()["data"][0]["id"]
        self.control("reset", what="log")

    # Short ways to make things.

    def person(self, key: str) -> dict[str, str]:
        """Somebody as a recipient in a body."""
        return {"type": "user", "id": self.users[key]}

    def team(self, name: str = "Payments", **fields: Any) -> str:
        return str(self.make("/v2/teams", name=name, **fields)["id"])

    def rotation(self, *people: str, **fields: Any) -> dict[str, Any]:
        members = [self.person(one) for one in people or ("anna", "ben")]
        return {
            "name": "Rot1",
            "startDate": "2026-11-02T09:00:00Z",
            "type": "weekly",
            "participants": members,
            **fields,
        }

    def schedule(self, *rotations: dict[str, Any], name: str = "Primary", **fields: Any) -> str:
        body = {
            "name": name,
            "timezone": "Europe/London",
            "rotations": [*rotations] or [self.rotation()],
            **fields,
        }
        return str(self.make("/v2/schedules", **body)["id"])

    def rule(self, kind: str, key: str, after: int = 0, **fields: Any) -> dict[str, Any]:
        """A rule of an escalation; people by their key."""
        recipient = {"type": kind, "id": self.users.get(key, key)}
        common = {"condition": "if-not-acked", "notifyType": "default", "recipient": recipient}
        return {**common, "delay": {"timeAmount": after, "timeUnit": "minutes"}, **fields}

    def escalation(self, *rules: dict[str, Any], name: str = "Escalate", **fields: Any) -> str:
        body = {"name": name, "rules": [*rules] or [self.rule("user", "anna")], **fields}
        return str(self.make("/v2/escalations", **body)["id"])


def fields(errors: dict[str, str]) -> set[str]:
    """Which fields were found fault with."""
    assert all(re.search(r"\w", reason) for reason in errors.values())
    return set(errors)


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    with Running(Options(now=NOW, seed=SEED)) as server:
        yield server


@pytest.fixture(scope="module")
def session(running: Running) -> Iterator[Client]:
    client = Client(running.url)
    yield client
    client.session.close()


@pytest.fixture
def og(session: Client) -> Client:
    session.reset()
    return session
