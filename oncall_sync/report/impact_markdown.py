"""Who is paged differently, as tables in Markdown: a row per span, in local time with its zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from oncall_sync.plan.told import ToldGap, ToldImpact, ToldPage
from oncall_sync.plan.wording import duration
from oncall_sync.rota.wall import to_wall

from .fitting import Item, Section
from .impact_text import clock_changes, runs, wait
from .markdown import inline, row, table_head

MOST_NAMES = 12
_Row = tuple[str, str, str, str, str]


def impact_sections(impact: ToldImpact) -> Iterator[Section]:
    """Yield the tables of a plan about people, the worst first; those without rows say nothing."""
    yield _gaps("Nobody will be on call", impact.opened)
    changed = [page for page in impact.pages if not page.new]
    head = table_head("service", "urgency", "level", "from", "to", "before", "after", "local time")
    yield Section(
        head=f"### Who is paged differently in the coming {duration(impact.until - impact.since)}\n\n{head}",
        items=[Item(line) for line in _changed(changed, impact.since)],
        noun="rows",
    )
    yield _new([page for page in impact.pages if page.new])
    yield _gaps("Somebody will be on call again", impact.closed)


def local(at: datetime, zone: str) -> str:
    """Return an instant as wall clock of a zone: `Mon 2026-11-30 09:00`."""
    return f"{to_wall(at, zone):%a %Y-%m-%d %H:%M}"


def people(names: Iterable[str]) -> str:
    """Return names in one cell: `anna, ben`, or `nobody`."""
    return _few([inline(name) for name in names]) or "nobody"


def _changed(pages: Iterable[ToldPage], now: datetime) -> Iterator[str]:
    """Yield rows; services with the same ones, because they share a policy, share them here."""
    blocks: dict[tuple[str, int, tuple[_Row, ...]], list[str]] = {}
    for (service, urgency, level), of_level in groupby(pages, key=lambda p: (p.service, p.urgency, p.level)):
        rows = tuple(_row(run, now) for run in runs(list(of_level)))
        blocks.setdefault((urgency, level, rows), []).append(service)
    for (urgency, level, rows), services in blocks.items():
        named = _few([inline(service) for service in services])
        yield from (row((named, urgency, str(level), *cells)) for cells in rows)


def _row(run: list[ToldPage], now: datetime) -> _Row:
    """Return from, to, before, after and the zone of a span, or of a run of days with the same hours."""
    first, last = run[0], run[-1]
    zone = first.zone
    since, until = local(first.since, zone), local(last.until, zone)
    if first.since == now:
        since += " (now)"
    if len(run) > 1:
        until += f" (each day {to_wall(first.since, zone):%H:%M} to {to_wall(first.until, zone):%H:%M})"
    before, after = people(first.before), people(first.after)
    if first.before == first.after:
        before, after = f"{before}, {wait(first.delay_before)}", f"{after}, {wait(first.delay_after)}"
    clocks = clock_changes(first.since, last.until, zone)
    changing = f" (clocks change on {', '.join(clocks)})" if clocks else ""
    return since, until, before, after, f"{inline(zone)}{changing}"


def _new(pages: list[ToldPage]) -> Section:
    """Return the table of new services: who is the first that each rings."""
    first: dict[str, ToldPage] = {}
    for page in sorted(pages, key=lambda p: (p.service, p.since, p.level)):
        first.setdefault(page.service, page)
    rows = [
        row((inline(service), people(page.after), local(page.until, page.zone), inline(page.zone)))
        for service, page in first.items()
    ]
    head = f"### Who is paged by what is new\n\n{table_head('service', 'first', 'until', 'local time')}"
    return Section(head=head, items=[Item(line) for line in rows], noun="services")


def _gaps(title: str, gaps: Iterable[ToldGap]) -> Section:
    rows = [
        row((inline(g.service), g.urgency, local(g.since, g.zone), local(g.until, g.zone), inline(g.zone)))
        for g in gaps
    ]
    head = f"### {title}\n\n{table_head('service', 'urgency', 'from', 'to', 'local time')}"
    return Section(head=head, items=[Item(line) for line in rows], noun="rows")


def _few(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more
