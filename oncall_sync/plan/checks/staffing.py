"""The right people on call: enough of them, with the properties that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from oncall_sync.model import ALWAYS, Eligible, OnePerson, Ref, Staffed
from oncall_sync.rota.scene import Scene
from oncall_sync.rota.stack import sweep
from oncall_sync.rota.timeline import Users, open_spans

from .broken import Broken, Spot, add, broken
from .watch import Watch, by_person
from .words import days, persons, verb


def staffed(check: Staffed, watch: Watch) -> Iterator[Broken]:
    """Yield one broken promise for each thing that is missing during the check's hours, in the check's zone.

    Whoever is on call counts, also on days on which they do not work or are away; `one` asks for one and the same
    person with all its properties who works on all of its days.
    """
    lacking: dict[str, list[Spot]] = {}
    for since, until, users in _during(check, watch):
        for text in _lacks(check, users, watch.scene):
            add(lacking.setdefault(text, []), since, until, users)
    for text, spots in lacking.items():
        message = (
            f"{watch.called(check.schedule)}: {text} on call: {watch.when(spots, check.time_zone)}."
            " To mend it, put somebody else or one more person into the schedule for that time"
        )
        yield broken(check.rule, message, spots, check.source, check.schedule)


def _during(check: Staffed, watch: Watch) -> Iterator[tuple[datetime, datetime, Users]]:
    """Yield who is on call while the check's hours are open."""
    shifts = [(s.since, s.until, s.users) for s in watch.shifts(check.schedule)]
    if check.hours == ALWAYS:
        yield from shifts
        return
    opens = open_spans(check.hours, check.time_zone, watch.since, watch.until)
    hours = [(since, until, frozenset[Ref]()) for since, until in opens]
    for since, until, found in sweep([shifts, hours], watch.since, watch.until):
        if len(found) == 2:
            yield since, until, found[0][1]


def _lacks(check: Staffed, users: Users, scene: Scene) -> Iterator[str]:
    count = len(users)
    if count < check.at_least:
        yield f"{persons(count)} instead of {check.at_least} {verb(count)}"
    for name, least in sorted(check.properties.items()):
        able = sum(name in properties(user, scene) for user in users)
        if able < least:
            yield f"{persons(able)} with {name} instead of {least} {verb(able)}"
    if check.one is not None and not any(_has_it_all(user, check.one, scene) for user in users):
        yield f"nobody {_wanted(check.one)} is"


def _has_it_all(user: Ref, one: OnePerson, scene: Scene) -> bool:
    person = scene.users.get(user)
    return person is not None and one.has <= person.has and one.works <= person.works


def _wanted(one: OnePerson) -> str:
    has = f"with {' and '.join(sorted(one.has))}" if one.has else ""
    works = f"who works {days(one.works)}" if one.works else ""
    return " ".join(filter(None, (has, works)))


def properties(user: Ref, scene: Scene) -> frozenset[str]:
    """Return what a person has; somebody who is not declared has nothing that is known."""
    person = scene.users.get(user)
    return frozenset() if person is None else person.has


def eligible(check: Eligible, watch: Watch) -> Iterator[Broken]:
    """Yield one broken promise for each person on call within the span, by override too, who lacks something."""
    for user, spots in by_person(watch.shifts(check.schedule)).items():
        lacks = check.has - properties(user, watch.scene)
        if lacks:
            message = (
                f"{watch.name(user)} is on call for {watch.called(check.schedule)} without"
                f" {' and '.join(sorted(lacks))}: {watch.when(spots, watch.zone(check.schedule))}."
                " Give them access and write it under has:, or let somebody else ring"
            )
            yield broken(check.rule, message, spots, check.source, check.schedule)
