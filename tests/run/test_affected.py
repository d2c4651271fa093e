"""`affected` on both sandboxes: whom it finds, where it looks, what it says to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.run.houses import (
    KINDS,
    NOW,
    PHONE,
    House,
    added,
    applied,
    asked,
    call,
    forget,
    ids,
    incident,
    opened,
    start,
    swap,
)


@pytest.fixture(params=KINDS)
def house(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[House]:
    with opened(request.param, tmp_path, monkeypatch, capsys) as found:
        yield found


def told(house: House, *words: str) -> Any:
    result = house.sync("affected", *words, "--format", "json")
    assert (result.code, result.err) == (0, ""), result.err
    return result.json


def texts(house: House, found: Any) -> list[str]:
    """The written text at each place that a policy line is said to be."""
    out = []
    for one in found["policies"]:
        source = one["source"]
        line = (house.folder / source["file"]).read_text().splitlines()[source["line"] - 1]
        out.append(line[source["column"] - 1 :])
    return out


def test_every_line_that_names_somebody(house: House) -> None:
    policy = start()
    policy["teams"]["ops"]["members"].append({"user": "david", "role": "responder"})
    policy["schedules"]["night"]["overrides"] = [
        {"since": "2026-12-01 09:00", "until": "2026-12-02 09:00", "user": "david", "instead_of": "carla"}
    ]
    policy["schedules"]["late"] = {"follows": "night", "offset": 1}
    policy["checks"] = [{"rings": {"service": "shop", "at": "sat 03:00", "user": "david"}}]
    policy["waivers"] = [
        {"rule": "single-person", "reason": "soon", "owner": "David@Example.com", "until": "2027-01-01"}
    ]
    house.declare(policy)
    found = told(house, "david", "--from", "policies")
    assert [one["part"] for one in found["policies"]] == [
        "level",
        "turn",
        "override",
        "member",
        "check",
        "waiver",
        "user",
    ]
    assert [text.split(":")[0].lower() for text in texts(house, found)] == [
        *["david"] * 5,
        "david@example.com",
        "david",
    ]
    assert [(one["ref"], one["follows"]) for one in found["follows"]] == [("schedule.late", "schedule.night")]
    assert found["not_read"] == {house.kind: "only the policies were asked"}
    assert found["providers"] == []
    assert asked(house) == []
    (broken,) = [one for one in found["breaks"] if one["rule"] == "rings"]
    assert "david, who is promised, does not ring" in broken["message"]


def test_what_is_asked_of_a_provider(house: House) -> None:
    applied(house, start())
    forget(house)
    assert house.sync("plan", "--exit-code").code == 0
    usual = asked(house)
    told(house, "david")
    people, schedules = ids(house, "user"), ids(house, "schedule").values()
    forget(house)
    told(house, "david")
    found = added(asked(house), usual)
    prefix, incidents = ("", "/incidents") if house.kind == "pagerduty" else ("/v2", "/v1/incidents")
    once = [*(f"{prefix}/schedules/{key}/overrides" for key in schedules), incidents]
    rest = added(found, once)
    assert [path for path in rest if not path.startswith((f"{prefix}/users", "/v2/roles"))] == []
    assert len(rest) == 1 if house.kind == "pagerduty" else all(people["david"] in path for path in rest)


def test_somebody_whom_only_an_override_names(house: House) -> None:
    applied(house, start())
    swap(house, "Day", "eve", NOW + timedelta(days=2), timedelta(hours=6))
    found = told(house, "eve@example.com")
    assert found["user"] == "eve"
    (account,) = found["providers"]
    assert account["objects"] == []
    assert account["overrides"] == [
        {"schedule": "Day", "since": "2026-11-25T12:00:00Z", "until": "2026-11-25T18:00:00Z"}
    ]
    assert [one["schedule"] for one in found["shifts"]] == ["day"]
    assert [(one["level"], one["services"]) for one in found["rings"]] == [(1, ["shop"])]
    text = house.sync("affected", "eve").out
    assert "swap on schedule Day: Wed 2026-11-25 13:00 to 19:00 Europe/Vienna" in text


def test_what_is_whose(house: House) -> None:
    other = house.beside("payments")
    policy = {key: value for key, value in start().items() if key in ("time_zone", "users")}
    turns = {"members": ["lead", "anna"], "start": "Mon 2026-01-05 09:00", "every": "1 week"}
    applied(other, {**policy, "schedules": {"refunds": {"name": "Refunds", "rotations": {"all": turns}}}})
    applied(house, start())
    found = told(house, "lead")["providers"][0]["objects"]
    assert {(one["kind"], one["name"], one["owner"], one["goes"]) for one in found if one["kind"] != "team"} == {
        ("escalation_policy", "Main", "this workspace", "declared"),
        ("schedule", "Refunds", "workspace payments", "by hand"),
    }
    edited = start()
    edited["escalation_policies"]["main"]["levels"][1]["notify"] = [{"user": "eve"}]
    house.declare(edited)
    pending = told(house, "lead")["providers"][0]["objects"]
    assert {one["goes"] for one in pending if one["name"] == "Main"} == {"pending"}


def test_a_declared_user_who_is_not_there(house: House) -> None:
    applied(house, start())
    policy = start()
    policy["users"]["ghost"] = {"email": "ghost@example.com"}
    policy["schedules"]["night"]["rotations"]["all"]["members"].append("ghost")
    house.declare(policy)
    found = told(house, "ghost")
    assert [account["there"] for account in found["providers"]] == [False]
    assert [one["part"] for one in found["policies"]] == ["turn", "user"]
    assert f"at {house.kind}\n  has no user for them" in house.sync("affected", "ghost").out


def test_somebody_whom_no_policy_declares(house: House) -> None:
    policy = start()
    applied(house, policy)
    del policy["users"]["eve"]
    house.declare(policy)
    swap(house, "Night", "eve", NOW, timedelta(hours=6))
    for words in ("eve@example.com", "EVE"):
        found = told(house, words)
        assert (found["user"], found["name"], found["source"]) == ("eve@example.com", "Eve", None)
        assert len(found["providers"][0]["overrides"]) == 1


def test_only_one_person(house: House) -> None:
    policy = start()
    levels = policy["escalation_policies"]["main"]["levels"]
    levels[:] = [{"notify": [{"schedule": "day"}], "escalate_after": "15m"}]
    policy["schedules"]["day"]["rotations"]["first"]["members"] = ["anna", "ben"]
    applied(house, policy)
    found = told(house, "ben", "--horizon", "14d")
    (one,) = found["alone"]
    assert (one["services"], one["level"]) == (["shop"], None)
    weeks = [{"since": "2026-11-30T08:00:00Z", "until": "2026-12-07T08:00:00Z"}]
    assert one["spans"] in (weeks, [{"since": "2026-11-23T12:00:00Z", "until": "2026-11-30T08:00:00Z"}])
    policy["schedules"]["day"]["rotations"]["first"]["members"] = ["ben"]
    house.declare(policy)
    assert [
        one["rule"] for one in told(house, "ben", "--from", "policies")["breaks"] if one["level"] == "error"
    ] == ["policy-gap"]


def test_open_incidents_and_no_numbers(house: House) -> None:
    applied(house, start())
    incident(house, "Shop", "Shop burns", "david")
    incident(house, "Shop", "Somebody else's", "lead")
    key = ids(house, "user")["david"]
    if house.kind == "pagerduty":
        method = {"type": "phone_contact_method", "label": "Mobile", "address": PHONE, "country_code": 43}
        call(house, "POST", f"/users/{key}/contact_methods", {"contact_method": method})
    else:
        call(house, "POST", f"/v2/users/{key}/contacts", {"method": "voice", "to": f"43-{PHONE}"})
    found = told(house, "david")
    assert [one["title"] for one in found["providers"][0]["incidents"]] == ["Shop burns"]
    for form in ("text", "json", "markdown"):
        result = house.sync("affected", "david", "--format", form)
        assert "Shop burns" in result.out
        assert PHONE not in result.out + result.err


def test_nobody_of_that_name(house: House) -> None:
    applied(house, start())
    wrong = house.sync("affected", "davd")
    assert (wrong.code, wrong.out) == (1, "")
    assert wrong.err.startswith(f"nobody is called 'davd' in the policies, {house.kind} (did you mean david")
    offline = house.sync("affected", "davd", "--from", "policies")
    assert f"{house.kind} was not read: only the policies were asked" in offline.err


def test_without_a_token(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.declare(start())
    monkeypatch.delenv("ONCALL_CONTRACT_TOKEN")
    assert told(house, "anna")["not_read"] == {house.kind: "ONCALL_CONTRACT_TOKEN is not set"}
    refused = house.sync("affected", "anna", "--from", "live")
    assert (refused.code, refused.out) == (1, "")
    assert "ONCALL_CONTRACT_TOKEN" in refused.err


def test_comments_are_not_shown(house: House) -> None:
    house.declare(start())
    path = house.folder / "policies" / "all.yaml"
    lines = path.read_text().replace("- david\n", f"- david  # call +43 {PHONE}\n")
    path.write_text(lines, encoding="utf-8")
    assert yaml.safe_load(lines)["provider"] == house.kind
    text = house.sync("affected", "david", "--from", "policies").out
    assert "- david\n" in text
    assert PHONE not in text
