"""Calls to a running PagerDuty sandbox, kept for the checks, and the bodies that requests carry."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests

Body = dict[str, Any]


class Step(NamedTuple):
    """A call and its answer; `body` is None where the answer had none."""

    name: str
    method: str
    path: str
    query: list[tuple[str, str]]
    sent: Any
    wrong: bool
    status: int
    body: Any


class Session:
    """Makes calls and keeps them, in order."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.steps: list[Step] = []
        self.http = requests.Session()
        self.http.headers.update(
            {
                "Authorization": "Token token=sandbox",
                "Accept": "application/vnd.pagerduty+json;version=2",
                "From": "anna@example.com",
            }
        )

    def call(
        self, name: str, method: str, path: str, sent: Any = None, *, query: Any = (), wrong: bool = False
    ) -> Any:
        """The answer's body; the step is remembered whatever the status."""
        answer = self.http.request(method, self.url + path, params=list(query), json=sent, timeout=60)
        body = answer.json() if answer.content else None
        where = urlsplit(path).path
        self.steps.append(Step(name, method, where, list(query), sent, wrong, answer.status_code, body))
        return body

    def post(self, name: str, path: str, sent: dict[str, Any]) -> str:
        """Creates one object and gives its id."""
        (singular,) = sent
        body = self.call(name, "POST", path, sent)
        assert singular in body, f"{name}: {body}"
        return str(body[singular]["id"])


def ref(key: str, kind: str) -> dict[str, str]:
    """A reference as requests carry it."""
    return {"id": key, "type": f"{kind}_reference"}


def layer(name: str, users: list[str], turn: int, *restrictions: dict[str, Any]) -> dict[str, Any]:
    """A schedule layer as requests carry it."""
    start = "2026-03-02T08:00:00Z"
    members = [{"user": ref(user, "user")} for user in users]
    rotation = {"rotation_virtual_start": start, "rotation_turn_length_seconds": turn}
    return {
        "name": name,
        "start": start,
        "end": None,
        **rotation,
        "users": members,
        "restrictions": list(restrictions),
    }


def daily(duration: int) -> dict[str, Any]:
    """A restriction from nine in the morning."""
    return {"type": "daily_restriction", "start_time_of_day": "09:00:00", "duration_seconds": duration}


def weekly(duration: int) -> dict[str, Any]:
    """A restriction from Friday at six in the evening."""
    span = {"start_time_of_day": "18:00:00", "duration_seconds": duration}
    return {"type": "weekly_restriction", "start_day_of_week": 5, **span}
