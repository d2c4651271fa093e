from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from oncall_sync.cli.main import run
from oncall_sync.run.stopping import Stop
from oncall_sync_pagerduty.sandbox import Options, Running
from tests.account import CONFIG, Account, Result
from tests.cli.corpus import BAD_YAML, USAGE, acted_on, answering, error_body
from tests.conftest import NOW
from tests.waits import HANG_SECONDS, not_for_ever

Capture = pytest.CaptureFixture[str]


def failed(result: Result, *says: str) -> str:
    """The one clear sentence (or several) of a command that failed with exit 1."""
    assert result.code == 1, result.out + result.err
    assert result.out == ""
    assert "Traceback" not in result.err
    assert "defect" not in result.err
    assert acted_on(result.err) == []
    for text in says:
        assert text in result.err
    return result.err


def as_json(account: Account, capsys: Capture, *words: str) -> dict[str, object]:
    told = account.sync(capsys, *words, "--format", "json")
    assert (told.code, told.out) == (1, "")
    error: dict[str, object] = json.loads(told.err)["error"]
    assert {"kind", "message", "source"} <= set(error)
    return error


@pytest.mark.parametrize("kind", BAD_YAML)
def test_bad_policies(kind: str, account: Account, capsys: Capture) -> None:
    old, new, where, says = BAD_YAML[kind]
    account.edit(old, new)
    err = failed(account.sync(capsys, "validate"), says, where)
    assert all(line.startswith("policies/small.yaml:") for line in err.splitlines())
    assert failed(account.sync(capsys, "plan")) == err
    error = as_json(account, capsys, "validate")
    assert error["kind"] == "policy"
    assert isinstance(error["source"], dict)
    assert error["source"]["file"] == "policies/small.yaml"
    assert error["source"]["line"] >= 1
    assert error["source"]["column"] >= 1
    assert str(error["message"]) in err
    assert account.writes() == []


def test_files_that_are_not_policies(account: Account, capsys: Capture) -> None:
    path = account.folder / "policies/more.yaml"
    for content, says in (
        (b"\x7fELF\x00\x01", "more.yaml:1:"),
        (b"\xff\xfea\0", "UTF-16"),
        (b"- a\n- b\n", "list"),
    ):
        path.write_bytes(content)
        failed(account.sync(capsys, "validate"), says)


def test_two_bad_files_are_told_in_one_run(account: Account, capsys: Capture) -> None:
    account.edit("repeat: 1", "repaet: 1")
    account.write("policies/more.yaml", "teams: {x: {nmae: y, members: [zoe]}}\n")
    err = failed(account.sync(capsys, "validate"), "more.yaml:1:", "small.yaml:19:5:", "zoe")
    assert len(err.splitlines()) == 3


def test_a_missing_folder_and_a_missing_config(account: Account, capsys: Capture) -> None:
    account.write("oncall.yaml", CONFIG.replace("policies: policies", "policies: nowhere"))
    failed(account.sync(capsys, "validate"), "oncall.yaml:2:", "nowhere")
    failed(account.sync(capsys, "plan", "--config", "other.yaml"), "other.yaml: not found; write one")


def test_files_from_elsewhere_are_not_read(account: Account, capsys: Capture) -> None:
    outside = account.folder.parent / f"{account.folder.name}-outside"
    outside.mkdir()
    (outside / "secret.yaml").write_text("provider: hunter2\n")
    link = account.folder / "policies/link.yaml"
    tricks: list[tuple[str, Callable[[], object]]] = [
        ("link", lambda: link.symlink_to(outside / "secret.yaml")),
        ("link", lambda: link.symlink_to("/dev/zero")),
        ("link", lambda: link.symlink_to("link.yaml")),
        ("folder", lambda: link.symlink_to(outside)),
        ("fifo", lambda: os.mkfifo(link)),
        ("socket", lambda: link.symlink_to("/proc/self/environ")),
    ]
    for name, trick in tricks:
        trick()
        with not_for_ever():
            err = failed(account.sync(capsys, "validate"), "policies/link.yaml: ")
        assert "hunter2" not in err, name
        link.unlink()
    for folder in ("../" + outside.name, "..", "/etc", str(outside), "policies/../..", "~"):
        account.write("oncall.yaml", CONFIG.replace("policies: policies", f"policies: {folder}"))
        assert "hunter2" not in failed(account.sync(capsys, "validate"), "oncall.yaml:2:")
    (account.folder / "oncall.yaml").unlink()
    (account.folder / "oncall.yaml").symlink_to(outside / "secret.yaml")
    assert "hunter2" not in failed(account.sync(capsys, "validate"), "oncall.yaml")


