"""The same story at each provider: what is drift, and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract.harness import NOW, TOKEN, House
from tests.contract.steps import START

KINDS = ("opsgenie", "pagerduty")
ANNA = "anna@example.com"


@pytest.fixture(params=KINDS)
def house(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[House]:
    """An account in which everything is applied."""
    (tmp_path / "acme").mkdir()
    monkeypatch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
    with House.opened(request.param, tmp_path / "acme") as opened:
        opened.capsys = capsys
        monkeypatch.setenv(f"{request.param.upper()}_API_URL", opened.url)
        opened.declare(START)
        applied = opened.apply()
        assert applied.code == 0, applied.out + applied.err
        yield opened


class Person:
    """Somebody who edits at the provider's own pages."""

    def __init__(self, house: House, email: str = ANNA) -> None:
        self.house = house
        self.headers = {"From": email, "X-Sandbox-Actor": email}
        scheme = "Token token=other" if house.kind == "pagerduty" else "GenieKey 0f0f0f0f-other-key"
        self.headers["Authorization"] = scheme

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, self.house.url + path, json=body, headers=self.headers, timeout=60)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def id(self, kind: str, name: str) -> str:
        path = f"/{kind}?limit=100" if self.house.kind == "pagerduty" else f"/v2/{kind}"
        body = self.call("GET", path)
        listed = body[kind] if self.house.kind == "pagerduty" else body["data"]
        return str(next(one["id"] for one in listed if one["name"] == name))

    def user(self, email: str) -> str:
        if self.house.kind == "opsgenie":
            return email
        return str(
            next(one["id"] for one in self.call("GET", "/users?limit=100")["users"] if one["email"] == email)
        )

    def waits_longer(self) -> None:
        """The first level of the ladder waits 45 minutes instead of 15."""
        if self.house.kind == "pagerduty":
            path = f"/escalation_policies/{self.id('escalation_policies', 'Main')}"
            body = self.call("GET", path)["escalation_policy"]
            body["escalation_rules"][0]["escalation_delay_in_minutes"] = 45
            self.call("PUT", path, {"escalation_policy": body})
            return
        path = f"/v2/escalations/{self.id('escalations', 'Main')}"
        rules = self.call("GET", path)["data"]["rules"]
        for rule in rules:
            if rule["delay"]["timeAmount"] == 15:
                rule["delay"]["timeAmount"] = 45
        self.call("PATCH", path, {"rules": rules})

    def renames_the_schedule(self) -> None:
        if self.house.kind == "pagerduty":
            path = f"/schedules/{self.id('schedules', 'Day')}"
            body = self.call("GET", path)["schedule"]
            body["schedule_layers"].reverse()
            self.call("PUT", path, {"schedule": {**body, "name": "Daytime"}})
            return
        self.call("PATCH", f"/v2/schedules/{self.id('schedules', 'Day')}", {"name": "Daytime"})

    def swaps(self) -> None:
        """Somebody rings for somebody else for a day: an override."""
        span = [f"{NOW + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for days in (1, 2)]
        if self.house.kind == "pagerduty":
            user = {"id": self.user("lead@example.com"), "type": "user_reference"}
            override = {"start": span[0], "end": span[1], "user": user}
            self.call("POST", f"/schedules/{self.id('schedules', 'Day')}/overrides", {"override": override})
            return
        body = {"user": {"type": "user", "username": "lead@example.com"}, "startDate": span[0], "endDate": span[1]}
        self.call("POST", f"/v2/schedules/{self.id('schedules', 'Day')}/overrides", body)


def drift(house: House, *words: str) -> tuple[int, list[dict[str, Any]]]:
    result = house.sync("drift", "--format", "json", *words)
    assert result.code in (0, 2), result.err
    return result.code, result.json["drift"]


def test_nothing_right_after_an_apply(house: House) -> None:
    house.writes()
    assert drift(house) == (0, [])
    assert house.writes() == []
    assert "nothing was changed at the provider" in house.sync("drift").out


def test_an_edit_by_a_person_is_told_with_who_when_before_and_after(house: House) -> None:
    Person(house).waits_longer()
    code, (found,) = drift(house)
    assert code == 2
    assert (found["ref"], found["why"]) == ("escalation_policy.main", "drift")
    before = {field["path"]: (field["before"], field["after"]) for field in found["fields"]}
    assert before["levels.1.escalate_after"] == ("15m", "45m")
    changed = found["changed"][0]
    assert (changed["by"], changed["user"], changed["at"]) == (ANNA, "anna", "2026-11-23T12:00:00Z")
    assert all(one["by"] == ANNA for one in found["changed"])
    assert {page["level"] for page in found["impact"]["pages"]} == {2}
    text = house.sync("drift")
    assert text.code == 2
    assert "anna (anna@example.com)" in text.out
    assert "15m -> 45m" in text.out
    assert "`oncall-sync apply`" in text.out
    assert "`oncall-sync drift --accept`" in text.out
    assert house.apply().code == 0
    assert drift(house) == (0, [])


def test_a_renamed_object_is_told_with_who(house: House) -> None:
    Person(house, "lead@example.com").renames_the_schedule()
    code, (found,) = drift(house)
    assert (code, found["ref"], found["name"]) == (2, "schedule.day", "Daytime")
    assert found["fields"] == [{"path": "name", "before": "Day", "after": "Daytime"}]
    assert found["changed"][0]["by"] == "lead@example.com"
    assert found["impact"]["pages"] == []


def test_an_override_is_no_drift(house: House) -> None:
    Person(house).swaps()
    assert drift(house) == (0, [])


def _wait(policy: dict[str, Any]) -> None:
    policy["escalation_policies"]["main"]["levels"][0]["escalate_after"] = "20m"


def _member(policy: dict[str, Any]) -> None:
    policy["schedules"]["day"]["rotations"]["first"]["members"].append("lead")


def _new(policy: dict[str, Any]) -> None:
    policy["schedules"]["more"] = {**deepcopy(policy["schedules"]["day"]), "name": "More"}


def _gone(policy: dict[str, Any]) -> None:
    del policy["services"]["shop"]


def _integration(policy: dict[str, Any]) -> None:
    del policy["services"]["shop"]["integrations"]["alerts"]


def test_what_only_the_policies_changed_is_no_drift(house: House) -> None:
    for edit in (_wait, _member, _new, _gone, _integration):
        policy = deepcopy(START)
        edit(policy)
        house.declare(policy)
        assert len(house.plan()) == 1
        assert drift(house) == (0, []), edit


def test_the_same_in_another_order_is_no_drift(house: House) -> None:
    turned: dict[str, Any] = {key: deepcopy(START[key]) for key in reversed(START)}
    turned["schedules"]["day"]["rotations"]["first"]["start"] = "Mon 2026-01-26 09:00"
    turned["escalation_policies"]["main"]["levels"][0]["notify"].reverse()
    house.declare(turned)
    assert drift(house) == (0, [])


def test_what_the_policies_changed_as_well_is_told_apart(house: House) -> None:
    Person(house).waits_longer()
    policy = deepcopy(START)
    policy["escalation_policies"]["main"]["repeat"] = 3
    house.declare(policy)
    _, (found,) = drift(house)
    assert (found["why"], found["fields_certain"]) == ("both", True)
    paths = {field["path"] for field in found["fields"]}
    assert "levels.1.escalate_after" in paths
    assert "repeat" not in paths
    assert [(f["path"], f["before"], f["after"]) for f in found["pending"]] == [("repeat", 1, 3)]
    assert {page["level"] for page in found["impact"]["pages"]} == {2}


def test_a_field_that_both_changed_is_said_to_be_uncertain(house: House) -> None:
    Person(house).waits_longer()
    policy = deepcopy(START)
    _wait(policy)
    house.declare(policy)
    _, (found,) = drift(house)
    assert (found["why"], found["fields_certain"]) == ("both", False)
    assert "cannot be told: what is shown as before" in house.sync("drift").out


def _layer(person: Person, **changed: Any) -> None:
    path = f"/schedules/{person.id('schedules', 'Night')}"
    body = person.call("GET", path)["schedule"]
    body["schedule_layers"].reverse()
    body["schedule_layers"][0] |= changed.pop("layer", {})
    person.call("PUT", path, {"schedule": body | changed})


def _everything(person: Person) -> Iterator[tuple[str, str]]:
    """Do one edit after the other; yields the object and the path of the field that each is about."""
    if person.house.kind == "pagerduty":
        team = f"/teams/{person.id('teams', 'Operations')}"
        person.call("PUT", f"{team}/users/{person.user('eve@example.com')}", {"role": "responder"})
        yield "team.ops", "members.eve"
        _layer(person, time_zone="America/Chicago")
        yield "schedule.night", "time_zone"
        _layer(person, layer={"rotation_turn_length_seconds": 86400})
        yield "schedule.night", "rotations.all.every"
        service = f"/services/{person.id('services', 'Shop')}"
        person.call("PUT", service, {"service": {"name": "Store"}})
        yield "service.shop", "name"
        return
    team = f"/v2/teams/{person.id('teams', 'Operations')}"
    person.call("POST", f"{team}/members", {"user": {"username": "eve@example.com"}, "role": "user"})
    yield "team.ops", "members.eve"
    schedule = f"/v2/schedules/{person.id('schedules', 'Night')}"
    person.call("PATCH", schedule, {"timezone": "America/Chicago"})
    yield "schedule.night", "time_zone"
    (rotation,) = person.call("GET", f"{schedule}?expand=rotation")["data"]["rotations"]
    person.call("PATCH", f"{schedule}/rotations/{rotation['id']}", {"type": "daily", "length": 1})
    yield "schedule.night", "rotations.all.every"
    listed = person.call("GET", "/v1/services")["data"]
    shop = next(one["id"] for one in listed if one["name"] == "Shop")
    person.call("PATCH", f"/v1/services/{shop}", {"name": "Store"})
    yield "service.shop", "name"


def test_each_edit_is_that_objects_drift_and_goes_back(house: House) -> None:
    for ref, path in _everything(Person(house)):
        code, found = drift(house)
        assert (code, [one["ref"] for one in found]) == (2, [ref]), path
        assert path in {field["path"] for field in found[0]["fields"]}
        assert found[0]["changed"][0]["user"] == "anna", path
        assert house.apply("--waive", "mid-shift-change=taken back").code == 0
        assert drift(house) == (0, []), path
