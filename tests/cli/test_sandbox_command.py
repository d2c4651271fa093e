"""`oncall-sync sandbox` as people and CI start it: a process with a port, a clock, a store, and an end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from oncall_sync.cli.main import run

PROGRAM = str(Path(sys.executable).with_name("oncall-sync"))
SEED = "subdomain: acme\nusers:\n  anna: {email: anna@example.com, name: Anna}\n"


@contextmanager
def started(*words: str) -> Iterator[str]:
    command = [PROGRAM, "sandbox", "pagerduty", "--format", "json", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        yield json.loads(server.stdout.readline())["url"]
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=60) == 0


def users(url: str, token: str = "any") -> requests.Response:
    return requests.get(f"{url}/users", headers={"Authorization": f"Token token={token}"}, timeout=60)


def test_it_serves_a_seed_at_a_fixed_hour_until_interrupted(tmp_path: Path) -> None:
    (tmp_path / "seed.yaml").write_text(SEED)
    words = ("--seed", str(tmp_path / "seed.yaml"), "--now", "2026-01-05T09:00:00Z", "--rate-limit", "960/min")
    with started(*words) as url:
        answer = users(url)
        assert [user["email"] for user in answer.json()["users"]] == ["anna@example.com"]
        assert answer.headers["ratelimit-limit"] == "960"
        team = {"team": {"name": "Ops"}}
        headers = {"Authorization": "Token token=x"}
        requests.post(f"{url}/teams", json=team, headers=headers, timeout=60).raise_for_status()
        log = requests.get(f"{url}/__sandbox__/requests", timeout=60).json()
        assert {entry["at"] for entry in log} == {"2026-01-05T09:00:00Z"}


def test_a_store_survives_a_restart_and_a_token_may_be_asked_for(tmp_path: Path) -> None:
    words = ("--store", str(tmp_path / "account.sqlite"), "--token", "good", "--latency", "1ms")
    headers = {"Authorization": "Token token=good"}
    with started(*words) as url:
        assert users(url, "bad").status_code == 401
        requests.post(
            f"{url}/teams", json={"team": {"name": "Ops"}}, headers=headers, timeout=60
        ).raise_for_status()
    with started(*words) as url:
        teams = requests.get(f"{url}/teams", headers=headers, timeout=60).json()["teams"]
        assert [team["name"] for team in teams] == ["Ops"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["jsm-ops"], "no adapter for the provider kind 'jsm-ops' is installed"),
        (["pagerduty", "--latency", "soon"], "write it as 50ms or 2s"),
        (["pagerduty", "--rate-limit", "0/min"], "write it as 960/min"),
        (["pagerduty", "--seed", "missing.yaml"], "missing.yaml"),
        (["pagerduty", "--seed", "typo.yaml"], "usres"),
        (["pagerduty", "--seed", "broken.yaml"], "broken.yaml:2:1:"),
    ],
)
def test_what_it_cannot_do_is_one_sentence(
    words: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "typo.yaml").write_text("usres: {}\n")
    (tmp_path / "broken.yaml").write_text("users: [\n")
    assert run(["sandbox", *words]) == 1
    told = capsys.readouterr().err
    assert says in told
    assert "defect" not in told


def test_a_port_in_use_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with started() as url:
        assert run(["sandbox", "pagerduty", "--port", url.rpartition(":")[2]]) == 1
    assert "cannot listen on port" in capsys.readouterr().err
