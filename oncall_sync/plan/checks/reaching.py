"""Whether those who are on call can be reached at all."""

from __future__ import annotations

from collections.abc import Iterator

from oncall_sync.model import Reachable

from .broken import Broken, broken
from .known import ContactBook, Contacts
from .watch import Watch, by_person
from .words import exactly, moment


def reachable(check: Reachable, watch: Watch, contacts: ContactBook) -> Iterator[Broken]:
    """Yield one broken promise for each person on call within the span who cannot be reached in any way asked for.

    Judged by how people can be reached now; whose turn has begun before the span counts too.
    """
    zone = watch.zone(check.schedule)
    for user, spots in by_person(watch.shifts(check.schedule)).items():
        ways = contacts.get(user, Contacts(frozenset())).ways
        if ways & {*check.by}:
            continue
        by = moment(max(spots[0].since - check.before, watch.since), zone)
        early = f", {exactly(check.before)} before" if check.before else ""
        message = (
            f"{watch.name(user)} is on call for {watch.called(check.schedule)} and cannot be reached by"
            f" {' or '.join(check.by)}{_only(ways)}: {watch.when(spots, zone)}."
            f" They must add one at the provider by {by}{early}"
        )
        yield broken(check.rule, message, spots, check.source, check.schedule)


def _only(ways: frozenset[str]) -> str:
    return f" (only by {' and '.join(sorted(ways))})" if ways else ""
