"""Accepting at each provider, in a file full of comments: the lines that change, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.drift.desk import Desk, accepted


def _swapped(desk: Desk) -> list[str]:
    desk.takes_turns("Day", "anna", "lead", "carla")
    return ["-           - ben", "+           - lead"]


def _joined(desk: Desk) -> list[str]:
    desk.takes_turns("Day", "anna", "ben", "carla", "lead")
    return ["+           - lead"]


def _undeclared(desk: Desk) -> list[str]:
    desk.takes_turns("Night", "carla", "eve")
    old = "    rotations: {members: [carla, david], start: 2026-01-05 09:00, every: 1 week} # two do"
    return ["+   eve: {name: Eve, email: eve@example.com}", f"- {old}", f"+ {old.replace('david', 'eve')}"]


def _zone(desk: Desk) -> list[str]:
    if desk.pagerduty:
        desk.put("schedules", "Night", lambda body: body.update(time_zone="America/Chicago"))
    else:
        desk.patch("schedules", "Night", {"timezone": "America/Chicago"})
    # The same instants, as clocks there show them.
    old = "    rotations: {members: [carla, david], start: 2026-01-05 09:00, every: 1 week} # two do"
    return [f"- {old}", f"+ {old.replace('09:00', '02:00')}", "+     time_zone: America/Chicago"]


def _repeat(desk: Desk) -> list[str]:
    if desk.pagerduty:
        desk.put("escalation_policies", "Main", lambda body: body.update(num_loops=3))
    else:
        path = f"/v2/escalations/{desk.person.id('escalations', 'Main')}"
        repeat = desk.person.call("GET", path)["data"]["repeat"]
        desk.patch("escalations", "Main", {"repeat": {**repeat, "count": 3}})
    return ["-     repeat: 1 # and once more", "+     repeat: 3 # and once more"]


def _delay(desk: Desk) -> list[str]:
    desk.person.waits_longer()
    return ["-         escalate_after: 15m # long enough", "+         escalate_after: 45m # long enough"]


def _renamed(desk: Desk) -> list[str]:
    desk.person.renames_the_schedule()
    return ["-     name: Day", "+     name: Daytime"]


def _described(desk: Desk) -> list[str]:
    def change(body: dict[str, Any]) -> None:
        body["description"] = body["description"].replace("Weekdays", "Days: of the week # five")

    if desk.pagerduty:
        desk.put("schedules", "Day", change)
    else:
        path = f"/v2/schedules/{desk.person.id('schedules', 'Day')}"
        body = desk.person.call("GET", path)["data"]
        change(body)
        desk.patch("schedules", "Day", {"description": body["description"]})
    return ['-     description: "Weekdays" # quoted', '+     description: "Days: of the week # five" # quoted']


def _team(desk: Desk) -> list[str]:
    if desk.pagerduty:
        team = f"/teams/{desk.person.id('teams', 'Operations')}"
        desk.person.call("PUT", f"{team}/users/{desk.person.user('eve@example.com')}", {"role": "responder"})
        eve = "{user: eve, role: responder}"
    else:
        team = f"/v2/teams/{desk.person.id('teams', 'Operations')}"
        desk.person.call("POST", f"{team}/members", {"user": {"username": "eve@example.com"}, "role": "user"})
        eve = "eve"
    return [
        "+   eve: {name: Eve, email: eve@example.com}",
        "-     members: [anna, ben] # the rest helps out",
        f"+     members: [anna, ben, {eve}] # the rest helps out",
    ]


def test_edits_are_exactly_their_lines(desk: Desk) -> None:
    edits = (_swapped, _undeclared, _repeat, _delay, _described, _renamed)
    expected = [line for edit in edits for line in edit(desk)]
    accepted(desk)
    assert sorted(desk.lines()) == sorted(expected)


def test_somebody_more_and_another_zone(desk: Desk) -> None:
    expected = [line for edit in (_joined, _zone, _team) for line in edit(desk)]
    accepted(desk)
    assert sorted(desk.lines()) == sorted(expected)


def _target(desk: Desk) -> list[str]:
    user = {"id": desk.person.user("ben@example.com"), "type": "user_reference"}
    desk.rule(1, lambda rule: rule.update(targets=[user]))
    return [
        "-       - {notify: {user: lead}, escalate_after: 10m}",
        "+       - {notify: {user: ben}, escalate_after: 10m}",
    ]


def _unacknowledged(desk: Desk) -> list[str]:
    """Not mentioned in the policies, so it is no drift; mentioned, it is."""
    desk.begin(
        desk.text.replace("    urgency: high # always", "    urgency: high # always\n    acknowledge_within: 30m")
    )
    desk.put("services", "Shop", lambda body: body.update(acknowledgement_timeout=45 * 60))
    return ["-     acknowledge_within: 30m", "+     acknowledge_within: 45m"]


def _urgency(desk: Desk) -> list[str]:
    rule = {"type": "constant", "urgency": "low"}
    desk.put("services", "Shop", lambda body: body.update(incident_urgency_rule=rule))
    return ["-     urgency: high # always", "+     urgency: low # always"]


def _by_hand(desk: Desk) -> list[str]:
    path = f"/services/{desk.person.id('services', 'Shop')}/integrations"
    body = {"integration": {"name": "by hand", "type": "events_api_v2_inbound_integration"}}
    desk.person.call("POST", path, body)
    return ["+       by-hand: {name: by hand, events: api}"]


def _hours(desk: Desk) -> list[str]:
    def change(body: dict[str, Any]) -> None:
        for window in body["schedule_layers"][0]["restrictions"]:
            window["duration_seconds"] = 8 * 3600

    desk.put("schedules", "Day", change)
    return ["-         hours: office", "+         hours: Mon-Fri 09:00-17:00"]


@pytest.mark.parametrize("desk", ["pagerduty"], indirect=True)
def test_edits_in_pagerduty_are_exactly_their_lines(desk: Desk) -> None:
    desk.begin(desk.text.replace("members: [anna, ben] #", "members: [anna, ben, lead] #"))
    edits = (_unacknowledged, _target, _urgency, _by_hand, _hours)
    expected = [line for edit in edits for line in edit(desk)]
    accepted(desk)
    assert sorted(desk.lines()) == sorted(expected)


def test_one_of_two_leaves_the_other(desk: Desk) -> None:
    _swapped(desk)
    expected = _repeat(desk)
    desk.file.chmod(0o640)
    result = desk.house.sync("drift", "--accept", "escalation_policy.main")
    assert desk.file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in desk.file.parent.iterdir()] == ["all.yaml"]
    assert desk.lines() == expected
    left = desk.house.sync("drift", "--format", "json").json["drift"]
    assert [one["ref"] for one in left] == ["schedule.day"]
    assert result.code == 0


def test_what_both_changed_is_refused_and_nothing_is_written(desk: Desk) -> None:
    desk.person.waits_longer()
    text = desk.file.read_text(encoding="utf-8").replace("escalate_after: 15m", "escalate_after: 20m")
    desk.file.write_text(text, encoding="utf-8")
    result = desk.house.sync("drift", "--accept")
    assert result.code == 2
    assert "cannot be told" in result.out
    assert desk.file.read_text(encoding="utf-8") == text


def _integration(desk: Desk, name: str) -> str:
    """Return the path of one of PagerDuty's integrations."""
    path = f"/services/{desk.person.id('services', 'Shop')}"
    listed = desk.person.call("GET", path)["service"]["integrations"]
    for one in listed:
        place = f"{path}/integrations/{one['id']}"
        if desk.person.call("GET", place)["integration"]["name"] == name:
            return place
    raise AssertionError(name)


