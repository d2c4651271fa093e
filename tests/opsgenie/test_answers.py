"""Error bodies in every shape that was ever seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.errors import AuthError, NotFound, ProviderError, RateLimited, Rejected, Unreachable
from oncall_sync_opsgenie.answers import Answer, code, failure, number, reasons

RECORDED = Path(__file__).parents[2] / "../shared/recorded/opsgenie/errors"
TOKEN = "1c3f5a7e-key"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("errors", "message", "code", "x")), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"message": "Escalation with [name] [x] already exists.", "took": 0.1}, None),
        (
            {
                "message": "Request body is not processable. Please check the errors.",
                "errors": {"recipients#type": "Invalid recipient type 'bb'", "name": ["too long", "taken"]},
                "took": 0.083,
                "requestId": "Id",
            },
            ("recipients#type: Invalid recipient type 'bb'", "name: too long", "name: taken"),
        ),
        ({"message": "taken", "errors": {}}, ("taken",)),
        ({"message": "taken", "errors": None}, ("taken",)),
        ({"errors": ["a", "", "b"]}, ("a", "b")),
        ({"errors": "just text"}, ("just text",)),
        ({"message": ""}, ()),
        ({"message": 3}, ()),
        ("text", ("text",)),
        ("", ()),
        ([1], ()),
        (None, ()),
    ],
)
def test_reasons_are_the_providers_own_words(body: Any, said: tuple[str, ...] | None) -> None:
    assert reasons(body) == ((body["message"],) if said is None else said)


@given(json_values, st.integers(100, 599), st.booleans())
def test_nothing_a_server_says_makes_it_fall(body: Any, status: int, is_json: bool) -> None:
    error = failure("og", "read users", Answer(status, body=body, is_json=is_json), "secret-token")
    assert "secret-token" not in str(error)
    assert error.status == status
    assert code(body) is None or isinstance(code(body), int)


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (400, {"message": "Could not parse JSON"}, Rejected, "could not x (400): Could not parse JSON"),
        (401, {"message": "Could not authenticate"}, AuthError, "token_env"),
        (402, {"message": "Buy more."}, Rejected, "plan does not include this (402): Buy more."),
        (404, {"message": "Team with id [x] does not exist."}, NotFound, "it is not there (404)"),
        (404, {"message": "No handler found"}, Rejected, "by its plan or its region (404)"),
        (
            404,
            {"message": "Could not find any handler that serves this resource."},
            Rejected,
            "does not offer this",
        ),
        (404, {"message": "Team [error handler] not found"}, NotFound, "it is not there"),
        (405, {"message": "x"}, Rejected, "could not x (405)"),
        (409, {"message": "Team with name [x] already exists."}, Rejected, "already exists"),
        (410, {}, Rejected, "could not x (410)"),
        (422, {"message": "Key format is not valid!"}, AuthError, "the key does not look like one (422)"),
        (422, {"message": "m", "errors": {"name": "Key format is too long"}}, Rejected, "name: Key format is too"),
        (428, {"message": "Team is used by [x]"}, Rejected, "could not x (428): Team is used"),
        (429, {"message": "You are making too many requests!"}, RateLimited, "rate limit is used up"),
        (408, None, Unreachable, "the service answered 408"),
        (500, None, Unreachable, "the service answered 500"),
        (503, {"message": "later"}, Unreachable, "the service answered 503: later"),
        (302, None, Unreachable, "app.opsgenie.com) is the web site"),
    ],
)
def test_each_status_has_its_meaning(status: int, body: Any, kind: type[ProviderError], said: str) -> None:
    error = failure("og", "x", Answer(status, body=body), TOKEN)
    assert type(error) is kind
    assert error.status == status
    assert said.replace(")", "") in str(error).replace(")", "")
    assert error.reasons == reasons(body)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, Unreachable),
        (302, Unreachable),
        (401, AuthError),
        (403, Unreachable),
        (404, Unreachable),
        (422, Unreachable),
        (429, RateLimited),
        (502, Unreachable),
    ],
)
def test_a_web_page_is_the_wrong_hosts(status: int, kind: type[ProviderError]) -> None:
    error = failure("og", "read teams", Answer(status, is_json=False), TOKEN)
    assert type(error) is kind
    hint = "https://api.opsgenie.com or https://api.eu.opsgenie.com"
    assert (hint in str(error)) == (kind is Unreachable and status < 500)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"message": "Api key is not authorized", "code": 40301}, "the key lacks a right (403)"),
        ({"message": "Unsupported", "code": 40302}, "cannot be done with a key of this kind (403)"),
        ({"message": "Team API Keys are not authorized to access this."}, "the key is one team's (403)"),
        ({}, "the key lacks a right (403)"),
    ],
)
def test_a_missing_right_is_named(body: Any, said: str) -> None:
    error = failure("og", "read the account", Answer(403, body=body), TOKEN)
    assert type(error) is AuthError
    assert said in str(error)
    assert "Configuration access and Read, and to make changes Create and Update and Delete" in str(error)


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not in this checkout")
def test_recorded_refusals() -> None:
    for path in sorted(RECORDED.glob("*_403_*.json")):
        recorded = json.loads(path.read_text())["response"]
        error = failure("og", "read schedule x", Answer(recorded["status"], body=recorded["body"]), TOKEN)
        assert type(error) is AuthError
        assert error.reasons == ("Api key is not authorized to access the schedule",)
        assert code(recorded["body"]) == 40301


def test_the_key_is_in_no_message() -> None:
    body = {"message": f"bad {TOKEN}", "errors": {f"at {TOKEN}": [TOKEN]}}
    for status in (400, 401, 403, 422, 429, 500):
        error = failure("og", "read teams", Answer(status, body=body), TOKEN)
        assert TOKEN not in str(error)
        assert TOKEN not in repr(error.reasons)
        assert "[token]" in str(error)


@pytest.mark.parametrize(
    ("period", "seconds"), [("12", 12.0), ("x", None), ("nan", None), ("inf", None), (None, None)]
)
def test_a_rate_limit_says_how_long(period: str | None, seconds: float | None) -> None:
    answer = Answer(429, {} if period is None else {"x-ratelimit-period-in-sec": period})
    error = failure("og", "read teams", answer, TOKEN)
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds
    assert number(answer, "x-ratelimit-period-in-sec") == seconds


def test_a_message_is_one_sentence_about_what_was_tried() -> None:
    answer = Answer(409, body={"message": "Team with name [Platform] already exists."})
    error = failure("acme", "create team Platform", answer, TOKEN)
    assert str(error) == "acme: could not create team Platform (409): Team with name [Platform] already exists."
