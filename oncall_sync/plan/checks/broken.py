"""What a broken promise comes to: which rule, why, where it was written, and exactly when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from oncall_sync.model import Finding, Ref, Severity, Source

LEVELS: Final[Mapping[str, Severity]] = {
    # what `checks:` promises
    "covered": "error",
    "distinct": "error",
    "human_within": "error",
    "acknowledged_within": "error",
    "staffed": "error",
    "eligible": "error",
    "planned_ahead": "error",
    "observed_first": "error",
    "rings": "error",
    "raised": "error",
    "reachable": "warning",  # nobody can make a phone from here: it is told, and never keeps a rota from changing
    # what is looked at always
    "policy-gap": "error",
    "chat-command": "error",
    "follows-same": "warning",
    "away-on-call": "warning",
    "handoff-dst": "warning",
    "single-person": "warning",
    "last-level-empty": "warning",
    "level-gap": "note",
    # a promise of which nothing can be said
    "check-unknown": "note",
}
"""How bad each rule's finding is. The keys are all rules that this package can report."""


@dataclass(frozen=True, slots=True)
class Broken:
    """One promise broken for one reason.

    `since` and `until` (aware UTC) bound the first maximal span in which it is; a single moment has no `until`;
    both are None for what is broken at any time. `spans` holds every such span in order, a moment as one of no
    length, so that what was broken before can be told from what a plan adds. Spans are cut where the looked-at
    time begins and ends.
    """

    rule: str
    message: str
    source: Source | None
    ref: Ref | None
    since: datetime | None
    until: datetime | None
    spans: tuple[tuple[datetime, datetime], ...] = ()

    def finding(self) -> Finding:
        """Return it as a finding, of the level that `LEVELS` gives its rule."""
        return Finding(self.rule, LEVELS[self.rule], self.message, self.source, self.ref)


class Spot(NamedTuple):
    """From `since` to `until` (aware UTC; None: a moment) something is wrong, and `users` are in it."""

    since: datetime
    until: datetime | None
    users: frozenset[Ref] = frozenset()


def broken(rule: str, message: str, spots: Iterable[Spot], source: Source | None, ref: Ref | None) -> Broken:
    """Return the broken promise of some spots in order; spots that touch are one span, whoever is in them."""
    spans: list[tuple[datetime, datetime]] = []
    ends: list[datetime | None] = []
    for spot in spots:
        end = spot.until or spot.since
        if spans and spot.until is not None and spans[-1][1] == spot.since:
            spans[-1], ends[-1] = (spans[-1][0], end), spot.until
        else:
            spans.append((spot.since, end))
            ends.append(spot.until)
    since, until = (spans[0][0], ends[0]) if spans else (None, None)
    return Broken(rule, message, source, ref, since, until, tuple(spans))


def add(spots: list[Spot], since: datetime, until: datetime, users: frozenset[Ref] = frozenset()) -> None:
    """Append a spot, or lengthen the last one if it goes on with the same people."""
    if spots and spots[-1].until == since and spots[-1].users == users:
        spots[-1] = Spot(spots[-1].since, until, users)
    else:
        spots.append(Spot(since, until, users))
