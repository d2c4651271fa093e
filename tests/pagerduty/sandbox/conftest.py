"""One sandbox per module, reset before every test; every answer to `Client` that is not a refusal
is held against the vendor's own description."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from oncall_sync_pagerduty.sandbox import Options, Running
from tests.conformance.openapi import DESCRIPTION, check_answer

NOW = datetime(2026, 11, 21, 9, 0, 30, tzinfo=UTC)  # a Saturday; seconds on purpose
SEED = {
    "subdomain": "acme",
    "users": {
        "anna": {"email": "anna@acme.example"},
        "ben": {"email": "ben@acme.example"},
        "cleo": {"email": "cleo@acme.example"},
        "ray": {"email": "ray@acme.example", "role": "read_only_user"},
    },
}


# Where the description is wrong, beyond what tests/conformance knows: name of the place -> reason.
DESCRIBED_WRONG = {
    r"integration\.service\.type: 'service' is not": "include[]=services expands what is described as a reference",
    r"integration\.vendor\.type: 'vendor' is not": "include[]=vendors expands what is described as a reference",
    r"^body\.vendor: .* is not of type 'array'": "GET of one vendor is described as a list",
}


class Client:
    """A REST client as plain as they come; `ok` insists on a status and gives the JSON."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = "Token token=test-key-1234"
        self.users: dict[str, str] = {}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.session.request(method, self.url + path, json=body, headers=named, timeout=60)
        if DESCRIPTION.exists() and answer.ok and not path.startswith("/__sandbox__"):
            content = answer.json() if answer.content else None
            found = check_answer(method, path.partition("?")[0], answer.status_code, content)
            assert [one for one in found if not any(re.search(wrong, one) for wrong in DESCRIBED_WRONG)] == []
        return answer

    def ok(self, status: int, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = self.call(method, path, body, **headers)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def get(self, path: str, **headers: str) -> Any:
        return self.ok(200, "GET", path, **headers)

    def refused(self, status: int, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.ok(status, method, path, body, **headers)["error"]

    def control(self, name: str, **body: Any) -> Any:
        return self.ok(200, "POST", f"/__sandbox__/{name}", body)

    def clock(self, text: str) -> None:
        self.control("clock", now=text)

    def reset(self) -> None:
        self.control("reset", what="all")
        users = self.session.get(self.url + "/users?limit=100", timeout=60).json()["users"]
        self.users = {user["email"].partition("@")[0]: user["id"] for user in users}
        self.control("reset", what="log")

    # Short ways to make things.

    def team(self, name: str = "Payments", **fields: Any) -> Any:
        return self.ok(201, "POST", "/teams", {"team": {"name": name, **fields}})["team"]

    def schedule(self, *layers: Any, name: str = "Primary", zone: str = "Europe/London", **fields: Any) -> Any:
        body = {
            "name": name,
            "time_zone": zone,
            "schedule_layers": list(layers or [self.layer("anna", "ben")]),
            **fields,
        }
        return self.ok(201, "POST", "/schedules", {"schedule": body})["schedule"]

    def layer(self, *people: str, **fields: Any) -> dict[str, Any]:
        return {
            "start": "2026-11-02T09:00:00Z",
            "rotation_virtual_start": "2026-11-02T09:00:00Z",
            "rotation_turn_length_seconds": 604_800,
            "users": [{"user": {"id": self.users[one], "type": "user_reference"}} for one in people],
            **fields,
        }

    def target(self, name_or_id: str) -> dict[str, str]:
        if name_or_id in self.users:
            return {"id": self.users[name_or_id], "type": "user_reference"}
        return {"id": name_or_id, "type": "schedule_reference"}

    def rule(self, *targets: str, delay: int = 10) -> dict[str, Any]:
        return {"escalation_delay_in_minutes": delay, "targets": [self.target(one) for one in targets]}

    def policy(self, *targets: str, name: str = "Escalate", **fields: Any) -> Any:
        body = {"name": name, "escalation_rules": [self.rule(*(targets or ("anna",)))], **fields}
        return self.ok(201, "POST", "/escalation_policies", {"escalation_policy": body})["escalation_policy"]

    def service(self, policy: str, name: str = "Shop", **fields: Any) -> Any:
        body = {"name": name, "escalation_policy": {"id": policy, "type": "escalation_policy_reference"}, **fields}
        return self.ok(201, "POST", "/services", {"service": body})["service"]

    def incident(self, service: str, **fields: Any) -> Any:
        body = {
            "type": "incident",
            "title": "down",
            "service": {"id": service, "type": "service_reference"},
            **fields,
        }
        return self.ok(201, "POST", "/incidents", {"incident": body}, From="anna@acme.example")["incident"]


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
def pd(session: Client) -> Client:
    session.reset()
    return session
