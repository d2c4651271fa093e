"""The transport: lists in pages, and the rate limits that it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from oncall_sync.errors import RateLimited, Unreachable
from oncall_sync_opsgenie.client import LIMITS_PATH, Client
from tests.opsgenie.loopback import TOKEN, Loopback, Reply, Seen
from tests.pagerduty.clock import Clock

Serve = Callable[..., tuple[Loopback, Client, Clock]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(*replies: Reply, **how: Any) -> tuple[Loopback, Client, Clock]:
            server, clock = stack.enter_context(Loopback(*replies, **how)), Clock()
            client = Client("og", TOKEN, server.url, sleep=clock.sleep, clock=clock)
            stack.callback(client.close)
            return server, client, clock

        yield start


def page(ids: Sequence[int], *, total: Any = None, following: Any = None) -> Reply:
    body: dict[str, Any] = {"data": [{"id": str(one)} for one in ids]}
    if total is not None:
        body["totalCount"] = total
    if following is not None:
        body["paging"] = {"first": "x", "next": following, "last": "x"}
    return Reply(body=body)


def ids(client: Client) -> list[str]:
    return [one["id"] for found in client.pages("/v1/services", "read services") for one in found]


def asked(server: Loopback) -> list[dict[str, str]]:
    return [dict(parse_qsl(urlsplit(target).query)) for target in server.targets]


@pytest.mark.parametrize("short", [100, 20])
def test_pages_until_the_total_is_reached(serve: Serve, short: int) -> None:
    everything = range(150)

    def choose(seen: Seen) -> Reply:
        offset = int(dict(parse_qsl(urlsplit(seen.target).query))["offset"])
        return page(everything[offset : offset + short], total=150)

    server, client, _ = serve(choose=choose)
    assert ids(client) == [str(one) for one in everything]
    assert {one["limit"] for one in asked(server)} == {"100"}
    assert len(server.seen) == -(-150 // short)


def test_pages_until_there_is_no_next(serve: Serve) -> None:
    with Loopback() as elsewhere:
        server, client, _ = serve(page([1], following=f"{elsewhere.url}/v1/services?offset=1"), page([2]))
        assert ids(client) == ["1", "2"]
    assert asked(server) == [{"limit": "100", "offset": "0"}, {"limit": "100", "offset": "1"}]
    assert elsewhere.seen == []


def test_a_next_after_the_total_is_looked_at(serve: Serve) -> None:
    server, client, _ = serve(page([1], total=1, following="x"), page([2], total=1))
    assert ids(client) == ["1", "2"]
    assert len(server.seen) == 2


@pytest.mark.parametrize("reply", [page([]), page([], following="x"), page([], total=0), page([], total="?")])
def test_an_empty_list_is_one_request(serve: Serve, reply: Reply) -> None:
    server, client, _ = serve(reply)
    assert ids(client) == []
    assert len(server.seen) == 1


def test_half_a_list_is_never_taken_for_the_whole(serve: Serve) -> None:
    _, client, _ = serve(page([1, 2], total=5), page([], total=5))
    with pytest.raises(Unreachable, match="read services: only 2 of 5 came"):
        ids(client)


def test_a_server_that_ignores_the_offset_is_not_asked_for_ever(serve: Serve) -> None:
    server, client, _ = serve(page([1], following="x"))
    with pytest.raises(Unreachable, match="the same page came twice"):
        ids(client)
    assert len(server.seen) == 2


@pytest.mark.parametrize("data", [None, {}, ["x"]])
def test_a_list_that_is_none_is_said_to_be_so(serve: Serve, data: Any) -> None:
    _, client, _ = serve(Reply(body={"data": data}))
    with pytest.raises(Unreachable, match="not the API's"):
        ids(client)


def limits(*found: tuple[str, int, int]) -> Reply:
    windows = [
        {"domain": domain, "limits": [{"limit": limit, "periodInSeconds": seconds}]}
        for domain, limit, seconds in found
    ]
    return Reply(body={"data": {"rateLimits": windows}, "took": 0.1})


def test_limits_are_asked_for_once_and_kept(serve: Serve) -> None:
    server, client, clock = serve(limits(("configuration", 100, 60), ("search", 2, 60)), Reply())
    assert server.seen == []  # not before somebody wants it
    client.discover_limits()
    client.discover_limits()
    assert server.targets == [LIMITS_PATH]
    for _ in range(20):
        client.get("/v2/teams", "read teams")
    assert clock.slept == []
    for _ in range(3):
        client.get("/v2/users", "read users")
    assert sum(clock.slept) == pytest.approx(60, abs=1)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(403, {"message": "Team API Keys are not authorized to do this", "code": 40301}),
        Reply(404, {"message": "No handler found"}),
        Reply(401, {}),
        Reply(500, b"<html>"),
        Reply(lost=True),
        Reply(body=b"<html>"),
        Reply(body={"data": {"rateLimits": [{"domain": "configuration", "limits": [{"limit": "many"}]}, 3]}}),
    ],
)
def test_without_limits_the_pace_adapts(serve: Serve, reply: Reply) -> None:
    server, client, clock = serve(reply, Reply())
    client.discover_limits()
    assert len(server.seen) == 1
    assert clock.slept == []
    for _ in range(20):
        client.get("/v2/teams", "read teams")
    assert 3 <= sum(clock.slept) <= 5  # five a second


def test_a_limited_question_holds_back_what_follows(serve: Serve) -> None:
    server, client, clock = serve(Reply(429, {}, {"X-RateLimit-Period-In-Sec": "3"}), Reply())
    client.discover_limits()
    assert (len(server.seen), clock.slept) == (1, [])
    client.get("/v2/teams", "read teams")
    assert sum(clock.slept) == 3


def test_one_domain_does_not_wait_for_another(serve: Serve) -> None:
    def choose(seen: Seen) -> Reply:
        return Reply(429, {}, {"X-RateLimit-Period-In-Sec": "60"}) if "on-calls" in seen.target else Reply()

    _, client, clock = serve(choose=choose)
    with pytest.raises(RateLimited):
        client.send("POST", "/v2/schedules/on-calls", "x", None)
    client.get("/v2/teams", "read teams")
    assert clock.slept == []
