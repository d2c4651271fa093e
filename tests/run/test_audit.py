"""An audit of real accounts, at every provider: people with nothing but email, without a verified phone, gone."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from oncall_sync.cli.main import run
from tests.account import Result
from tests.conftest import NOW
from tests.contract.harness import sandbox

KINDS = ("pagerduty", "opsgenie")
TOKEN = "y_NbAkKc66ryYTWUXYEu"
NUMBERS = {"anna": "6501234001", "carla": "6501234003", "eve": "6501234005", "lead": "6501234007"}
PRIVATE = "somewhere-private@home.example"
FORMS = ("text", "markdown", "json", "csv", "html", "sarif")
POLICY: dict[str, Any] = {
    "time_zone": "Europe/Vienna",
    "team": "ops",
    "users": {name: {"email": f"{name}@example.com"} for name in ("anna", "ben", "carla", "david", "eve", "lead")},
    "teams": {"ops": {"name": "Operations", "members": ["anna", "ben", {"user": "lead", "role": "manager"}]}},
    "schedules": {
        "duty": {"rotations": {"members": ["ben", "anna"], "start": "Mon 2026-01-05 09:00", "every": "1 week"}},
        "spare": {"rotations": {"members": ["lead"], "start": "Mon 2026-01-05 09:00", "every": "1 week"}},
    },
    "escalation_policies": {
        "checkout": {
            "levels": [
                {"notify": {"schedule": "duty"}, "escalate_after": "15m"},
                {"notify": {"user": "eve"}, "escalate_after": "10m"},
            ]
        },
        "alone": {"levels": [{"notify": {"user": "ben"}, "escalate_after": "15m"}]},
        "spare": {"levels": [{"notify": {"user": "lead"}, "escalate_after": "15m"}]},
    },
    "services": {
        "checkout": {"escalation_policy": "checkout", "urgency": "high", "human_within": "30m"},
        "mail": {"escalation_policy": "alone", "urgency": "high"},
    },
    "chat_commands": {"/checkout": {"service": "checkout"}, "/mail": {"service": "mail"}},
}
"""ben is on call in the week of NOW, anna in the next one."""


def seed(kind: str) -> dict[str, Any]:
    """anna has a phone and the app's delay, ben only email; carla is a stakeholder, eve's phone is slow."""
    users: dict[str, Any] = {name: {"email": f"{name}@example.com"} for name in POLICY["users"]}
    for name, number in NUMBERS.items():
        if kind == "pagerduty":
            private = {"type": "email", "address": PRIVATE, "rules": []}
            late = 20 if name == "eve" else 0
            rules = [{"urgency": "high", "delay": late}, {"urgency": "low", "delay": 60}]
            contacts = [{"type": "phone", "address": number, "rules": rules}, private]
        else:
            contacts = [{"method": "voice", "to": f"1-{number}"}, {"method": "email", "to": PRIVATE}]
        users[name]["contacts"] = contacts
    users["carla"]["role"] = "read_only_user" if kind == "pagerduty" else "Stakeholder"
    return {"users": users}


@dataclass
class House:
    """One sandbox, one folder, and the command line."""

    kind: str
    url: str
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def sync(self, *words: str) -> Result:
        self.capsys.readouterr()
        code = run([words[0], "--config", str(self.folder / "oncall.yaml"), *words[1:], "--now", NOW.isoformat()])
        shown = self.capsys.readouterr()
        return Result(code, shown.out, shown.err)

    def audit(self, *words: str) -> Any:
        found = self.sync("audit", "--format", "json", *words)
        assert found.code == 0, found.err
        return found.json

    def declare(self, policy: dict[str, Any]) -> None:
        text = yaml.safe_dump({"provider": self.kind, **policy}, sort_keys=False)
        (self.folder / "policies/all.yaml").write_text(text, encoding="utf-8")

    def call(self, method: str, path: str, body: Any = None) -> Any:
        scheme = {"pagerduty": "Token token=", "opsgenie": "GenieKey "}[self.kind]
        headers = {"Authorization": scheme + TOKEN, "From": "anna@example.com"}
        answer = requests.request(method, self.url + path, json=body, headers=headers, timeout=60)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def forget(self) -> None:
        self.call("POST", "/__sandbox__/reset", {"what": "log"})

    def reads(self) -> list[str]:
        log = self.call("GET", "/__sandbox__/requests")
        assert {one["method"] for one in log} <= {"GET"}
        return [one["path"] for one in log]

    def user(self, name: str) -> str:
        if self.kind == "pagerduty":
            listed = self.call("GET", "/users")["users"]
            return str(next(one["id"] for one in listed if one["email"] == f"{name}@example.com"))
        return str(self.call("GET", f"/v2/users/{name}@example.com")["data"]["id"])


@contextmanager
def opened(
    kind: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, seeded: Any
) -> Iterator[House]:
    with sandbox(kind, seed=seeded) as server:
        monkeypatch.setenv(f"{kind.upper()}_API_URL", server.url)
        monkeypatch.setenv("ONCALL_AUDIT_TOKEN", TOKEN)
        (folder / "policies").mkdir()
        entry = {"kind": kind, "token_env": "ONCALL_AUDIT_TOKEN"}
        config = {"workspace": "acme", "policies": "policies", "providers": {kind: entry}}
        (folder / "oncall.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        yield House(kind, server.url, folder, capsys)


@pytest.fixture(params=KINDS)
def house(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[House]:
    """An account with POLICY applied, and eve's rules as slow as she likes them."""
    with opened(request.param, tmp_path, capsys, monkeypatch, seed(request.param)) as there:
        there.declare(POLICY)
        assert there.sync("apply", "--yes").code == 0
        if there.kind == "opsgenie":
            for name, after in (("anna", 0), ("lead", 0), ("eve", 20)):
                opsgenie_rules(there, name, {"method": "voice", "to": f"1-{NUMBERS[name]}"}, after)
        yield there


