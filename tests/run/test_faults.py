"""When the provider fails in the middle: what is repeated, what is told, that the next run finishes the job."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.account import Account, Result

Sync = Callable[..., Result]
WRITES = 8  # of the small policy: a team, two members, a schedule, a policy, a service, two integrations


@pytest.fixture
def sync(account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Sync:
    monkeypatch.setattr("oncall_sync.run.stopping.Stop.sleep", lambda _self, _seconds: None)
    return lambda *words: account.sync(capsys, *words)


def posts(account: Account) -> list[str]:
    return [w for w in account.writes() if w.startswith("POST")]


@pytest.mark.matrix
@pytest.mark.parametrize("write", range(1, WRITES + 1))
@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "500"])
def test_any_write_may_fail_and_the_next_run_finishes(account: Account, sync: Sync, kind: str, write: int) -> None:
    account.fault(kind, write=write)
    first = sync("apply", "--yes")
    assert first.code in (0, 5), first.err
    if first.code == 5:
        assert "failed" in first.out
    assert sync("apply", "--yes").code == 0
    assert sync("plan", "--exit-code").code == 0
    for kind_ in ("teams", "schedules", "escalation_policies", "services"):
        assert len(account.call("GET", f"/{kind_}")[kind_]) == 1
    assert len(account.one("services", "checkout")["integrations"]) == 2


@pytest.mark.parametrize("write", [1, 3, 5, 7])
def test_429_is_waited_out_and_said(account: Account, sync: Sync, write: int) -> None:
    account.fault("429", write=write, times=2)
    made = sync("apply", "--yes")
    assert made.code == 0
    assert "trying again in" in made.err


@pytest.mark.parametrize("path", ["/teams", "/schedules", "/escalation_policies", "/services"])
def test_what_became_of_a_lost_post_is_looked_up_before_it_is_repeated(
    account: Account, sync: Sync, path: str
) -> None:
    account.fault("drop-after", path=f"{path}$", write=1)
    account.forget()
    made = sync("apply", "--yes")
    assert made.code == 0, made.out
    assert "trying again in" in made.err
    assert posts(account).count(f"POST {path}") == 1


def test_a_post_that_never_arrived_is_repeated(account: Account, sync: Sync) -> None:
    account.fault("drop-before", path="/schedules$", write=1)
    account.forget()
    assert sync("apply", "--yes").code == 0
    assert posts(account).count("POST /schedules") == 2


def test_waiting_ends_and_is_told(account: Account, sync: Sync) -> None:
    account.fault("drop-before", path="/services$", write=1, times=50)
    failed = sync("apply", "--yes")
    assert failed.code == 5
    assert "it may have been made all the same" in failed.out
    assert 3 < len(posts(account)) < 20


def test_what_needs_a_failed_thing_is_not_attempted_and_the_rest_goes_on(account: Account, sync: Sync) -> None:
    account.edit("services:\n", "services:\n  direct: {escalation_policy: people, urgency: low}\n")
    account.edit(
        "escalation_policies:\n", "escalation_policies:\n  people: {levels: [{notify: {user: ben}}], team: none}\n"
    )
    account.fault("500", path="/schedules$", write=1, times=50)
    partly = sync("apply", "--yes")
    assert partly.code == 5
    assert "failed         create schedule checkout-night" in partly.out
    assert "not attempted  create escalation policy checkout" in partly.out
    assert "not attempted  create service checkout: it needs escalation policy checkout" in partly.out
    assert "done           create service direct" in partly.out


def test_nothing_is_deleted_that_something_unchanged_still_needs(account: Account, sync: Sync) -> None:
    assert sync("apply", "--yes").code == 0
    account.edit("  checkout:\n    levels:", "  other:\n    levels:")
    account.edit("escalation_policy: checkout", "escalation_policy: other")
    account.fault("500", path="/services/", write=1, times=50)
    account.forget()
    partly = sync("apply", "--yes")
    assert partly.code == 5
    assert "not attempted  delete escalation policy checkout: service checkout may still need it" in partly.out
    assert all(not w.startswith("DELETE") for w in account.writes())


def test_the_vendors_own_words_are_told(account: Account, sync: Sync) -> None:
    assert sync("apply", "--yes").code == 0
    account.call(
        "POST",
        "/services",
        {
            "service": {
                "name": "taken",
                "escalation_policy": {
                    "id": account.one("escalation_policies", "checkout")["id"],
                    "type": "escalation_policy_reference",
                },
            }
        },
    )
    account.edit("services:\n  checkout:\n", "services:\n  checkout:\n    name: taken\n")
    failed = sync("apply", "--yes")
    assert failed.code == 5
    assert "has already been taken" in failed.out
