"""Schedules to shifts: who rings from which instant to which, exact through DST."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import NamedTuple

from oncall_sync.model import LiveOverride, Ref, Schedule

from .rings import Crew, People, Swap, stretches
from .stack import sweep
from .wall import to_instant, to_wall

_HOUR = timedelta(hours=1)

Span = tuple[datetime, datetime, Crew]


class Shift(NamedTuple):
    """The same people ring from `since` to `until` (aware UTC, half open); nobody is the empty set.

    `why` names what makes them ring, in order of first appearance: `rotation backend`, `assignment`,
    `override`, `override at the provider`, `nobody`, ...
    """

    since: datetime
    until: datetime
    users: frozenset[Ref]
    why: str


def shifts(
    schedule: Schedule,
    since: datetime,
    until: datetime,
    *,
    people: People | None = None,
    live: Sequence[LiveOverride] = (),
    refs: Mapping[str, Ref] | None = None,
) -> Iterator[Shift]:
    """Yield who rings within `since..until` (aware): maximal shifts, in order, without holes.

    Args:
        schedule: what is declared, or what was found.
        since: the first instant; the first shift begins exactly then.
        until: the end; the last shift ends exactly then. Nothing is yielded unless it is after `since`.
        people: users by ref, for `fallback` of assignments; whoever is missing is never away. Their `away` is
            read in the schedule's zone.
        live: overrides made at the provider, whoever made them; they replace whoever would ring, declared
            overrides included, for their whole span; of two at once the later in the list holds. Those that name
            rotations replace those rotations' people only.
        refs: the ref of a user id in `live`; ids that are missing become remote refs.
    """
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    partial = [override for override in live if override.rotations]
    base = _instants(schedule, since, until, people or {}, _swaps(schedule, partial, refs or {}))
    swaps = [_swap(override, refs or {}) for override in live if not override.rotations]
    if swaps:
        base = ((begin, end, found[-1][1]) for begin, end, found in sweep([base, *swaps], since, until))
    return _joined(base)


def ringing_at(
    schedule: Schedule,
    at: datetime,
    *,
    people: People | None = None,
    live: Sequence[LiveOverride] = (),
    refs: Mapping[str, Ref] | None = None,
) -> Shift:
    """Return who rings at the aware instant `at`, and why; the arguments are those of `shifts`.

    The shift's bounds are only that instant's neighbourhood, not where it really begins and ends.
    """
    return next(shifts(schedule, at, at + timedelta(microseconds=1), people=people, live=live, refs=refs))


def _instants(
    schedule: Schedule, since: datetime, until: datetime, people: People, swaps: Sequence[Swap]
) -> Iterator[Span]:
    """Turn wall-clock stretches into spans of instants; what lies wholly in a skipped hour is dropped."""
    zone = schedule.time_zone
    if since >= until:
        return
    last = to_wall(until, zone)
    while to_instant(last, zone) < until:
        # `until` is in an hour that happens for the second time.
        last += _HOUR
    at = since
    for stretch in stretches(schedule, to_wall(since, zone), last, people, swaps):
        end = min(to_instant(stretch.until, zone), until)
        if end > at:
            yield at, end, (stretch.users, stretch.why)
            at = end


def _swaps(schedule: Schedule, live: Sequence[LiveOverride], refs: Mapping[str, Ref]) -> list[Swap]:
    """Return overrides of some rotations by the schedule's clock; one that is gone has nobody to replace."""
    found = []
    for override in live:
        places = frozenset(i for i, r in enumerate(schedule.rotations) if r.name in override.rotations)
        if places:
            since, until = (to_wall(at, schedule.time_zone) for at in (override.since, override.until))
            user = refs.get(override.user_id) or Ref("user", override.user_id, remote=True)
            found.append(Swap(since, until, user, places))
    return found


def _swap(override: LiveOverride, refs: Mapping[str, Ref]) -> list[Span]:
    user = refs.get(override.user_id) or Ref("user", override.user_id, remote=True)
    crew = (frozenset((user,)), ("override at the provider",))
    return [(override.since.astimezone(UTC), override.until.astimezone(UTC), crew)]


def _joined(spans: Iterable[Span]) -> Iterator[Shift]:
    """Join neighbours in which the same people ring; their reasons add up."""
    first = last = None
    users: frozenset[Ref] = frozenset()
    reasons: dict[tuple[str, ...], None] = {}
    for since, until, (crew, why) in spans:
        if first is None or crew != users:
            if first is not None:
                yield Shift(first, since, users, _words(reasons))
            first, users, reasons = since, crew, {}
        reasons[why] = None
        last = until
    if first is not None and last is not None:
        yield Shift(first, last, users, _words(reasons))


def _words(reasons: Iterable[tuple[str, ...]]) -> str:
    why = [*reasons]
    return "; ".join(why[0] if len(why) == 1 else dict.fromkeys(chain.from_iterable(why)))