def opsgenie_rules(house: House, name: str, contact: dict[str, str], after: int) -> None:
    """Let the first rule for new alerts tell by this contact, so late."""
    path = f"/v2/users/{name}@example.com/notification-rules"
    rule = next(r for r in house.call("GET", path)["data"] if r["actionType"] == "create-alert")
    step = {"contact": contact, "enabled": True, "sendAfter": {"timeAmount": after}}
    house.call("PATCH", f"{path}/{rule['id']}", {"steps": [step]})


def rules(found: Any) -> set[str]:
    return {one["rule"] for one in found["findings"] if one["level"] != "note"}


def test_a_human_hears_only_when_a_phone_of_theirs_rings(house: House) -> None:
    found = house.audit()
    services = {(one["service"], one["urgency"]): one for one in found["services"]}
    checkout, mail = services["checkout", "high"], services["mail", "high"]
    assert [(level["level"], level["begins"]) for level in checkout["levels"]] == [(1, "PT0S"), (2, "PT15M")]
    assert [[p["user"] for p in level["people"]] for level in checkout["levels"]] == [["ben"], ["eve"]]
    # ben has nothing but email, and eve's own rule waits 20 minutes; anna, a week later, is called at once.
    assert checkout["human_now"] == "PT35M"
    assert checkout["human_worst"] == "PT35M"
    assert checkout["never"] == checkout["gaps"] == []
    ben, eve = (level["people"][0] for level in checkout["levels"])
    assert (ben["via"], ben["reached"], [w["way"] for w in ben["ways"]]) == ("duty", None, ["email"])
    assert eve["ways"] == [{"way": "phone", "shown": "••• ••05", "after": "PT20M"}]
    assert mail["human_now"] is None
    assert mail["never"] == [{"since": "2026-11-23T12:00:00Z", "until": "2026-12-21T12:00:00Z"}]


def test_what_is_wrong_is_said_of_whom_and_where(house: House) -> None:
    found = house.audit()
    assert {"email-only", "nobody-reached", "human-too-late", "unused-schedule", "unused-policy"} <= rules(found)
    messages = {(one["rule"], one["message"].split(" ")[0]): one for one in found["findings"]}
    told = messages["email-only", "ben"]
    assert "ben is on call for" in told["message"]
    assert told["source"]["file"] == "policies/all.yaml"
    late = next(one for one in found["findings"] if one["rule"] == "human-too-late")
    assert "promised within 30m" in late["message"]
    assert "it can take 35m" in late["message"]
    assert [(one["kind"], one["name"]) for one in found["unused"] if one["managed"]] == [
        ("escalation_policy", "spare"),
        ("schedule", "spare"),
    ]
    assert found["summary"]["errors"] == len([f for f in found["findings"] if f["level"] == "error"])


