"""Rules files: where oncall.yaml says they are, and what is in them.

They come with pull requests, as policies do, or from a repository that many share; they are read with the same
care.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from pydantic import ValidationError

from oncall_sync.errors import Problem
from oncall_sync.model import Source, Waiver
from oncall_sync.model.rule import Rule, RuleBook

from .complaints import complaints
from .files import read_inside, shown_name
from .place import Place
from .reading import Document, read
from .resolve_rules import resolve_rules
from .shape_rules import RulesShape
from .wording import WordError, shown, word

MOST_FILES: Final = 20
NO_BLOCKS: Final = frozenset[str]()


@dataclass(frozen=True, slots=True)
class RulesFile:
    """A rules file that oncall.yaml names: its path below the folder of oncall.yaml, and where that is written."""

    path: str
    source: Source = field(compare=False)


def is_below(text: str) -> bool:
    """Tell whether text is a path that stays below the folder it is in, on any system."""
    path = PurePosixPath(text)
    odd = "\\" in text or ":" in text or not text.isprintable()
    return not (path.is_absolute() or odd or {"..", "~"} & set(path.parts))


def named_files(document: Document) -> tuple[tuple[RulesFile, ...], list[Problem]]:
    """Return the files that `rules:` in oncall.yaml names, one or a list, and what is wrong with their names."""
    value = document.data.get("rules", [])
    listed = value if isinstance(value, list) else [value]
    files: list[RulesFile] = []
    problems: list[Problem] = []
    for index, each in enumerate(listed):
        source = document.where(("rules", index) if isinstance(value, list) else ("rules",))
        try:
            files.append(RulesFile(_path(each), source))
        except WordError as error:
            problems.append(_problem(source, str(error)))
    if len(files) > MOST_FILES:
        problems.append(
            _problem(files[0].source, f"more than {MOST_FILES} files with rules: put several into one")
        )
    return tuple(files), problems


def _path(value: object) -> str:
    text = word(value, "the name of a file with rules, such as rules.yaml")
    path = PurePosixPath(text)
    if not is_below(text) or not path.parts:
        raise WordError(f"{shown(text)} is not a file below this one: write one, such as rules.yaml")
    return path.as_posix()


def load_rules(root: Path, policies: str, files: Sequence[RulesFile]) -> tuple[RuleBook, list[Problem]]:
    """Read rules files and return what they ask for together, and everything that is wrong with them.

    Args:
        root: the folder of oncall.yaml, resolved; nothing outside it is read, symbolic links followed.
        policies: the policies folder, relative to `root`, where no rules may be: every file there is a policy.
        files: as `named_files` returns them; one that is named twice is read once.
    """
    rules: list[Rule] = []
    waivers: list[Waiver] = []
    problems: list[Problem] = []
    for file in dict.fromkeys(files):
        if PurePosixPath(file.path).is_relative_to(policies):
            problems.append(_problem(file.source, f"{shown(file.path)} is among the policies: put it elsewhere"))
            continue
        found, wrong = _read(root, file)
        problems += wrong
        rules += found.rules
        waivers += found.waivers
    return RuleBook(rules=tuple(rules), waivers=tuple(waivers)), problems


def rules_of(text: bytes, name: str) -> tuple[RuleBook, list[Problem]]:
    """Return what one rules file holds, and everything that is wrong with it; in doubt it holds nothing."""
    document, problems = read(text, name)
    if document is None:
        return RuleBook(), problems
    try:
        shape = RulesShape.model_validate(document.data, context=NO_BLOCKS)
    except ValidationError as error:
        return RuleBook(), sorted({*problems, *complaints(error, document, NO_BLOCKS, RulesShape)})
    if problems:
        return RuleBook(), problems
    rules, waivers = resolve_rules(shape, Place(document))
    return RuleBook(rules=tuple(rules), waivers=tuple(waivers)), []


def _read(root: Path, file: RulesFile) -> tuple[RuleBook, list[Problem]]:
    place = root / file.path
    try:
        missing = not place.is_symlink() and not place.exists()
    except OSError:  # a name that no file system takes
        missing = True
    if missing:
        return RuleBook(), [
            _problem(file.source, f"{shown(file.path)} is not there: make it, or name another file")
        ]
    content, problem = read_inside(root, place)
    name = shown_name(root, place)
    return rules_of(content, name) if content is not None else (RuleBook(), [Problem(name, 0, 0, problem)])


def _problem(source: Source, message: str) -> Problem:
    return Problem(source.file, source.line, source.column, message)
