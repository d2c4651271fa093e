"""`drift --accept`: what a person did at the provider stands in the YAML, and nowhere else is anything changed."""

from __future__ import annotations

import difflib
import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from oncall_sync.policy import saving
from tests.contract.harness import Result
from tests.contract.test_real_policies import Company, company

SOMEBODY = {"mobile-engage": "anna@example.com", "pupper": "mia@example.com"}
TEAMS = {"mobile-engage": "pagerduty", "pupper": "pagerduty", "delivery": "opsgenie", "eshopbox": "opsgenie"}
WEEK = 7 * 86400
MEANT = ("--waive", "mid-shift-change=it follows", "--waive", "distinct=it follows")
Body = dict[str, Any]


class Office:
    """A team's real policies, applied, and somebody at the provider's own pages."""

    def __init__(self, there: Company, team: str) -> None:
        self.there = there
        self.kind = TEAMS[team]
        self.somebody = SOMEBODY.get(team, "manager@example.com")
        self.texts = self.read()

    def read(self) -> dict[str, str]:
        paths = sorted((self.there.folder / "policies").glob("*.yaml"))
        return {path.name: path.read_bytes().decode() for path in paths}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        scheme = "Token token=other" if self.kind == "pagerduty" else "GenieKey 0f0f0f0f-other-key"
        headers = {"Authorization": scheme, "From": self.somebody}
        url = self.there.urls[self.kind] + path
        answer = requests.request(method, url, json=body, headers=headers, timeout=60)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def edit(self, plural: str, name: str, change: Callable[[Body], Any]) -> None:
        """Change one object in PagerDuty; layers come lowest first."""
        singular = {"escalation_policies": "escalation_policy"}.get(plural, plural[:-1])
        listed = self.call("GET", f"/{plural}?limit=100")[plural]
        path = next(f"/{plural}/{one['id']}" for one in listed if one["name"] == name)
        body = self.call("GET", path)[singular]
        body.get("schedule_layers", []).reverse()
        change(body)
        self.call("PUT", path, {singular: body})

    def user(self, key: str) -> Body:
        users = self.call("GET", "/users?limit=100")["users"]
        return {"id": next(one["id"] for one in users if one["email"].startswith(key)), "type": "user_reference"}

    def service(self, name: str) -> Body:
        listed = self.call("GET", "/services?limit=100&include[]=integrations")["services"]
        found: Body = next(one for one in listed if one["name"] == name)
        return found

    def og(self, kind: str, name: str, method: str, path: str = "", body: Any = None) -> Any:
        """Ask for, or of, one object of Opsgenie by its name."""
        listed = self.call("GET", f"/v2/{kind}")["data"]
        key = next(one["id"] for one in listed if one["name"] == name)
        return self.call(method, f"/v2/{kind}/{key}{path}", body)

    def rules(self, name: str, change: Callable[[list[Body]], Any]) -> None:
        found = self.og("escalations", name, "GET")["data"]["rules"]
        change(found)
        self.og("escalations", name, "PATCH", "", {"rules": found})

    def rotation(self, schedule: str, rotation: str, **changed: Any) -> None:
        listed = self.og("schedules", schedule, "GET", "?expand=rotation")["data"]["rotations"]
        key = next(one["id"] for one in listed if one["name"] == rotation)
        self.og("schedules", schedule, "PATCH", f"/rotations/{key}", changed)

    def accept(self, *words: str) -> Result:
        return self.there.sync("drift", "--accept", *words)

    def diff(self) -> list[str]:
        """Return the lines that went (-) and came (+), in order."""
        found: list[str] = []
        for name, new in self.read().items():
            old = self.texts[name]
            lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
            found += [f"{line[0]}{line[1:].strip()}" for line in lines if line[:3] not in ("---", "+++", "@@ ")]
        return found

    def planned(self) -> list[str]:
        result = self.there.sync("plan", "--format", "json")
        assert result.code == 0, result.err
        return [change["ref"] for change in result.json["changes"]]

    def accepted(self, *lines: str) -> Result:
        """Accept everything: the files differ in these lines alone, and a plan has nothing to do."""
        result = self.accept()
        assert (result.code, result.err) == (0, ""), result.out + result.err
        assert self.diff() == list(lines), result.out
        assert self.planned() == []
        assert self.there.sync("drift").code == 0
        applied = self.there.sync("apply", "--yes", "--refresh-marks")
        assert applied.code == 0, applied.out + applied.err
        self.texts = self.read()
        return result


