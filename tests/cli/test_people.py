"""Who rings, as a person at the command line learns it: who, shifts, and what a plan says and refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.account import Account, Result

Run = Callable[..., Result]
POLICIES = Path(__file__).resolve().parents[2] / "policies"
TURNS = "[anna, user5, ben, user6]"
Z = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DELAY = re.compile(r"P(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?")
NOW = "2026-11-23T12:00:00Z"


@pytest.fixture
def sync(account: Account, capsys: pytest.CaptureFixture[str]) -> Run:
    return lambda *words: account.sync(capsys, *words)


@pytest.fixture
def applied(account: Account, sync: Run) -> Account:
    """An account in which the policies have rung for a day: it is Tuesday noon, and Ben is on call."""
    assert sync("apply", "--yes").code == 0
    return later(account)


def later(account: Account, days: int = 1) -> Account:
    assert account.now is not None
    account.now += timedelta(days=days)
    account.call("POST", "/__sandbox__/clock", {"now": account.now.isoformat()})
    return account


def swap(account: Account, since: str, until: str, user: str = "carla") -> None:
    """Somebody makes an override in the vendor's pages."""
    key = account.one("schedules", "checkout-night")["id"]
    users = {u["email"]: u["id"] for u in account.call("GET", "/users?limit=100")["users"]}
    one = {"start": since, "end": until, "user": {"id": users[f"{user}@example.com"], "type": "user_reference"}}
    account.call("POST", f"/schedules/{key}/overrides", {"overrides": [one]})


def ring(at: str, level: int, user: str, via: str | None = None, urgency: str = "high") -> dict[str, Any]:
    return {"at": f"2026-11-28T{at}:00Z", "level": level, "user": user, "via": via, "urgency": urgency}


LADDER = [
    ring("02:00", 1, "ben", "checkout-night"),
    ring("02:15", 2, "ben"),
    ring("02:25", 1, "ben", "checkout-night"),
    ring("02:40", 2, "ben"),
]


@pytest.mark.parametrize(
    "at", ["sat 03:00", "2026-11-28 03:00", "2026-11-28T03:00:00+01:00", "2026-11-28T02:00:00Z"]
)
@pytest.mark.parametrize("origin", ["policies", "live"])
def test_who_however_the_hour_is_written(applied: Account, sync: Run, at: str, origin: str) -> None:
    found = sync("who", "--service", "checkout", "--at", at, "--from", origin, "--now", NOW, "--format", "json")
    assert (found.code, found.err) == (0, "")
    head = {"service": "checkout", "at": "2026-11-28T02:00:00Z", "urgency": "high", "incident": True}
    assert found.json == {**head, "rings": LADDER}


def test_who_as_text_asks_nobody(account: Account, sync: Run) -> None:
    account.forget()
    found = sync("who", "--service", "checkout", "--at", "sat 03:00", "--now", NOW)
    assert account.log() == []
    assert found.out.splitlines()[:3] == [
        "checkout, Sat 2026-11-28 03:00 (Europe/Vienna), high urgency",
        "  Sat 2026-11-28 03:00  level 1  high  ben through checkout-night",
        "  Sat 2026-11-28 03:15  level 2  high  ben",
    ]


@pytest.mark.parametrize("origin", ["policies", "live"])
def test_who_by_urgency(applied: Account, sync: Run, origin: str) -> None:
    words = ("who", "--service", "checkout", "--at", "2026-11-28T02:00:00Z", "--from", origin, "--format", "json")
    low = sync(*words, "--urgency", "low").json
    assert (low["urgency"], low["rings"]) == ("low", [ring("02:00", 1, "ben", "checkout-night", "low")])


def test_who_knows_a_swap_only_live(applied: Account, sync: Run) -> None:
    swap(applied, "2026-11-28T02:10:00Z", "2026-11-28T02:30:00Z")
    words = ("who", "--service", "checkout", "--at", "2026-11-28T02:00:00Z", "--format", "json")
    users = [one["user"] for one in sync(*words, "--from", "live").json["rings"]]
    assert users == ["ben", "ben", "carla@example.com", "ben"]
    assert sync(*words).json["rings"] == LADDER


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("who", "--service", "nope", "--at", "sat 03:00"), "there is no service 'nope' (there are: checkout)"),
        (("who", "--service", "checkout", "--at", "sat 3am"), "sat 03:00"),
        (
            ("shifts", "nope", "--since", NOW, "--until", NOW),
            "there is no schedule 'nope' (there are: checkout-night)",
        ),
        (("shifts", "checkout-night", "--since", NOW, "--until", NOW), "is not after"),
    ],
)
def test_what_is_asked_for_wrongly(account: Account, sync: Run, words: tuple[str, ...], says: str) -> None:
    found = sync(*words)
    assert (found.code, found.out) == (1, "")
    assert says in found.err


