"""The server itself: the store, the ports, starting and stopping, speed, and what it may import."""

import ast
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
import requests

import oncall_sync_pagerduty.sandbox
from oncall_sync_pagerduty.sandbox import Options, Running, serve

from .conftest import NOW, SEED, Client

PACKAGE = Path(oncall_sync_pagerduty.sandbox.__file__).parent


def test_a_store_survives_a_restart(tmp_path: Path) -> None:
    options = Options(now=NOW, seed=SEED, store=tmp_path / "account.sqlite")
    with Running(options) as server:
        pd = Client(server.url)
        pd.reset()
        schedule = pd.schedule(pd.layer("anna", "ben"))
        service = pd.service(pd.policy(schedule["id"])["id"])
        gone = pd.team("Gone")
        pd.ok(204, "DELETE", f"/teams/{gone['id']}")
        before = [
            pd.get(path)
            for path in ("/users", "/services", "/schedules?include[]=schedule_layers", "/audit/records")
        ]
        pd.incident(service["id"])
        pd.session.close()
    with Running(options) as server:
        pd = Client(server.url)
        after = [
            pd.get(path)
            for path in ("/users", "/services", "/schedules?include[]=schedule_layers", "/audit/records")
        ]
        assert after[0] == before[0]
        assert after[1]["services"][0]["status"] == "critical"
        assert after[2:] == before[2:]
        assert pd.team("New")["id"] not in {gone["id"], schedule["id"], service["id"]}
        rules = {
            "escalation_policy": {
                "escalation_rules": [
                    {
                        "escalation_delay_in_minutes": 1,
                        "targets": [{"id": before[0]["users"][0]["id"], "type": "user_reference"}],
                    }
                ]
            }
        }
        key = after[1]["services"][0]["escalation_policy"]["id"]
        pd.ok(200, "PUT", f"/escalation_policies/{key}", rules)
        assert "snapshot" in pd.refused(400, "DELETE", f"/schedules/{schedule['id']}")["errors"][0]
        pd.session.close()


def test_a_dropped_effect_is_in_the_store(tmp_path: Path) -> None:
    options = Options(seed=SEED, store=tmp_path / "account.sqlite")
    with Running(options) as server:
        pd = Client(server.url)
        pd.control("faults", kind="drop-after", write=1)
        with pytest.raises(requests.ConnectionError):
            pd.team("Ops")
        pd.session.close()
        with closing(sqlite3.connect(tmp_path / "account.sqlite")) as file:  # now, not only when it stops
            assert file.execute("SELECT count(*) FROM objects WHERE kind = 'teams'").fetchone() == (1,)
    with Running(options) as server:
        pd = Client(server.url)
        assert [team["name"] for team in pd.get("/teams")["teams"]] == ["Ops"]
        pd.session.close()


def test_two_at_once_know_nothing_of_each_other() -> None:
    with Running() as one, Running() as two:
        first, second = Client(one.url), Client(two.url)
        first.team("Ops")
        assert second.get("/teams")["teams"] == []
        first.session.close()
        second.session.close()


def test_a_port_of_choice_on_loopback_only() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for _ in range(2):  # and again at once
        with Running(Options(port=port)) as server:
            assert server.url == f"http://127.0.0.1:{port}"
            with pytest.raises(OSError, match="in use"), Running(Options(port=port)):
                pass


def test_not_running_has_no_url() -> None:
    with pytest.raises(RuntimeError):
        _ = Running().url


def test_a_stop_does_not_wait_for_idle_connections() -> None:
    with requests.Session() as session:
        with Running() as server:
            session.get(server.url + "/__sandbox__/requests", timeout=5)
            start = time.monotonic()
        assert time.monotonic() - start < 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_when_it_is_ready_and_stops_on_a_signal(number: int) -> None:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    seen: list[str] = []

    def ready(url: str) -> None:
        seen.append(requests.get(url + "/users", headers={"Authorization": "Token token=x"}, timeout=5).reason)
        threading.Timer(0.05, os.kill, (os.getpid(), number)).start()

    serve(Options(seed=SEED), ready)
    assert seen == ["OK"]
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before


def test_importing_it_loads_no_server() -> None:
    code = "import sys, oncall_sync_pagerduty.sandbox; sys.exit(bool({'starlette', 'uvicorn'} & set(sys.modules)))"
    path = os.pathsep.join([str(PACKAGE.parents[1]), *sys.path])
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": path})


def test_it_shares_no_code_with_adapter_or_core() -> None:
    allowed = set(sys.stdlib_module_names) | {"starlette", "uvicorn", "oncall_sync_sandbox"}
    for file in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert {one.name.partition(".")[0] for one in node.names} <= allowed, file.name
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1 or (node.module or "").partition(".")[0] in allowed, file.name


def test_a_thousand_services_do_not_slow_it_down() -> None:
    first = {"escalation_delay_in_minutes": 5, "targets": [{"id": "anna", "type": "user_reference"}]}
    policies = {f"P{number}": {"escalation_rules": [first]} for number in range(50)}
    reference = "escalation_policy_reference"
    services = {
        f"S{number}": {"escalation_policy": {"id": f"P{number % 50}", "type": reference}} for number in range(1000)
    }
    seed = {**SEED, "escalation_policies": policies, "services": services}
    with Running(Options(now=NOW, seed=seed)) as server, requests.Session() as session:
        session.headers["Authorization"] = "Token token=x"
        found = []
        start = time.monotonic()
        for offset in range(0, 1000, 100):
            query = f"/services?limit=100&offset={offset}&include[]=integrations&include[]=teams"
            found += session.get(server.url + query, timeout=5).json()["services"]
        assert len({service["id"] for service in found}) == 1000
        assert len(session.get(server.url + "/__sandbox__/rings", timeout=5).json()) == 1000
        for number, service in enumerate(found[:200]):
            body = {"service": {"description": f"Number {number}"}}
            assert session.put(f"{server.url}/services/{service['id']}", json=body, timeout=5).status_code == 200
        assert time.monotonic() - start < 4  # about half a second on a quiet core; a busy one gets leeway
