"""Who is paged differently, as lines of prose in local time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby

from oncall_sync.plan.told import ToldGap, ToldImpact, ToldPage
from oncall_sync.plan.wording import duration
from oncall_sync.rota.wall import to_wall

from .plain import plain

MOST_LINES = 12
"""Spans shown per service, urgency and level; the JSON form has all of them."""


def impact_lines(impact: ToldImpact) -> Iterator[str]:
    """Yield the section of a plan about people; nothing if nobody is paged differently."""
    changed = [page for page in impact.pages if not page.new]
    if changed:
        yield ""
        yield f"who is paged differently in the coming {duration(impact.until - impact.since)}"
        yield from _pages(changed, impact.since)
    yield from _new([page for page in impact.pages if page.new])
    yield from _gaps("nobody will be on call", impact.opened)
    yield from _gaps("somebody will be on call again", impact.closed)
    if impact.first_difference_after is not None:
        yield ""
        yield f"nobody is paged differently before {_local(impact.first_difference_after, 'UTC')} UTC"


def _pages(pages: Iterable[ToldPage], now: datetime) -> Iterator[str]:
    """Yield a block for each set of ladders that change in the same way: services often share a policy."""
    blocks: dict[tuple[str, ...], list[str]] = {}
    for (service, urgency, level), of_level in groupby(pages, key=lambda p: (p.service, p.urgency, p.level)):
        spans = list(of_level)
        lines = tuple(_lines(spans, now))
        where = f"level {level} ({spans[0].zone})"
        blocks.setdefault((where, *lines), []).append(f"{plain(service)} ({urgency} urgency)")
    for (where, *told), services in blocks.items():
        yield f"  {', '.join(services)}, {where}"
        yield from (f"    {line}" for line in told[:MOST_LINES])
        if len(told) > MOST_LINES:
            yield f"    and {len(told) - MOST_LINES} more"


def _lines(spans: list[ToldPage], now: datetime) -> Iterator[str]:
    """Yield a line per span, or per run of days with the same hours."""
    for run in runs(spans):
        first, last = run[0], run[-1]
        said = f"{_change(first)}{_marks(first, last, now)}"
        if len(run) == 1:
            yield f"{_span(first.since, first.until, first.zone)}: {said}"
            continue
        begin, end, final = (to_wall(t, first.zone) for t in (first.since, first.until, last.since))
        hours = f"{begin:%H:%M} to {end:%H:%M}"
        yield f"{begin:%a %Y-%m-%d} to {final:%a %Y-%m-%d}, each day {hours}: {said}"


def runs(spans: list[ToldPage]) -> Iterator[list[ToldPage]]:
    """Yield neighbours that say the same on consecutive days, together."""
    run: list[ToldPage] = []
    for page in spans:
        if run and _follows(run[-1], page):
            run.append(page)
            continue
        if run:
            yield run
        run = [page]
    if run:
        yield run


def _follows(page: ToldPage, other: ToldPage) -> bool:
    day = timedelta(days=1)
    begins, ends = (
        [to_wall(t, page.zone) for t in pair] for pair in ((page.since, other.since), (page.until, other.until))
    )
    same = (page.before, page.after, page.delay_before, page.delay_after)
    return (
        same == (other.before, other.after, other.delay_before, other.delay_after)
        and begins[1] - begins[0] == day == ends[1] - ends[0]
    )


def _new(pages: Iterable[ToldPage]) -> Iterator[str]:
    """Yield one line per new service: who is the first that it rings."""
    first: dict[str, ToldPage] = {}
    for page in sorted(pages, key=lambda p: (p.service, p.since, p.level)):
        first.setdefault(page.service, page)
    if first:
        yield ""
        yield "who is paged by what is new"
    for service, page in first.items():
        until = _local(page.until, page.zone)
        yield f"  {plain(service)}: {_people(page.after)}, until {until} ({page.zone})"


def _gaps(title: str, gaps: Iterable[ToldGap]) -> Iterator[str]:
    listed = list(gaps)
    if listed:
        yield ""
        yield title
    for gap in listed[:MOST_LINES]:
        span = _span(gap.since, gap.until, gap.zone)
        yield f"  {plain(gap.service)}, {gap.urgency} urgency: {span} ({gap.zone})"
    if len(listed) > MOST_LINES:
        yield f"  and {len(listed) - MOST_LINES} more"


def _change(page: ToldPage) -> str:
    if page.before == page.after:
        return f"{_people(page.after)} {wait(page.delay_before)} -> {wait(page.delay_after)}"
    return f"{_people(page.before)} -> {_people(page.after)}"


def wait(delay: timedelta | None) -> str:
    """Return how long after the event somebody is rung."""
    return "at once" if not delay else f"after {duration(delay)}"


def _marks(page: ToldPage, last: ToldPage, now: datetime) -> str:
    """Return what is special about a span: that it begins now, or that clocks change in it."""
    marks = ["from now"] if page.since == now else []
    marks += [f"clocks change on {day}" for day in clock_changes(page.since, last.until, page.zone)]
    return f" ({', '.join(marks)})" if marks else ""


def clock_changes(since: datetime, until: datetime, zone: str) -> list[str]:
    """Return the days within a span on which a zone's clocks change."""

    def offset(at: datetime) -> timedelta:
        return to_wall(at, zone) - at.replace(tzinfo=None)

    days: list[str] = []
    at = since
    while at < until:
        following = min(at + timedelta(days=1), until)
        if offset(at) != offset(following):
            days.append(f"{to_wall(following, zone):%a %Y-%m-%d}")
        at = following
    return days


def _span(since: datetime, until: datetime, zone: str) -> str:
    return f"{_local(since, zone)} to {_local(until, zone)}"


def _local(at: datetime, zone: str) -> str:
    return f"{to_wall(at, zone):%a %Y-%m-%d %H:%M}"


def _people(names: Iterable[str]) -> str:
    return ", ".join(map(plain, names)) or "nobody"