@pytest.mark.parametrize("origin", ["policies", "live"])
def test_shifts_are_maximal_and_without_holes(applied: Account, sync: Run, origin: str) -> None:
    words = ("shifts", "checkout-night", "--since", "2026-11-25", "--until", "2026-12-21 10:00", "--from", origin)
    found = sync(*words, "--format", "json").json
    listed = found["shifts"]
    assert set(found) == {"schedule", "time_zone", "shifts"}
    assert all(set(one) == {"since", "until", "users", "why"} for one in listed)
    assert [one["users"] for one in listed] == [["ben"], ["user6"], ["anna"], ["user5"], ["ben"]]
    assert (listed[0]["since"], listed[-1]["until"]) == ("2026-11-24T23:00:00Z", "2026-12-21T09:00:00Z")
    assert all(a["until"] == b["since"] and a["users"] != b["users"] for a, b in pairwise(listed))


def test_shifts_of_several_of_nobody_and_of_a_swap(applied: Account, sync: Run) -> None:
    words = ("shifts", "checkout-night", "--since", "2026-11-25", "--until", "2026-11-27", "--format", "json")
    swap(applied, "2026-11-25T18:00:00Z", "2026-11-26T06:00:00Z")
    live = sync(*words, "--from", "live").json["shifts"]
    assert [(one["users"], one["until"]) for one in live] == [
        (["ben"], "2026-11-25T18:00:00Z"),
        (["carla@example.com"], "2026-11-26T06:00:00Z"),
        (["ben"], "2026-11-26T23:00:00Z"),
    ]
    assert "override" in live[1]["why"]
    later(applied)
    applied.edit("provider: pagerduty", "provider: none")
    second = ", {members: [user5], start: 2026-01-05 09:00, every: 1 week, hours: Mon-Fri 09:00-17:00}]"
    turn = f"{{members: {TURNS}, start: Mon 2026-01-05 09:00, every: 1 week"
    applied.edit(f"{turn}}}", f"[{turn}, hours: Mon-Fri 09:00-18:00}}{second}")
    users = [one["users"] for one in sync(*words).json["shifts"]]
    assert users == [[], ["ben", "user5"], ["ben"], [], ["ben", "user5"], ["ben"], []]


# --- plans


def edited(account: Account, turns: str) -> None:
    account.edit(TURNS, turns)


def test_a_plan_says_who_is_paged_differently(applied: Account, sync: Run) -> None:
    edited(applied, "[ben, user5, anna, user6]")
    text = sync("plan").out
    assert "who is paged differently in the coming 4 weeks" in text
    assert "Tue 2026-11-24 13:00 to Mon 2026-11-30 09:00: ben -> anna (from now)" in text
    impact = sync("plan", "--format", "json").json["impact"]
    assert [(page["before"], page["after"], page["since"]) for page in impact["pages"]] == [
        (["ben"], ["anna"], "2026-11-24T12:00:00Z"),
        (["anna"], ["ben"], "2026-12-07T08:00:00Z"),
        (["ben"], ["anna"], "2026-12-21T08:00:00Z"),
    ]
    keys = "provider service urgency level since until before after delay_before delay_after"
    for page in impact["pages"]:
        assert set(page) == set(keys.split())
        assert all(Z.fullmatch(page[key]) for key in ("since", "until"))
        assert (page["provider"], page["service"], page["urgency"]) == ("pagerduty", "checkout", "high")
        assert (page["level"], page["delay_before"], page["delay_after"]) == (1, "PT0S", "PT0S")
    assert (impact["gaps"], impact["gaps_closed"]) == ([], [])


def test_a_plan_that_opens_a_gap_names_it(applied: Account, sync: Run) -> None:
    applied.edit("every: 1 week}", "every: 1 week, hours: Mon-Fri 09:00-18:00}")
    applied.edit("      - {notify: {user: ben}, escalate_after: 10m}\n", "")
    assert "nobody will be on call" in sync("plan").out
    found = sync("plan", "--exit-code", "--format", "json")
    assert found.code == 3
    gap = found.json["impact"]["gaps"][0]
    assert gap == {
        "provider": "pagerduty",
        "service": "checkout",
        "urgency": "high",
        "since": "2026-11-24T17:00:00Z",
        "until": "2026-11-25T08:00:00Z",
    }
    gone = [page for page in found.json["impact"]["pages"] if page["level"] == 2]
    assert [(page["before"], page["after"], page["delay_after"]) for page in gone] == [(["ben"], [], None)]
    assert DELAY.fullmatch(gone[0]["delay_before"])
    assert gone[0]["delay_before"] == "PT15M"