Open = Callable[[str], Office]


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    entered: list[Any] = []

    def opened(team: str) -> Office:
        entered.append(company(tmp_path / team, {team: TEAMS[team]}, capsys, monkeypatch))
        there = entered[-1].__enter__()
        applied = there.sync("apply", "--yes")
        assert applied.code == 0, applied.out + applied.err
        return Office(there, team)

    yield opened
    for one in entered:
        one.__exit__(None, None, None)


def _layer(change: Callable[[Body], Any], number: int = 0) -> Callable[[Body], Any]:
    return lambda body: change(body["schedule_layers"][number])


def test_a_team_at_pagerduty(office: Open) -> None:
    ours = office("mobile-engage")
    nina = {"type": "user", "name": "Nina Neu", "email": "nina.neu@example.com"}
    ours.call("POST", "/users", {"user": nina})
    ours.edit("schedules", "ME daily duty", _layer(lambda one: one["users"].append({"user": ours.user("nina")})))
    ours.edit("schedules", "ME on-call duty", lambda body: body.update(name="Nights: all"))
    mail = "/services/{id}/integrations".format(**(requests_ := ours.service("Mobile engineer requests")))
    renamed = {"type": "generic_email_inbound_integration", "name": "Requests"}
    ours.call("PUT", f"{mail}/{requests_['integrations'][0]['id']}", {"integration": renamed})
    ours.edit("services", "Mobile engineer requests", lambda body: body.update(scheduled_actions=[]))
    platform = ours.service("Platform alerts")
    ours.call("DELETE", f"/services/{platform['id']}/integrations/{platform['integrations'][0]['id']}")
    ours.edit("services", "Platform alerts", lambda body: body.update(acknowledgement_timeout=None))
    ours.edit("escalation_policies", "Mobile Engage", lambda body: _ladder(ours, body))
    result = ours.accepted(
        "+nina.neu: {name: Nina Neu, email: nina.neu@example.com}",
        "-- members: [anna, ben, carla, david]",
        "+- members: [anna, ben, carla, david, nina.neu]",
        "-name: ME on-call duty",
        '+name: "Nights: all"',
        "-escalate_after: 15m",
        "+escalate_after: 20m",
        "-repeat: 2 # two more passes",
        "+- {notify: [{user: anna}, {user: ben}], escalate_after: 5m}",
        "+repeat: 5 # two more passes",
        "-office-hours: {support_hours: office, during: high, outside: low, raise_at_start: true}",
        "+office-hours: {support_hours: office, during: high, outside: low, raise_at_start: false}",
        "-mail: {name: Mail from mobile engineers, email: me-requests}",
        "+mail: {name: Requests, email: me-requests}",
        "-acknowledge_within: 30m # rings again if it was acknowledged and then forgotten",
        "+acknowledge_within: none # rings again if it was acknowledged and then forgotten",
        "-integrations:",
        "-monitoring: {name: Monitoring, events: api}",
        "+integrations: none",
    )
    assert "  policies/mobile-engage.yaml:17\n" in result.out
    assert "    +  nina.neu: {name: Nina Neu, email: nina.neu@example.com}\n" in result.out
    assert "nina.neu was not declared yet, and now under users:" in result.out
    assert "5 objects accepted\n" in result.out


def _ladder(ours: Office, body: Body) -> None:
    body["escalation_rules"][0]["escalation_delay_in_minutes"] = 20
    targets = [ours.user("anna"), ours.user("ben")]
    body["escalation_rules"].append({"escalation_delay_in_minutes": 5, "targets": targets})
    body["num_loops"] = 5


