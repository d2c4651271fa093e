"""Edits of YAML text: exactly what changes, in many layouts; tests/policy/test_editing_random.py does the rest."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest

from oncall_sync.policy.editing import REMOVE, Change, Edit, Insert, changes_between, edited
from oncall_sync.policy.reading import read

POLICIES = Path(__file__).parents[2] / "policies"
LONG = ["x" * 50, "y" * 50]
LINES = ("    - " + "x" * 50, "    - " + "y" * 50)


def edit(text: str, *edits: tuple[str, Any]) -> str:
    """Edit at dotted paths, numbers being positions."""
    return edited(text, [Edit(path(dotted), value) for dotted, value in edits])


def insert(text: str, *inserts: tuple[str, Any]) -> str:
    return edited(text, [Insert(path(dotted), value) for dotted, value in inserts])


def path(dotted: str) -> tuple[str | int, ...]:
    return tuple(int(part) if part.isdigit() else part for part in dotted.split("/"))


def policy(name: str) -> str:
    return (POLICIES / f"{name}.yaml").read_bytes().decode()


def diff(old: str, new: str) -> list[str]:
    """Return the lines that go and come."""
    lines = unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:3] not in ("---", "+++") and line[:2] != "@@"]


def data(text: str) -> dict[str, Any]:
    document, problems = read(text.encode(), "a.yaml")
    assert problems == []
    assert document is not None
    return document.data


POLICY_CASES: list[tuple[str, list[Change], list[str]]] = [
    (
        "mobile-engage",
        [
            Edit(("schedules", "daily-duty", "rotations", 0, "members"), ["anna", "david", "carla"]),
            Edit(("escalation_policies", "mobile-engage", "repeat"), 3),
        ],
        [
            "-      - members: [anna, ben, carla, david]",
            "+      - members: [anna, david, carla]",
            "-    repeat: 2 # two more passes",
            "+    repeat: 3 # two more passes",
        ],
    ),
    (
        "mobile-engage",
        [Insert(("escalation_policies", "mobile-engage", "levels", 0), {"notify": {"user": "anna"}})],
        ["+      - {notify: {user: anna}}"],
    ),
    (
        "mobile-engage",
        [Edit(("schedules", "on-call-duty", "rotations", 0, "hours"), "Mon-Fri 18:00-09:00")],
        ["-        hours: {outside: office}", "+        hours: Mon-Fri 18:00-09:00"],
    ),
    (
        "mobile-engage",
        [Edit(("schedules", "daily-duty", "rotations", 0, "members"), REMOVE)],
        [
            "-      - members: [anna, ben, carla, david]",
            "-        start: Mon 2026-01-05 09:00",
            "+      - start: Mon 2026-01-05 09:00",
        ],
    ),
    (
        "mobile-engage",
        [Edit(("services", "platform-alerts", "integrations"), {})],
        [
            "-    integrations:",
            "-      monitoring: {name: Monitoring, events: api}",
            "+    integrations: {}",
        ],
    ),
    (
        "eshopbox",
        [
            Edit(("escalation_policies", "eshopbox", "levels", 3), REMOVE),
            Edit(("escalation_policies", "eshopbox", "levels", 4, "escalate_after"), "20m"),
        ],
        [
            "-      - {notify: {user: head-1}, escalate_after: 15m} # support level 2",
            "-      - {notify: {user: cto}} # support level 3",
            "+      - {notify: {user: cto}, escalate_after: 20m} # support level 3",
        ],
    ),
    (
        "eshopbox",
        [Edit(("schedules", "new"), {"follows": "eshopbox-primary", "offset": 2})],
        ["+  new: {follows: eshopbox-primary, offset: 2}", "+"],  # with an empty line, as its neighbours
    ),
    (
        "liefery-backend",
        [
            Edit(("schedules", "backend-support", "assignments", 1, "fallback"), REMOVE),
            Edit(("schedules", "backend-support", "assignments", 1, "until"), "Wed 2026-12-16 09:00"),
            Edit(("users", "dora", "away", 0, "since"), "2026-12-23"),
        ],
        [
            "-    away: [{since: 2026-12-24, until: 2027-01-02}]",
            "+    away: [{since: 2026-12-23, until: 2027-01-02}]",
            "-        until: Wed 2026-12-09 09:00",
            "+        until: Wed 2026-12-16 09:00",
            "-        fallback: cy # when one of the two is away or does not work that day",
        ],
    ),
    (
        "pupper",
        [
            Edit(("users", "mia"), REMOVE),
            Edit(("users", "zed"), {"name": "Zed: Z", "email": "zed@example.com"}),
            Edit(("teams", "pupper", "members"), ["noa", "oz", "pat", "zed"]),
        ],
        [
            "-  mia: {name: Mia Moss, email: mia@example.com, has: [vpn, github-pupper]}",
            '+  zed: {name: "Zed: Z", email: zed@example.com}',
            "-    members: [mia, noa, oz, pat]",
            "+    members: [noa, oz, pat, zed]",
        ],
    ),
    (
        "delivery",
        [Edit(("schedules", "delivery-eoc", "rotations", "start"), "Tue 2026-01-06 10:00")],
        [
            "-    rotations: {members: [finn, gwen, hugo, ivy], start: Mon 2026-01-05 10:00, every: 1 week}",
            "+    rotations: {members: [finn, gwen, hugo, ivy], start: Tue 2026-01-06 10:00, every: 1 week}",
        ],
    ),
]


@pytest.mark.parametrize(("name", "edits", "lines"), POLICY_CASES)
def test_a_policy_changes_in_these_lines_only(name: str, edits: list[Change], lines: list[str]) -> None:
    text = policy(name)
    assert diff(text, edited(text, edits)) == lines
    # With other line ends, a byte order mark, and no line end at the end, the same happens.
    other = "\ufeff" + text.rstrip("\n").replace("\n", "\r\n")
    result = edited(other, edits)
    assert result == "\ufeff" + edited(text, edits).rstrip("\n").replace("\n", "\r\n")


@pytest.mark.parametrize("name", ["delivery", "eshopbox", "liefery-backend", "mobile-engage", "pupper"])
def test_nothing_to_change_changes_nothing(name: str) -> None:
    text = policy(name)
    assert edited(text, []) == text
    assert edited(text, [Edit((), data(text))]) == text
    assert edited(text, [Edit((key,), value) for key, value in data(text).items()]) == text


@pytest.mark.parametrize(
    ("text", "value", "result"),
    [
        ("a: x # c\n", "09:00", "a: 09:00 # c\n"),
        ("a: x\n", "1 week", "a: 1 week\n"),
        ("a: x\n", "Mon 2026-01-05 09:00", "a: Mon 2026-01-05 09:00\n"),
        ("a: x\n", "on", "a: on\n"),
        ("a: x\n", "true", 'a: "true"\n'),
        ("a: x\n", "7", 'a: "7"\n'),
        ("a: x\n", "1e5", 'a: "1e5"\n'),
        ("a: x\n", "", 'a: ""\n'),
        ("a: x\n", "a: b", 'a: "a: b"\n'),
        ("a: x\n", "a #b", 'a: "a #b"\n'),
        ("a: x\n", "a, b", 'a: "a, b"\n'),  # plain would do here, but not in brackets
        ("a: x\n", " a", 'a: " a"\n'),
        ("a: x\n", "\u202eab\t\x07\\", 'a: "\\u202Eab\\t\\x07\\\\"\n'),
        ("a: x\nb: 'q'\n", "it's: 1", "a: 'it''s: 1'\nb: 'q'\n"),
        ("a: 'x'\n", "anna", "a: 'anna'\n"),
        ('a: "x"\n', 3, "a: 3\n"),
        ("a: 1\n", "1", 'a: "1"\n'),
        ("a: 1\n", True, "a: true\n"),
        ("a: 1\n", 1.0, "a: 1.0\n"),
        ("a: 1\n", None, "a: null\n"),
        ("a: 1\n", 2.5, "a: 2.5\n"),
        ("a:\n", "x", "a: x\n"),
        ("a: \n", "x", "a: x\n"),
        ("a:  # c\n", "x", "a: x # c\n"),
        ("a:\n  x # c\n", "y", "a:\n  y # c\n"),
        ("a: one\n  two\n\n  three # c\nb: 1\n", "x", "a: x # c\nb: 1\n"),
        ('a: "one\n  two" # c\n', "x", 'a: "x" # c\n'),
        ("a: | # c\n  x\n  y\n\nb: 1\n", "z\n", "a: | # c\n  z\n\nb: 1\n"),
        ("a: >-\n  x\n  y\n# end\n", "one two", "a: >-\n  one two\n# end\n"),
        ("a: |+\n  x\n\n\nb: 1\n", 5, "a: 5\nb: 1\n"),
        ("a: |2\n   x\n", "k\nl\n\n", "a: |+\n  k\n  l\n\n"),
        ("a: x # c\n", "k\nl", "a: |- # c\n  k\n  l\n"),
        ("a: x\n    # deeper\nb: 1\n", "k\nl\n", 'a: "k\\nl\\n"\n    # deeper\nb: 1\n'),
        ("a: x # c\n", ["b", {"c": 1}], "a: [b, {c: 1}] # c\n"),
        ("a: x # c\n", {"k": LONG}, "\n".join(["a: # c", "  k:", *LINES, ""])),
        ("a:\n", {"k": LONG}, "\n".join(["a:", "  k:", *LINES, ""])),
        ("a:\n  k: # c\n    - v # d\nb: 1\n", "x", "a: x\nb: 1\n"),
        ("a: # c\n  # d\n  - v # e\nb: 1\n", "x", "a: x # c\n  # d\nb: 1\n"),
        ("a:\n  k: v\n", {"l": "w"}, "a:\n  l: w\n"),
        ("a:\n  - k: v # c\n", [{"k": "w"}], "a:\n  - k: w # c\n"),
        ("a: &unused x\n", "y", "a: y\n"),
        ("b: &b x\na: *b # c\n", "y", "b: &b x\na: y # c\n"),
    ],
)
def test_a_value_is_replaced(text: str, value: Any, result: str) -> None:
    assert edit(text, ("a", value)) == result


@pytest.mark.parametrize(
    ("text", "value", "result"),
    [
        ("[anna, ben, carla]", ["anna", "david", "carla"], "[anna, david, carla]"),
        ("[anna, ben, carla]", ["ben", "carla", "anna"], "[ben, carla, anna]"),
        ("[ anna, ben ]", ["ben"], "[ ben ]"),
        ("[ anna, ben ]", ["carla", "anna", "ben"], "[ carla, anna, ben ]"),
        ("[anna,ben]", ["anna", "ben", "carla"], "[anna,ben,carla]"),
        ("[anna, ben,]", ["anna"], "[anna,]"),
        ("['anna', 'ben']", ["anna", "david", "ben"], "['anna', 'david', 'ben']"),
        ("[anna , 'ben' ] # c", ["anna", "ben", "x"], "[anna , 'ben', x ] # c"),
        ("[anna]", [], "[]"),
        ("[ ]", ["anna"], "[anna]"),
        ("[anna, {user: ben, role: x}]", ["anna", {"user": "ben"}], "[anna, {user: ben}]"),
        ("[\n  a, # 1\n  b, # 2\n  c # 3\n ] # 4", ["a", "c"], "[\n  a, # 1\n  c # 3\n ] # 4"),
        ("[\n  a, # 1\n  # on b\n  b # 2\n ]", ["a"], "[\n  a # 1\n  # on b\n ]"),
        ("[\n  a, # 1\n  b # 2\n ]", ["a", "b", "c"], "[\n  a, # 1\n  b, # 2\n  c\n ]"),
        ("[\n  # on a\n  a,\n  b\n ]", ["c", "a", "b"], "[\n  c,\n  # on a\n  a,\n  b\n ]"),
        ("[\n  a, b,\n  c, d\n ]", ["b", "c", "x", "d"], "[\n  b,\n  c, x, d\n ]"),
        ("[a, # 1\n  b]", ["a"], "[a # 1\n]"),
        ("[a, # 1\n  b]", ["a", {"x": 1}, 2], "[a, # 1\n  {x: 1}, 2]"),
        ("[a: 1, b]", [{"a": 2}, "b"], "[a: 2, b]"),
    ],
)
def test_a_list_in_brackets_keeps_what_stays(text: str, value: list[Any], result: str) -> None:
    assert edit(f"k: {text}\nz: 1\n", ("k", value)) == f"k: {result}\nz: 1\n"


@pytest.mark.parametrize(
    ("text", "value", "result"),
    [
        ("  - a # 1\n  - b # 2\n\n  # on c\n  - c\n", ["a", "c"], "  - a # 1\n\n  # on c\n  - c\n"),
        ("  - a # 1\n\n  # on c\n  - c\n", ["a", "b", "c"], "  - a # 1\n\n  - b\n\n  # on c\n  - c\n"),
        ("  # on a\n  - a\n", ["x", "a", "y"], "  - x\n  # on a\n  - a\n  - y\n"),
        ("- a\n- b # 2\n", ["a", "x"], "- a\n- x # 2\n"),
        ("  - a\n  -\n", ["a", 1], "  - a\n  - 1\n"),
        ("  - 'a'\n  - 'b'\n", ["c", "a", "b"], "  - 'c'\n  - 'a'\n  - 'b'\n"),
        ("  - - a\n    - b\n", [["b"]], "  - - b\n"),
        ("  - - a\n    - b\n", [["x", "a", "b"]], "  - - x\n    - a\n    - b\n"),
        ("  - k: 1 # 1\n    # on l\n    l: 2\n", [{"l": 2}], "  - # on l\n    l: 2\n"),
        (
            "  - name: a\n    v: 1\n  - name: b # b\n    v: 2\n",
            [{"name": "b", "v": 3}],
            "  - name: b # b\n    v: 3\n",
        ),
        ("  - a\n\n  - b\n", ["a", "b", "c"], "  - a\n\n  - b\n\n  - c\n"),
        ("- a\n", ["a", [LONG[0], LONG[1]]], f"- a\n- - {LONG[0]}\n  - {LONG[1]}\n"),
        ("  - a # 1\n", [], ""),
    ],
)
def test_a_block_list_keeps_what_stays(text: str, value: list[Any], result: str) -> None:
    head = "k:\n" if value else "k: []\n"
    assert edit(f"k:\n{text}z: 1\n", ("k", value)) == f"{head}{result}z: 1\n"


def test_the_fewest_edits() -> None:
    old = {"l": [{"name": "a", "v": 1}, {"name": "b", "v": 2}, "x"], "k": 1}
    new = {"l": [{"name": "b", "v": 3}, "x", "y"], "m": True}
    assert changes_between(old, new) == [
        Edit(("l", 0), REMOVE),
        Edit(("l", 1, "v"), 3),
        Insert(("l", 3), "y"),
        Edit(("k",), REMOVE),
        Edit(("m",), True),
    ]
    assert changes_between({"a": 1}, {"a": True}) == [Edit(("a",), True)]
    assert changes_between({"a": {"x": 1}}, {"a": {"y": 1}}) == [Edit(("a",), {"y": 1})]


def test_keys_come_and_go() -> None:
    assert edit("x: {a, b: , c: 1}\n", ("x/a", 3), ("x/b", 4)) == "x: {a: 3, b: 4, c: 1}\n"
    assert edit("x: {a: 1, b: 2} # c\n", ("x/a", REMOVE), ("x/d", [])) == "x: {b: 2, d: []} # c\n"
    assert edit("a: 1\nb: 2", ("b", REMOVE)) == "a: 1"
    assert edit("a: 1\nb: 2", ("c", 3)) == "a: 1\nb: 2\nc: 3"
    assert edit("# only\n", ("a", {"b": 1})) == "# only\na: {b: 1}\n"
    assert insert("a: []\n", ("a/0", 1), ("a/0", 2)) == "a: [1, 2]\n"