def test_who_comes_next_and_where_chat_commands_land(house: House) -> None:
    found = house.audit()
    coming = [(one["user"], one["schedule"], one["since"], one["ready"]) for one in found["incoming"]]
    assert coming == [("anna", "duty", "2026-11-30T08:00:00Z", True)]
    landings = {one["command"]: one for one in found["chat_commands"]}
    assert (landings["/checkout"]["on_call"], landings["/checkout"]["always"]) == (["ben"], True)
    assert landings["/mail"]["always"] is False


def test_load_is_counted_back_and_ahead(house: House) -> None:
    found = house.audit("--back", "7d", "--horizon", "14d")
    load = {(one["user"], one["part"]): one for one in found["load"]}
    ahead = load["anna", "ahead"]
    # Mon 30th 09:00 to Mon 7th 09:00: a whole week.
    assert (ahead["hours"], ahead["nights"], ahead["night_hours"]) == (168.0, 7, 56.0)
    assert (ahead["weekends"], ahead["weekend_hours"], ahead["handoffs"]) == (1, 48.0, 1)
    assert load["ben", "ahead"]["hours"] == 164.0 + 4.0
    shares = {(one["schedule"], one["user"]): one for one in found["shares"]}
    assert set(shares) >= {("duty", "anna"), ("duty", "ben")}


def test_people_whom_no_page_reaches(house: House) -> None:
    policy = json.loads(json.dumps(POLICY))
    policy["escalation_policies"]["alone"]["levels"][0]["notify"] = {"user": "carla"}
    house.declare(policy)
    assert house.sync("apply", "--yes").code == 0
    found = house.audit("--service", "mail")
    assert [one["service"] for one in found["services"]] == ["mail"]
    (carla,) = found["people"]
    assert (carla["user"], carla["problems"]) == ("carla", ["on-call-unpageable"])
    assert "stakeholder" in carla["cannot"]
    assert found["unused"] == found["unmanaged"] == []
    assert rules(found) == {"on-call-unpageable", "nobody-reached", "single-person"}


def test_overrides_that_change_nothing_and_a_swap_that_helps(house: House) -> None:
    ids = {name: house.user(name) for name in ("anna", "ben")}
    spans = [("ben", "2026-11-24T08:00:00Z", "2026-11-24T20:00:00Z")]
    spans += [("anna", "2026-11-25T08:00:00Z", "2026-11-25T20:00:00Z")]
    body: dict[str, Any]
    for name, since, until in spans:
        if house.kind == "pagerduty":
            key = next(s["id"] for s in house.call("GET", "/schedules")["schedules"] if s["name"] == "duty")
            user = {"id": ids[name], "type": "user_reference"}
            body = {"overrides": [{"start": since, "end": until, "user": user}]}
            house.call("POST", f"/schedules/{key}/overrides", body)
        else:
            user = {"type": "user", "id": ids[name]}
            body = {"user": user, "startDate": since, "endDate": until}
            house.call("POST", "/v2/schedules/duty/overrides?scheduleIdentifierType=name", body)
    found = house.audit()
    assert [(one["user"], one["rule"]) for one in found["overrides"]] == [("ben", "idle-override")]
    incoming = [(one["user"], one["since"]) for one in found["incoming"]]
    assert incoming == [("anna", "2026-11-25T08:00:00Z")]


def test_how_many_requests_it_takes(house: House) -> None:
    house.forget()
    assert house.sync("plan", "--exit-code").code == 0
    planned = len(house.reads())
    house.forget()
    house.audit()
    made = house.reads()
    overrides = [path for path in made if path.endswith("/overrides")]
    assert len(overrides) == 2
    if house.kind == "pagerduty":
        assert len(made) == planned + 2 + 1, "one list of users has everybody's contacts and rules"
    else:
        # anna, ben and eve are on ladders: contacts, the list of rules, the one rule for new alerts.
        assert len(made) == planned + 2 + 3 * 3


def test_all_is_everything_and_without_it_only_what_is_ours(house: House) -> None:
    if house.kind == "pagerduty":
        user = {"id": house.user("david"), "type": "user_reference"}
        body = {"name": "Old", "escalation_rules": [{"escalation_delay_in_minutes": 30, "targets": [user]}]}
        made = house.call("POST", "/escalation_policies", {"escalation_policy": {**body, "type": "x"}})
        policy = {"id": made["escalation_policy"]["id"], "type": "escalation_policy_reference"}
        house.call("POST", "/services", {"service": {"name": "Legacy", "escalation_policy": policy}})
    else:
        team = house.call("POST", "/v2/teams", {"name": "Old"})["data"]["id"]
        house.call("POST", "/v1/services", {"name": "Legacy", "teamId": team})
    ours, everything = house.audit(), house.audit("--all")
    assert "Legacy" not in {one["service"] for one in ours["services"]}
    assert "Legacy" in {one["name"] for one in ours["unmanaged"]}
    legacy = next(one for one in everything["services"] if one["service"] == "Legacy")
    assert legacy["managed"] is False
    assert "unmanaged" in {one["rule"] for one in ours["findings"]}


