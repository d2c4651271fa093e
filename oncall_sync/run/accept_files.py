"""The policy files of one run, in memory: edited again and again, and written when everything is proven."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from oncall_sync.errors import SyncError
from oncall_sync.model import Hours, Policies, Source
from oncall_sync.policy import words
from oncall_sync.policy.config import Config
from oncall_sync.policy.files import content_digest, gather
from oncall_sync.policy.load import load
from oncall_sync.policy.reading import Document, read
from oncall_sync.policy.resolve import resolve
from oncall_sync.policy.saving import replace_text, text_of
from oncall_sync.policy.splicing import EditError, spliced
from oncall_sync.policy.writing import Around
from oncall_sync.provider import kinds
from oncall_sync.rota.hours import union

CONTEXT = 1
"""How many lines that stay are shown around those that do not."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Some lines of a file that changed, as `diff -u` writes them; `line` is where they begin to differ now."""

    file: str
    line: int
    lines: tuple[str, ...]

    @property
    def grows(self) -> int:
        """Return how many lines more there are than before."""
        return sum({"+": 1, "-": -1}.get(line[:1], 0) for line in self.lines)


class NotEdited(Exception):
    """A place in a file that cannot be edited; `str(error)` says why."""

    def __init__(self, message: str, source: Source) -> None:
        super().__init__(message)
        self.source = source


@dataclass(frozen=True, slots=True)
class Files:
    """All policy files as they were read, and their texts as they are to be. A value: edits give another one."""

    config: Config
    documents: Mapping[str, Document]
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, config: Config, policies: Policies) -> Files:
        """Return the files that `policies` were made of. Raises SyncError if they have changed since."""
        documents, _ = gather(config.root, config.policies, config.policies_source)
        if content_digest(documents) != policies.sha256:
            raise SyncError("the policies were changed while this ran, so nothing was written: run it again")
        return cls(config, {document.file: document for document in documents})

    def with_value(self, file: str, path: tuple[str, ...], value: Any) -> Files:
        """Return files in which a path leads to a value. Raises NotEdited, SyncError."""
        before = self.before[file] if file in self.before else text_of(self.config.root, file)
        try:
            text = spliced(self.after.get(file, before), path, value)
        except EditError as error:
            raise NotEdited(str(error), Source(file, error.line, error.column)) from None
        document, _ = read(text.encode(), file)
        if document is None:
            raise SyncError(f"{file}: could not be read again after an edit; it was not written")
        return replace(
            self,
            documents={**self.documents, file: document},
            before={**self.before, file: before},
            after={**self.after, file: text},
        )

    def policies(self) -> Policies:
        """Return what the files declare. Raises PolicyErrors."""
        config = self.config
        return resolve(
            list(self.documents.values()),
            providers={provider.name: provider.kind for provider in config.providers},
            kinds=kinds(),
            workspace=config.workspace,
        )

    def of(self, section: str, key: str) -> str | None:
        """Return the file that declares something; None if none does."""
        return next((f for f, one in self.documents.items() if key in (one.data.get(section) or {})), None)

    def around(self, file: str, policies: Policies) -> Around:
        """Return what a file says for all that is in it."""
        data = self.documents[file].data
        return Around(
            provider=data.get("provider"),
            time_zone=data.get("time_zone"),
            team=data.get("team") if isinstance(data.get("team"), str) else None,
            hours=dict(_named_hours(data)),
            rules=policies.urgency_rules,
        )

    def hunks(self, other: Files) -> list[Hunk]:
        """Return what is different in `other`, which came of edits of these files."""
        found: list[Hunk] = []
        for file, text in other.after.items():
            before = self.after.get(file, other.before[file])
            found += _hunks(file, before, text)
        return found

    def write(self) -> None:
        """Write what changed: all files, or none if one of them cannot be. Raises SyncError."""
        done: list[str] = []
        changed = [file for file, text in self.after.items() if text != self.before[file]]
        try:
            for file in changed:
                replace_text(self.config.root, file, self.before[file], self.after[file])
                done.append(file)
            if load(self.config, kinds()).sha256 != content_digest(self.documents.values()):
                raise SyncError("the policies were changed while this ran; what was accepted was taken back")
        except SyncError:
            for file in done:
                replace_text(self.config.root, file, self.after[file], self.before[file])
            raise


def _named_hours(data: Mapping[str, Any]) -> Iterator[tuple[str, Hours]]:
    """Yield the hours that a file gives a name, as far as they are windows and spans."""
    for name, parts in (data.get("hours") or {}).items():
        try:
            yield name, union(*map(words.hours, parts if isinstance(parts, list) else [parts]))
        except words.WordError:
            continue


def _hunks(file: str, before: str, after: str) -> Iterator[Hunk]:
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=CONTEXT, lineterm=""))[2:]
    starts = [number for number, line in enumerate(lines) if line.startswith("@@")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        body = lines[start + 1 : end]
        begins = int(lines[start].split("+")[1].split(",")[0].split(" ")[0])
        same = next((number for number, line in enumerate(body) if line[:1] != " "), 0)
        if body[-1] == " ":
            body = body[:-1]
        yield Hunk(file, begins + same, tuple(body[1:] if body[0] == " " else body))
