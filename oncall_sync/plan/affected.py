"""Everything that names or rings a person, and what is left without them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from oncall_sync.errors import UsageError
from oncall_sync.model import Finding, Policies, Ref, Source, User
from oncall_sync.rota.scene import Scene

from .checks import LEVELS, evaluate, promises, standing
from .checks.broken import Broken
from .checks.watch import Watch
from .judging import worse
from .person.found import Standing
from .person.lines import Following, Line, followers, lines
from .person.rung import Alone, Reached, Turn, alone, reached, turns
from .person.without import without

Name = Callable[[Ref], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """What there is to know of a person, within `since..until` (aware).

    Attributes:
        person: their key in the policies, or what a provider calls them.
        name: what people call them.
        source: where they are declared; None for somebody whom no policy knows.
        lines: the policy lines that name them, in the order to change them.
        follows: schedules that ring them because they follow another.
        standings: what each provider that was read knows of them.
        not_read: providers that were not read, and why.
        reached: by which services they ring.
        alone: where nobody else is on call.
        turns: their shifts.
        breaks: what is worse once nothing names them any more.
        names: what the refs in all that are called.
        zones: the zone in which to tell the times of a schedule, policy or service.
    """

    person: str
    name: str
    source: Source | None
    since: datetime
    until: datetime
    lines: tuple[Line, ...]
    follows: tuple[Following, ...]
    standings: tuple[Standing, ...]
    not_read: Mapping[str, str]
    reached: tuple[Reached, ...]
    alone: tuple[Alone, ...]
    turns: tuple[Turn, ...]
    breaks: tuple[Finding, ...]
    names: Name
    zones: Name

    @property
    def nowhere(self) -> bool:
        """Return whether nothing but their own entry names them, here or at a provider that was read."""
        return not (
            [line for line in self.lines if line.part != "user"]
            or self.turns
            or any(one.namings or one.swaps or one.incidents for one in self.standings)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the answer is worked out from: `scene` has whatever was read, and the policies for the rest.

    `people` are the refs that mean the person in the scene: one, or one for each account without a declared user.
    """

    policies: Policies
    scene: Scene
    people: frozenset[Ref]
    since: datetime
    until: datetime
    names: Name


def declared_user(policies: Policies, asked: str) -> User | None:
    """Return the user whom a text means: by key, else by email, else by name. Raises UsageError for several."""
    exact = policies.users.get(asked)
    if exact is not None:
        return exact
    text = asked.casefold()
    for said in (
        [user for user in policies.users.values() if user.email.casefold() == text],
        [user for user in policies.users.values() if text in (user.ref.key.casefold(), user.name.casefold())],
    ):
        if len(said) > 1:
            keys = ", ".join(user.ref.key for user in said)
            raise UsageError(f"{len(said)} users are called {asked!r}: ask for one by key ({keys})")
        if said:
            return said[0]
    return None


def affected(
    ground: Ground,
    user: User | None,
    called: tuple[str, str],
    standings: Iterable[Standing],
    not_read: Mapping[str, str],
) -> Affected:
    """Return everything about a person; `called` is their key, or an account's word for them, and their name."""
    watch = Watch(ground.scene, ground.since, ground.until, ground.names)
    found = lines(ground.policies, user) if user is not None else []
    named = {line.ref for line in found if line.ref is not None and line.ref.kind == "schedule"}
    return Affected(
        person=called[0],
        name=called[1],
        source=user.source if user is not None else None,
        since=ground.since,
        until=ground.until,
        lines=tuple(found),
        follows=tuple(followers(ground.policies, named)),
        standings=tuple(standings),
        not_read=not_read,
        reached=tuple(reached(watch, ground.people)),
        alone=tuple(alone(watch, ground.people)),
        turns=tuple(turns(watch, ground.people)),
        breaks=tuple(_breaks(ground)),
        names=ground.names,
        zones=watch.zone,
    )


def _breaks(ground: Ground) -> list[Finding]:
    """Return what is promised or looked at always and does not hold, or holds less, without the person."""
    if not ground.people:
        return []
    before = _broken(ground, ground.scene)
    after = _broken(ground, without(ground.scene, ground.people))
    found = {one.finding() for one in after if worse(one, before)}
    severity = ("error", "warning", "note")
    return sorted(found, key=lambda one: (severity.index(LEVELS[one.rule]), one.rule, one.message))


def _broken(ground: Ground, scene: Scene) -> list[Broken]:
    span = (ground.since, ground.until)
    checks = promises(ground.policies)
    return [
        *evaluate(checks, scene, *span, None, ground.names),
        *standing(scene, ground.policies, *span, ground.names),
    ]
