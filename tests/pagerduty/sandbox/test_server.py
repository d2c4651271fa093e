"""The server itself: the store, the ports, starting and stopping, how much it does, and what it may import."""

import ast
import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

import oncall_sync_pagerduty.sandbox
from oncall_sync_pagerduty.sandbox import Options, Running, serve
from oncall_sync_pagerduty.sandbox.app import PagerDuty
from tests.effort import calls
from tests.waits import HANG_SECONDS

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


def test_a_stop_closes_idle_connections(caplog: pytest.LogCaptureFixture) -> None:
    with Running() as server:
        host, port = server.url.removeprefix("http://").split(":")
        idle = socket.create_connection((host, int(port)), timeout=HANG_SECONDS)
        idle.sendall(b"GET /__sandbox__/requests HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(65_536).startswith(b"HTTP/1.1 200")
    with idle:
        while idle.recv(65_536):  # until the end, which nobody asked for
            pass
    assert caplog.records == []  # it would say that it ran out of patience with them


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_when_it_is_ready_and_stops_on_a_signal(number: int) -> None:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    seen: list[str] = []

    def ready(url: str) -> None:
        seen.append(requests.get(url + "/users", headers={"Authorization": "Token token=x"}, timeout=60).reason)
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


def many(number: int) -> dict[str, Any]:
    """A seed with so many services on fifty policies."""
    first = {"escalation_delay_in_minutes": 5, "targets": [{"id": "anna", "type": "user_reference"}]}
    policies = {f"P{each}": {"escalation_rules": [first]} for each in range(50)}
    reference = "escalation_policy_reference"
    services = {
        f"S{each}": {"escalation_policy": {"id": f"P{each % 50}", "type": reference}} for each in range(number)
    }
    return {**SEED, "escalation_policies": policies, "services": services}


def test_a_thousand_services_are_all_there() -> None:
    with Running(Options(now=NOW, seed=many(1000))) as server, requests.Session() as session:
        session.headers["Authorization"] = "Token token=x"
        found = []
        for offset in range(0, 1000, 100):
            query = f"/services?limit=100&offset={offset}&include[]=integrations&include[]=teams"
            found += session.get(server.url + query, timeout=HANG_SECONDS).json()["services"]
        assert len({service["id"] for service in found}) == 1000
        assert len(session.get(server.url + "/__sandbox__/rings", timeout=HANG_SECONDS).json()) == 1000


def asked(app: PagerDuty, method: str, path: str, body: object = None) -> Any:
    """The answer of the app alone, without a server around it."""
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"authorization", b"Token token=x")],
        "state": {},
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"" if body is None else json.dumps(body).encode()}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 200
    return json.loads(sent[1]["body"])


def efforts(number: int) -> tuple[int, ...]:
    """How much work a page, a change and the rings are in an account with so many services."""
    app = PagerDuty(Options(now=NOW, seed=many(number)))
    page = "/services?limit=100&offset=0&include[]=integrations&include[]=teams"
    path = f"/services/{asked(app, 'GET', page)['services'][7]['id']}"
    body = {"service": {"description": "changed"}}
    things: list[tuple[Any, ...]] = [("GET", page), ("PUT", path, body), ("GET", "/__sandbox__/rings")]
    for thing in things:
        asked(app, *thing)
    found = tuple(calls(lambda thing=thing: asked(app, *thing)) for thing in things)  # type: ignore[misc]
    app.close()
    return found


def test_many_services_do_not_make_more_work_of_one() -> None:
    few, lots = efforts(250), efforts(1000)
    page, change, rings = (after / before for after, before in zip(lots, few, strict=True))
    assert page < 1.5  # each service is looked at, none is written out that is not on the page
    assert change < 1.1
    assert rings <= 4.1