def test_whoever_is_on_call_is_not_replaced_in_mid_shift(applied: Account, sync: Run) -> None:
    edited(applied, "[ben, user5, anna, user6]")
    refused = sync("apply", "--yes")
    assert refused.code == 3
    assert re.search(
        r"policies/small\.yaml:12:3: error: .*ben is on call now, and anna .*\[mid-shift", refused.out
    )
    assert sync("apply", "--yes", "--waive", "mid-shift-change=both agreed").code == 0
    assert sync("plan", "--exit-code").code == 0


def test_new_turns_come_with_a_start_to_paste(applied: Account, sync: Run) -> None:
    edited(applied, "[anna, user5, ben]")
    findings = sync("plan", "--format", "json").json["findings"]
    assert "mid-shift-change" in {one["rule"] for one in findings}
    (note,) = [one["message"] for one in findings if one["rule"] == "rotation-redealt"]
    offered = re.search(r"with `(start: [^`]+)`", note)
    assert offered, note
    applied.edit("start: Mon 2026-01-05 09:00", offered[1])
    planned = sync("plan", "--format", "json").json
    assert "mid-shift-change" not in {one["rule"] for one in planned["findings"]}
    assert all(page["since"] >= "2026-11-30T08:00:00Z" for page in planned["impact"]["pages"])
    assert sync("apply", "--yes").code == 0


def test_turns_in_another_order_are_told_too(applied: Account, sync: Run) -> None:
    edited(applied, "[user5, anna, ben, user6]")
    findings = sync("plan", "--format", "json").json["findings"]
    (note,) = [one["message"] for one in findings if one["rule"] == "rotation-redealt"]
    assert "6 of the coming 12 weeks change hands" in note


CHECK = "checks:\n  - covered: {schedule: checkout-night, exactly: 1}\n"


def test_a_promise_that_the_plan_breaks_is_refused(applied: Account, sync: Run) -> None:
    applied.edit("schedules:\n", CHECK + "schedules:\n")
    assert sync("plan", "--exit-code").code == 0
    applied.edit("every: 1 week}", "every: 1 week, hours: Mon-Fri 09:00-18:00}")
    refused = sync("apply", "--yes")
    assert refused.code == 3
    assert "policies/small.yaml:12:5: error: schedule checkout-night: nobody is on call" in refused.out
    assert "[covered; refused unless waived]" in refused.out
    assert sync("apply", "--yes", "--waive", "covered=nights are somebody else's").code == 0


def test_what_was_broken_before_is_only_told(account: Account, sync: Run) -> None:
    account.edit("every: 1 week}", "every: 1 week, hours: Mon-Fri 09:00-18:00}")
    assert sync("apply", "--yes").code == 0
    later(account)
    account.edit("schedules:\n", CHECK + "schedules:\n")
    account.edit("acknowledge_within: 30m", "acknowledge_within: 40m")
    done = sync("apply", "--yes")
    assert done.code == 0
    assert "policies/small.yaml:12:5: warning: schedule checkout-night: nobody is on call" in done.out


def test_a_roster_without_a_provider_needs_no_api(
    account: Account, sync: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAGERDUTY_TOKEN")
    (account.folder / "policies" / "small.yaml").unlink()
    account.write("policies/liefery-backend.yaml", (POLICIES / "liefery-backend.yaml").read_text(encoding="utf-8"))
    account.forget()

    assert sync("validate").out == "valid: 1 team, 5 users, 1 schedule, 4 checks\n"
    words = ("shifts", "backend-support", "--since", "2026-11-23", "--until", "2026-11-26", "--format", "json")
    listed = sync(*words).json["shifts"]
    assert [one["users"] for one in listed] == [["cy", "dora"], ["ana", "bob"]]
    assert sync("plan", "--exit-code").code == 0
    account.edit("on_call: [ana, bob]", "on_call: [ana]", "policies/liefery-backend.yaml")
    assert re.search(r"liefery-backend\.yaml:\d+:\d+: \w+: .*\[staffed", sync("plan").out)
    assert account.log() == []
