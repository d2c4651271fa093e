"""Calls to a running Opsgenie sandbox, kept for the checks, and the bodies that requests carry."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from tests.conformance.session import Body, Step


class Session:
    """Makes calls and keeps them, in order."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.steps: list[Step] = []
        self.http = requests.Session()
        self.http.headers["Authorization"] = "GenieKey 0b9b8c1e-3c0a-4f6e-9b1c-2f7f8f0c7a10"

    def call(self, name: str, method: str, path: str, sent: Any = None, *, wrong: bool = False) -> Any:
        """The answer's body; the step is remembered whatever the status."""
        answer = self.http.request(method, self.url + path, json=sent, timeout=60)
        body = answer.json()
        parts = urlsplit(path)
        self.steps.append(
            Step(name, method, parts.path, parse_qsl(parts.query), sent, wrong, answer.status_code, body)
        )
        return body

    def get(self, name: str, path: str) -> Any:
        """The `data` of what is there."""
        body = self.call(name, "GET", path)
        assert "data" in body, f"{name}: {body}"
        return body["data"]

    def post(self, name: str, path: str, sent: Body, key: str = "id") -> str:
        """Creates one object and gives its id."""
        body = self.call(name, "POST", path, sent)
        assert "data" in body, f"{name}: {body}"
        return str(body["data"][key])


def person(key: str) -> dict[str, str]:
    """A user as a recipient."""
    return {"type": "user", "id": key}


def rotation(name: str, members: list[Body], **fields: Any) -> Body:
    """A rotation as requests carry it: by weeks, from a Monday."""
    start = {"startDate": "2026-03-02T08:00:00Z", "type": "weekly", "length": 1}
    return {"name": name, **start, "participants": members, **fields}


def rule(after: int, recipient: Body, how: str = "default") -> Body:
    """A rule of an escalation as requests carry it."""
    delay = {"timeAmount": after, "timeUnit": "minutes"}
    return {"condition": "if-not-acked", "notifyType": how, "delay": delay, "recipient": recipient}


OFFICE: Body = {
    "type": "time-of-day",
    "restriction": {"startHour": 9, "startMin": 0, "endHour": 17, "endMin": 30},
}
WEEKEND: Body = {
    "type": "weekday-and-time-of-day",
    "restrictions": [
        {"startDay": "friday", "startHour": 18, "startMin": 0, "endDay": "monday", "endHour": 9, "endMin": 0}
    ],
}
URGENT: Body = {
    "type": "match-any-condition",
    "conditions": [{"field": "priority", "operation": "equals", "expectedValue": "P1", "not": False, "order": 0}],
}
