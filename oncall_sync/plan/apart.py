"""Who changed which field, when both sides moved: the provider, or the policies.

A mark keeps one fingerprint, not the fields. But if each field was changed on one side only, exactly one way of
mixing live fields with wanted ones has that fingerprint: it is what was last applied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from itertools import combinations
from typing import Any, Final, TypeAlias

from oncall_sync.model import ABSENT, Ref, Resource, Team

from .facts import Facts, digest, facts
from .labels import Labels

Path: TypeAlias = tuple[str, ...]
MOST_FIELDS: Final = 10
"""2**10 fingerprints at the most; beyond that, nobody is told apart."""
_MISSING: Final = object()


def changed_live(live: Resource, wanted: Resource, mark: str, labels: Labels, now: datetime) -> set[str] | None:
    """Return the paths that were changed at the provider, as `FieldChange` writes them; None if no mix explains
    the mark's fingerprint.

    Both resources come without their marks and without children that somebody else put there.
    """
    before, after = facts(live, labels.id, now), facts(wanted, labels.id, now)
    paths = list(_differing(before, after))
    if len(paths) > MOST_FIELDS:
        return None
    for size in range(1, len(paths) + 1):
        for chosen in combinations(paths, size):
            if digest(_mixed(before, after, chosen)) == mark:
                names = _names(live, labels) | _names(wanted, labels)
                return {".".join(_named(path, names)) for path in chosen}
    return None


def _differing(before: Any, after: Any, at: Path = ()) -> Iterator[Path]:
    if not isinstance(before, dict) or not isinstance(after, dict):
        yield at
        return
    for key in sorted({*before, *after}):
        was, now = before.get(key, _MISSING), after.get(key, _MISSING)
        if was is _MISSING or now is _MISSING or was != now:
            yield from _differing(was, now, (*at, key))


def _mixed(before: Facts, after: Facts, chosen: tuple[Path, ...]) -> Facts:
    """Return `before` with what `after` has at the chosen paths."""
    out = deepcopy(before)
    for path in chosen:
        there, source = out, after
        for step in path[:-1]:
            there, source = there[step], source[step]
        if path[-1] in source:
            there[path[-1]] = source[path[-1]]
        else:
            there.pop(path[-1], None)
    return out


def _names(resource: Resource, labels: Labels) -> dict[str, str]:
    """Return what the ids of a team's members are called: the only names that are keys of facts."""
    members = resource.members if isinstance(resource, Team) and resource.members is not ABSENT else ()
    users: list[Ref] = [member.user for member in members]
    return {labels.id(user): labels.name(user) for user in users}


def _named(path: Path, names: Mapping[str, str]) -> Path:
    return (path[0], *(names.get(step, step) for step in path[1:])) if path[0] == "members" else path
