"""Single moments that come every week: who rings then, and how urgent it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from oncall_sync.model import ConstantUrgency, Raised, Ref, Rings, SupportHours
from oncall_sync.rota.paging import Paged, Ring, page

from .ahead import following, weekly
from .answering import dropped
from .broken import Broken, Spot, broken
from .watch import Watch
from .words import lasting, moment


def rings(check: Rings, watch: Watch) -> Iterator[Broken]:
    """Yield one broken promise for each way in which an incident opened at a weekly moment does not ring as said.

    Somebody must ring; `user`, if named, must be among the first to ring; the urgency, if named, must be the one
    with which the incident opens. Where the event decides, an event of that urgency is meant.
    """
    service = watch.scene.services[check.service]
    by_event = not isinstance(service.urgency, ConstantUrgency | SupportHours)
    wrong: dict[str, list[Spot]] = {}
    for at in weekly(check.at, check.time_zone, watch.since, watch.until):
        paged = page(service, at, watch.scene, check.urgency if by_event else None)
        text = _not_rung(check, paged, watch)
        if text:
            wrong.setdefault(text, []).append(Spot(at, None, _users(_first(paged.rings))))
    yield from _told(check, wrong, watch)


def _not_rung(check: Rings, paged: Paged, watch: Watch) -> str | None:
    if not paged.rings:
        return _nobody(check.service, watch)
    if check.urgency not in (None, paged.urgency):
        return f"it is {paged.urgency}, and {check.urgency} is promised. Change the urgency of the service"
    if check.user is not None and check.user not in _users(_first(paged.rings)):
        return _not_they(check.user, paged.rings, watch)
    return None


def raised(check: Raised, watch: Watch) -> Iterator[Broken]:
    """Yield one broken promise for each way in which an incident opened at a weekly moment is not raised as said.

    It must open low, turn high exactly at the first `high_at` after that, and ring somebody then: `user`, if said.
    """
    service = watch.scene.services[check.service]
    wrong: dict[str, list[Spot]] = {}
    for opened in weekly(check.opened, check.time_zone, watch.since, watch.until):
        paged = page(service, opened, watch.scene)
        high_at = following(check.high_at, check.time_zone, opened)
        then = tuple(ring for ring in paged.rings if ring.at >= high_at)
        text = _not_raised(check, paged, high_at, watch) or _not_rung_then(check, then, watch)
        if text:
            wrong.setdefault(text, []).append(Spot(opened, None, _users(_first(then))))
    yield from _told(check, wrong, watch)


def _not_raised(check: Raised, paged: Paged, high_at: datetime, watch: Watch) -> str | None:
    mend = "Write support hours with raise_at_start: true that open then"
    when = _weekday(high_at, check.time_zone)
    if not paged.incident:
        return _nobody(check.service, watch)
    if paged.urgency != "low":
        return f"it is {paged.urgency} at once, and low is promised until {when}. {mend}"
    if paged.raised_at is None:
        return f"it stays low, and high is promised from {when} on. {mend}"
    if paged.raised_at != high_at:
        late = paged.raised_at - high_at
        size = f"{lasting(abs(late))} {'later' if late > timedelta() else 'earlier'} than promised"
        return f"it turns high at {_weekday(paged.raised_at, check.time_zone)}, {size}. {mend}"
    return None


def _not_rung_then(check: Raised, then: tuple[Ring, ...], watch: Watch) -> str | None:
    if not then:
        return f"it turns high, and then {_nobody(check.service, watch)}"
    if check.user is not None and check.user not in _users(_first(then)):
        return _not_they(check.user, then, watch)
    return None


def _nobody(ref: Ref, watch: Watch) -> str:
    service = watch.scene.services[ref]
    return f"nobody rings. {dropped(service, watch.paging(service))}"


def _weekday(at: datetime, zone: str) -> str:
    """Return `Mon 09:00 Europe/Vienna`: it comes every week."""
    day, _, rest = moment(at, zone).split(" ", 2)
    return f"{day} {rest}"


def _not_they(user: Ref, rung: tuple[Ring, ...], watch: Watch) -> str:
    begin = rung[0].at
    own = next((ring.at - begin for ring in rung if ring.user == user), None)
    late = "does not ring" if own is None else f"rings only {lasting(own)} after the first"
    return f"{watch.name(user)}, who is promised, {late}. Put them on call for that time"


def _first(rung: Iterable[Ring]) -> list[Ring]:
    """Return those who ring at once."""
    found = list(rung)
    return [ring for ring in found if ring.at == found[0].at]


def _users(rung: Iterable[Ring]) -> frozenset[Ref]:
    return frozenset(ring.user for ring in rung)


def _told(check: Rings | Raised, wrong: dict[str, list[Spot]], watch: Watch) -> Iterator[Broken]:
    for text, spots in wrong.items():
        message = (
            f"{watch.called(check.service)} breaks its promise for an incident opened"
            f" {watch.when(spots, check.time_zone)}: {text}"
        )
        yield broken(check.rule, message, spots, check.source, check.service)
