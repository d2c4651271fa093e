"""The transport: what opsgenie_sdk does on its own account, and that none of it gets through."""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import opsgenie_sdk
import pytest
from urllib3.exceptions import ProxyError

from oncall_sync.errors import AuthError, NotFound, ProviderError, Rejected, Unreachable
from oncall_sync_opsgenie import client as transport
from oncall_sync_opsgenie.client import Client
from oncall_sync_opsgenie.tap import SentTwice, Tap, no_answer, untouched
from tests.opsgenie.loopback import TOKEN, Loopback, Reply, Seen
from tests.waits import HANG_SECONDS

Connect = Callable[..., Client]
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    for name in (*PROXIES, *map(str.upper, PROXIES)):
        monkeypatch.delenv(name, raising=False)
    with ExitStack() as stack:

        def start(url: str, token: str = TOKEN) -> Client:
            client = Client("og", token, url, sleep=lambda seconds: None)
            stack.callback(client.close)
            return client

        yield start


def send(client: Client) -> Any:
    return client.send("POST", "/v2/teams", "create team x", {"name": "x"})


def test_d1_two_accounts_keep_their_own_keys(connect: Connect) -> None:
    with Loopback() as first, Loopback() as second:
        one, two = connect(first.url, "key-one"), connect(second.url, "key-two")
        foreign = opsgenie_sdk.Configuration()
        foreign.api_key["Authorization"] = "key-three"
        foreign.api_key_prefix["Authorization"] = "Basic"
        try:
            for client in (one, two, connect(first.url, "key-one")):
                send(client)
        finally:
            foreign.api_key.clear()
            foreign.api_key_prefix["Authorization"] = "GenieKey"
    assert [seen.headers["authorization"] for seen in first.seen] == ["GenieKey key-one"] * 2
    assert [seen.headers["authorization"] for seen in second.seen] == ["GenieKey key-two"]


def test_d1_no_other_account_gets_ours(connect: Connect) -> None:
    connect("http://127.0.0.1:9")
    assert opsgenie_sdk.Configuration().api_key == {}


def test_d2_loggers_and_the_debug_level_stay_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    loggers = [logging.getLogger(name) for name in ("opsgenie_sdk", "urllib3")]
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    for logger in loggers:
        monkeypatch.setattr(logger, "level", logging.ERROR)
    with contextlib.suppress(KeyError), untouched():
        opsgenie_sdk.Configuration().debug = False
        assert http.client.HTTPConnection.debuglevel == 0
        raise KeyError
    assert http.client.HTTPConnection.debuglevel == 1
    assert [logger.level for logger in loggers] == [logging.ERROR, logging.ERROR]


def test_d2_a_program_that_starts_with_us_is_left_alone() -> None:
    program = (
        "import http.client, logging\n"
        "logging.getLogger('urllib3').setLevel(5)\n"
        "http.client.HTTPConnection.debuglevel = 1\n"
        "from oncall_sync_opsgenie.client import Client\n"
        "import sys; assert 'opsgenie_sdk' not in sys.modules\n"
        "Client('og', 'key', 'https://api.opsgenie.com').close()\n"
        "assert 'opsgenie_sdk' in sys.modules\n"
        "assert logging.getLogger('urllib3').level == 5\n"
        "assert logging.getLogger('opsgenie_sdk').level == 0\n"
        "assert http.client.HTTPConnection.debuglevel == 1\n"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_what_is_logged_holds_no_body_and_no_key(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    with Loopback(Reply(body={"data": {"apiKey": "secret-of-an-integration"}})) as server:
        caplog.set_level(logging.DEBUG)
        connect(server.url).get("/v2/integrations/1", "read integration x")
    assert "secret-of-an-integration" not in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_d3_the_sdk_repeats_nothing_and_no_error_of_its_own_comes_out(connect: Connect, status: int) -> None:
    with Loopback(Reply(status, {"message": "no"}), Reply()) as server:
        with pytest.raises(ProviderError) as caught:
            send(connect(server.url))
        assert len(server.seen) == 1
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None  # what the SDK raises holds the key among its headers


def test_d3_a_request_cannot_be_sent_twice() -> None:
    class Pool:
        sent = 0

        def request(self, method: str, url: str, **how: Any) -> Any:
            self.sent += 1
            assert how["retries"] is False
            assert how["redirect"] is False

    pool = Pool()
    tap = Tap(pool)
    with pytest.raises(SentTwice):
        tap.request("POST", "http://x/")
    tap.open()
    tap.request("POST", "http://x/")
    with pytest.raises(SentTwice):
        tap.request("POST", "http://x/")
    assert pool.sent == 1


@pytest.mark.parametrize(
    ("reply", "body", "is_json"),
    [
        (Reply(204), None, True),
        (Reply(200, b""), None, True),
        (Reply(200, b" \n"), None, True),
        (Reply(202, b"accepted"), None, False),
        (Reply(200, b"\xff\xfe\xff"), None, False),
        (Reply(200, [1, 2]), [1, 2], True),
        (Reply(200, b'"text"'), "text", True),
        (Reply(201, {"data": {"id": "1"}}), {"data": {"id": "1"}}, True),
    ],
)
def test_d4_a_success_is_one_whatever_its_body(connect: Connect, reply: Reply, body: Any, is_json: bool) -> None:
    with Loopback(reply) as server:
        answer = send(connect(server.url))
    assert (answer.status, answer.body, answer.is_json) == (reply.status, body, is_json)


def test_d5_nothing_is_added_to_a_body(connect: Connect) -> None:
    with Loopback(Reply(body={"data": []}), Reply(body={"data": [], "url": "the API's own"})) as server:
        client = connect(server.url)
        assert client.get("/v2/teams", "read teams") == {"data": []}
        assert client.get("/v2/teams", "read teams") == {"data": [], "url": "the API's own"}


def test_d5_nor_to_an_error(connect: Connect) -> None:
    with Loopback(Reply(409, {"message": "taken", "errors": {}})) as server, pytest.raises(Rejected) as caught:
        send(connect(server.url))
    assert caught.value.reasons == ("taken",)
    assert server.url not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, AuthError), (403, AuthError), (404, NotFound), (405, Rejected), (409, Rejected), (422, Rejected)],
)
@pytest.mark.parametrize("body", [b"", b"{}"])
def test_d6_only_the_status_counts(connect: Connect, status: int, kind: type[ProviderError], body: bytes) -> None:
    with Loopback(Reply(status, body)) as server, pytest.raises(kind) as caught:
        send(connect(server.url))
    assert type(caught.value) is kind
    assert caught.value.status == status


