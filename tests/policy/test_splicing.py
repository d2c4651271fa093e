"""Other data at a place of a text: what moves, what becomes a list, where new keys stand."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.policy.editing import EditError
from oncall_sync.policy.reading import read
from oncall_sync.policy.splicing import spliced

CASES: dict[str, tuple[str, tuple[str | int, ...], Any, str]] = {
    "an item moves with its comments": (
        "a:\n  # first\n  - x: 1 # one\n    y: 2\n\n  # second\n  - z # two\n  - w\n",
        ("a",),
        ["z", {"x": 1, "y": 2}, "w"],
        "a:\n  # second\n  - z # two\n\n  # first\n  - x: 1 # one\n    y: 2\n  - w\n",
    ),
    "one moves, one goes, one comes": (
        "a:\n  - x # 1\n  - y # 2\n  - z # 3\n",
        ("a",),
        ["z", "x", "new"],
        "a:\n  - z # 3\n  - x # 1\n  - new\n",
    ),
    "in brackets": ("a: [x, 'y', z] # all\n", ("a",), ["z", "x", "y"], "a: [z, x, 'y'] # all\n"),
    "one mapping in lines becomes a list": (
        "r:\n  members: [a, b] # two\n  # when\n  start: x\n\nb: 1\n",
        ("r",),
        [{"members": ["a", "b"], "start": "x"}, {"members": ["c"]}],
        "r:\n  - members: [a, b] # two\n    # when\n    start: x\n  - {members: [c]}\n\nb: 1\n",
    ),
    "one mapping in braces becomes a list": (
        "r: {members: [a, 'b'], start: x} # mine\n",
        ("r",),
        [{"members": ["a", "b"], "start": "x"}, {"members": ["c"]}],
        "r: [{members: [a, 'b'], start: x}, {members: [c]}] # mine\n",
    ),
    "a key in front of others": (
        "s:\n  k:\n    # why\n    rotations: {a: 1}\n",
        ("s", "k"),
        {"name": "K", "rotations": {"a": 1}},
        "s:\n  k:\n    name: K\n    # why\n    rotations: {a: 1}\n",
    ),
    "a key in front, in braces": (
        "s: {follows: x, offset: 1}\n",
        ("s",),
        {"name": "K: x", "follows": "x", "offset": 1},
        's: {name: "K: x", follows: x, offset: 1}\n',
    ),
    "a key in front, behind a dash": (
        "s:\n  - members: [a]\n    start: x\n",
        ("s", 0),
        {"name": "K", "members": ["a"], "start": "x"},
        "s:\n  - name: K\n    members: [a]\n    start: x\n",
    ),
    "a key in between": (
        "s:\n  name: K # k\n  rotations: 1\n",
        ("s",),
        {"name": "K", "time_zone": "UTC", "rotations": 1},
        "s:\n  name: K # k\n  time_zone: UTC\n  rotations: 1\n",
    ),
    "deep inside a list": (
        "s:\n  - a: [x, y]\n    b: 1\n  - c: 2\n",
        ("s",),
        [{"a": ["x", "z"], "b": 1}, {"d": 3, "c": 2}],
        "s:\n  - a: [x, z]\n    b: 1\n  - d: 3\n    c: 2\n",
    ),
    "what is not there yet": ("a: 1\n", ("b",), {"c": 2}, "a: 1\nb: {c: 2}\n"),
    "the very same": ("a:   [x,y]   # z", ("a",), ["x", "y"], "a:   [x,y]   # z"),
    "windows, and no line end": (
        "a:\r\n  - x # 1\r\n  - y # 2\r\nb: {c: 1}",
        ("a",),
        ["y", "x"],
        "a:\r\n  - y # 2\r\n  - x # 1\r\nb: {c: 1}",
    ),
    "a byte order mark": ("\ufeffs: {b: 1}\n", ("s",), {"name": "n", "b": 1}, "\ufeffs: {name: n, b: 1}\n"),
}


@pytest.mark.parametrize("case", CASES)
def test_spliced(case: str) -> None:
    text, path, value, expected = CASES[case]
    assert spliced(text, path, value) == expected


def test_the_last_line_without_an_end_stays_the_last() -> None:
    text = "a:\n  - x # 1\n  - y # 2"
    assert read(spliced(text, ("a",), ["y", "x"]).encode(), "")[0].data == {"a": ["y", "x"]}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("a: &x [p, q]\nb: *x\n", ("a",), ["q", "p"]),
        ("a: &x [p, q]\nb: *x\n", ("b",), ["q", "p"]),
        ("a: &x {c: 1}\nb: *x\n", ("a",), {"name": "n", "c": 1}),
        ("a: {b: &x {c: 1}, d: *x}\n", ("a", "b"), [{"c": 1}, {"e": 2}]),
        ("a: [1\n", ("a",), [2]),
    ],
)
def test_what_is_written_for_several_places_is_refused(text: str, path: Any, value: Any) -> None:
    with pytest.raises(EditError) as error:
        spliced(text, path, value)
    assert error.value.line >= 1


names = st.sampled_from(["alpha", "be ta", "g: h", "#x", "none", "'q'", "日本", "2026-01-01", "true"])
scalars = names | st.integers(0, 99) | st.booleans()
items = st.lists(scalars | st.dictionaries(st.sampled_from("pqr"), scalars, min_size=1, max_size=3), max_size=5)


def _quoted(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_quoted(one)}" for key, one in value.items()) + "}"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value).lower()


@settings(max_examples=70, deadline=None)
@given(items, items, st.sampled_from(["\n", "\r\n"]), st.randoms(use_true_random=False))
def test_every_other_line_is_identical(old: list[Any], new: list[Any], end: str, random: Any) -> None:
    """A list in lines, each with comments of its own, becomes another one, made of some of its items."""
    wanted = [*random.sample(old, random.randint(0, len(old))), *new]
    random.shuffle(wanted)
    lines = ["# top", "before: {x: 1} # keep", "things:"] if old else ["# top", "before: 1", "things: [] # empty"]
    for number, item in enumerate(old):
        lines += [f"  # above {number}", f"  -   {_quoted(item)}   # behind {number}"]
    lines += ["", "after: [1,  2] # keep", "# end"]
    text = end.join(lines) + end
    result = spliced(text, ("things",), deepcopy(wanted))
    document, problems = read(result.encode(), "")
    assert not problems
    assert document is not None
    assert document.data["things"] == wanted
    outside = [line for line in text.split(end) if not line.startswith(("  ", "things"))]
    assert [line for line in result.split(end) if not line.startswith((" ", "things"))] == outside
    assert ("\r\n" in result) == (end == "\r\n")
    assert result.count("\r\n") in (0, result.count("\n"))


@settings(max_examples=35, deadline=None)
@given(st.permutations(range(5)), st.booleans())
def test_who_only_moves_keeps_every_comment(order: list[int], blank: bool) -> None:
    block = {number: [f"  # about {number}", f"  - name{number}: x   # of {number}"] for number in range(5)}
    gap = [""] if blank else []
    text = "\n".join(["things:", *(line for number in range(5) for line in [*block[number], *gap]), "z: 1", ""])
    wanted = [{f"name{number}": "x"} for number in order]
    result = spliced(text, ("things",), wanted)
    lines = ["things:", *(line for number in order for line in [*block[number], *gap]), "z: 1", ""]
    assert result == "\n".join(lines)
