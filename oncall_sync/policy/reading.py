"""YAML text to plain data in which every value and every key knows its place.

YAML 1.2 core scalars (`on` and `09:00` are text), and none of what makes YAML dangerous in a pull request: tags,
merge keys, aliases that explode, characters that hide something from the reader of a diff. Whatever the bytes,
`read` returns within a time that its limits bound, and what is wrong comes back as problems, all it can find.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from oncall_sync.errors import Problem
from oncall_sync.model import Source

from .decoding import decode
from .scalars import is_text, scalar
from .wording import WordError, kind_of, shown
from .yaml_tokens import ALIAS, END, MAPPING, MAX_DEPTH, MAX_PROBLEMS, SCALAR, SEQUENCE, Tokens, tokenize, too_deep

MAX_ALIASED_NODES: Final = 10_000
_COLLECTIONS: Final = {MAPPING: "a mapping", SEQUENCE: "a list"}

Path: TypeAlias = tuple[str | int, ...]


class Marks(Mapping[Path, Source]):
    """Where each value (or key) was written, by its path; places are made on demand, as few are ever asked for."""

    __slots__ = ("_file", "_places")

    def __init__(self, file: str, places: dict[Path, tuple[int, int]]) -> None:
        self._file = file
        self._places = places

    def __getitem__(self, path: Path) -> Source:
        return Source(self._file, *self._places[path])

    def __iter__(self) -> Iterator[Path]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@dataclass(frozen=True, slots=True)
class Document:
    """One policy file as data.

    Attributes:
        file: its name, relative to oncall.yaml's folder, fit for printing.
        data: mappings, lists, text, numbers, truth values and None; the top is always a mapping.
        marks: where each value begins, by path (`("users", "anna", "email")`); `()` is the top.
        key_marks: where each key of a mapping begins, by the same path as its value.
        sha256: of the bytes as read, in hex.
    """

    file: str
    data: dict[str, Any]
    marks: Mapping[Path, Source] = field(repr=False, compare=False)
    key_marks: Mapping[Path, Source] = field(repr=False, compare=False)
    sha256: str = ""

    def where(self, path: Path) -> Source:
        """Return where the value at `path` was written, or the nearest enclosing one that there is."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks[path]

    def where_key(self, path: Path) -> Source:
        """Return where the key of the value at `path` was written; for an element of a list, the element."""
        return self.key_marks[path] if path in self.key_marks else self.where(path)


def read(text: bytes, file: str) -> tuple[Document | None, list[Problem]]:
    """Return one file's data and everything wrong with it as YAML, by line.

    There is a document whenever enough could be read to look further (a duplicate key or a tag does not stop
    that); its data is only good to use if there are no problems. An empty file is an empty mapping.
    """
    decoded, problems = decode(text, file)
    if decoded is None:
        return None, problems
    tokens = tokenize(decoded, file)
    reader = _Reader(file, tokens)
    data = reader.read()
    problems = _worth_saying(file, tokens.problems + reader.problems)
    if data is None or not tokens.whole:
        return None, problems
    marks, keys = Marks(file, reader.values), Marks(file, reader.keys)
    return Document(file, data, marks, keys, hashlib.sha256(text).hexdigest()), problems


def _worth_saying(file: str, problems: list[Problem]) -> list[Problem]:
    """Sort, drop what aliases repeat, and stop where nobody would read on."""
    unique = sorted(set(problems))
    if len(unique) > MAX_PROBLEMS:
        last = unique[MAX_PROBLEMS]
        unique[MAX_PROBLEMS:] = [Problem(file, last.line, last.column, "and so on: mend the problems above first")]
    return unique


class _GivenUp(Exception):
    """Nothing more can be read safely."""


