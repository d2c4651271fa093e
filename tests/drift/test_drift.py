"""Drift at PagerDuty, where the sandbox knows browsers, tokens, plans and upgrades."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from oncall_sync_pagerduty.sandbox.account import AUDIT_TRAIL
from oncall_sync_pagerduty.sandbox.account import Account as There
from oncall_sync_pagerduty.sandbox.refusals import missing_ability
from tests.account import Account, Result

Capture = pytest.CaptureFixture[str]
CARLA = {"X-Sandbox-Actor": "carla@example.com"}
TOKEN = "y_NbAkKc66ryYTWUXYEu"


@pytest.fixture
def applied(account: Account, capsys: Capture) -> Account:
    account.capture = capsys
    assert account.sync(capsys, "apply", "--yes").code == 0
    return account


def drift(account: Account, *words: str) -> Result:
    assert account.capture is not None
    assert account.now is not None
    return account.sync(account.capture, "drift", *words, "--now", account.now.isoformat())


def found(account: Account, *words: str) -> list[dict[str, Any]]:
    result = drift(account, "--format", "json", *words)
    assert result.code == (2 if result.json["drift"] else 0), result.err
    listed: list[dict[str, Any]] = result.json["drift"]
    return listed


def takes_a_turn(account: Account, email: str = "lead@example.com", **headers: str) -> None:
    """Somebody takes the first turn of the night."""
    people = {user["email"]: user["id"] for user in account.call("GET", "/users")["users"]}
    schedule = account.one("schedules", "checkout-night")
    schedule["schedule_layers"].reverse()
    user = {"id": people[email], "type": "user_reference"}
    schedule["schedule_layers"][0]["users"][0] = {"user": user}
    account.call("PUT", f"/schedules/{schedule['id']}", {"schedule": schedule}, **headers)


def acknowledges_later(account: Account, minutes: int = 45, **headers: str) -> None:
    service = account.one("services", "checkout")
    service["acknowledgement_timeout"] = minutes * 60
    account.call("PUT", f"/services/{service['id']}", {"service": service}, **headers)


def adds_an_integration(account: Account, **headers: str) -> None:
    service = account.one("services", "checkout")
    body = {"integration": {"name": "by hand", "type": "events_api_v2_inbound_integration"}}
    account.call("POST", f"/services/{service['id']}/integrations", body, **headers)


def broken(account: Account, path: str) -> None:
    """What is at this path fails from now on."""
    account.call("POST", "/__sandbox__/faults", {"kind": "500", "path": path, "times": 99})


@contextmanager
def lacking_the_trail() -> Iterator[None]:
    """The account's plan has no audit trail; each object still has its own."""
    need = There.need

    def lacking(self: There, ability: str, *, status: int = 402) -> None:
        if ability == AUDIT_TRAIL:
            raise missing_ability(ability, status=status)
        need(self, ability, status=status)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(There, "need", lacking)
        yield


def test_who_rings_soonest_comes_first(applied: Account) -> None:
    acknowledges_later(applied, **CARLA)
    takes_a_turn(applied, **CARLA)
    assert [one["ref"] for one in found(applied)] == ["schedule.checkout-night", "service.checkout"]
    text = drift(applied).out
    assert "schedule checkout-night: lead@example.com takes the turns of anna" in text
    assert "Mon 2026-12-07 09:00 to Mon 2026-12-14 09:00: anna -> lead@example.com" in text
    assert text.index("schedule checkout-night") < text.index("acknowledge within: 30m -> 45m")
    assert "carla@example.com, in the browser (schedule_layers)" in text


def test_swaps_hold_on_both_sides(applied: Account) -> None:
    people = {user["email"]: user["id"] for user in applied.call("GET", "/users")["users"]}
    user = {"id": people["carla@example.com"], "type": "user_reference"}
    span = {"start": "2026-12-01T00:00:00Z", "end": "2026-12-31T00:00:00Z", "user": user}
    key = applied.one("schedules", "checkout-night")["id"]
    applied.call("POST", f"/schedules/{key}/overrides", {"override": span})
    assert found(applied) == []
    takes_a_turn(applied)
    (one,) = found(applied)
    assert one["impact"]["pages"] == []  # carla rings all December, whoever's turn it is


def test_an_edit_with_another_token_names_no_part_of_it(applied: Account) -> None:
    acknowledges_later(applied, Authorization="Token token=terraform-1234")
    result = drift(applied)
    assert "somebody whom the trail does not name, with an API token (acknowledgement_timeout)" in result.out
    assert "1234" not in result.out.replace("1234m", "")


