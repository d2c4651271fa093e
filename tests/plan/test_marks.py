"""Marks survive whatever descriptions hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.model import Ref
from oncall_sync.plan.marks import Mark, join, other_tool, room_for_text, split

REF = Ref("schedule", "daily-duty")
MARK = Mark("acme", REF, "0123abcd")


def test_the_wording_is_the_contract() -> None:
    assert str(MARK) == "Managed by oncall-sync: acme/schedule.daily-duty #v1:0123abcd"


def test_a_mark_stands_behind_the_text() -> None:
    assert join("Who answers mails.", MARK, 1024) == f"Who answers mails.\n\n{MARK}"
    assert join("", MARK, 1024) == str(MARK)


@given(st.text(max_size=400), st.sampled_from(["daily-duty", "a.b", "über uns", "x #v1:y"]))
def test_split_undoes_join(text: str, key: str) -> None:
    mark = Mark("acme", Ref("service", key), "89abcdef")
    own, _ = split(text)
    assert split(join(own, mark, 2000)) == (own.rstrip(), mark)


@given(st.text(max_size=3000), st.integers(120, 1024))
def test_a_vendor_limit_cuts_the_text_and_never_the_mark(text: str, limit: int) -> None:
    joined = join(text, MARK, limit)
    assert len(joined) <= limit
    assert joined.endswith(str(MARK))
    room = room_for_text(REF, "acme", limit)
    if len(text.rstrip()) <= room:
        assert joined.startswith(text.rstrip())


@pytest.mark.parametrize(
    "description",
    [
        None,
        "",
        "Managed by oncall-sync",
        f"{MARK} and more behind it",
        "Managed by oncall-sync: acme/planet.mars #v1:0123abcd",
        "Managed by oncall-sync: acme/schedule.x #v1:xyz",
        "Managed by oncall-sync: acme/schedule.x",
    ],
)
def test_what_only_looks_like_a_mark_is_text(description: str | None) -> None:
    text, mark = split(description)
    assert mark is None
    assert text == (description or "")


def test_a_vendor_may_trim_or_pad() -> None:
    assert split(f"  Text \r\n\r\n {MARK} \n") == ("  Text", MARK)


def test_the_last_mark_counts() -> None:
    other = Mark("evil", Ref("schedule", "other"), "ffffffff")
    assert split(join(str(other), MARK, 1024)) == (str(other), MARK)


def test_an_unknown_version_is_still_a_mark() -> None:
    _, mark = split("Managed by oncall-sync: acme/team.a #v9:0123456789abcdef")
    assert mark == Mark("acme", Ref("team", "a"), "0123456789abcdef", "v9")


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("Managed by Terraform", "Terraform"),
        ("x\nmanaged by pulumi.", "pulumi"),
        ("Managed by oncall-sync: a/team.b #v1:01234567", None),
        ("unmanaged", None),
    ],
)
def test_other_tools_are_noticed(text: str, tool: str | None) -> None:
    assert other_tool(text) == tool
