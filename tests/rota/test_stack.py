"""Streams of spans laid over each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.rota.stack import sweep

ZERO = datetime(2026, 1, 5)


def moment(minute):
    return ZERO + timedelta(minutes=minute)


@st.composite
def streams(draw):
    """Each is in order and disjoint; some spans are empty, some lie outside what is asked about."""
    edges = [sorted(draw(st.lists(st.integers(-10, 40), max_size=8))) for _ in range(draw(st.integers(0, 4)))]
    return [[(moment(a), moment(b), str(a)) for a, b in zip(e[::2], e[1::2], strict=False)] for e in edges]


@settings(max_examples=90, deadline=None)
@given(streams(), st.integers(0, 30))
def test_each_stretch_says_what_every_stream_holds_there(made, length):
    found = list(sweep(made, ZERO, moment(length)))
    said = [what for begin, end, what in found for _ in range((end - begin) // timedelta(minutes=1))]
    assert said == [
        [(i, what) for i, stream in enumerate(made) for a, b, what in stream if a <= moment(n) < b]
        for n in range(length)
    ]
    edges = [begin for begin, _, _ in found] + [end for _, end, _ in found[-1:]]
    assert edges[:1] + edges[-1:] == ([ZERO, moment(length)] if length else [])
    assert all(one < other for one, other in pairwise(edges))
    assert [end for _, end, _ in found[:-1]] == edges[1:-1]


def test_a_span_that_ends_before_it_begins_does_not_count():
    assert list(sweep([[(moment(5), moment(3), "x")], []], ZERO, moment(9))) == [(ZERO, moment(9), [])]
