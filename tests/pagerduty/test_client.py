"""The transport: what is repeated, what is not, how long it waits, and what it says when it gives up."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import responses

from oncall_sync.errors import RateLimited, Unreachable
from oncall_sync_pagerduty import client as transport
from oncall_sync_pagerduty.client import Client
from tests.pagerduty.clock import Clock
from tests.pagerduty.world import HOST, TOKEN

LIMITED = {"error": {"message": "Rate Limit Exceeded", "code": 2020}}


def get(client: Client) -> dict[str, Any]:
    return client.get("/users", "read users")


def test_one_attempt_when_it_works(client: Client, wire: responses.RequestsMock, clock: Clock) -> None:
    wire.get(f"{HOST}/users", json={"users": []})
    assert get(client) == {"users": []}
    assert clock.slept == []
    headers = wire.calls[0].request.headers
    assert headers["Authorization"] == f"Token token={TOKEN}"
    assert headers["Accept"] == "application/vnd.pagerduty+json;version=2"


def test_a_netrc_never_replaces_the_token(
    client: Client, wire: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.pagerduty.com login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    wire.get(f"{HOST}/users", json={"users": []})
    get(client)
    assert wire.calls[0].request.headers["Authorization"] == f"Token token={TOKEN}"


def test_429_waits_as_long_as_the_header_says(client: Client, wire: responses.RequestsMock, clock: Clock) -> None:
    told: list[float] = []
    client.pace.on_wait = told.append
    wire.get(f"{HOST}/users", json=LIMITED, status=429, headers={"ratelimit-reset": "7"})
    wire.get(f"{HOST}/users", json={"users": []})
    assert get(client) == {"users": []}
    assert sum(clock.slept) == 7.0
    assert told == [7.0]


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"error": null}'])
def test_429_without_headers_waits_5_seconds(
    client: Client, wire: responses.RequestsMock, clock: Clock, body: bytes
) -> None:
    wire.get(f"{HOST}/users", body=body, status=429)
    wire.get(f"{HOST}/users", json={"users": []})
    get(client)
    assert sum(clock.slept) == 5.0


@pytest.mark.parametrize("reset", ["nan", "inf", "-3", "soon"])
def test_429_with_odd_headers_waits_5_seconds(
    client: Client, wire: responses.RequestsMock, clock: Clock, reset: str
) -> None:
    wire.get(f"{HOST}/users", json=LIMITED, status=429, headers={"ratelimit-reset": reset})
    wire.get(f"{HOST}/users", json={"users": []})
    get(client)
    assert sum(clock.slept) == 5.0


@pytest.mark.parametrize("reset", ["60", "86400"])
def test_429_for_ever_ends_with_the_budget(
    client: Client, wire: responses.RequestsMock, clock: Clock, reset: str
) -> None:
    wire.get(f"{HOST}/users", json=LIMITED, status=429, headers={"ratelimit-reset": reset})
    with pytest.raises(RateLimited, match="after 180 s of waiting"):
        get(client)
    assert sum(clock.slept) == 180.0


def test_little_left_slows_down(client: Client, wire: responses.RequestsMock, clock: Clock) -> None:
    headers = {"ratelimit-limit": "960", "ratelimit-remaining": "4", "ratelimit-reset": "20"}
    wire.get(f"{HOST}/users", json={"users": []}, headers=headers)
    get(client)
    get(client)
    assert clock.slept == [4.0]


@pytest.mark.parametrize(
    "headers", [{}, {"ratelimit-remaining": "500", "ratelimit-reset": "9"}, {"ratelimit-remaining": "x"}]
)
def test_enough_left_does_not(
    client: Client, wire: responses.RequestsMock, clock: Clock, headers: dict[str, str]
) -> None:
    wire.get(f"{HOST}/users", json={"users": []}, headers=headers)
    get(client)
    get(client)
    assert clock.slept == []


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_reads_are_repeated(client: Client, wire: responses.RequestsMock, clock: Clock, status: int) -> None:
    wire.get(f"{HOST}/users", body="<html>oops", status=status)
    wire.get(f"{HOST}/users", body=requests.ConnectionError("reset"))
    wire.get(f"{HOST}/users", json={"users": []})
    assert get(client) == {"users": []}
    assert clock.slept == [0.5, 1.0]


def test_5xx_to_the_end_is_unreachable(client: Client, wire: responses.RequestsMock, clock: Clock) -> None:
    wire.get(f"{HOST}/users", json={"error": {"message": "Internal"}}, status=500)
    with pytest.raises(Unreachable, match="could not read users: the service answered 500: Internal") as caught:
        get(client)
    assert caught.value.status == 500
    assert len(wire.calls) == transport.MOST_FAILURES
    assert sum(clock.slept) < 10


def test_a_host_that_never_answers_is_given_up(client: Client, wire: responses.RequestsMock, clock: Clock) -> None:
    def hang(request: Any) -> Any:
        clock.now += transport.ANSWER_SECONDS
        raise requests.ReadTimeout

    began = clock.now
    wire.add_callback(responses.GET, f"{HOST}/users", callback=hang)
    with pytest.raises(Unreachable, match="no answer from https://api"):
        get(client)
    assert clock.now - began < 60
    asked = len(wire.calls)
    with pytest.raises(Unreachable):
        get(client)
    assert len(wire.calls) == asked
    clock.now += 10
    with pytest.raises(Unreachable):
        get(client)
    assert len(wire.calls) > asked


def test_a_dead_host_is_given_up(clock: Clock, nobody_there: str, connections: list[Any]) -> None:
    client = Client("pd", TOKEN, nobody_there, sleep=clock.sleep, clock=clock)
    with pytest.raises(Unreachable):
        get(client)
    port = urlsplit(nobody_there).port
    assert connections == [("127.0.0.1", port)] * transport.MOST_FAILURES  # nobody repeats it beside us
    assert clock.slept == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("answer", [requests.ConnectionError("lost"), 500, 503, 408])
def test_a_write_is_sent_once(
    client: Client, wire: responses.RequestsMock, clock: Clock, method: str, answer: Any
) -> None:
    how = {"status": answer} if isinstance(answer, int) else {"body": answer}
    wire.add(method, f"{HOST}/services", **how)
    with pytest.raises(Unreachable, match="could not create service x"):
        client.send(method, "/services", "create service x", {"service": {}})
    assert len(wire.calls) == 1
    assert clock.slept == []


def test_a_post_whose_answer_is_lost_is_not_sent_again() -> None:
    with _server(lambda connection: connection.close()) as (url, seen):
        client = Client("pd", TOKEN, url)
        with pytest.raises(Unreachable):
            client.send("POST", "/services", "create service x", {"service": {"name": "x"}})
        client.close()
    assert len(seen) == 1


def test_a_redirect_is_not_followed(client: Client, wire: responses.RequestsMock) -> None:
    wire.post(f"{HOST}/services", status=302, headers={"Location": "https://example.com/"})
    with pytest.raises(Unreachable, match="302"):
        client.send("POST", "/services", "create service x", {})


def test_a_limited_write_says_how_long(client: Client, wire: responses.RequestsMock, clock: Clock) -> None:
    wire.post(f"{HOST}/teams", json=LIMITED, status=429, headers={"ratelimit-reset": "12"})
    with pytest.raises(RateLimited) as caught:
        client.send("POST", "/teams", "create team x", {})
    assert caught.value.retry_after == 12.0
    assert clock.slept == []


class _server:  # noqa: N801 - reads as a function
    """A server that does one thing with each connection, and remembers what it was sent."""

    def __init__(self, act: Callable[[socket.socket], None]) -> None:
        self._act = act
        self._seen: list[bytes] = []

    def __enter__(self) -> tuple[str, list[bytes]]:
        self._socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}", self._seen

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._seen.append(connection.recv(65_536))
            self._act(connection)


def test_json_says_what_was_sent(client: Client, wire: responses.RequestsMock) -> None:
    wire.put(f"{HOST}/teams/PT/users/PU", status=204)
    assert client.send("PUT", "/teams/PT/users/PU", "x", {"role": "manager"}).status == 204
    assert json.loads(wire.calls[0].request.body or b"") == {"role": "manager"}
