"""People whom a provider puts into a team between two calls of one apply."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.account import Account, Result

Sync = Callable[..., Result]
SECOND_TEAM = """  ops: {name: Operations, members: [anna, ben, user5, user6]}
  night: {name: Night, members: [carla]}
"""


@pytest.fixture
def sync(account: Account, capsys: pytest.CaptureFixture[str]) -> Sync:
    return lambda *words: account.sync(capsys, *words)


def leave(account: Account) -> None:
    """Let the schedule call somebody else, and its policy go to another team, in one plan."""
    account.edit("  ops: {name: Operations, members: [anna, ben]}\n", SECOND_TEAM)
    account.edit(
        "  user5: {", "  carla: {email: carla@example.com}\n  david: {email: david@example.com}\n  user5: {"
    )
    account.edit("members: [anna, user5, ben, user6], start", "members: [carla, david], start")
    account.edit("  checkout-night:\n", "  checkout-night:\n    team: night\n")
    account.edit("  checkout:\n    levels:\n", "  checkout:\n    team: night\n    levels:\n")


def members(account: Account, name: str) -> set[str]:
    team = account.one("teams", name)
    answer = account.session.get(f"{account.url}/teams/{team['id']}/members").json()
    return {one["user"]["summary"].lower() for one in answer["members"]}


def test_who_came_into_a_team_on_the_way_is_taken_out_again(account: Account, sync: Sync) -> None:
    assert sync("apply", "--yes").code == 0
    leave(account)
    made = sync("apply", "--yes", "--waive", "mid-shift-change=meant", "--waive", "last-manager=meant")
    assert made.code == 0, made.out + made.err
    assert "taking out of team ops again who came into it on the way: carla, david" in made.err
    assert members(account, "Operations") == {"anna", "ben", "user5", "user6"}
    assert sync("plan", "--exit-code").code == 0


def test_who_was_there_before_is_not(account: Account, sync: Sync) -> None:
    assert sync("apply", "--yes").code == 0
    team, carla = account.one("teams", "Operations"), account.one("users", "Carla")
    account.call("PUT", f"/teams/{team['id']}/users/{carla['id']}", {"role": "observer"})
    leave(account)
    made = sync("apply", "--yes", "--waive", "mid-shift-change=meant", "--waive", "last-manager=meant")
    assert "on the way: david" in made.err, made.out + made.err
