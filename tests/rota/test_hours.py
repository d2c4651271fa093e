"""Hours as sets of minutes, and as words."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.model import ALWAYS, WEEK, Hours
from oncall_sync.rota.hours import (
    DAY,
    NEVER,
    complement,
    contains,
    in_words,
    intersection,
    linear,
    merge,
    minute_of_week,
    overlaps,
    union,
)
from tests.rota.samples import OFFICE, weekly

WHOLE = frozenset(range(WEEK))
NAMES = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def minutes_of(spans):
    return frozenset(minute % WEEK for start, end in spans for minute in range(start, end))


def is_canonical(hours):
    spans = hours.spans
    inside = all(0 <= start < WEEK and start < end <= start + WEEK for start, end in spans)
    apart = all(one[1] < other[0] for one, other in pairwise(spans))
    round_the_end = not spans or len(spans) == 1 or spans[-1][1] - WEEK < spans[0][0]
    return inside and apart and round_the_end and (spans == ((0, WEEK),) or minutes_of(spans) != WHOLE)


def parsed(text):
    """Read policy text the way the language defines it, by plain means."""
    spans = []
    for item in text.split(", "):
        if item == "always":
            return [(0, WEEK)]
        long = re.fullmatch(r"(\w{3}) (\d\d):(\d\d) - (\w{3}) (\d\d):(\d\d)", item)
        if long:
            d1, h1, m1, d2, h2, m2 = long.groups()
            start = NAMES.index(d1) * DAY + int(h1) * 60 + int(m1)
            end = NAMES.index(d2) * DAY + int(h2) * 60 + int(m2)
            spans.append((start, end if end > start else end + WEEK))
            continue
        days, h1, m1, h2, m2 = re.fullmatch(r"([\w+-]+) (\d\d):(\d\d)-(\d\d):(\d\d)", item).groups()
        first, dash, last = days.partition("-")
        names = NAMES[NAMES.index(first) : NAMES.index(last) + 1] if dash else days.split("+")
        for name in names:
            start, end = int(h1) * 60 + int(m1), int(h2) * 60 + int(m2)
            base = NAMES.index(name) * DAY
            spans.append((base + start, base + (end if end > start else end + DAY)))
    return spans


loose = st.lists(
    st.tuples(st.integers(-WEEK, 2 * WEEK), st.integers(0, 2 * DAY)).map(lambda s: (s[0], s[0] + s[1])), max_size=5
)


@settings(max_examples=35, deadline=None)
@given(loose)
def test_merge_keeps_every_minute_and_is_canonical(spans):
    hours = merge(spans)
    assert minutes_of(hours.spans) == minutes_of(spans)
    assert is_canonical(hours)
    assert merge(hours.spans) == hours
    assert merge(linear(hours)) == hours
    assert all(0 <= start < end <= WEEK for start, end in linear(hours))


@settings(max_examples=50, deadline=None)
@given(weekly(1), weekly(1), st.integers(-WEEK, 2 * WEEK))
def test_the_algebra_is_that_of_sets_of_minutes(a, b, minute):
    left, right = minutes_of(a.spans), minutes_of(b.spans)
    assert union(a, b) == merge([*a.spans, *b.spans])
    assert minutes_of(complement(a).spans) == WHOLE - left
    assert minutes_of(intersection(a, b).spans) == left & right
    assert overlaps(a, b) == bool(left & right)
    assert contains(a, minute) == (minute % WEEK in left)
    for hours in (union(a, b), complement(a), intersection(a, b)):
        assert is_canonical(hours)


@settings(max_examples=60, deadline=None)
@given(weekly())
def test_words_are_read_back_as_the_same_hours(hours):
    if hours != NEVER:
        assert merge(parsed(in_words(hours))) == hours


@pytest.mark.parametrize(
    ("spans", "words"),
    [
        ([(0, WEEK)], "always"),
        ([], "never"),
        (OFFICE.spans, "Mon-Fri 09:00-18:00"),
        (complement(OFFICE).spans, "Mon-Thu 18:00-09:00, Fri 18:00 - Mon 09:00"),
        ([(22 * 60, 30 * 60), (2 * DAY + 22 * 60, 2 * DAY + 30 * 60)], "Mon+Wed 22:00-06:00"),
        ([(d * DAY + 540, d * DAY + DAY) for d in range(5)], "Mon-Fri 09:00-00:00"),
        ([(6 * DAY, 7 * DAY)], "Sun 00:00-00:00"),
        ([(5 * DAY, 7 * DAY)], "Sat 00:00 - Mon 00:00"),
        ([(6 * DAY + 1380, 7 * DAY + 60)], "Sun 23:00-01:00"),
        ([(d * DAY + 60, d * DAY + 120) for d in (0, 1, 2, 5)], "Mon+Tue+Wed+Sat 01:00-02:00"),
        ([(60, WEEK)], "Mon 01:00 - Mon 00:00"),
        ([(0, 4 * DAY + 1080), (6 * DAY, WEEK)], "Sun 00:00 - Fri 18:00"),
        ([(540, 720), (780, 1080), (DAY + 540, DAY + 720)], "Mon+Tue 09:00-12:00, Mon 13:00-18:00"),
    ],
)
def test_words(spans, words):
    assert in_words(merge(spans)) == words
    assert words == "never" or merge(parsed(words)) == merge(spans)


def test_a_span_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="ends before it starts: 10-5"):
        merge([(10, 5)])


def test_whole_weeks_and_nothing():
    assert merge([(100, 100 + WEEK)]) == ALWAYS == complement(NEVER)
    assert complement(ALWAYS) == NEVER == union() == Hours(())
    assert merge([(300, WEEK + 300 - 1), (299, 300)]) == ALWAYS


def test_minute_of_week():
    assert minute_of_week(datetime(2026, 1, 5, 0, 0)) == 0
    assert minute_of_week(datetime(2026, 1, 11, 23, 59, 59)) == WEEK - 1


def test_hours_over_the_end_of_the_week_hold_its_first_minutes():
    weekend = merge([(4 * DAY + 1080, WEEK + 540)])
    assert [contains(weekend, minute) for minute in (0, 539, 540, 4 * DAY + 1079, 4 * DAY + 1080)] == [
        True,
        True,
        False,
        False,
        True,
    ]
