"""Both sandboxes with the same policies in them, for what is asked of every provider alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract.harness import NOW, TOKEN, House, Policy
from tests.contract.steps import START

KINDS = ("pagerduty", "opsgenie")
PHONE = "6641234567"
_PATHS = {"pagerduty": {"user": "/users", "schedule": "/schedules", "service": "/services"}}
_PATHS["opsgenie"] = {"user": "/v2/users", "schedule": "/v2/schedules", "service": "/v1/services"}


def start() -> Policy:
    """Policies that everybody can hold: anna, ben and carla take turns by day, carla and david by night."""
    return deepcopy(START)


@contextmanager
def opened(
    kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[House]:
    """A sandbox with nothing in it but people, and a token that opens it."""
    for name in ("PAGERDUTY_TOKEN", "PAGERDUTY_API_URL", "OPSGENIE_API_KEY", "OPSGENIE_API_URL"):
        monkeypatch.delenv(name, raising=False)
    with House.opened(kind, folder) as house:
        house.capsys = capsys
        monkeypatch.setenv(f"{kind.upper()}_API_URL", house.url)
        monkeypatch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
        yield house


def applied(house: House, policy: Policy) -> None:
    """Bring policies to life."""
    house.declare(policy)
    result = house.apply()
    assert result.code == 0, result.err + result.out


def call(house: House, method: str, path: str, body: Any = None) -> Any:
    """Speak to the vendor's API beside the tool."""
    scheme = "Token token=" if house.kind == "pagerduty" else "GenieKey "
    headers = {"Authorization": f"{scheme}{TOKEN}", "From": "lead@example.com"}
    answer = requests.request(method, house.url + path, json=body, headers=headers, timeout=60)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def ids(house: House, kind: str) -> dict[str, str]:
    """Return ids by name; of users by the part of the email before the @."""
    body = call(house, "GET", f"{_PATHS[house.kind][kind]}?limit=100")
    listed = body[f"{kind}s"] if house.kind == "pagerduty" else body["data"]
    if kind == "user":
        return {(one.get("email") or one["username"]).partition("@")[0]: one["id"] for one in listed}
    return {one["name"]: one["id"] for one in listed}


def swap(house: House, schedule: str, user: str, since: datetime, length: timedelta) -> None:
    """Somebody makes an override in the vendor's pages."""
    key, who = ids(house, "schedule")[schedule], ids(house, "user")[user]
    begin, end = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (since, since + length))
    if house.kind == "pagerduty":
        one = {"start": begin, "end": end, "user": {"id": who, "type": "user_reference"}}
        call(house, "POST", f"/schedules/{key}/overrides", {"overrides": [one]})
    else:
        body = {"user": {"type": "user", "id": who}, "startDate": begin, "endDate": end}
        call(house, "POST", f"/v2/schedules/{key}/overrides", body)


def incident(house: House, service: str, title: str, user: str) -> None:
    """Something breaks, and one person has it."""
    key, who = ids(house, "service")[service], ids(house, "user")[user]
    if house.kind == "pagerduty":
        assigned = [{"assignee": {"id": who, "type": "user_reference"}}]
        body = {"type": "incident", "title": title, "service": {"id": key, "type": "service_reference"}}
        call(house, "POST", "/incidents", {"incident": {**body, "assignments": assigned}})
    else:
        responders = [{"type": "user", "id": who}]
        opened_one = {"message": title, "impactedServices": [key], "responders": responders}
        call(house, "POST", "/v1/incidents/create", opened_one)


def asked(house: House) -> list[str]:
    """Return the paths that were read since the last look, and forget them; nothing was written."""
    found = house.control("requests")
    forget(house)
    assert all(one["method"] == "GET" for one in found)
    return sorted(one["path"] for one in found)


def forget(house: House) -> None:
    """Empty the sandbox's log of requests."""
    house.control("reset", {"what": "log"})


def added(paths: list[str], usual: list[str]) -> list[str]:
    """Return what was read besides the usual."""
    left = Counter(paths)
    left.subtract(usual)
    assert min(left.values()) >= 0
    return sorted(left.elements())


__all__ = ["KINDS", "NOW", "PHONE", "House"]
