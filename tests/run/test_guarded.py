"""What keeps an apply from doing harm: guards, locks, checkouts, saved approvals."""

from __future__ import annotations

import fcntl
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from oncall_sync.errors import UsageError
from oncall_sync.run.journal import unfinished
from oncall_sync.run.locking import lock_file, locked
from tests.account import Account, Result

Sync = Callable[..., Result]
SERVICE = """services:
  checkout:
    escalation_policy: checkout
"""


@pytest.fixture
def sync(account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Sync:
    monkeypatch.setattr("oncall_sync.run.stopping.Stop.sleep", lambda _self, _seconds: None)
    return lambda *words: account.sync(capsys, *words)


def without_service(account: Account) -> None:
    path = account.folder / "policies/small.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("services:")], encoding="utf-8")


def test_what_is_protected_is_never_deleted(account: Account, sync: Sync) -> None:
    account.edit(SERVICE, f"{SERVICE}    protected: true\n")
    assert sync("apply", "--yes").code == 0
    assert account.one("services", "checkout")["description"].endswith(" (protected)")
    without_service(account)
    account.forget()
    refused = sync("apply", "--yes", "--waive", "protected-deleted=please", "--waive", "service-deleted=gone")
    assert refused.code == 3
    assert "service checkout is protected" in refused.err
    assert "protected-deleted cannot be waived" in refused.err
    assert account.writes() == []


def test_protection_is_taken_off_by_an_apply_of_its_own(account: Account, sync: Sync) -> None:
    account.edit(SERVICE, f"{SERVICE}    protected: true\n")
    assert sync("apply", "--yes").code == 0
    account.edit("    protected: true\n", "")
    planned = sync("plan", "--format", "json").json["changes"]
    assert [(c["ref"], c["fields"]) for c in planned] == [
        ("service.checkout", [{"path": "protected", "before": True, "after": False}])
    ]
    assert sync("apply", "--yes").code == 0
    assert sync("plan", "--exit-code").code == 0
    without_service(account)
    assert sync("apply", "--yes", "--waive", "service-deleted=gone").code == 0


def test_open_incidents_are_named_before_anything_is_deleted(account: Account, sync: Sync) -> None:
    assert sync("apply", "--yes").code == 0
    service = {"id": account.one("services", "checkout")["id"], "type": "service_reference"}
    incident = {"type": "incident", "title": "Checkout burns", "service": service}
    account.call("POST", "/incidents", {"incident": incident}, From="anna@example.com")
    without_service(account)
    account.forget()
    refused = sync("apply", "--yes", "--waive", "service-deleted=gone")
    assert refused.code == 3
    assert "service checkout is deleted while incidents are open that need it: #1 Checkout burns" in refused.err
    assert account.writes() == []


def test_without_deletes_nobody_asks_for_incidents(account: Account, sync: Sync) -> None:
    account.forget()
    assert sync("plan").code == 0
    assert not [entry for entry in account.log() if entry["path"] == "/incidents"]


def test_a_target_is_planned_with_what_it_needs_and_never_saved(account: Account, sync: Sync) -> None:
    planned = sync("plan", "--target", "escalation_policy.checkout", "--format", "json").json["changes"]
    assert {c["ref"] for c in planned} == {"team.ops", "schedule.checkout-night", "escalation_policy.checkout"}
    unknown = sync("plan", "--target", "service.chekout")
    assert unknown.code == 1
    assert "(of this kind: service.checkout)" in unknown.err
    saved = sync("plan", "--target", "service.checkout", "--out", "plans/a.json")
    assert saved.code == 1
    assert not (account.folder / "plans/a.json").exists()


def test_what_was_waived_for_the_plan_is_waived_for_its_apply(account: Account, sync: Sync) -> None:
    assert sync("apply", "--yes").code == 0
    without_service(account)
    words = ("--waive", "service-deleted=moved to the payments team", "--max-deletes", "7")
    assert sync("plan", "--out", "plans/gone.json", *words).code == 0
    saved = json.loads((account.folder / "plans/gone.json").read_text())
    assert saved["waivers"] == [{"rule": "service-deleted", "reason": "moved to the payments team"}]
    assert saved["max_deletes"] == 7
    assert sync("apply", "plans/gone.json").code == 0
    journal = (account.folder / "plans/gone.journal").read_text().splitlines()
    assert json.loads(journal[0])["waived"] == {"service-deleted": "moved to the payments team"}


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=Anna", "-c", "user.email=anna@example.com", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True)


def test_a_checkout_that_is_dirty_or_behind_is_told(account: Account, sync: Sync) -> None:
    folder = account.folder
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "one")
    git(folder, "branch", "upstream")
    git(folder, "branch", "--set-upstream-to", "upstream")
    clean = sync("apply", "--yes")
    assert clean.code == 0
    assert "checkout has changes" not in clean.out
    account.edit("repeat: 1", "repeat: 2")
    dirty = sync("apply", "--yes")
    assert dirty.code == 0
    assert "the checkout has changes that are not committed (policies/small.yaml)" in dirty.out
    git(folder, "checkout", "upstream")
    git(folder, "commit", "-am", "two")
    git(folder, "checkout", "main")
    account.edit("repeat: 1", "repeat: 3")
    behind = sync("apply", "--yes")
    assert behind.code == 3
    assert "1 commit behind upstream" in behind.err
    assert "behind-upstream" not in sync("plan").out
    assert sync("apply", "--yes", "--waive", "behind-upstream=hotfix").code == 0


def test_two_applies_of_one_workspace_exclude_each_other(
    account: Account, sync: Sync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    words = ["acme", f"pagerduty {account.url} PAGERDUTY_TOKEN"]
    with lock_file(words).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("4711\n")
        file.flush()
        account.forget()
        second = sync("apply", "--yes")
    assert second.code == 1
    assert "another apply of the workspace 'acme' is running on this machine (process 4711)" in second.err
    assert account.log() == []
    assert sync("apply", "--yes").code == 0


def test_a_lock_is_for_one_workspace_in_one_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with locked("acme", ["a"]), locked("acme", ["b"]), locked("other", ["a"]):
        pass
    (tmp_path / "elsewhere").write_text("")
    lock_file(["x", "y"]).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="cannot be opened"), locked("x", ["y"]):
        pass


def test_an_apply_that_was_cut_off_is_told_once(account: Account, sync: Sync) -> None:
    plans = account.folder / "plans"
    plans.mkdir()
    (plans / "20261123T110000Z.journal").write_text('{"event": "start"}\n{"event": "before", "call": "x"}\n{"ev')
    assert unfinished(plans) is not None
    assert "the last apply did not come to its end" in sync("apply", "--yes").err
    assert unfinished(plans) is None
    assert "the last apply" not in sync("apply", "--yes").err
