"""libyaml's events as a flat list of tokens, and everything that is wrong at that level, in plain words.

The C parser keeps its own stack, so no nesting can overflow ours; limits end the reading long before memory does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import yaml

from oncall_sync.errors import Problem

from .wording import shown
from .yaml_errors import in_plain_words

MAX_NODES: Final = 200_000
MAX_DEPTH: Final = 40
MAX_PROBLEMS: Final = 200

SCALAR: Final = 0
ALIAS: Final = 1
MAPPING: Final = 2
SEQUENCE: Final = 3
END: Final = 4

Token: TypeAlias = tuple[int, int, int, str, int]
"""Kind, line, column, text, and: for a scalar 1 if it is plain, for an alias the index of what it stands for."""


@dataclass(slots=True)
class Tokens:
    """The first document of a file; `whole` unless reading broke off."""

    tokens: list[Token] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True


def tokenize(text: str, file: str) -> Tokens:
    """Return the tokens of a YAML text.

    Guarantees: aliases refer backwards, to nodes that are closed; tags, directives, further documents and unknown
    aliases are problems, and what they stood at is read as if they were not there.
    """
    tokenizer = _Tokenizer(file)
    parser = yaml.CBaseLoader(text)
    try:
        while tokenizer.take(parser.get_event()):
            pass
    except yaml.MarkedYAMLError as error:
        tokenizer.result.whole = False
        tokenizer.result.problems.extend(in_plain_words(error, text, file))
    finally:
        parser.dispose()
    return tokenizer.result


def too_deep() -> str:
    """Say that something is nested deeper than `MAX_DEPTH`."""
    return f"nested more than {MAX_DEPTH} deep: write it flatter"


class _Tokenizer:
    def __init__(self, file: str) -> None:
        self.file = file
        self.result = Tokens()
        self._tokens = self.result.tokens
        self._anchors: dict[str, int] = {}
        self._open: list[int] = []
        self._documents = 0

    def take(self, event: Any) -> bool:
        """Take in one event; tell whether to go on."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._node(event, SCALAR, event.value, int(not event.style))
        elif kind is yaml.MappingStartEvent:
            self._opened(event, MAPPING)
        elif kind is yaml.SequenceStartEvent:
            self._opened(event, SEQUENCE)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._open.pop()
            self._tokens.append((END, 0, 0, "", 0))
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            return self._document(event)
        return kind is not yaml.StreamEndEvent and self._within_limits(event)

    def _node(self, event: Any, kind: int, text: str, plain: int) -> None:
        mark = event.start_mark
        if event.anchor is not None:
            self._anchors[event.anchor] = len(self._tokens)
        if event.tag is not None:
            plain = 0
            tag = shown(event.tag.replace("tag:yaml.org,2002:", "!!"))
            message = f"tags are not read ({tag}): write the value alone, in quotes if it is text"
            self._problem(event, message)
        self._tokens.append((kind, mark.line + 1, mark.column + 1, text, plain))

    def _opened(self, event: Any, kind: int) -> None:
        self._open.append(len(self._tokens))
        self._node(event, kind, "", 0)

    def _alias(self, event: Any) -> None:
        mark = event.start_mark
        place = mark.line + 1, mark.column + 1
        target = self._anchors.get(event.anchor)
        text = f"*{event.anchor}"
        if target is None:
            self._problem(event, f"{shown(text)} is an alias for nothing: put the text in quotes, if it is text")
        elif target in self._open:
            self._problem(event, f"{shown(text)} stands for something that contains it: write out what is meant")
        else:
            self._tokens.append((ALIAS, *place, "", target))
            return
        self._tokens.append((SCALAR, *place, text, 0))

    def _document(self, event: Any) -> bool:
        self._documents += 1
        if self._documents > 1:
            self._problem(event, "a second document begins here: remove `---`, or make it a file of its own")
            return False
        if event.version or event.tags:
            self._problem(event, "YAML directives (lines that begin with %) are not read: remove them")
        return True

    def _within_limits(self, event: Any) -> bool:
        if len(self._open) > MAX_DEPTH:
            self._problem(event, too_deep())
        elif len(self._tokens) > MAX_NODES:
            self._problem(event, f"more than {MAX_NODES:,} values in one file: split it into several files")
        elif len(self.result.problems) <= MAX_PROBLEMS:
            return True
        self.result.whole = False
        return False

    def _problem(self, event: Any, message: str) -> None:
        mark = event.start_mark
        self.result.problems.append(Problem(self.file, mark.line + 1, mark.column + 1, message))