@pytest.mark.parametrize("desk", ["pagerduty"], indirect=True)
def test_an_integration_that_was_taken_away(desk: Desk) -> None:
    desk.person.call("DELETE", _integration(desk, "mail"))
    accepted(desk)
    assert desk.lines() == ["-       mail: {email: shop-alerts}"]


@pytest.mark.parametrize("desk", ["pagerduty"], indirect=True)
def test_a_rotation_that_was_added_is_the_highest(desk: Desk) -> None:
    user = {"id": desk.person.user("lead@example.com"), "type": "user_reference"}
    when = "2026-11-23T12:00:00Z"
    layer = {
        "name": "by hand",
        "start": when,
        "rotation_virtual_start": when,
        "rotation_turn_length_seconds": 86400,
        "users": [{"user": user}],
    }
    desk.put("schedules", "Day", lambda body: body["schedule_layers"].append(layer))
    accepted(desk)
    assert desk.lines() == [
        "+       by-hand: {name: by hand, members: [lead], start: Mon 2026-11-23 13:00, every: 1 day}",
        "+     overlap: last_wins",
    ]


@pytest.mark.parametrize("desk", ["pagerduty"], indirect=True)
def test_a_schedule_that_nobody_declares_is_named_and_refused(desk: Desk) -> None:
    user = {"id": desk.person.user("lead@example.com"), "type": "user_reference"}
    when = "2026-11-23T12:00:00Z"
    layer = {
        "start": when,
        "rotation_virtual_start": when,
        "rotation_turn_length_seconds": 86400,
        "users": [{"user": user}],
    }
    body = {"type": "schedule", "name": "Theirs", "time_zone": "Europe/Vienna", "schedule_layers": [layer]}
    made = desk.person.call("POST", "/schedules", {"schedule": body})["schedule"]
    desk.rule(1, lambda rule: rule.update(targets=[{"id": made["id"], "type": "schedule_reference"}]))
    result = desk.house.sync("drift", "--accept")
    assert result.code == 2
    assert "'Theirs'" in result.out
    assert "external: true" in result.out
    assert made["id"] not in result.out
    assert desk.lines() == []