def test_exit_codes(house: House) -> None:
    assert house.sync("audit").code == 0
    assert house.sync("audit", "--exit-code").code == 2
    unknown = house.sync("audit", "--service", "nonsense")
    assert (unknown.code, unknown.out) == (1, "")
    assert "no such service" in unknown.err
    assert "checkout" in unknown.err


def test_no_form_shows_a_number_or_an_address(house: House) -> None:
    shown = {}
    for form in FORMS:
        found = house.sync("audit", "--all", "--format", form)
        assert found.code == 0
        shown[form] = found.out
        for hidden in (*NUMBERS.values(), PRIVATE, "home.example", TOKEN):
            assert hidden not in found.out + found.err
        assert "email-only" in found.out + found.err
    rows = list(csv.DictReader(io.StringIO(shown["csv"])))
    assert {"service", "ladder", "person", "load", "finding"} <= {row["section"] for row in rows}
    told = {row["metric"] for row in rows if row["person"] == "ben" and row["section"] == "person"}
    assert told == {"email-only"}
    assert "<script" not in shown["html"]
    assert "url(" not in shown["html"]
    assert not re.search(r"(?:src|href)\s*=", shown["html"])
    (log,) = json.loads(shown["sarif"])["runs"]
    assert {one["ruleId"] for one in log["results"]} >= {"email-only", "nobody-reached"}


def test_a_waiver_silences_a_finding(house: House) -> None:
    policy = json.loads(json.dumps(POLICY))
    policy["waivers"] = [
        {"rule": "email-only", "for": {"user": "ben"}, "reason": "new", "owner": "lead", "until": "2027-01-01"}
    ]
    house.declare(policy)
    found = house.audit()
    assert "email-only" not in rules(found)
    assert any("waived: new (lead" in one["message"] for one in found["findings"])


def test_a_blocked_person_and_a_phone_nobody_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seeded = seed("opsgenie")
    seeded["users"]["anna"]["blocked"] = True
    seeded["users"]["eve"]["contacts"][0]["verified"] = False
    seeded["users"]["eve"]["verified"] = False
    with opened("opsgenie", tmp_path, capsys, monkeypatch, seeded) as house:
        house.declare(POLICY)
        assert house.sync("apply", "--yes").code == 0
        found = house.audit()
    problems = {one["user"]: one["problems"] for one in found["people"]}
    assert problems["anna"] == ["on-call-deactivated"]
    assert problems["eve"] == ["email-only", "phone-unverified", "invitation-open"]
    assert [one["ready"] for one in found["incoming"]] == [False]
    text = next(one["message"] for one in found["findings"] if one["rule"] == "phone-unverified")
    assert "their phone ••• ••05 was never verified" in text


def test_a_phone_that_pagerduty_stopped_using(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seeded = seed("pagerduty")
    seeded["users"]["eve"]["contacts"][0]["blacklisted"] = True
    seeded["users"]["anna"]["invitation_sent"] = True
    seeded["users"]["anna"]["contacts"][0]["rules"] = [{"urgency": "high", "delay": 15}]
    with opened("pagerduty", tmp_path, capsys, monkeypatch, seeded) as house:
        house.declare(POLICY)
        assert house.sync("apply", "--yes").code == 0
        found = house.audit()
    people = {one["user"]: one for one in found["people"]}
    assert people["eve"]["problems"] == ["no-contact"]
    assert [one["usable"] for one in people["eve"]["contacts"] if one["way"] == "phone"] == [False]
    # PagerDuty takes the incident from level 1 after 15 minutes, the very moment at which anna's rule would ring.
    assert people["anna"]["problems"] == ["invitation-open", "rules-too-late"]
    checkout = next(one for one in found["services"] if one["service"] == "checkout")
    assert checkout["human_worst"] is None
    assert checkout["human_worst_reached"] is None
