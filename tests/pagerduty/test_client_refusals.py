"""The transport: answers that are refusals, lists, and answers that are not the API's."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import responses

from oncall_sync.errors import AuthError, NotFound, ProviderError, Rejected, Unreachable
from oncall_sync_pagerduty.client import Client
from tests.pagerduty.world import HOST, TOKEN

PAGE = "<!DOCTYPE html><html><title>not here</title></html>"


def _asked(call: responses.Call) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(str(call.request.url)).query))


def get(client: Client) -> dict[str, Any]:
    return client.get("/users", "read users")


@pytest.mark.parametrize("body", [PAGE, '["a"]', "3", '{"users": [[[['])
def test_an_answer_that_is_not_the_apis_is_said_to_be_so(
    client: Client, wire: responses.RequestsMock, body: str
) -> None:
    wire.get(f"{HOST}/users", body=body, status=200)
    with pytest.raises(Unreachable, match=r"the answer \(200\) is not the API's"):
        get(client)


def test_a_malformed_key_gets_a_web_page(client: Client, wire: responses.RequestsMock) -> None:
    wire.get(f"{HOST}/users", body=PAGE, status=404, content_type="text/html; charset=UTF-8")
    with pytest.raises(Unreachable, match="check the address, and that the token is whole"):
        get(client)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"", AuthError),
        (401, PAGE.encode(), AuthError),
        (403, b'{"error": {"message": "Access Denied", "code": 2010}}', AuthError),
        (403, b'{"error": {"message": "Missing Account Ability", "code": 2014}}', Rejected),
        (402, b'{"error": {"message": "Account does not have the abilities", "code": 2012}}', Rejected),
        (404, b'{"error": {"message": "Not Found", "code": 2100}}', NotFound),
        (400, b'{"error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["a", "b"]}}', Rejected),
    ],
)
def test_each_refusal_has_its_error(
    client: Client, wire: responses.RequestsMock, status: int, body: bytes, kind: type[ProviderError]
) -> None:
    wire.get(f"{HOST}/users", body=body, status=status)
    with pytest.raises(kind) as caught:
        get(client)
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert len(wire.calls) == 1


def test_the_token_is_in_no_message(client: Client, wire: responses.RequestsMock) -> None:
    wire.get(f"{HOST}/users", json={"error": {"message": f"bad token {TOKEN}"}}, status=400)
    with pytest.raises(Rejected) as caught:
        get(client)
    assert TOKEN not in str(caught.value)
    assert TOKEN not in repr(caught.value.reasons)
    assert "[token]" in str(caught.value)


@pytest.mark.parametrize("token", [None, "", "with space", "line\nbreak", "schlüssel"])
def test_a_token_that_cannot_be_one_is_refused_before_anything_is_sent(token: str | None) -> None:
    with pytest.raises(AuthError) as caught:
        Client("pd", token, HOST)
    assert not token or token not in str(caught.value)


def test_pages_until_there_is_no_more(client: Client, wire: responses.RequestsMock) -> None:
    wire.get(f"{HOST}/users", json={"users": [{"id": "1"}], "more": True})
    wire.get(f"{HOST}/users", json={"users": [{"id": "2"}], "more": False})
    assert [one["id"] for page in client.pages("/users", "users") for one in page] == ["1", "2"]
    assert [_asked(call) for call in wire.calls] == [
        {"limit": "100", "offset": "0"},
        {"limit": "100", "offset": "100"},
    ]


def test_more_than_can_be_listed_is_never_cut_in_silence(client: Client, wire: responses.RequestsMock) -> None:
    wire.get(f"{HOST}/users", json={"users": [], "more": True})
    with pytest.raises(ProviderError, match="more than 10000 users"):
        list(client.pages("/users", "users"))
    assert len(wire.calls) == 100


def test_cursors_are_followed_until_they_stand_still(client: Client, wire: responses.RequestsMock) -> None:
    for after in ("a", "b", "b"):
        wire.get(f"{HOST}/x", json={"alert_grouping_settings": [{"id": after}], "after": after})
    pages = list(client.cursor_pages("/x", "alert_grouping_settings"))
    assert len(pages) == 3
    assert _asked(wire.calls[2])["after"] == "b"


@pytest.mark.parametrize("users", [None, {}, ["x"]])
def test_a_list_that_is_none_is_said_to_be_so(client: Client, wire: responses.RequestsMock, users: Any) -> None:
    wire.get(f"{HOST}/users", json={"users": users})
    with pytest.raises(Unreachable, match="not the API's"):
        list(client.pages("/users", "users"))
