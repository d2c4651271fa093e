"""What strangers write, told by `affected` and `handoff` in every form."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.account import Account, Result
from tests.cli.corpus import TEXTS, acted_on, in_keys, in_names

Capture = pytest.CaptureFixture[str]
FORMS = ("text", "json", "markdown")
NOW = "2026-11-23T12:00:00Z"


def harmless(result: Result, code: int = 0) -> Result:
    assert acted_on(result.out) + acted_on(result.err) == []
    assert "Traceback" not in result.err
    assert "defect" not in result.err
    assert result.code == code, result.err or result.out[-1500:]
    return result


def everywhere(number: int, text: str) -> str:
    """A file in which anna is named under that text, wherever there is room for it."""
    key = text if in_keys(text) else f"k{number}"
    title = {"name": f"{text[:90]} {number}"} if in_names(text) else {}
    turns = {**title, "members": ["anna", "user5"], "start": "2026-01-05 09:00", "every": "1 week"}
    swap = {"since": "2026-12-01", "until": "2026-12-02", "user": "anna"}
    data = {
        "provider": "pagerduty",
        "time_zone": "Europe/Vienna",
        "teams": {key: {**title, "description": text, "members": ["anna"]}},
        "schedules": {key: {**title, "description": text, "rotations": turns, "overrides": swap}},
        "escalation_policies": {
            key: {**title, "levels": [{"notify": [{"schedule": key}, {"user": "anna"}], "escalate_after": "15m"}]}
        },
        "services": {key: {**title, "escalation_policy": key, "urgency": "high"}},
        "waivers": [{"rule": text, "reason": text, "owner": "anna", "until": "2027-01-01"}],
    }
    return yaml.safe_dump(data, allow_unicode=False, width=10**6)


TITLES = [text[:1000] for text in TEXTS.values() if in_names(text)]
"""What the vendor takes as the title of an incident."""


def waived(text: str) -> bool:
    return bool(text.strip()) and len(text) <= 300


def test_every_text_around_one_person(account: Account, capsys: Capture) -> None:
    for number, text in enumerate(TEXTS.values()):
        if waived(text):
            account.write(f"policies/{number}.yaml", everywhere(number, text))
    for form in FORMS:
        told = harmless(
            account.sync(capsys, "affected", "anna", "--from", "policies", "--now", NOW, "--format", form)
        )
        assert len(told.out.splitlines()) > 10 * len(TEXTS)
    assert "<script" not in told.out
    assert not [line for line in told.out.splitlines() if "|| c" in line]
    assert account.log() == []


def test_every_text_as_an_incident(account: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_sync.report.handoff_text.MOST_INCIDENTS", 100)
    monkeypatch.setattr("oncall_sync.report.handoff_markdown.MOST_INCIDENTS", 100)
    assert account.sync(capsys, "apply", "--yes").code == 0
    service = {"id": account.one("services", "checkout")["id"], "type": "service_reference"}
    people = {one["email"]: one["id"] for one in account.call("GET", "/users?limit=100")["users"]}
    anna = {"assignee": {"id": people["anna@example.com"], "type": "user_reference"}}
    for title in TITLES:
        body: dict[str, Any] = {"type": "incident", "title": title, "service": service, "assignments": [anna]}
        account.call("POST", "/incidents", {"incident": body}, From="anna@example.com")
    for form in FORMS:
        told = harmless(account.sync(capsys, "affected", "anna", "--now", NOW, "--format", form))
        note = harmless(account.sync(capsys, "handoff", "checkout-night", "--now", NOW, "--format", form))
        if form == "json":
            assert [one["title"] for one in told.json["providers"][0]["incidents"]] == TITLES
            assert [one["title"] for one in note.json["incidents"]] == TITLES
        elif form == "text":
            assert len([line for line in note.out.splitlines() if "with anna" in line]) == len(TITLES)
    assert "<script" not in told.out + note.out
    assert not [line for line in (told.out + note.out).splitlines() if "|| c" in line]


@pytest.mark.parametrize("label", ["workflow command", "table cell", "html"])
def test_schedules_and_people_with_such_names(label: str, account: Account, capsys: Capture) -> None:
    name = TEXTS[label]
    account.edit("  checkout-night:\n", f"  checkout-night:\n    name: {json.dumps(name)}\n")
    account.edit("  ben: {email: ben@example.com}", f"  ben: {{email: ben@example.com, name: {json.dumps(name)}}}")
    harmless(account.sync(capsys, "apply", "--yes"))
    for form in FORMS:
        harmless(account.sync(capsys, "handoff", name, "--now", NOW, "--format", form))
        found = harmless(account.sync(capsys, "affected", name, "--now", NOW, "--format", form))
        assert form != "json" or found.json["user"] == "ben"


def test_arguments(account: Account, capsys: Capture) -> None:
    for number, text in enumerate(text.replace("\0", "") for text in TEXTS.values()):
        asked = (
            ["affected", f"x{text}", "--from", "policies"],
            ["handoff", f"x{text}", "--from", "policies"],
            ["handoff", "checkout-night", "--from", "policies", "--at", f"x{text}"],
        )
        harmless(account.sync(capsys, *asked[number % 3]), 1)
        harmless(account.sync(capsys, "affected", "anna", "--horizon", f"x{text}"), 1)
    assert account.log() == []
