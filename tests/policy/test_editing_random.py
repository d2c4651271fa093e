"""Random edits of random layouts: the data is as wanted, and lines that no edit is about stay."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.policy.editing import Edit, changes_between, edited
from oncall_sync.policy.editing_changes import applied, same
from oncall_sync.policy.reading import read
from tests.policy.yaml_texts import Writer, data, edits, touched

SEEDS = st.integers(0, 10**9)


def text_of(random: Random) -> str:
    # With its line end: where it is missing, a block scalar at the end cannot be followed by anything.
    text = Writer(random).text(data(random))
    return text if text.endswith("\n") else text + ("\r\n" if "\r" in text else "\n")


def parsed(text: str) -> dict[str, object]:
    document, problems = read(text.encode(), "a.yaml")
    assert problems == []
    assert document is not None
    return document.data


@settings(max_examples=90, deadline=None)
@given(SEEDS)
def test_edits_change_what_they_are_about(seed: int) -> None:
    random = Random(seed)
    text = text_of(random)
    old = parsed(text)
    changes = edits(random, old)
    new = edited(text, changes)
    assert same(parsed(new), applied(old, changes))
    assert text.startswith("\ufeff") == new.startswith("\ufeff")
    assert new.count("\r\n") in (0, new.count("\n"))
    lines = touched(text, changes)
    kept = [line for at, line in enumerate(text.lstrip("\ufeff").split("\n")) if at not in lines]
    left = iter(new.lstrip("\ufeff").split("\n"))
    assert all(line in left for line in kept)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_any_data_becomes_any_other(seed: int) -> None:
    random = Random(seed)
    text = text_of(random)
    old, new = parsed(text), data(random)
    assert same(applied(old, changes_between(old, new)), new)
    assert same(parsed(edited(text, [Edit((), new)])), new)