def test_d6_every_request_has_a_timeout(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(transport.CONNECT_SECONDS, int)
    assert isinstance(transport.ANSWER_SECONDS, int)
    monkeypatch.setattr(transport, "ANSWER_SECONDS", 1)
    arrived, given_up = threading.Event(), threading.Event()

    def silent() -> None:
        arrived.set()
        given_up.wait(HANG_SECONDS)  # and then there is an answer, which nobody should wait for

    with Loopback(Reply(first=silent)) as server:
        with pytest.raises(Unreachable, match="could not create team x: no answer from http://127"):
            send(connect(server.url))
        assert arrived.wait(HANG_SECONDS)
        given_up.set()
        assert len(server.seen) == 1


def test_a_fault_of_ours_is_not_taken_for_the_networks(connect: Connect) -> None:
    with Loopback() as server:
        with pytest.raises((AttributeError, TypeError)):
            connect(server.url).send("POST", "/v2/teams", "x", {"members": object.__subclasses__})
        assert server.seen == []


def test_threads_get_their_own_answers(connect: Connect) -> None:
    def echo(seen: Seen) -> Reply:
        status = int(seen.target.rpartition("=")[2])
        return Reply(status, {"target": seen.target})

    def ask(client: Client, n: int) -> bool:
        target = f"/v2/x{n}?status={200 if n % 2 else 404}"
        try:
            return bool(client.get(target, f"read {n}") == {"target": target} and n % 2)
        except NotFound as error:
            return not n % 2 and str(error).startswith(f"og: could not read {n}:")

    with Loopback(choose=echo) as server:
        client = Client("og", TOKEN, server.url, sleep=lambda _: None, clock=_leaps())
        with ThreadPoolExecutor(transport.WORKERS) as pool:
            assert all(pool.map(lambda n: ask(client, n), range(200)))
        client.close()
    assert len({*server.targets}) == len(server.seen) == 200


def _leaps() -> Callable[[], float]:
    times = iter(range(0, 10**9, 10))
    return lambda: float(next(times))


def test_a_proxy_of_the_environment_is_used(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(Reply(body={"data": {"id": "1"}})) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("http://", "http://anna:p%40ss@"))
        assert send(connect("http://opsgenie.invalid")).body == {"data": {"id": "1"}}
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with Loopback() as server:
            send(connect(server.url))
            assert server.targets == ["/v2/teams"]
    assert proxy.targets == ["http://opsgenie.invalid/v2/teams"]
    assert proxy.seen[0].headers["proxy-authorization"] == f"Basic {b64encode(b'anna:p@ss').decode()}"


def test_a_proxy_needs_no_scheme_but_has_to_speak_http(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback() as proxy:
        monkeypatch.setenv("all_proxy", proxy.url.removeprefix("http://"))
        send(connect("http://opsgenie.invalid"))
    assert len(proxy.seen) == 1
    monkeypatch.setenv("http_proxy", "socks5://anna:secret@127.0.0.1:1")
    with pytest.raises(Unreachable, match="the proxy that the environment names") as caught:
        connect("http://opsgenie.invalid")
    assert "secret" not in str(caught.value)


def test_a_proxy_that_is_down_is_named_as_the_cause(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback() as gone:
        pass
    monkeypatch.setenv("https_proxy", gone.url)
    with pytest.raises(Unreachable, match="the proxy that the environment names gave no way"):
        send(connect("https://opsgenie.invalid"))
    assert "proxy" in no_answer(ProxyError("x", OSError()), "https://x")


def test_a_connection_that_is_not_safe_is_named_as_the_cause(connect: Connect) -> None:
    told = r"no trusted connection to https://127.*REQUESTS_CA_BUNDLE"
    with Loopback() as server, pytest.raises(Unreachable, match=told):
        send(connect(server.url.replace("http://", "https://")))
    assert server.seen == []


def test_certificates_of_the_environment_are_trusted(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "not there"))
    assert transport.ca_bundle() is None
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(json.dumps("no certificate"))
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert transport.ca_bundle() == str(bundle)
    client = connect("https://127.0.0.1:9")
    with pytest.raises(Unreachable, match="could not create team x"):
        send(client)