def test_turns_at_pagerduty_with_the_smallest_change(office: Open) -> None:
    ours = office("mobile-engage")
    daily = "ME daily duty"
    ours.edit("schedules", daily, _layer(lambda one: one.update(rotation_virtual_start="2026-01-05T09:00:00Z")))
    ours.edit("schedules", "ME on-call duty", _layer(lambda one: one["users"].reverse()))
    ours.accepted(
        "-start: Mon 2026-01-05 09:00",
        "+start: Mon 2026-01-05 10:00",
        "-- members: [ben, carla, david, anna]",
        "+- members: [anna, david, carla, ben]",
    )

    def other(body: Body) -> None:
        body["time_zone"] = "America/Chicago"
        layer = body["schedule_layers"][0]
        layer["rotation_turn_length_seconds"] = 3 * WEEK
        layer["users"] = layer["users"][:1]
        layer["restrictions"] = [{**one, "start_time_of_day": "08:00:00"} for one in layer["restrictions"]]

    ours.edit("schedules", daily, other)
    ours.accepted(
        "+time_zone: America/Chicago",
        "-- members: [anna, ben, carla, david]",
        "+- members: [anna]",
        "-hours: office",
        "+hours: Mon-Fri 08:00-17:00",
    )
    ours.edit("schedules", daily, _layer(lambda one: one["users"].append({"user": ours.user("ben")})))
    ours.accepted(
        "-- members: [anna]",
        "-start: Mon 2026-01-05 10:00",
        "+- members: [anna, anna, anna, ben, ben, ben]",
        "+start: Mon 2026-01-05 03:00",
    )


def test_what_is_added_and_what_follows(office: Open) -> None:
    ours = office("pupper")
    weekend = {
        "name": "Weekend",
        "start": "2026-11-23T12:00:00Z",
        "rotation_virtual_start": "2026-11-21T06:00:00Z",
        "rotation_turn_length_seconds": WEEK,
        "users": [{"user": ours.user("oz")}],
        "restrictions": [
            {
                "type": "weekly_restriction",
                "start_time_of_day": "00:00:00",
                "duration_seconds": 172800,
                "start_day_of_week": 6,
            }
        ],
    }
    ours.edit("schedules", "Pupper primary", lambda body: body["schedule_layers"].append(weekend))
    result = ours.accept("--format", "json")
    assert result.code == 2
    assert result.json["follows"] == [
        {"ref": "schedule.pupper-secondary", "because_of": "schedule.pupper-primary"}
    ]
    assert ours.diff() == [
        "-members: [mia, noa, oz, pat]",
        "-start: Mon 2026-01-05 09:00",
        "-every: 1 week",
        "+- members: [mia, noa, oz, pat]",
        "+start: Mon 2026-01-05 09:00",
        "+every: 1 week",
        "+- name: Weekend",
        "+members: [oz]",
        "+start: Sat 2026-11-21 00:00",
        "+every: 1 week",
        "+hours: Sat 00:00 - Mon 00:00",
        "+overlap: last_wins",
    ]
    assert ours.planned() == ["schedule.pupper-secondary"]
    assert ours.there.sync("apply", "--yes", "--refresh-marks", *MEANT).code == 0
    ours.texts = ours.read()
    ours.edit("schedules", "Pupper primary", lambda body: body["schedule_layers"].reverse())
    assert ours.accept().code == 2
    assert [line for line in ours.diff() if line.startswith("-")] == [
        "-- members: [mia, noa, oz, pat]",
        "-start: Mon 2026-01-05 09:00",
        "-every: 1 week",
    ]


def test_a_follower_gets_turns_of_its_own(office: Open) -> None:
    ours = office("pupper")
    ours.edit("schedules", "Pupper secondary", _layer(lambda one: one["users"].insert(0, one["users"].pop())))
    ours.accepted(
        "-pupper-secondary: {name: Pupper secondary, follows: pupper-primary, offset: 1}",
        "+pupper-secondary: {name: Pupper secondary, follows: pupper-primary, offset: 2}",
    )
    ours.edit("schedules", "Pupper secondary", _layer(lambda one: one["users"].pop(0)))
    (old, new) = ours.accept() and ours.diff()
    assert old.startswith("-pupper-secondary: {name: Pupper secondary, follows")
    assert new.startswith("+pupper-secondary: {name: Pupper secondary, rotations: {members: [")
    assert ours.planned() == []


