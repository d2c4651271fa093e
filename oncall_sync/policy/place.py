"""Where the parts of a resource were written, whichever of the accepted forms they were written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from oncall_sync.errors import Problem
from oncall_sync.model import Source

from .reading import Document
from .shape_schedule import is_one_rotation
from .wording import escaped

Step: TypeAlias = str | int
Path: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a document by its canonical path, in which everything that may be a list is one."""

    document: Document
    path: Path = ()

    def __truediv__(self, step: Step) -> Place:
        return Place(self.document, (*self.path, step))

    def source(self) -> Source:
        """Return where the value is, or what encloses it if it is not written."""
        return self.document.where(_written(self.document.data, self.path)[0])

    def key_source(self) -> Source:
        """Return where the key of the value is; for an item of a list, the item."""
        return self.document.where_key(_written(self.document.data, self.path)[0])

    def problem(self, message: str, *, key: bool = False) -> Problem:
        """Return a problem at the value, or at its key."""
        where = self.key_source() if key else self.source()
        return Problem(where.file, where.line, where.column, printable(message))

    def raw(self) -> Any:
        """Return what is written there, as plain data."""
        at: Any = self.document.data
        for step in _written(at, self.path)[0]:
            at = at[step]
        return at


class PartMarks(Mapping[str, Source]):
    """Where each part of a resource was written, by dotted path (`levels.0.notify`); found when asked for.

    A path may be spelled as written (`rotations.frontend.start`) or canonically (`rotations.0.start`).
    """

    __slots__ = ("_place",)

    def __init__(self, place: Place) -> None:
        self._place = place

    def __getitem__(self, dotted: str) -> Source:
        document = self._place.document
        start = _written(document.data, self._place.path)[0]
        inside = self._place.raw()
        path, whole = _written(inside, _steps(inside, dotted))
        if not whole:
            raise KeyError(dotted)
        return document.where((*start, *path))

    def __iter__(self) -> Iterator[str]:
        return _dotted(self._place.raw())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def printable(message: str) -> str:
    """Return a sentence on one line, whatever the keys in it hold: they come from somebody else."""
    return message if message.isprintable() else escaped(message)


def as_written(data: Any, path: Path) -> Path:
    """Return a canonical path as it was written, as far as it was."""
    return _written(data, path)[0]


def _written(data: Any, path: Path) -> tuple[Path, bool]:
    """Return the path as it was written, as far as it was, and whether all of it was.

    Steps of pydantic's own (`<text>`) and the 0 of a list of one that is not a list are left out.
    """
    found: list[Step] = []
    at = data
    whole = True
    for step in path:
        real = _step(at, step, found[-1] if found else None)
        if real is None:
            whole = whole and step == 0 and not isinstance(at, list)
            continue
        found.append(real)
        at = at[real]
    return tuple(found), whole


def _step(at: Any, step: Step, inside: Step | None) -> Step | None:
    if isinstance(at, list):
        return step if isinstance(step, int) and step < len(at) else None
    if not isinstance(at, dict):
        return None
    if isinstance(step, str):
        return step if step in at else None
    if inside == "integrations":
        names: list[str] = sorted(at)
    elif inside == "rotations" and not is_one_rotation(at):
        names = list(at)
    else:
        return None
    return names[step] if step < len(names) else None


def _steps(data: Any, dotted: str) -> Path:
    """Split a dotted path; a key that has dots of its own is found whole."""
    steps: list[Step] = []
    rest = dotted.split(".")
    at = data
    while rest:
        taken = next((n for n in range(len(rest), 1, -1) if isinstance(at, dict) and ".".join(rest[:n]) in at), 1)
        word = ".".join(rest[:taken])
        rest = rest[taken:]
        step: Step = int(word) if word.isdecimal() and not (isinstance(at, dict) and word in at) else word
        real = _step(at, step, steps[-1] if steps else None)
        steps.append(step)
        at = at[real] if real is not None else at
    return tuple(steps)


def _dotted(data: Any, prefix: str = "") -> Iterator[str]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in items:
        yield f"{prefix}{step}"
        yield from _dotted(value, f"{prefix}{step}.")