def test_no_token_and_a_wrong_one(
    account: Account, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Account.opened(tmp_path / "strict", NOW, token="y_right0000000000000") as strict:
        monkeypatch.setenv("PAGERDUTY_API_URL", strict.url)
        assert "y_NbAkKc66" not in failed(account.sync(capsys, "plan"), "token is not accepted (401)", "token_env")
        assert as_json(account, capsys, "plan")["kind"] == "auth"
        monkeypatch.setenv("PAGERDUTY_TOKEN", "y_right0000000000000\n")
        assert account.sync(capsys, "plan").code == 0
        for odd in ("y right", "y_ri\nght", "y_rightü", "y_\x1b[0m"):
            monkeypatch.setenv("PAGERDUTY_TOKEN", odd)
            assert odd not in failed(account.sync(capsys, "plan"), "token")
    for empty in ("", "  "):
        monkeypatch.setenv("PAGERDUTY_TOKEN", empty)
        failed(account.sync(capsys, "plan"), "no token: set the environment variable PAGERDUTY_TOKEN")
    monkeypatch.delenv("PAGERDUTY_TOKEN")
    assert as_json(account, capsys, "apply", "--yes")["kind"] == "auth"
    assert account.sync(capsys, "validate").code == 0


ANSWERS = {
    "402": (402, error_body("Account needs the ability teams"), "plan does not include"),
    "403": (403, error_body("no"), "right"),
    "404": (404, error_body("Not Found"), "404"),
    "500": (500, error_body("Internal"), "500"),
    "503 as a page": (503, "<html>down</html>", "not the API's"),
    "a page": (200, "<html><h1>Log in</h1></html>", "not the API's"),
    "nothing": (200, "", "not the API's"),
    "no content": (204, "", "not the API's"),
    "null": (200, "null", "not the API's"),
    "a list": (200, "[]", "not the API's"),
    "another object": (200, '{"hello": "world"}', "not the API's"),
    "a list of texts": (200, '{"users": ["x"], "teams": [1], "services": [null]}', "not the API's"),
    "cut off": (200, '{"users": [{"id": "PX', "not the API's"),
    "too deep": (200, "[" * 100_000, "not the API's"),
    "not text": (200, b"\xff\xfe\x00", "not the API's"),
    "elsewhere": (302, "", "302"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_odd_answers(name: str, account: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_sync_pagerduty.client.MOST_FAILURES", 1)
    status, body, says = ANSWERS[name]
    with answering(status, body, **({"location": "http://127.0.0.1:9/"} if status == 302 else {})) as url:
        monkeypatch.setenv("PAGERDUTY_API_URL", url)
        for words in (["plan"], ["apply", "--yes"]):
            err = failed(account.sync(capsys, *words), says, "pagerduty: ")
            assert err.count("\n") == 1
            assert "y_NbAkKc66" not in err
        assert as_json(account, capsys, "plan")["kind"] in {"unreachable", "rejected", "auth", "not-found"}


def test_an_answer_that_breaks_off(account: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_sync_pagerduty.client.MOST_FAILURES", 1)
    with answering(200, '{"users": [', content_length="4000") as url:
        monkeypatch.setenv("PAGERDUTY_API_URL", url)
        failed(account.sync(capsys, "plan"), "pagerduty: could not read")


def test_a_dead_host(account: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PAGERDUTY_API_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
        monkeypatch.setattr("oncall_sync_pagerduty.client.MOST_FAILURES", 1)
        assert failed(account.sync(capsys, "plan"), "no answer from http://127.0.0.1").count("\n") == 1
    assert as_json(account, capsys, "plan")["kind"] == "unreachable"


def test_rate_limits(account: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall_sync_pagerduty.pace.UNTOLD_RESET_SECONDS", 0.05)
    monkeypatch.setattr("oncall_sync_pagerduty.pace.WAIT_BUDGET_SECONDS", 0.2)
    waits: list[float] = []
    sleep = Stop.sleep

    def counted(self: Stop, seconds: float) -> None:
        waits.append(seconds)
        assert sum(waits) < 6  # six threads, and each may add a pause to a budget that is just not spent
        sleep(self, seconds)

    monkeypatch.setattr(Stop, "sleep", counted)
    for headers in ({}, {"ratelimit_limit": "960", "ratelimit_remaining": "0", "ratelimit_reset": "0.1"}):
        with answering(429, error_body("Rate Limit Exceeded"), **headers) as url:
            monkeypatch.setenv("PAGERDUTY_API_URL", url)
            failed(account.sync(capsys, "plan"), "the rate limit still holds")
            assert waits
            assert max(waits) <= 0.1
            waits.clear()
            assert as_json(account, capsys, "plan")["kind"] == "rate-limited"
            assert waits
            waits.clear()


@pytest.mark.parametrize(
    ("words", "says"), USAGE, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_usage_errors(words: list[str], says: str, account: Account, capsys: Capture) -> None:
    code = run(words)
    shown = capsys.readouterr()
    if words:
        failed(Result(code, shown.out, shown.err), says)
        code = run([*words, "--format", "json"]) if words[0] in ("plan", "apply") and words[-1] != "xml" else 1
    assert code == 1
    assert says in shown.out + shown.err
    assert account.writes() == []


def test_apply_without_a_terminal_needs_yes(account: Account, capsys: Capture) -> None:
    told = account.sync(capsys, "apply")
    assert told.code == 1
    assert "pass --yes" in told.err
    assert as_json(account, capsys, "apply")["kind"] == "usage"
    assert account.writes() == []


def test_plans_that_may_not_be_applied(account: Account, capsys: Capture) -> None:
    assert account.sync(capsys, "plan", "--out", "plans/good.json", "--expires", "1h").code == 0
    text = (account.folder / "plans/good.json").read_text()
    foreign = {**json.loads(text), "workspace": "other"}
    for name, content, says in (
        ("edited", text.replace("Operations", "Others"), "edited after it was made"),
        ("cut", text[:-40], "not JSON"),
        ("empty", "", "not JSON"),
        ("list", "[]", "not a plan"),
        ("poor", '{"digest": "sha256:0", "changes": [], "format_version": "1.0"}', "lost parts"),
        ("odd", '{"digest": "sha256:0", "changes": 7, "format_version": "1.0", "providers": 1}', "lost parts"),
        ("future", text.replace('"format_version": "1.0"', '"format_version": "2.0"'), "major version"),
        ("elsewhere", json.dumps(foreign), "edited after it was made"),
        ("deep", "[" * 100_000, "not JSON"),
    ):
        account.write(f"plans/{name}.json", content)
        told = account.sync(capsys, "apply", f"plans/{name}.json")
        assert (told.code, told.out) == (4, ""), (name, told.err)
        assert says in told.err, name
    (account.folder / "plans/bytes.json").write_bytes(b"\xff\xfe")
    failed(account.sync(capsys, "apply", "plans/bytes.json"), "not a plan")
    account.write("oncall.yaml", CONFIG.replace("workspace: acme", "workspace: other"))
    told = account.sync(capsys, "apply", "plans/good.json")
    assert (told.code, "the workspace 'acme', this is 'other'" in told.err) == (4, True)
    account.write("oncall.yaml", CONFIG)
    assert account.now is not None
    account.now += timedelta(hours=2)
    told = account.sync(capsys, "apply", "plans/good.json", "--format", "json")
    assert (told.code, json.loads(told.err)["error"]["kind"]) == (4, "stale-plan")
    assert account.writes() == []


def test_a_plan_for_another_account(
    account: Account, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert account.sync(capsys, "plan", "--out", "plans/good.json").code == 0
    with Running(Options(seed={"subdomain": "globex", "users": {"anna": {"email": "anna@example.com"}}})) as other:
        monkeypatch.setenv("PAGERDUTY_API_URL", other.url)
        told = account.sync(capsys, "apply", "plans/good.json")
        assert told.code in (1, 4), told.err
        assert "the account acme, this is globex" in told.err
        log = account.session.get(f"{other.url}/__sandbox__/requests").json()
        assert {one["method"] for one in log} == {"GET"}


def test_interrupted_while_reading(account: Account, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("oncall_sync_pagerduty.client.Client.get", stopped)
    for words in (("plan",), ("apply", "--yes")):
        told = account.sync(capsys, *words)
        assert (told.code, told.out, told.err.strip()) == (130, "", "stopped; nothing more was done")


def test_a_reader_who_goes_away(account: Account) -> None:
    account.call("POST", "/__sandbox__/latency", {"ms": 20})
    command = [sys.executable, "-c", "from oncall_sync.cli.main import main; main()", "plan"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=account.folder) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(HANG_SECONDS) == 1  # an apply that nobody reads did not do its work
