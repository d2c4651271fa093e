"""Every place in the files that names something, for those who ask what would have to change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from oncall_sync.model import Mention, Ref

from .place import Path, Place


class Mentions(Mapping[Ref, tuple[Mention, ...]]):
    """Mentions by what they name, in the order of files and lines; worked out when asked for, as few ever are."""

    __slots__ = ("_places",)

    def __init__(self, referred: Iterable[tuple[Ref, Place]]) -> None:
        self._places: dict[Ref, dict[tuple[str, Path], Place]] = {}
        for ref, place in referred:
            self._places.setdefault(ref, {})[place.document.file, place.path] = place

    def __getitem__(self, ref: Ref) -> tuple[Mention, ...]:
        found = (_mention(place) for place in self._places[ref].values())
        return tuple(sorted(found, key=lambda mention: mention.source))

    def __iter__(self) -> Iterator[Ref]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _mention(place: Place) -> Mention:
    beside = _mapping(place)
    plain = {name: str(value) for name, value in beside.items() if isinstance(value, str | int | float)}
    return Mention(path=place.path, source=place.source(), count=_count(place), beside=plain)


def _count(place: Place) -> int:
    last = max((at for at, step in enumerate(place.path) if isinstance(step, int)), default=None)
    if last is None:
        return 1
    listed = Place(place.document, place.path[:last]).raw()
    return len(listed) if isinstance(listed, list) else 1


def _mapping(place: Place) -> dict[str, Any]:
    """Return the innermost mapping around a place."""
    path = place.path
    while path:
        path = path[:-1]
        found = Place(place.document, path).raw()
        if isinstance(found, dict):
            return found
    return {}
