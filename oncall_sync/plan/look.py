"""One live object as the decision sees it: in declared refs, without its mark, without what the provider added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from oncall_sync.model import ABSENT, Live, Member, Resource, Snapshot, Team

from .facts import fingerprint, fingerprints, foreign_children, without
from .fill import localize
from .labels import Labels
from .marks import VERSION, Mark, split


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A live object.

    `local` is its resource in declared refs, with its own text as description; `text` is that text; `mark` is
    None when there is none, or one of an algorithm that this version does not know.
    """

    live: Live
    local: Resource
    alone: Resource
    text: str
    mark: Mark | None
    labels: Labels
    now: datetime

    def ours(self, kept: frozenset[str]) -> bool:
        """Return whether it is still as it was last applied, but for the children that are `kept`."""
        if self.mark is None:
            return False
        looks = (without(look, kept) for look in (self.local, self.alone))
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


def look(
    live: Live, declared: Resource, snapshot: Snapshot, mark: Mark | None, labels: Labels, now: datetime
) -> Look:
    """Return how the decision about `declared` sees `live`."""
    text, _ = split(live.resource.description if isinstance(live.resource.description, str) else "")
    wanted = {labels.id(m.user) for m in _members(declared)}
    implicit = {user for team, user in snapshot.implicit if team == live.remote_id}

    def seen(hidden: set[str]) -> Resource:
        resource = replace(live.resource, description=text)
        if isinstance(resource, Team) and resource.members is not ABSENT:
            members = tuple(m for m in resource.members if m.user.key not in hidden)
            resource = replace(resource, members=members)
        return localize(resource, labels.to_ref)

    return Look(
        live=live,
        local=seen(implicit - wanted),
        alone=seen(implicit),
        text=text,
        mark=mark if mark is not None and mark.version == VERSION else None,
        labels=labels,
        now=now,
    )


def _members(resource: Resource) -> Sequence[Member]:
    return resource.members if isinstance(resource, Team) and resource.members is not ABSENT else ()
