"""What a plan would break, and what was broken before it.

Promises and standing rules are judged on both sides of a plan. What the plan makes worse is an error, for which an
apply refuses; what was there before is a warning, or an operation in an emergency could never be applied.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oncall_sync.model import Change, Finding, Policies, Ref, Rotation, Schedule
from oncall_sync.rota.least import disturbance, least
from oncall_sync.rota.least_two import two_rotations
from oncall_sync.rota.scene import Scene
from oncall_sync.rota.stack import sweep
from oncall_sync.rota.timeline import schedule_shifts
from oncall_sync.rota.wall import to_wall

from .checks import Broken, evaluate, promises, standing, unknown
from .checks.known import ContactBook, about

Name = Callable[[Ref], str]
GAPS = frozenset({"policy-gap", "chat-command"})
PUBLISHED = timedelta(weeks=12)
"""How far ahead people are taken to know their turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Two scenes to judge over a span (aware), and what refs are called."""

    before: Scene
    after: Scene
    since: datetime
    until: datetime
    name: Name
    contacts: ContactBook | None = None


def judge(policies: Policies, sides: Sides) -> list[Finding]:
    """Return findings for everything promised or looked at always, and for who changes in mid-shift."""
    checks = promises(policies)
    after = evaluate(checks, sides.after, sides.since, sides.until, sides.contacts, sides.name)
    after += standing(sides.after, policies, sides.since, sides.until, sides.name)
    there = [check for check in checks if all(_known(ref, sides.before) for ref in about(check))]
    before = evaluate(there, sides.before, sides.since, sides.until, sides.contacts, sides.name)
    before += standing(sides.before, policies, sides.since, sides.until, sides.name)
    found = [_weighed(broken, before, sides) for broken in after]
    return [*found, *unknown(checks, sides.after, sides.contacts), *mid_shift(sides)]


def _known(ref: Ref, scene: Scene) -> bool:
    return ref in scene.services or ref in scene.schedules or ref in scene.policies


def _weighed(broken: Broken, before: Iterable[Broken], sides: Sides) -> Finding:
    finding = broken.finding()
    if finding.level != "error":
        return finding
    if broken.rule in GAPS and broken.ref not in sides.before.services:
        # Nobody rang for it before, so hours without anybody take nothing away; nobody at any hour is a mistake.
        partly = broken.spans != ((sides.since, sides.until),)
        return replace(finding, level="warning") if partly else finding
    if worse(broken, before):
        return finding
    return replace(finding, level="warning", message=f"{finding.message} (so before this plan, too)")


def worse(broken: Broken, before: Iterable[Broken]) -> bool:
    """Return whether something is broken at a time at which it was not."""
    twins = [b for b in before if (b.rule, b.source, b.ref) == (broken.rule, broken.source, broken.ref)]
    if not twins:
        return True
    return adds_to(broken.spans, (span for twin in twins for span in twin.spans))


def adds_to(spans: Iterable[tuple[datetime, datetime]], before: Iterable[tuple[datetime, datetime]]) -> bool:
    """Return whether there is a span that those before, joined where they touch, do not hold."""
    was = list(_merged(sorted(before)))
    return any(not any(b <= since and until <= e for b, e in was) for since, until in spans)


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    last: tuple[datetime, datetime] | None = None
    for since, until in spans:
        if last is not None and since <= last[1]:
            last = (last[0], max(last[1], until))
            continue
        if last is not None:
            yield last
        last = (since, until)
    if last is not None:
        yield last


def mid_shift(sides: Sides) -> Iterator[Finding]:
    """Yield a guard's finding for each schedule on which whoever is on call now would be replaced at once."""
    at = sides.since
    instant = timedelta(microseconds=1)
    for ref, schedule in sorted(sides.after.schedules.items(), key=lambda item: item[0]):
        if sides.before.schedules.get(ref) in (None, schedule):
            continue
        streams = [
            ((s.since, s.until, s.users) for s in schedule_shifts(ref, scene, at - instant, at + instant))
            for scene in (sides.before, sides.after)
        ]
        spans = [dict(found) for _, _, found in sweep(streams, at - instant, at + instant)]
        was_then, was, now = spans[0].get(0), spans[-1].get(0), spans[-1].get(1)
        if was and now and was != now and was_then == was:
            people = [", ".join(sorted(sides.name(user) for user in users)) for users in (was, now)]
            told = f"{people[0]} is on call now, and {people[1]} would take over at once, in the middle of a shift"
            message = f"{schedule.name}: {told}"
            yield Finding("mid-shift-change", "error", message, schedule.source, ref)


def redealt(changes: Iterable[Change], now: datetime, name: Name) -> Iterator[Finding]:
    """Yield, for each rotation whose members change, what that does to turns, and how to disturb fewer of them."""
    for change in changes:
        live = change.live.resource if change.live else None
        if not (isinstance(live, Schedule) and isinstance(change.wanted, Schedule)) or change.why == "drift":
            continue
        wall = to_wall(now, change.wanted.time_zone)
        twins = {rotation.name: rotation for rotation in live.rotations}
        for rotation in change.wanted.rotations:
            twin = twins.get(rotation.name)
            if twin is not None and [*map(str, twin.members)] != [*map(str, rotation.members)]:
                message = f"{change.name}: {_told(twin, rotation, wall, name)}"
                yield Finding("rotation-redealt", "note", message, change.source, change.ref)


def _told(before: Rotation, wanted: Rotation, wall: datetime, name: Name) -> str:
    said = [disturbance(before, wanted, wall, PUBLISHED).said(name)]
    offer = least(before, wanted, wall, PUBLISHED)
    if offer is not None:
        said.append(f"with `{offer.yaml}` {offer.said(name)}")
    two = two_rotations(before, wanted, wall)
    if two is not None:
        said.append(f"with `{_in_one_line(two.yaml)}` {two.said(name)}")
    return "; ".join(said)


def _in_one_line(lines: Sequence[str]) -> str:
    """Return YAML in block style, `rotations:` and its items, as one line that can be pasted: in flow style."""
    head, *rest = lines
    items: list[list[str]] = []
    for line in rest:
        if line.lstrip().startswith("- "):
            items.append([])
        key, _, value = line.strip().removeprefix("- ").partition(": ")
        bare = value.startswith(('"', "[", "{")) or "," not in value
        items[-1].append(f"{key}: {value if bare else json.dumps(value)}")
    return f"{head} [{', '.join('{' + ', '.join(item) + '}' for item in items)}]"
