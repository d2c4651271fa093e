"""The account's limits, end to end: asked for where the key may, found out where it may not, and waited for."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from oncall_sync_opsgenie.client import LIMITS_PATH
from tests.contract.harness import PEOPLE, TOKEN, House
from tests.faults.test_pace import A_FEW, many

PROGRAM = str(Path(sys.executable).with_name("oncall-sync"))
KEY = {"Authorization": f"GenieKey {TOKEN}"}


@contextmanager
def served(
    folder: Path, limit: int, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch, **seed: Any
) -> Iterator[House]:
    """A sandbox as people start it, with a limit."""
    users = {name: {"email": f"{name}@example.com"} for name in PEOPLE}
    (folder / "seed.yaml").write_text(yaml.safe_dump({"users": users, **seed}), encoding="utf-8")
    (folder / "acme").mkdir()
    command = [PROGRAM, "sandbox", "opsgenie", "--format", "json", "--seed", str(folder / "seed.yaml")]
    command += ["--rate-limit", f"{limit}/min", "--now", "2026-11-23T12:00:00Z"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        url = json.loads(server.stdout.readline())["url"]
        patch.setenv("ONCALL_CONTRACT_TOKEN", TOKEN)
        patch.setenv("OPSGENIE_API_URL", url)
        yield House("opsgenie", url, folder / "acme", capsys=capsys)
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=60) == 0


def statuses(house: House, path: str = "") -> list[int]:
    return [one["status"] for one in house.control("requests") if one["path"].startswith(path)]


def test_limits_that_may_be_read_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path, 240, capsys, monkeypatch) as house:
        house.declare(many(3))
        made = house.apply()
        assert made.code == 0, made.out + made.err
        assert statuses(house, LIMITS_PATH.rstrip("/")) == [200]
        assert statuses(house).count(429) <= A_FEW
        assert house.control("requests")[-1]["status"] == 200


def test_what_is_refused_says_so_as_the_vendor_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path, 20, capsys, monkeypatch) as house, requests.Session() as session:
        fine = refused = session.get(f"{house.url}/v2/account", headers=KEY, timeout=60)
        asked = 1
        while refused.ok and asked < 100:  # the third is refused, unless they are a second apart
            refused = session.get(f"{house.url}/v2/account", headers=KEY, timeout=60)
            asked += 1
        assert (fine.status_code, fine.headers["X-RateLimit-State"]) == (200, "OK")
        assert (refused.status_code, refused.headers["X-RateLimit-State"]) == (429, "THROTTLED")
        assert refused.headers["X-RateLimit-Reason"] == "ACCOUNT"
        assert int(refused.headers["X-RateLimit-Period-In-Sec"]) in (1, 60)
        assert "too many requests" in refused.json()["message"]


@pytest.mark.matrix
def test_limits_that_may_not_be_read_are_found_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path, 30, capsys, monkeypatch) as house:
        house.declare(many(1))
        house.control("faults", {"kind": "500", "path": LIMITS_PATH.rstrip("/"), "times": 99})
        planned = house.sync("plan")
        assert planned.code == 0, planned.err
        assert statuses(house, LIMITS_PATH.rstrip("/")) == [500]
        assert 1 <= statuses(house).count(429) <= A_FEW


def test_the_key_of_a_team_is_told_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path, 960, capsys, monkeypatch, restricted=True) as house:
        house.declare(many(1))
        refused = house.sync("plan")
        assert refused.code == 1
        assert "could not read the account" in refused.err
        assert "key" in refused.err
        assert TOKEN not in refused.err
        assert house.writes() == []
