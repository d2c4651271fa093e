"""Edits that are not made, and where the error points."""

from __future__ import annotations

import pytest

from oncall_sync.policy.editing import REMOVE, Change, Edit, EditError, Insert, edited


@pytest.mark.parametrize(
    ("text", "edits", "place", "words"),
    [
        ("a: &x [1]\nb: *x\n", [Edit(("a", 0), 2)], (1, 4), "alias"),
        ("a: &x [1]\nb: *x\n", [Edit(("a",), REMOVE)], (1, 4), "alias"),
        ("a: {k: &x 1}\nb: *x\n", [Edit(("a",), 1)], (1, 8), "alias"),
        ("a: &x [1]\nb: *x\n", [Edit(("b", 0), 2)], (2, 4), "this is an alias"),
        ("a: {b: 1}\nc:\n  <<: {x: 1}\n", [Edit(("a", "b"), 2)], (3, 3), "merge keys"),
        ("a: !!str 1\n", [Edit(("a",), 2)], (1, 4), "tags"),
        ("? a\n: 1\n", [Edit(("a",), 3)], (1, 3), "key: value"),
        ("x: [a: 1, b]\n", [Edit(("x", 0, "q"), 3)], (1, 5), "braces"),
        ("a: [x]\n", [Edit(("a",), REMOVE), Edit(("a", 0), 1)], (1, 5), "twice"),
        ("a: [x]\n", [Edit(("a", 0), 2), Edit(("a", 0), 1)], (1, 5), "twice"),
        ("a: [x]\n", [Edit(("a", 1), 2)], (1, 4), "not there"),
        ("a: [x]\n", [Insert(("a", 2), 2)], (1, 4), "no position"),
        ("a: x\n", [Edit(("a", "b"), 2)], (1, 4), "is text"),
        ("a: x\n", [Edit(("b",), REMOVE)], (1, 1), "not there"),
        ("a: x\n", [Edit(("a",), 10**20)], (1, 4), "short numbers"),
        ("a: x\n", [Edit(("a",), {1: 2})], (1, 4), "key has to be text"),
        ("~\n", [Edit(("a",), 2)], (1, 1), "by hand"),
    ],
)
def test_what_is_refused(text: str, edits: list[Change], place: tuple[int, int], words: str) -> None:
    with pytest.raises(EditError, match=words.replace("*", r"\*")) as caught:
        edited(text, edits)
    assert (caught.value.line, caught.value.column) == place
