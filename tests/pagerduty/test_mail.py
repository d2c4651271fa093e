"""Senders and filters of mail, as expressions and back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.model import ABSENT, AcceptFrom
from oncall_sync_pagerduty.mail import as_held, filters_body, filters_from, regex, sender_of

plain = st.from_regex(r"[a-z0-9+_.-]{1,8}", fullmatch=True)
domains = st.builds(lambda a, b: f"{a}.{b}", plain, plain)
senders = st.one_of(
    domains.map(lambda text: AcceptFrom("domain", text)),
    st.builds(lambda a, b: AcceptFrom("address", f"{a}@{b}"), plain, domains),
    st.text(min_size=1, max_size=12).map(lambda text: AcceptFrom("regex", text)),
    st.sampled_from((r"@x\.com$", r"^a@x\.com$", "@$", "^$", r"@a@b$", r"^a\.b$", "@.*$")).map(
        lambda text: AcceptFrom("regex", text)
    ),
)
conditions = st.none() | st.fixed_dictionaries({"match": plain}) | st.fixed_dictionaries({"no_match": plain})


@given(senders)
def test_a_sender_comes_back_as_what_it_accepts(sender: AcceptFrom) -> None:
    found = sender_of(regex(sender))
    assert regex(found) == regex(sender)
    assert sender_of(regex(found)) == found
    if sender.form != "regex":
        assert found == sender


@given(st.lists(senders, max_size=4), conditions, conditions)
def test_filters_come_back(accept: list[AcceptFrom], subject: Any, body: Any) -> None:
    block = {key: one for key, one in (("subject", subject), ("body", body)) if one}
    assert filters_from(filters_body(accept, block)) == (as_held(accept), block)


@pytest.mark.parametrize(
    ("sender", "accepted", "refused"),
    [
        (AcceptFrom("domain", "x.example.com"), "a@x.example.com", "a@x.example.com.evil.org"),
        (AcceptFrom("domain", "x.example.com"), "b@x.example.com", "a@xxexample.com"),
        (AcceptFrom("address", "a.b+c@x.com"), "a.b+c@x.com", "aab+c@x.com"),
    ],
)
def test_what_an_expression_accepts(sender: AcceptFrom, accepted: str, refused: str) -> None:
    assert re.search(regex(sender), accepted)
    assert not re.search(regex(sender), refused)


def test_no_filters_let_everything_in() -> None:
    assert filters_body((), {}) == {"email_filter_mode": "all-email"}
    assert filters_from({"email_filter_mode": None, "email_filters": []}) == ((), {})
    left_over = {
        "email_filter_mode": "all-email",
        "email_filters": [{"from_email_mode": "match", "from_email_regex": "x"}],
    }
    assert filters_from(left_over) == ((), {})


def test_a_scalar_in_a_block_is_a_match() -> None:
    (found,) = filters_body((), {"subject": "down"})["email_filters"]
    assert (found["subject_mode"], found["subject_regex"], found["from_email_mode"]) == ("match", "down", "always")


MATCH = {"from_email_mode": "match", "from_email_regex": "x"}


@pytest.mark.parametrize(
    ("mode", "filters"),
    [
        ("and-rules-email", [MATCH, {**MATCH, "from_email_regex": "y"}]),
        ("or-rules-email", [MATCH, {"subject_mode": "match", "subject_regex": "y"}]),
        ("or-rules-email", [{"from_email_mode": "no-match", "from_email_regex": "x"}]),
        ("or-rules-email", [{**MATCH, "body_mode": "match", "body_regex": "a"}, MATCH]),
    ],
)
def test_filters_without_words_here_are_custom(mode: str, filters: list[dict[str, str]]) -> None:
    assert filters_from({"email_filter_mode": mode, "email_filters": filters}) == (ABSENT, {"filters": "custom"})


def test_one_filter_is_one_filter_in_either_mode() -> None:
    found = {"email_filter_mode": "and-rules-email", "email_filters": [MATCH]}
    assert filters_from(found) == ((AcceptFrom("regex", "x"),), {})
