"""Documents to shapes: what is well formed is kept, so that one typo does not hide what else is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from oncall_sync.errors import Problem

from .book import EVERY_KIND, SECTIONS, Page
from .complaints import complaints
from .place import Path, Place, as_written
from .reading import Document
from .shape import FileShape

_ATTEMPTS: Final = 4


@dataclass
class Damage:
    """What was taken out of the pages because it is wrong.

    `broken` holds (kind, key) of whole resources, and (default, file) of defaults; `partial` (kind, key) of
    resources of which something is left.
    """

    broken: set[tuple[str, str]] = field(default_factory=set)
    partial: set[tuple[str, str]] = field(default_factory=set)


def shapes(documents: Sequence[Document], blocks: frozenset[str]) -> tuple[list[Page], Damage, list[Problem]]:
    """Return the pages by file name, what had to be taken out of them, and why."""
    pages: list[Page] = []
    problems: list[Problem] = []
    damage = Damage()
    for document in sorted(documents, key=lambda document: document.file):
        draft = _Draft(document, damage)
        for attempt in range(_ATTEMPTS):
            try:
                shape = FileShape.model_validate(draft.data, context=blocks)
            except ValidationError as error:
                if not attempt:
                    problems += complaints(error, document, blocks)
                draft.prune(error.errors(include_url=False), gently=not attempt)
            else:
                pages.append(Page(Place(document), shape, draft.kept))
                break
    return pages, damage, problems


class _Draft:
    """A document's data, from which what is wrong is taken out: gently at first, whole resources after that.

    Items of a list never move within a resource, as places count them; of `checks` and `waivers`, `kept` says
    which are left.
    """

    def __init__(self, document: Document, damage: Damage) -> None:
        self.document = document
        self.data: dict[str, Any] = document.data
        self.kept: dict[str, tuple[int, ...]] = {}
        self.damage = damage

    def prune(self, errors: Sequence[ErrorDetails], *, gently: bool) -> None:
        """Take out what the errors are about."""
        items: dict[str, set[int]] = {}
        whole = self.data
        for error in errors:
            path = as_written(whole, error["loc"])
            section = str(error["loc"][0]) if error["loc"] else ""
            if error["type"] == "extra_forbidden" and gently:
                self._take(path)
            elif len(path) > 1 and isinstance(path[1], int):
                items.setdefault(section, set()).add(path[1])
            elif len(path) > 1 and isinstance(path[1], str) and not self._is_one_item(section):
                self._take(path[: _depth(path) if gently else 2])
            else:
                self._take((section,))
        for section, wrong in items.items():
            listed = self.data[section]
            before = self.kept.get(section, tuple(range(len(listed))))
            self.kept[section] = tuple(at for index, at in enumerate(before) if index not in wrong)
            self.data = self.data | {section: [item for index, item in enumerate(listed) if index not in wrong]}

    def _is_one_item(self, section: str) -> bool:
        """Tell whether a list of one is written without being a list."""
        return section in ("checks", "waivers") and isinstance(self.data.get(section), dict)

    def _take(self, path: Path) -> None:
        """Take out the value of a key, and note what may be missed."""
        if len(path) == 1:
            self._note_section(str(path[0]))
        elif len(path) == 2:
            self.damage.broken.add((SECTIONS.get(str(path[0]), str(path[0])), str(path[1])))
        else:
            self.damage.partial.add((SECTIONS.get(str(path[0]), str(path[0])), str(path[1])))
        self.data = _without(self.data, path)

    def _note_section(self, section: str) -> None:
        value = self.data.get(section)
        if section in SECTIONS or section == "hours":
            self.damage.broken.add((SECTIONS.get(section, section), EVERY_KIND))
        elif isinstance(value, dict):
            # A section whose name is misspelled: its keys may be of any kind.
            self.damage.broken |= {(EVERY_KIND, str(key)) for key in value}
        else:
            self.damage.broken.add((section, self.document.file))


def _depth(path: Path) -> int:
    """Return how much of a path names what goes alone: an integration, a key of a resource, or all of it."""
    if path[2:3] == ("integrations",):
        return 4
    return 3 if isinstance(path[2] if len(path) > 2 else None, str) else 2


def _without(data: Any, path: Path) -> Any:
    """Return a copy of the data that lacks a key; what the path does not touch is shared."""
    step, *rest = path
    if isinstance(data, list):
        return [_without(item, tuple(rest)) if index == step else item for index, item in enumerate(data)]
    if step not in data:
        return data
    if not rest:
        return {key: value for key, value in data.items() if key != step}
    return data | {step: _without(data[step], tuple(rest))}