def test_a_team_at_opsgenie(office: Open) -> None:
    ours = office("delivery")
    eoc = "Delivery engineer on call"
    nina = {"username": "nina@example.com", "fullName": "Nina Neu", "role": {"name": "User"}}
    ours.call("POST", "/v2/users", nina)
    people = [{"type": "user", "username": f"{one}@example.com"} for one in ("hugo", "finn", "gwen", "nina")]
    ours.rotation(eoc, "Rotation 1", participants=people)
    ours.rules("Delivery", lambda rules: [one["delay"].update(timeAmount=25) for one in rules[1:]])
    member = {"user": {"username": "nina@example.com"}, "role": "admin"}
    ours.og("teams", "Delivery", "POST", "/members", member)
    ours.accepted(
        "+nina: {name: Nina Neu, email: nina@example.com}",
        "-members: [finn, gwen, hugo, ivy, {user: manager, role: admin}]",
        "+members: [finn, gwen, hugo, ivy, {user: manager, role: admin}, {user: nina, role: admin}]",
        "-rotations: {members: [finn, gwen, hugo, ivy], start: Mon 2026-01-05 10:00, every: 1 week}",
        "+rotations: {members: [hugo, finn, gwen, nina], start: Mon 2026-01-05 10:00, every: 1 week}",
        "-- {notify: {schedule: delivery-eoc}, escalate_after: 10m}",
        "+- {notify: {schedule: delivery-eoc}, escalate_after: 25m}",
    )
    ours.og("schedules", eoc, "PATCH", "", {"name": "EOC", "timezone": "Europe/Berlin"})
    ours.accepted(
        f"-name: {eoc}",
        "-time_zone: America/Chicago",
        "-rotations: {members: [hugo, finn, gwen, nina], start: Mon 2026-01-05 10:00, every: 1 week}",
        "+name: EOC",
        "+time_zone: Europe/Berlin",
        "+rotations: {members: [hugo, finn, gwen, nina], start: Mon 2026-01-05 17:00, every: 1 week}",
    )
    extra = {"name": "Extra", "startDate": "2026-11-16T09:00:00Z", "type": "weekly", "length": 1}
    ours.og("schedules", "EOC", "POST", "/rotations", {**extra, "participants": people[:1]})
    level = {
        "condition": "if-not-acked",
        "notifyType": "default",
        "delay": {"timeAmount": 40, "timeUnit": "minutes"},
    }
    ours.rules("Delivery", lambda rules: rules.append({**level, "recipient": people[1]}))
    first = "{members: [hugo, finn, gwen, nina], start: Mon 2026-01-05 17:00, every: 1 week}"
    ours.accepted(
        f"-rotations: {first}",
        f"+rotations: [{first}, {{name: Extra, members: [hugo], start: Mon 2026-11-16 10:00, every: 1 week}}]",
        "-- {notify: {user: manager}, escalate_after: 5m}",
        "+- {notify: {user: manager}, escalate_after: 15m}",
        "+- {notify: {user: finn}}",
    )


