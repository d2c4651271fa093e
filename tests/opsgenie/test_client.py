"""The transport: what is repeated, what is not, how long it waits, and what it says when it gives up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest

from oncall_sync.errors import AuthError, NotFound, ProviderError, RateLimited, Rejected, Unreachable
from oncall_sync_opsgenie import client as transport
from oncall_sync_opsgenie.client import Client
from tests.opsgenie.loopback import TOKEN, Loopback, Reply
from tests.pagerduty.clock import Clock

LIMITED = {"message": "You are making too many requests! To avoid errors, we recommend you limit requests."}
WEB_PAGE = b"<!DOCTYPE html><html><title>Opsgenie</title></html>"
OK = Reply(body={"data": []})


class World:
    """A server, a clock and a client of both."""

    def __init__(self, stack: ExitStack) -> None:
        self.clock = Clock()
        self.stack = stack

    def serve(self, *replies: Reply, **how: Any) -> Loopback:
        server = self.stack.enter_context(Loopback(*replies, **how))
        self.client = self.to(server.url)
        return server

    def to(self, url: str) -> Client:
        client = Client("og", TOKEN, url, sleep=self.clock.sleep, clock=self.clock)
        self.stack.callback(client.close)
        return client


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as stack:
        yield World(stack)


def get(client: Client) -> dict[str, Any]:
    return client.get("/v2/teams", "read teams")


def test_one_attempt_when_it_works(world: World) -> None:
    server = world.serve(OK)
    assert get(world.client) == {"data": []}
    assert world.clock.slept == []
    headers = server.seen[0].headers
    assert headers["authorization"] == f"GenieKey {TOKEN}"
    assert headers["accept"] == "application/json"


@pytest.mark.parametrize(
    "target",
    [
        "/v2/schedules/First%20line%2FNight?identifierType=name&ownedBy=a+b",
        "/v2/teams/{id}",
        "/v2/request-limits/",
        "/v2/users/anna@example.com",
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_path_arrives_as_it_was_written(world: World, method: str, target: str) -> None:
    server = world.serve(OK)
    if method == "GET":
        world.client.get(target, "read it")
    else:
        world.client.send(method, target, "delete it", None)
    assert server.targets == [target.replace("{", "%7B").replace("}", "%7D")]


def test_parameters_join_a_query_that_is_there(world: World) -> None:
    server = world.serve(OK)
    world.client.get("/v2/x?a=b", "read x", {"q": "a b/ü", "flat": True})
    assert server.targets == ["/v2/x?a=b&q=a%20b%2F%C3%BC&flat=true"]


def test_a_path_cannot_name_another_host(world: World) -> None:
    world.serve(OK)
    with pytest.raises(ValueError, match="host"):
        world.client.send("POST", ".example.com/v2/teams", "create team x", {})


@pytest.mark.parametrize("body", [{"name": "x", "members": None}, {}, None])
def test_a_body_is_sent_as_json(world: World, body: dict[str, Any] | None) -> None:
    server = world.serve(Reply(201, {"result": "Created", "data": {"id": "1"}}))
    assert world.client.send("POST", "/v2/teams", "create team x", body).body["data"] == {"id": "1"}
    assert (json.loads(server.seen[0].body) if server.seen[0].body else None) == body


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_reads_are_repeated(world: World, status: int) -> None:
    server = world.serve(Reply(status, WEB_PAGE), Reply(lost=True), OK)
    assert get(world.client) == {"data": []}
    assert world.clock.slept == [0.5, 1.0]
    assert len(server.seen) == 3


def test_5xx_to_the_end_is_unreachable(world: World) -> None:
    server = world.serve(Reply(500, {"message": "Internal"}))
    with pytest.raises(Unreachable, match="could not read teams: the service answered 500: Internal") as caught:
        get(world.client)
    assert caught.value.status == 500
    assert len(server.seen) == transport.MOST_FAILURES
    assert sum(world.clock.slept) < 10


def test_a_host_that_never_answers_is_given_up(world: World) -> None:
    def hang() -> None:
        world.clock.now += transport.CONNECT_SECONDS + transport.ANSWER_SECONDS

    server = world.serve(Reply(lost=True, first=hang))
    began = world.clock.now
    world.client.discover_limits()  # the first request of a read counts, too
    with pytest.raises(Unreachable, match=r"no answer from http://127\.0\.0\.1"):
        get(world.client)
    assert world.clock.now - began < 60
    asked = len(server.seen)
    with pytest.raises(Unreachable):
        get(world.client)
    assert len(server.seen) == asked
    world.clock.now += 10
    with pytest.raises(Unreachable):
        get(world.client)
    assert len(server.seen) > asked


def test_a_dead_host_is_given_up(world: World, nobody_there: str, connections: list[Any]) -> None:
    with pytest.raises(Unreachable):
        get(world.to(nobody_there))
    port = urlsplit(nobody_there).port
    assert connections == [("127.0.0.1", port)] * transport.MOST_FAILURES  # the SDK repeats nothing beside us
    assert world.clock.slept == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("reply", [Reply(lost=True), *(Reply(status, {}) for status in (408, 429, 500, 503))])
def test_a_write_is_sent_once(world: World, method: str, reply: Reply) -> None:
    server = world.serve(reply, OK)
    with pytest.raises(ProviderError, match="could not create team x") as caught:
        world.client.send(method, "/v2/teams", "create team x", {"name": "x"})
    assert type(caught.value) is (RateLimited if reply.status == 429 else Unreachable)
    assert len(server.seen) == 1
    assert world.clock.slept == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_does_not_take_the_key_elsewhere(world: World, status: int) -> None:
    with Loopback() as elsewhere:
        for where in (f"{elsewhere.url}/v2/teams", "/v2/other"):
            server = world.serve(Reply(status, b"", {"Location": where}))
            with pytest.raises(Unreachable, match=rf"\({status}\) is not the API's"):
                get(world.client)
            with pytest.raises(Unreachable, match=str(status)):
                world.client.send("POST", "/v2/teams", "create team x", {})
            assert server.targets == ["/v2/teams", "/v2/teams"]
    assert elsewhere.seen == []


def test_429_waits_as_long_as_it_is_told(world: World) -> None:
    told: list[float] = []
    world.serve(Reply(429, LIMITED, {"X-RateLimit-Period-In-Sec": "60"}), OK)
    world.client.pace.on_wait = told.append
    assert get(world.client) == {"data": []}
    assert sum(world.clock.slept) == 60.0
    assert told == [60.0]


def test_429_without_a_period_waits_longer_each_time(world: World) -> None:
    world.serve(*[Reply(429, WEB_PAGE)] * 4, OK)
    get(world.client)
    assert sum(world.clock.slept) == 1 + 2 + 4 + 8


def test_429_for_ever_ends_with_the_budget(world: World) -> None:
    world.serve(Reply(429, LIMITED, {"X-RateLimit-Period-In-Sec": "60"}))
    with pytest.raises(RateLimited, match="after 180 s of waiting"):
        get(world.client)
    assert sum(world.clock.slept) == pytest.approx(180)


def test_a_limited_write_says_how_long_and_holds_back_the_next(world: World) -> None:
    server = world.serve(Reply(429, LIMITED, {"X-RateLimit-Period-In-Sec": "12"}), OK)
    with pytest.raises(RateLimited) as caught:
        world.client.send("POST", "/v2/teams", "create team x", {})
    assert caught.value.retry_after == 12.0
    assert world.clock.slept == []
    world.client.send("POST", "/v2/teams", "create team x", {})
    assert sum(world.clock.slept) == 12.0
    assert len(server.seen) == 2


@pytest.mark.parametrize("body", [WEB_PAGE, b'["a"]', b"3", b"null", b"", b'{"data": [[[['])
def test_a_read_needs_an_object(world: World, body: bytes) -> None:
    world.serve(Reply(200, body))
    with pytest.raises(Unreachable, match=r"the answer \(200\) is not the API's.*app\.opsgenie\.com"):
        get(world.client)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"", AuthError),
        (401, WEB_PAGE, AuthError),
        (402, {"message": "Your plan does not allow this."}, Rejected),
        (403, {"message": "Api key is not authorized", "code": 40301}, AuthError),
        (404, {"message": "Team with id [x] does not exist."}, NotFound),
        (404, WEB_PAGE, Unreachable),
        (405, {"message": "Method not allowed"}, Rejected),
        (422, {"message": "Key format is not valid!"}, AuthError),
        (428, {"message": "used"}, Rejected),
    ],
)
def test_each_refusal_has_its_error(world: World, status: int, body: Any, kind: type[ProviderError]) -> None:
    server = world.serve(Reply(status, body))
    with pytest.raises(kind) as caught:
        get(world.client)
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert len(server.seen) == 1


@pytest.mark.parametrize("token", [None, "", "with space", "line\nbreak", "schlüssel"])
def test_a_token_that_cannot_be_one_is_refused_before_anything_is_sent(token: str | None) -> None:
    with pytest.raises(AuthError) as caught:
        Client("og", token, "https://api.opsgenie.com")
    assert not token or token not in str(caught.value)


def test_an_address_without_a_scheme_is_refused_before_the_key_goes_out_in_clear() -> None:
    with pytest.raises(Unreachable, match="https://"):
        Client("og", TOKEN, "api.opsgenie.com")
