"""The text of lines in policy files, to show what is to be changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from oncall_sync.model import Source
from oncall_sync.policy.files import read_inside


def written(root: Path, sources: Iterable[Source]) -> Mapping[Source, str]:
    """Return the line each source is on, without blanks around it and without its comment.

    Lines of files that cannot be read (any more) are left out. `root` is the folder of oncall.yaml.
    """
    asked = {*sources}
    texts = {name: _lines(root.resolve(), name) for name in {source.file for source in asked}}
    return {
        source: without_comment(texts[source.file][source.line - 1]).strip()
        for source in asked
        if 0 < source.line <= len(texts[source.file])
    }


def without_comment(line: str) -> str:
    """Return a line of YAML up to the `#` that begins a comment, which is none within quotes or a word."""
    quote = ""
    for at, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"" and (at == 0 or line[at - 1] in " \t[{,:-"):
            quote = char
        elif char == "#" and (at == 0 or line[at - 1] in " \t"):
            return line[:at]
    return line


def _lines(root: Path, name: str) -> list[str]:
    content, _ = read_inside(root, root / name)
    return content.decode("utf-8-sig", "replace").split("\n") if content is not None else []