def test_what_only_the_policies_changed_stays_pending(desk: Desk) -> None:
    desk.person.waits_longer()
    text = desk.text.replace("repeat: 1 #", "repeat: 4 #")
    desk.file.write_text(text, encoding="utf-8")
    result = desk.house.sync("drift", "--accept")
    assert result.code == 0, result.out + result.err
    changes = desk.house.sync("plan", "--format", "json").json["changes"]
    assert [[field["path"] for field in one["fields"]] for one in changes] == [["repeat"]]
    assert desk.file.read_text(encoding="utf-8") == text.replace("15m # long", "45m # long")


def test_another_edit_after_renewed_marks_is_told_as_that(desk: Desk) -> None:
    _delay(desk)
    accepted(desk)
    assert desk.house.apply("--refresh-marks").code == 0
    _repeat(desk)
    (found,) = desk.house.sync("drift", "--format", "json").json["drift"]
    assert (found["why"], [field["path"] for field in found["fields"]]) == ("drift", ["repeat"])
    accepted(desk)


def test_files_in_folders_with_other_line_ends(desk: Desk) -> None:
    users, _, rest = desk.text.partition("\nteams:\n")
    head = "".join(f"{line}\n" for line in desk.text.splitlines()[:4])
    other = desk.file.parent / "deep" / "b.yml"
    other.parent.mkdir()
    desk.file.write_text(users, encoding="utf-8")
    other.write_bytes(("\ufeff" + head + "teams:\n" + rest).replace("\n", "\r\n").encode())
    before = other.read_bytes().decode()
    assert desk.house.plan() == {}
    desk.takes_turns("Night", "carla", "eve")
    result = desk.house.sync("drift", "--accept")
    assert result.code == 0, result.out + result.err
    assert other.read_bytes().decode() == before.replace("[carla, david]", "[carla, eve]")
    assert desk.file.read_text(encoding="utf-8") == f"{users}  eve: {{name: Eve, email: eve@example.com}}\n"


HOSTILE = ("a: b # c", "none", "\x1b[31mred", "two\nlines: {y}")


@pytest.mark.parametrize("desk", ["pagerduty"], indirect=True)
def test_whatever_somebody_wrote_is_text(desk: Desk) -> None:
    for text in HOSTILE:
        desk.put("schedules", "Day", lambda body: body.update(description=_marked(body, text)))  # noqa: B023
        result = desk.house.sync("drift", "--accept", "schedule.day")
        assert "\x1b" not in result.out
        assert not any(line.startswith("::") for line in result.out.splitlines())
        if result.code == 0:
            assert desk.house.plan() == {}, text
        else:
            assert (result.code, text) == (2, "none"), result.out


def _marked(body: dict[str, Any], text: str) -> str:
    mark = body["description"].partition("Managed by")
    return f"{text}\n\n{mark[1]}{mark[2]}"