def test_our_own_writes_are_not_told(applied: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    acknowledges_later(applied, **CARLA)
    (one,) = found(applied)
    assert len(one["changed"]) == 1
    monkeypatch.setenv("PAGERDUTY_TOKEN", "a-read-only-token")  # the mark tells who applied, whatever the token
    (one,) = found(applied)
    assert [touch["by"] for touch in one["changed"]] == ["carla@example.com"]


def test_what_was_undone_before_an_apply_is_not_told_again(applied: Account, capsys: Capture) -> None:
    acknowledges_later(applied, 45, **CARLA)
    assert applied.sync(capsys, "apply", "--yes").code == 0
    acknowledges_later(applied, 50, **{"X-Sandbox-Actor": "ben@example.com"})
    (one,) = found(applied)
    assert [touch["user"] for touch in one["changed"]] == ["ben"]


def test_what_somebody_added_is_drift_that_an_apply_leaves(applied: Account, capsys: Capture) -> None:
    adds_an_integration(applied, **CARLA)
    (one,) = found(applied)
    assert (one["why"], one["added"], one["ref"]) == ("child", ["by hand"], "service.checkout")
    assert one["fields"] == [{"path": "integrations.by hand", "before": None, "after": {"form": "events"}}]
    assert one["source"]["line"] == 21
    assert "apply` leaves it there" in one["revert"]
    applied.edit("acknowledge_within: 30m", "acknowledge_within: 20m")
    (one,) = found(applied)  # a pending change beside it stays what it is
    assert (one["why"], [f["path"] for f in one["pending"]]) == ("child", ["acknowledge_within"])
    assert applied.sync(capsys, "apply", "--yes").code == 0
    (one,) = found(applied)
    assert [touch["by"] for touch in one["changed"]] == ["carla@example.com"]


def test_a_rotation_that_somebody_added_changes_who_rings(applied: Account) -> None:
    schedule = applied.one("schedules", "checkout-night")
    schedule["schedule_layers"].reverse()
    people = {user["email"]: user["id"] for user in applied.call("GET", "/users")["users"]}
    layer = {
        "name": "by hand",
        "start": "2026-11-23T12:00:00Z",
        "rotation_virtual_start": "2026-11-23T12:00:00Z",
        "rotation_turn_length_seconds": 86400,
        "users": [{"user": {"id": people["lead@example.com"], "type": "user_reference"}}],
    }
    schedule["schedule_layers"].append(layer)
    applied.call("PUT", f"/schedules/{schedule['id']}", {"schedule": schedule}, **CARLA)
    (one,) = found(applied)
    assert (one["ref"], one["added"]) == ("schedule.checkout-night", ["by hand"])
    assert {tuple(page["after"]) for page in one["impact"]["pages"]} == {("lead@example.com",)}


def test_an_upgrade_to_shift_based_is_told_as_that(applied: Account) -> None:
    key = applied.one("schedules", "checkout-night")["id"]
    applied.call("POST", "/__sandbox__/upgrade", {"schedule": key, "actor": "carla@example.com"})
    (one,) = found(applied)
    assert (one["ref"], one["why"], one["impact"]) == ("schedule.checkout-night", "upgraded", None)
    assert one["says"] == "was upgraded to a shift-based schedule in PagerDuty"
    assert one["changed"][0]["by"] == "carla@example.com"
    assert "schedule checkout-night was upgraded to a shift-based schedule in PagerDuty" in drift(applied).out


def test_what_was_upgraded_is_neither_adopted_nor_made_a_second_time(
    applied: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    key = applied.one("schedules", "checkout-night")["id"]
    applied.call("POST", "/__sandbox__/upgrade", {"schedule": key, "actor": "carla@example.com"})
    applied.forget()
    planned = applied.sync(capsys, "plan", "--format", "json").json
    assert planned["changes"] == []
    assert [f["rule"] for f in planned["findings"] if f["level"] == "error"] == ["not-writable"]
    assert applied.sync(capsys, "apply", "--yes").code != 0
    assert applied.writes() == []


def test_a_shift_based_schedule_that_never_was_ours_is_no_drift(account: Account, capsys: Capture) -> None:
    account.capture = capsys
    people = {user["email"]: user["id"] for user in account.call("GET", "/users")["users"]}
    layer = {
        "start": "2026-11-23T12:00:00Z",
        "rotation_virtual_start": "2026-11-23T12:00:00Z",
        "rotation_turn_length_seconds": 86400,
        "users": [{"user": {"id": people["lead@example.com"], "type": "user_reference"}}],
    }
    body = {"type": "schedule", "name": "checkout-night", "time_zone": "Europe/Vienna", "schedule_layers": [layer]}
    key = account.call("POST", "/schedules", {"schedule": body})["schedule"]["id"]
    account.call("POST", "/__sandbox__/upgrade", {"schedule": key, "actor": "carla@example.com"})
    assert found(account) == []
    assert "it carries no mark of ours" in drift(account).out


def test_without_the_trail_of_the_account_each_object_is_asked(applied: Account) -> None:
    acknowledges_later(applied, **CARLA)
    with lacking_the_trail():
        (one,) = found(applied)
    assert one["changed"][0]["by"] == "carla@example.com"
    assert [one["status"] for one in applied.log() if one["path"] == "/audit/records"] == [402]


def test_a_trail_that_fails_does_not_hide_the_drift(applied: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_sync_pagerduty.client.MOST_FAILURES", 1)
    acknowledges_later(applied, **CARLA)
    broken(applied, "audit")
    result = drift(applied)
    assert result.code == 2
    assert "who did it cannot be told: the trail could not be read: pagerduty: could not read" in result.out


def test_what_is_not_there_or_has_no_mark_is_said(applied: Account) -> None:
    service = applied.one("services", "checkout")
    applied.call("DELETE", f"/services/{service['id']}")
    policy = applied.one("escalation_policies", "checkout")
    policy["description"] = "mine"
    applied.call("PUT", f"/escalation_policies/{policy['id']}", {"escalation_policy": policy})
    result = drift(applied)
    assert result.code == 0
    assert "service checkout is declared and not there: not applied yet, or deleted at the provider" in result.out
    assert "escalation policy checkout carries no mark" in result.out


def test_nothing_is_asked_of_trails_and_overrides_without_drift(applied: Account) -> None:
    applied.forget()
    assert found(applied) == []
    assert [one["path"] for one in applied.log() if "audit" in one["path"] or "overrides" in one["path"]] == []
    assert {one["method"] for one in applied.log()} == {"GET"}


def test_objects_that_could_not_be_compared_are_an_error(applied: Account) -> None:
    applied.edit("ben: {email: ben@example.com}", "ben: {email: nobody@example.com}")
    result = drift(applied)
    assert result.code == 1
    assert "not a user of pagerduty" in result.out
    takes_a_turn(applied)
    acknowledges_later(applied)
    assert drift(applied).code == 2


def test_errors_come_in_the_form_asked_for(account: Account, capsys: Capture) -> None:
    account.capture = capsys
    account.edit("repeat: 1", "repaet: 1")
    result = drift(account, "--format", "markdown")
    assert result.code == 1
    assert result.out.startswith("<!-- oncall-sync:drift:acme -->\n\n## Drift of acme\n")
    assert "could not be told" in result.out
    assert "repaet" in result.err


def test_the_issue_is_the_same_at_another_hour(applied: Account) -> None:
    acknowledges_later(applied, **CARLA)
    takes_a_turn(applied, **CARLA)
    first = drift(applied, "--format", "markdown").out
    assert applied.capture is not None
    later = applied.sync(applied.capture, "drift", "--format", "markdown", "--now", "2026-11-25T03:00:00Z").out
    assert later == first
    assert first.splitlines()[0] == "<!-- oncall-sync:drift:acme -->"
    assert "checkout (high urgency) pages otherwise at level 1" in first


@pytest.mark.parametrize("form", ["github", "sarif", "junit"])
def test_programs_get_a_line_per_object(applied: Account, form: str) -> None:
    acknowledges_later(applied, **CARLA)
    result = drift(applied, "--format", form)
    assert result.code == 2
    assert result.out.count("provider-drift") >= 1
    assert "policies/small.yaml" in result.out
    assert "acknowledge within: 30m -> 45m" in result.err
    assert "carla@example.com" in result.out


def test_usage(account: Account, capsys: Capture) -> None:
    account.capture = capsys
    for words in (["--since", "0d"], ["--horizon", "x"], ["--provider", "nobody"], ["--notify"]):
        assert drift(account, *words).code == 1
    assert account.log() == []
