"""Several sources of who rings, laid over each other on one time line.

It works with naive wall clock and with aware instants alike, as long as all of one call are of one kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import islice
from operator import itemgetter
from typing import Final, TypeAlias, TypeVar

from oncall_sync.model import Overlap, Ref

T = TypeVar("T")

VACANT_COVERS: Final = False
"""Whether a vacant turn of a later rotation silences the earlier ones where `last_wins`.

It does not: a provider with layers knows no vacant turns, so to it a vacant turn is a layer that is not there,
and what lies below shows through. Silence is said with hours or with the end of the earlier rotation.
"""


def sweep(
    streams: Sequence[Iterable[tuple[datetime, datetime, T]]], since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime, list[tuple[int, T]]]]:
    """Cut `since..until` wherever a stream changes, and say what each stream holds there.

    Each stream yields disjoint spans in order, with whatever they carry. Yields, in order and without holes,
    `(since, until, [(index of the stream, what it carries)])`, by index; the list is empty where no stream has a
    span. Empty spans do not count. Streams are read one span ahead, so memory does not grow with the horizon.
    """
    if since >= until:
        return iter(())
    sources = [_spans(stream, index, since, until) for index, stream in enumerate(streams)]
    return _alone(sources[0], since, until) if len(sources) == 1 else _merged(sources, since, until)


_Span: TypeAlias = tuple[datetime, int, datetime, tuple[int, T]]


def _spans(
    stream: Iterable[tuple[datetime, datetime, T]], index: int, since: datetime, until: datetime
) -> Iterator[_Span[T]]:
    """Yield what of a stream matters: begin, index, end (never past `until`), and what is said of it."""
    for begin, end, carried in stream:
        if begin >= until:
            return
        if begin < end and end > since:
            yield begin, index, min(end, until), (index, carried)


_by_index = itemgetter(1)


def _alone(
    spans: Iterable[_Span[T]], since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime, list[tuple[int, T]]]]:
    """One stream, the usual case: what it holds, and the holes between."""
    at = since
    for begin, _, end, part in spans:
        if begin > at:
            yield at, begin, []
        yield max(at, begin), end, [part]
        at = end
    if at < until:
        yield at, until, []


def _merged(
    sources: Sequence[Iterator[_Span[T]]], since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime, list[tuple[int, T]]]]:
    """Several streams: `pending` holds the next span of each by its begin, `running` those that last, by index."""
    pending = [first for source in sources for first in islice(source, 1)]
    heapify(pending)
    running: list[_Span[T]] = []
    at = since
    while at < until:
        while pending and pending[0][0] <= at:
            running.append(heappop(pending))
            running.sort(key=_by_index)
        stop = pending[0][0] if pending else until
        for span in running:
            if span[2] < stop:  # noqa: PLR1730 - this is where the time goes, and a call would double it
                stop = span[2]
        yield at, stop, [span[3] for span in running]
        at = stop
        over = [span for span in running if span[2] <= at]
        for span in over:
            running.remove(span)
            following = next(sources[span[1]], None)
            if following is not None:
                heappush(pending, following)


def covers(member: Ref | None) -> bool:
    """Tell whether a turn of that member silences earlier rotations where `last_wins`."""
    return member is not None or VACANT_COVERS


def ringing(turns: Sequence[tuple[int, Ref | None]], overlap: Overlap) -> list[tuple[int, Ref]]:
    """Return which of the turns that coincide ring, given lowest precedence first; vacant ones never do."""
    heard = turns if overlap == "everyone" else [turn for turn in turns if covers(turn[1])][-1:]
    return [(index, member) for index, member in heard if member is not None]
