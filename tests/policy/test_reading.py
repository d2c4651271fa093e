from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.errors import Problem
from oncall_sync.model import Source
from oncall_sync.policy.decoding import MAX_BYTES
from oncall_sync.policy.reading import Document, read
from oncall_sync.policy.wording import did_you_mean, escaped, kind_of, shown
from oncall_sync.policy.yaml_tokens import MAX_PROBLEMS


def good(text: str | bytes) -> Document:
    document, problems = read(text.encode() if isinstance(text, str) else text, "a.yaml")
    assert problems == []
    assert document is not None
    return document


def bad(text: str | bytes) -> list[Problem]:
    _, problems = read(text.encode() if isinstance(text, str) else text, "a.yaml")
    assert problems
    assert all(str(problem).isprintable() for problem in problems)
    return problems


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("null", None),
        ("~", None),
        ("", None),
        ("none", "none"),
        ("12", 12),
        ("-3", -3),
        ("+3", 3),
        ("007", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1_000", "1_000"),
        ("09:00", "09:00"),
        ("18:00", "18:00"),
        ("1:30:00", "1:30:00"),
        ("2026-11-25", "2026-11-25"),
        ("2026-11-25 09:00", "2026-11-25 09:00"),
        ("-x", "-x"),
        (".", "."),
        ("'12'", "12"),
        ('"true"', "true"),
        ('"\\e[31m"', "\x1b[31m"),
        ("|-\n  x\n  y", "x\ny"),
    ],
)
def test_scalars_of_yaml_1_2(text: str, value: Any) -> None:
    found = good(f"a: {text}\n").data["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "~", "\ufeff", "{}"])
def test_an_empty_file_is_an_empty_mapping(text: str) -> None:
    document = good(text)
    assert document.data == {}
    assert document.where(("users", "anna")).file == "a.yaml"


def test_every_value_and_key_knows_its_place() -> None:
    document = good("\ufeffusers:\r\n  anna: {email: a@b.cc, has: [x, \u00fcber, y]}\n\nempty:\nlist:\n- - b\n")
    assert document.data == {
        "users": {"anna": {"email": "a@b.cc", "has": ["x", "\u00fcber", "y"]}},
        "empty": None,
        "list": [["b"]],
    }
    assert document.marks["users", "anna", "has", 2] == Source("a.yaml", 2, 40)
    assert document.key_marks["users", "anna", "has"] == Source("a.yaml", 2, 25)
    assert document.marks["list", 0, 0] == Source("a.yaml", 6, 5)
    assert document.where(("users", "anna", "nothing", 3)) == Source("a.yaml", 2, 9)
    assert document.where_key(("users", "anna", "has", 1)) == Source("a.yaml", 2, 34)
    assert document.where_key(("users",)) == Source("a.yaml", 1, 1)
    assert set(document.key_marks) == {path for path in document.marks if path and isinstance(path[-1], str)}
    assert len(document.marks) == 12
    assert "marks" not in repr(document)


def test_keys_that_only_look_like_numbers_are_text() -> None:
    assert good("09:00: a\n-x: b\n'1': c\n2026-01-05: d\non: e\n").data == {
        "09:00": "a",
        "-x": "b",
        "1": "c",
        "2026-01-05": "d",
        "on": "e",
    }


def test_aliases_are_copies_with_the_places_of_what_they_stand_for() -> None:
    document = good("a: &x {b: [1, 2]}\nc: *x\nd: &s text\ne: [*s]\n")
    assert document.data == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": "text", "e": ["text"]}
    assert document.data["a"] is not document.data["c"]
    assert document.marks["c",] == Source("a.yaml", 2, 4)
    assert document.marks["c", "b", 1] == Source("a.yaml", 1, 15)


def test_an_anchor_may_be_given_again() -> None:
    assert good("a: &x 1\nb: *x\nc: &x 2\nd: *x\n").data == {"a": 1, "b": 1, "c": 2, "d": 2}


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' stands twice, in line 1 and in line 3"),
        ("a: 1\n'a': 3\n", 2, 1, "line 1 and in line 2"),
        ("a: !!str 1\n", 1, 4, "('!!str')"),
        ("a: !!python/object/apply:os.system ['id']\n", 1, 4, "tags are not read"),
        ("a: !foo\n", 1, 4, "tags are not read ('!foo')"),
        ("a: ! x\n", 1, 4, "tags are not read"),
        ("a: &x [*x]\n", 1, 8, "contains it"),
        ("a: *all\n", 1, 4, "'*all' is an alias for nothing: put the text in quotes"),
        ("a: &x 1\n*x : 2\n", 2, 1, "an alias cannot be a key"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", 3, 3, "merge keys"),
        ("1: a\n", 1, 1, "as '1'"),
        ("true: a\n", 1, 1, "true or false"),
        ("~: a\n", 1, 1, "null"),
        ("? \n: b\n", 1, 2, "this one is empty"),
        ("a: {[b]: c}\n", 1, 5, "a key cannot be a list"),
        ("? {b: c}\n", 1, 3, "a key cannot be a mapping"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document"),
        ("%YAML 1.1\n---\na: 1\n", 1, 1, "directives"),
        ("%TAG ! x\n---\na: 1\n", 1, 1, "directives"),
        ("%FOO\n---\n", 1, 5, "directive"),
        ("- a\n", 1, 1, "the file holds a list: write keys"),
        ("hello\n", 1, 1, "the file holds text"),
        ("12\n", 1, 1, "the file holds a number"),
        ("a: .inf\n", 1, 4, "not a number to work with"),
        ("a: -.NAN\nb: .nan\n", 2, 4, "not a number to work with"),
        ("a: 1e999\n", 1, 4, "not a number to work with"),
        ("a: 1234567890123456789\n", 1, 4, "too long a number"),
        ("a: 0x1234567890123456789\n", 1, 4, "too long a number"),
        ("a:\n\tb: 1\n", 2, 1, "a tab"),
        ("a:\n  b: 1\n \tc: 1\n", 3, 2, "a tab"),
        ("\t\n", 1, 1, "a tab"),
        ("a: @x\n", 1, 4, "@ cannot begin a value: put the text in quotes"),
        ("a: `x\n", 1, 4, "backtick"),
        ("a: %x\n", 1, 4, "% cannot begin a value"),
        ("a: b: c\n", 1, 5, "put text with a colon in quotes"),
        ("a: ? b\n", 1, 4, "? cannot begin"),
        ("a: - b\n", 1, 4, "a list cannot begin here"),
        ("a: 1\nb\n", 3, 1, "a key without a colon"),
        ("a: 1\n- b\n", 2, 1, "does not fit what is above"),
        ("a:\n- b\nc\n- d\n", 4, 1, "(it belongs to what begins in line 3)"),
        ("a: [1,\n 2\n", 1, 4, "this list is not closed"),
        ("a: [1}\n", 1, 6, "this list is not closed"),
        ("a: {b: 1\n", 1, 4, "this mapping is not closed"),
        ("a: [,]\n", 1, 5, "a value is missing"),
        ("a: 'x\n", 1, 4, "never closed"),
        ("a: 'x\n---\n", 1, 4, "never closed"),
        ('a: "\\q"\n', 1, 5, "no such escape"),
        ('a: "\\xzz"\n', 1, 7, "breaks off"),
        ('a: "\\ud800"\n', 1, 7, "a character that there is not"),
        ("a: *\n", 1, 5, "& and * begin anchors"),
        ("a: !x! y\n", 1, 7, "! is a tag"),
        ("a: !h!y z\n", 1, 4, "! is a tag"),
        ("a: |0\n x\n", 1, 5, "leave the number out"),
        ("a: | x\n", 1, 6, "put the text on the next line"),
        ("  a: 1\nb: 2\n", 2, 1, "goes on after its end"),
        ("%YAML 3.0\n---\na: 1\n", 1, 1, "not YAML"),
        ("a: 1 # \0\n", 1, 8, "NUL"),
        ("a: \x1b[31m\n", 1, 4, "control character (U+001B)"),
        ("a: 1\rb: 2\n", 1, 5, "line break"),
        ("a: 1\n# x\u2028b: 2\n", 2, 4, "line break"),
        ("a: x\u0085y\n", 1, 5, "line break"),
        ("a: x\u202ey\n", 1, 5, "invisible"),
        ("a: x\ufeffy\n", 1, 5, "invisible"),
        (b"a: 1\nb: \xe9\n", 2, 4, "byte 0xe9 is not UTF-8"),
        (b"\xef\xbb\xbf\xe9", 1, 1, "not UTF-8"),
        ("a: 1".encode("utf-16"), 1, 1, "UTF-16"),
        (b"a" * (MAX_BYTES + 1), 0, 0, "split it"),
    ],
)
def test_problems_say_where_and_what_to_write(text: str | bytes, line: int, column: int, says: str) -> None:
    found = [(p.line, p.column) for p in bad(text) if says in p.message]
    assert found == [(line, column)], bad(text)


def test_all_problems_of_a_file_come_in_one_run() -> None:
    document, problems = read(b"a: 1\na: 2\n1: x\nb: !t y\nc: *no\nd: {<<: {e: 1, e: 2}}\nf: [\n", "a.yaml")
    assert document is None
    assert [p.line for p in problems] == [2, 3, 4, 5, 6, 6, 8]


def test_a_document_comes_with_its_problems_where_it_can() -> None:
    document, problems = read(b"a: 1\na: {b: 2}\nc: !!int 3\n? [d]\n", "a.yaml")
    assert document is not None
    assert document.data == {"a": 1, "c": "3"}
    assert document.marks["a",] == Source("a.yaml", 1, 4)
    assert ("a", "b") not in document.marks
    assert [p.line for p in problems] == [2, 3, 4]


def test_all_tabs_and_all_forbidden_characters_are_named() -> None:
    assert [p.line for p in bad("a:\n\tb: 1\n\tc: 1\n# x\n\td: 1\n")] == [2, 3, 5]
    assert len(bad("a:\n" + "\tb: 1\n" * 100)) == 20
    assert [(p.line, p.column) for p in bad("a: \x01\nb: \x02\x03\n")] == [(1, 4), (2, 4), (2, 5)]
    assert len(bad("\x01" * 1000)) == 20


def test_a_tab_that_only_separates_is_fine() -> None:
    assert good("a:\t1\nb: |\n  x\n  \ty\n").data == {"a": 1, "b": "x\n\ty\n"}


def test_problems_are_capped() -> None:
    for text in ("a: 1\n" * 5000, "1: 1\n" * 5000, "- *a\n" * 5000, "- !x a\n" * 5000):
        problems = bad(text)
        assert len(problems) == MAX_PROBLEMS + 1
        assert "mend the problems above" in problems[-1].message


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    document, problems = read(content, "a.yaml")
    assert document is not None or problems
    assert all(str(problem).isprintable() for problem in problems)


@settings(max_examples=180)
@given(st.text(alphabet=string.ascii_lowercase[:3] + "1.:-?[]{},&*!|>'\"%@`#~<\\ \t\n\r\x00é\u2028"))
def test_any_text_of_yaml_letters_is_read_or_refused(text: str) -> None:
    document, problems = read(text.encode(), "a.yaml")
    assert document is not None or problems
    for problem in problems:
        assert str(problem).isprintable()
        assert ":" in problem.message
        assert problem.line <= text.count("\n") + text.count("\r") + 2


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text("abc:- #'\"é\n"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc1: "), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abc"), plain, max_size=4))
def test_json_is_read_as_it_is(data: dict[str, Any]) -> None:
    import json

    assert good(json.dumps(data)).data == data


def test_wording() -> None:
    assert shown("a\x1b[31m\n\t\r\\'") == r"'a\x1b[31m\n\t\r\\\''"
    assert shown("\udcff\U000e0001") == r"'\udcff\U000e0001'"
    assert shown("x" * 1000) == f"'{'x' * 59}…'"
    assert len(shown("\x00" * 1000)) <= 62
    assert escaped("plain é") == "plain é"
    assert did_you_mean("membres", ["members", "name"]) == " (did you mean 'members'?)"
    assert did_you_mean("Members", ["members"]) == " (did you mean 'members'?)"
    assert did_you_mean("zzz", ["members"]) == ""
    assert did_you_mean("m" * 10_000, ["m" * 10_000]) == ""
    assert [kind_of(value) for value in (None, "", 1, True, [], {}, b"")] == [
        "empty",
        "text",
        "a number",
        "true or false",
        "a list",
        "a mapping",
        "something else",
    ]