def test_named_rotations_at_opsgenie(office: Open) -> None:
    ours = office("eshopbox")
    one = {"type": "user", "username": "ria@example.com"}
    listed = ours.og("schedules", "eshopbox-mentors", "GET", "?expand=rotation")["data"]["rotations"]
    ours.og("schedules", "eshopbox-mentors", "PATCH", f"/rotations/{listed[0]['id']}", {"length": 1})
    ours.rules("eshopbox", lambda rules: rules.pop())
    ours.accepted(
        "-rotations: {members: [mentor-1, mentor-2], start: Mon 2026-01-05 10:00, every: 2 weeks}",
        "+rotations: {members: [mentor-1, mentor-2], start: Mon 2026-01-05 10:00, every: 1 week}",
        "-- {notify: {user: cto}} # support level 3",
    )
    night = {"name": "At night", "startDate": "2026-11-16T18:30:00Z", "type": "daily", "length": 1}
    ours.og("schedules", "eshopbox-primary", "POST", "/rotations", {**night, "participants": [one]})
    backend = ours.og("schedules", "eshopbox-primary", "GET", "?expand=rotation")["data"]["rotations"]
    key = next(each["id"] for each in backend if each["name"] == "backend")
    ours.og("schedules", "eshopbox-primary", "DELETE", f"/rotations/{key}")
    result = ours.accept("schedule.eshopbox-primary")
    assert result.code == 2
    assert "schedule eshopbox-secondary goes along with schedule eshopbox-primary" in result.out
    assert ours.diff() == [
        "-backend: {members: [uma, veer, yash], start: Mon 2026-01-05 10:00, every: 1 week}",
        "+at-night: {name: At night, members: [ria], start: Tue 2026-11-17 00:00, every: 1 day}",
    ]


def test_what_cannot_be_accepted_is_left_and_the_rest_goes_on(office: Open) -> None:
    ours = office("mobile-engage")
    layer = {
        "start": "2026-11-01T00:00:00Z",
        "rotation_virtual_start": "2026-11-01T00:00:00Z",
        "rotation_turn_length_seconds": 86400,
        "users": [{"user": ours.user("anna")}],
    }
    made = {"name": "Hand made", "time_zone": "Etc/UTC", "type": "schedule", "schedule_layers": [layer]}
    key = ours.call("POST", "/schedules", {"schedule": made})["schedule"]["id"]
    target = {"id": key, "type": "schedule_reference"}
    policy = "Mobile Engage"
    ours.edit("escalation_policies", policy, lambda body: body["escalation_rules"][0]["targets"].append(target))
    eight = {"rotation_turn_length_seconds": 8 * 3600}
    ours.edit("schedules", "ME daily duty", _layer(lambda one: one.update(eight)))
    by_sender = {"incident_urgency_rule": {"type": "constant", "urgency": "severity_based"}}
    ours.edit("services", "Third-level requests", lambda body: body.update(by_sender))
    ours.edit("services", "Platform alerts", lambda body: body.update(auto_resolve_timeout=7200))
    result = ours.accept()
    assert result.code == 2
    assert ours.diff() == ["-resolve_after: 4h", "+resolve_after: 2h"]
    assert (
        "left escalation policy mobile-engage: policies/mobile-engage.yaml:49:3: it names the schedule"
        in result.out
    )
    assert "declare it first, with `external: true` if it belongs to somebody else" in result.out
    assert "turns of 8h cannot be said" in result.out
    assert "an urgency that the sender of each event decides has no word" in result.out
    assert "1 object accepted, 3 left as declared" in result.out
    found = ours.accept("--format", "json", "schedule.daily-duty").json
    assert [one["ref"] for one in found["left"]] == ["schedule.daily-duty"]
    assert found["left"][0]["source"]["line"] == 28
    wrong = ours.accept("team.mobile-engage")
    assert wrong.code == 1
    assert "team.mobile-engage was not changed at the provider since the last apply" in wrong.err


