"""Names in Markdown: they show as they are, and do nothing."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oncall_sync.report.markdown import EMPTY, code, fenced, hidden, inline, row, table_head
from oncall_sync.report.plain import plain
from tests.cli.corpus import TEXTS
from tests.report.reading import acts, read

ALLOWED = {"table", "thead", "tbody", "tr", "th", "td", "code", "span", "p", "ul", "li"}
SIGNS = st.text("@#|`<>&*_~[](){}!:/.\\$%^-+=1aAw \n\r\"'", max_size=30)
ANY = st.text() | SIGNS


def shown(text: str) -> str:
    return " ".join(plain(text).split()) or EMPTY


@given(ANY, ANY)
@example("a|b", "`|`")
@example("\\|", "\\")
@example("@all", "org/team @org/team")
@example("#12", "owner/repo#12 GH-12")
@example("https://evil.example", "www.evil.example me@example.com mailto:me@example.com")
@example("<!-- x -->", "<script>alert(1)</script>")
@example("| --- |", "::error::x")
@example(":tada:", "&#64;all &commat;all")
def test_any_text_in_a_table(one: str, other: str) -> None:
    page = read(f"{table_head('first', 'second')}\n{row([inline(one), code(other)])}\n\nafter\n")
    cells = [[" ".join(cell.split()) for cell in cells] for cells in page.rows]  # HTML shows many spaces as one
    assert cells == [["first", "second"], [shown(one), shown(other)]]
    assert page.elements <= ALLOWED
    assert acts(page) == []
    assert page.text.rstrip().endswith("after")


@given(ANY)
@example("1. first")
@example("2) second")
@example("- third")
@example("# title")
@example("> [!NOTE]")
@example("[ ] todo")
@example("```")
@example("    indented")
@example("=====")
@example("<details>")
@example("[x]: https://evil.example")
def test_any_text_in_a_list_and_a_paragraph(text: str) -> None:
    page = read(f"- {inline(text)}\n\n{inline(text)}\n")
    assert page.elements <= ALLOWED
    assert " ".join(page.text.split()) == f"{shown(text)} {shown(text)}"
    assert acts(page) == []


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_corpus_is_not_in_it_as_it_was(text: str) -> None:
    made = inline(text)
    assert "<script" not in made
    assert "@all" not in made
    assert "|" not in made
    assert "`" not in made
    assert "\n" not in made
    assert "://" not in made


def test_ordinary_names_stay_readable() -> None:
    for name in ("anna", "Checkout on-call", "Search (EU)", "v1.2", "Ops: primary", "Zoë", "Europe/Vienna"):
        assert inline(name) == name


def test_what_is_copied_is_what_was_written() -> None:
    assert read(inline("anna@example.com")).text.strip() == "anna@example.com"
    assert code("policies/a.yaml:3:5") == "<code>policies/a.yaml:3:5</code>"


def test_a_long_text_is_cut() -> None:
    assert len(read(inline("x" * 500, 50)).text.strip()) == 50


def test_a_marker_cannot_be_left() -> None:
    assert hidden("oncall-sync", "plan", "acme") == "<!-- oncall-sync:plan:acme -->"
    assert hidden("oncall-sync", "plan", "") == "<!-- oncall-sync:plan -->"
    assert hidden("a--> <script>", "--") == "<!-- a_-___script_:_- -->"


def test_a_line_to_copy() -> None:
    assert fenced("oncall-sync apply 'a\n```b'") == "```sh\noncall-sync apply 'a\\n```b'\n```"
