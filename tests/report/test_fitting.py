"""Reports cut to a limit: whole items, by section, with counts."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.report.fitting import Item, Section, fitted, size


def section(count: int, width: int = 20, extra: int = 0) -> Section:
    items = [Item(f"- {n:04} {'x' * width}", "y" * extra) for n in range(count)]
    return Section(head="### Head\n", items=items, noun="rows", extra="fields", tail="\n</details>")


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60), st.integers(0, 60)), max_size=5))
def test_it_never_exceeds_the_limit_and_counts_what_is_lost(shapes: list[tuple[int, int, int]]) -> None:
    sections = [section(*shape) for shape in shapes]
    parts = fitted(sections, 8000)
    assert sum(map(size, parts)) <= 8000
    there = [each for each in sections if each.items]
    assert len(parts) == len(there)
    for part, each in zip(parts, there, strict=True):
        shown = len(re.findall(r"^- \d{4} ", part, re.MULTILINE))
        lost = re.search(r"_(\d+) of (\d+) rows are not shown", part)
        assert shown + (int(lost[1]) if lost else 0) == len(each.items)
        assert "### Head" in part
        assert "</details>" in part


def test_what_fits_is_whole() -> None:
    assert fitted([section(3), section(0)], 8000) == [
        "### Head\n\n" + "\n".join(f"- {n:04} {'x' * 20}" for n in range(3)) + "\n\n</details>\n"
    ]


def test_a_short_section_is_not_cut_for_a_long_one() -> None:
    long, short = fitted([section(1000), section(20)], 8000)
    assert "0019" in short
    assert "not shown" in long
    assert size(long) > 6000


def test_fields_go_before_items() -> None:
    (part,) = fitted([section(100, 20, 100)], 8000)
    assert "0099" in part
    without = re.search(r"The fields of (\d+) rows are not shown", part)
    assert without is not None
    assert part.count("y" * 100) == 100 - int(without[1]) > 0


def test_size_counts_what_hosts_count() -> None:
    assert size("a\U0001f525") == 3