def test_where_both_sides_changed_something(office: Open) -> None:
    ours = office("mobile-engage")
    path = ours.there.folder / "policies" / "mobile-engage.yaml"

    def edit(old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")
        ours.texts = ours.read()

    ours.edit("services", "Platform alerts", lambda body: body.update(auto_resolve_timeout=7200))
    edit("acknowledge_within: 30m", "acknowledge_within: 20m")
    result = ours.accept()
    assert result.code == 0
    assert ours.diff() == ["-resolve_after: 4h", "+resolve_after: 2h"]
    assert "what the policies had changed themselves is still to be applied: acknowledge_within" in result.out
    assert ours.planned() == ["service.platform-alerts"]
    ours.texts = ours.read()
    ours.edit("services", "Platform alerts", lambda body: body.update(acknowledgement_timeout=600))
    result = ours.accept()
    assert result.code == 2
    assert "whose change is whose cannot be told; `drift --accept service.platform-alerts` takes all" in result.out
    assert ours.diff() == []
    assert ours.accept("service.platform-alerts").code == 0
    assert [line.split("#")[0].strip() for line in ours.diff()] == [
        "-acknowledge_within: 20m",
        "+acknowledge_within: 10m",
    ]
    assert ours.planned() == []


def test_an_alias_a_link_and_crlf(office: Open) -> None:
    ours = office("mobile-engage")
    folder = ours.there.folder
    path = folder / "policies" / "mobile-engage.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("members: [ben, carla, david, anna]", "members: *all")
    text = text.replace("- members: [anna, ben, carla, david]", "- members: &all [anna, ben, carla, david]")
    real = folder / "kept" / "engage.txt"
    real.parent.mkdir()
    real.write_bytes(text.replace("\n", "\r\n").encode())
    real.chmod(0o640)
    path.unlink()
    path.symlink_to(real)
    assert ours.there.sync("apply", "--yes", "--waive", "mid-shift-change=another order").code == 0
    ours.texts = ours.read()
    ours.edit("schedules", "ME on-call duty", _layer(lambda one: one["users"].reverse()))
    ours.edit("services", "Platform alerts", lambda body: body.update(auto_resolve_timeout=7200))
    result = ours.accept()
    assert result.code == 2
    assert "left schedule on-call-duty: policies/mobile-engage.yaml:42:18: this is an alias (*…)" in result.out
    assert ours.diff() == ["-resolve_after: 4h", "+resolve_after: 2h"]
    assert path.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert real.read_bytes().count(b"\r\n") == real.read_bytes().count(b"\n")
    assert [one.name for one in real.parent.iterdir()] == ["engage.txt"]


def test_a_file_that_cannot_be_written_is_as_it_was(office: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = office("mobile-engage")
    ours.edit("services", "Platform alerts", lambda body: body.update(auto_resolve_timeout=7200))
    replace = saving.replace_text

    def changed_meanwhile(root: Path, name: str, before: str, after: str) -> None:
        (root / name).write_text(f"{before}# by somebody else\n", encoding="utf-8")
        replace(root, name, before, after)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("oncall_sync.run.accept_files.replace_text", changed_meanwhile)
        result = ours.accept()
    assert result.code == 1
    assert "somebody changed it meanwhile, so it is left alone" in result.err
    assert ours.diff() == ["+# by somebody else"]

    def fails(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    ours.texts = ours.read()
    monkeypatch.setattr("os.fsync", fails)
    result = ours.accept()
    assert result.code == 1
    assert "cannot be written (No space left on device); it is as it was" in result.err
    assert ours.diff() == []
    assert len(list((ours.there.folder / "policies").iterdir())) == 1


def test_words_that_do_not_go_together(office: Open) -> None:
    ours = office("delivery")
    assert ours.accept().out.startswith("nothing was changed at the provider")
    assert json.loads(ours.accept("--format", "json").out) == {"accepted": [], "left": [], "follows": []}
    for words, said in (
        (("schedule.delivery-eoc",), "an object is named to accept it"),
        (("--accept", "--notify"), "--accept and --notify exclude each other"),
        (("--accept", "--format", "markdown"), "--accept writes text or json"),
    ):
        result = ours.there.sync("drift", *words)
        assert result.code == 1
        assert said in result.err


def test_a_name_that_another_one_gave_up(office: Open) -> None:
    ours = office("mobile-engage")
    ours.edit("schedules", "ME on-call duty", lambda body: body.update(name="ME nights"))
    ours.edit("schedules", "ME daily duty", lambda body: body.update(name="ME on-call duty"))
    ours.accepted(
        "-name: ME daily duty",
        "+name: ME on-call duty",
        "-name: ME on-call duty",
        "+name: ME nights",
    )
