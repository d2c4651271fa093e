"""Documents to shapes: what is well formed is kept, so that one typo does not hide what else is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from pydantic import ValidationError

from oncall_sync.errors import Problem

from .book import EVERY_KIND, SECTIONS, Page
from .complaints import complaints
from .place import Place
from .reading import Document
from .shape import FileShape

_ENOUGH: Final = 5


def shapes(
    documents: Sequence[Document], blocks: frozenset[str]
) -> tuple[list[Page], set[tuple[str, str]], list[Problem]]:
    """Return the pages by file name, the (kind, key) of what was taken out of them, and why.

    A resource, a check or a default that is wrong is left out of its page; everything else stays.
    """
    pages: list[Page] = []
    broken: set[tuple[str, str]] = set()
    problems: list[Problem] = []
    for document in sorted(documents, key=lambda document: document.file):
        data = document.data
        kept: dict[str, tuple[int, ...]] = {}
        for _ in range(_ENOUGH):
            try:
                shape = FileShape.model_validate(data, context=blocks)
            except ValidationError as error:
                if not kept and data is document.data:
                    problems += complaints(error, document, blocks)
                data, kept, out = _pruned(data, kept, (each["loc"] for each in error.errors(include_url=False)))
                broken |= out
            else:
                pages.append(Page(Place(document), shape, kept))
                break
    return pages, broken, problems


def _pruned(
    data: dict[str, Any], kept: dict[str, tuple[int, ...]], paths: Iterable[tuple[str | int, ...]]
) -> tuple[dict[str, Any], dict[str, tuple[int, ...]], set[tuple[str, str]]]:
    """Return the data without the items in which something is wrong, what is left of its lists, and what went."""
    wrong: dict[str, set[str | int]] = {}
    whole: set[str] = set()
    for path in paths:
        section = str(path[0]) if path else ""
        if len(path) > 1 and isinstance(data.get(section), (dict, list)):
            wrong.setdefault(section, set()).add(path[1])
        else:
            whole.add(section)
    broken: set[tuple[str, str]] = set()
    left = {name: value for name, value in data.items() if name not in whole}
    for section in whole:
        broken |= _lost(section, data.get(section))
    for section, keys in wrong.items():
        value = data[section]
        if section in left and isinstance(value, dict) and keys.intersection(value):
            left[section] = {key: item for key, item in value.items() if key not in keys}
            broken |= {(SECTIONS.get(section, section), str(key)) for key in keys}
        elif section in left and isinstance(value, list):
            indexes = kept.get(section, tuple(range(len(value))))
            kept = kept | {section: tuple(at for index, at in enumerate(indexes) if index not in keys)}
            left[section] = [item for index, item in enumerate(value) if index not in keys]
        else:
            # One check that is not in a list: the steps below it are its own.
            left.pop(section, None)
    return left, kept, broken


def _lost(section: str, value: Any) -> set[tuple[str, str]]:
    """Return what a whole section may have declared: by its kind, or, where the kind is a typo, by its keys."""
    if section in SECTIONS or section == "hours":
        return {(SECTIONS.get(section, section), EVERY_KIND)}
    return {(EVERY_KIND, str(key)) for key in value} if isinstance(value, dict) else set()