class _Reader:
    """Builds values from tokens; recursion is bounded by `MAX_DEPTH`, aliases included."""

    def __init__(self, file: str, tokens: Tokens) -> None:
        self.file = file
        self.tokens = tokens.tokens
        self._whole = tokens.whole
        self.problems: list[Problem] = []
        self.values: dict[Path, tuple[int, int]] = {(): (1, 1)}
        self.keys: dict[Path, tuple[int, int]] = {}
        self._aliased = 0
        self._following = 0

    def read(self) -> dict[str, Any] | None:
        """Return the top mapping, or None."""
        if not self.tokens:
            return {}
        kind, line, column, _, plain = self.tokens[0]
        try:
            data, _ = self._value(0, (), 1)
        except _GivenUp:
            return None
        if kind == SCALAR and plain and data is None:
            return {}
        if not isinstance(data, dict):
            # Of a file that breaks off, the beginning says little about the whole.
            if not self._whole:
                return None
            self._problem(
                line,
                column,
                f"the file holds {kind_of(data)}: write keys at the top, such as `schedules:` or `users:`",
            )
            return None
        return data

    def _value(self, index: int, path: Path, depth: int) -> tuple[Any, int]:
        """Return the value at a token and the index after it."""
        kind, line, column, text, number = self.tokens[index]
        self.values[path] = (line, column)
        if self._following:
            self._count(line, column)
        if kind == SCALAR:
            return (self._scalar(text, line, column) if number else text), index + 1
        if kind == ALIAS:
            return self._alias(number, path, depth), index + 1
        if depth > MAX_DEPTH:
            self._problem(line, column, too_deep())
            raise _GivenUp
        if kind == MAPPING:
            return self._mapping(index + 1, path, depth)
        return self._sequence(index + 1, path, depth)

    def _sequence(self, index: int, path: Path, depth: int) -> tuple[list[Any], int]:
        items: list[Any] = []
        while self._more(index):
            item, index = self._value(index, (*path, len(items)), depth + 1)
            items.append(item)
        return items, index + 1

    def _mapping(self, index: int, path: Path, depth: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        while self._more(index):
            kind, line, column, text, plain = self.tokens[index]
            key = text if kind == SCALAR and (not plain or is_text(text)) else self._key(index)
            if key is None or key in found:
                if key is not None:
                    self._twice(key, (*path, key), line, column)
                index = self._ignored(index, path, depth)
                continue
            below = (*path, key)
            self.keys[below] = (line, column)
            index += 1
            found[key] = None
            if self._more(index):
                found[key], index = self._value(index, below, depth + 1)
        return found, index + 1

    def _more(self, index: int) -> bool:
        # A file that breaks off leaves collections open; what there is of them is still worth checking.
        return index < len(self.tokens) and self.tokens[index][0] != END

    def _key(self, index: int) -> str | None:
        """Return the text of an unusual key, or None after saying what is wrong with it."""
        kind, line, column, text, _ = self.tokens[index]
        if kind == ALIAS:
            self._problem(line, column, "an alias cannot be a key: write the key itself")
        elif kind != SCALAR:
            self._problem(line, column, f"a key cannot be {_COLLECTIONS[kind]}: write a name, then a colon")
        elif text == "<<":
            self._problem(
                line,
                column,
                "merge keys (<<) are not read: repeat the keys here, or use a name, as `hours:` gives to hours",
            )
        else:
            value = self._scalar(text, line, column)
            if isinstance(value, str):
                return value
            type_name = "null" if value is None else kind_of(value)
            what = f"{shown(text)}, which is {type_name} in YAML" if text else "empty"
            advice = f"write it in quotes, as {shown(text or 'name')}"
            self._problem(line, column, f"a key has to be text, and this one is {what}: {advice}")
        return None

    def _twice(self, key: str, path: Path, line: int, column: int) -> None:
        first = self.keys[path][0]
        self._problem(
            line,
            column,
            f"the key {shown(key)} stands twice, in line {first} and in line {line}: keep one, or rename one",
        )

    def _ignored(self, index: int, path: Path, depth: int) -> int:
        """Read a key and its value only for their problems; return the index after both."""
        values, keys = self.values, self.keys
        self.values, self.keys = {}, {}
        _, index = self._value(index, path, depth + 1)
        if self._more(index):
            _, index = self._value(index, path, depth + 1)
        self.values, self.keys = values, keys
        return index

    def _alias(self, target: int, path: Path, depth: int) -> Any:
        """Return a copy of what an alias stands for; its parts keep the places where they were written."""
        place = self.values[path]
        self._following += 1
        value, _ = self._value(target, path, depth)
        self._following -= 1
        self.values[path] = place
        return value

    def _count(self, line: int, column: int) -> None:
        self._aliased += 1
        if self._aliased > MAX_ALIASED_NODES:
            self._problem(
                line,
                column,
                f"aliases make more than {MAX_ALIASED_NODES} values of this file: write out what you need instead",
            )
            raise _GivenUp

    def _scalar(self, text: str, line: int, column: int) -> Any:
        try:
            return scalar(text)
        except WordError as error:
            self._problem(line, column, str(error))
            return None

    def _problem(self, line: int, column: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, column, message))
        if len(self.problems) > 2 * MAX_PROBLEMS:
            raise _GivenUp
