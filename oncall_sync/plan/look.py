"""One live object as the decision sees it: in declared refs, without its mark, without what the provider added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from oncall_sync.model import ABSENT, Live, Ref, Resource, Team

from .facts import fingerprint, fingerprints, foreign_children, without
from .fill import localize
from .labels import Labels
from .marks import VERSION, Mark, split


@dataclass(frozen=True, slots=True)
class People:
    """Who is in teams for being called: (team id, user) as the provider has it, (team, user) after the plan."""

    added: frozenset[tuple[str, Ref]]
    called: frozenset[tuple[Ref, Ref]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A live object.

    `local` is its resource in declared refs, with its own text as description; `text` is that text; `mark` is
    None when there is none, or one of an algorithm that this version does not know. `others` are other forms in
    which it may have been marked: a team without the people whom the provider added, or without people.
    """

    live: Live
    local: Resource
    others: tuple[Resource, ...]
    text: str
    mark: Mark | None
    labels: Labels
    now: datetime

    def ours(self, kept: frozenset[str]) -> bool:
        """Return whether it is still as it was last applied, but for the children that are `kept`."""
        if self.mark is None:
            return False
        looks = (without(look, kept) for look in (self.local, *self.others))
        return any(self.mark.digest in fingerprints(look, self.labels.id, self.now) for look in looks)

    def says(self, wanted: Resource, kept: frozenset[str]) -> bool:
        """Return whether `wanted`, without the children that are `kept`, is what the mark says."""
        bare = without(wanted, kept)
        return self.mark is not None and fingerprint(bare, self.labels.id, self.now) == self.mark.digest

    def foreign(self, undeclared: Sequence[str]) -> frozenset[str] | None:
        """Return which of some undeclared children somebody else put there; None if that cannot be told."""
        if self.mark is None:
            return None
        return foreign_children(self.local, undeclared, self.mark.digest, self.labels.id, self.now)


def look(live: Live, declared: Resource, mark: Mark | None, people: People, labels: Labels, now: datetime) -> Look:
    """Return how the decision about `declared` sees `live`."""
    text, _ = split(live.resource.description if isinstance(live.resource.description, str) else "")
    whole = localize(replace(live.resource, description=text), labels.to_ref)
    local, others = _team(whole, declared, live, people) if isinstance(whole, Team) else (whole, ())
    known = mark if mark is not None and mark.version == VERSION else None
    return Look(live=live, local=local, others=others, text=text, mark=known, labels=labels, now=now)


def _team(whole: Team, declared: Resource, live: Live, people: People) -> tuple[Team, tuple[Team, ...]]:
    """Return a live team without those who are in it only because they are called, and its other forms."""
    nobody = replace(whole, members=ABSENT)
    if whole.members is ABSENT or not isinstance(declared, Team) or declared.members is ABSENT:
        return nobody, (whole,)
    there, own = whole.members, {member.user for member in declared.members}
    called = {user for team, user in people.called if team == declared.ref} - own
    added = {user for team, user in people.added if team == live.remote_id}

    def without_(hidden: set[Ref]) -> Team:
        return replace(whole, members=tuple(m for m in there if m.user not in hidden))

    # Whom somebody put in the place of a called one is called now, and the other stays in the team.
    return without_(called), (without_(added), without_(added - own), without_(called | added - own), nobody)
