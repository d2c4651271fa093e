"""Error bodies in every shape that was ever seen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync_pagerduty.answers import Answer, code, failure, reasons

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("error", "errors", "message", "code", "x")), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {"error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["taken", "too long"]}},
            ("taken", "too long"),
        ),
        (
            {"error": {"message": "Escalation Policy has already been taken", "errors": None}},
            ("Escalation Policy has already been taken",),
        ),
        ({"error": {"message": "Not Found", "code": 2100}}, ("Not Found",)),
        (
            {"error": {"message": "Invalid Schedule", "code": 3001, "errors": {"foo": ["bar", "baz"]}}},
            ("foo: bar", "foo: baz"),
        ),
        ({"error": "Invalid label"}, ("Invalid label",)),
        ({"error": {"errors": "just text"}}, ("just text",)),
        ({"error": {"errors": [], "conflicts": [{"id": "P0"}]}}, ()),
        ({"errors": ["bare"]}, ("bare",)),
        ({"message": "bare"}, ("bare",)),
        ("text", ("text",)),
        ([1], ()),
        (None, ()),
    ],
)
def test_reasons_are_the_providers_own_words(body: Any, said: tuple[str, ...]) -> None:
    assert reasons(body) == said


@given(json_values, st.integers(200, 599))
def test_nothing_a_server_says_makes_it_fall(body: Any, status: int) -> None:
    error = failure("pd", "read users", Answer(status, body=body), "secret-token")
    assert "secret-token" not in str(error)
    assert error.status == status
    assert code(body) is None or isinstance(code(body), int)


def test_a_message_is_one_sentence_about_what_was_tried() -> None:
    answer = Answer(
        400, body={"error": {"message": "Invalid Input Provided", "errors": ["Name has already been taken"]}}
    )
    error = failure("acme", "create service platform-alerts", answer, "t")
    assert str(error) == "acme: could not create service platform-alerts (400): Name has already been taken"
