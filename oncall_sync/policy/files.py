"""Finding policy files: what lies under the policies folder, and nothing that links smuggle in."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import Final

from oncall_sync.errors import Problem
from oncall_sync.model import Source

from .decoding import MAX_BYTES
from .reading import Document, read
from .wording import escaped, shown

SUFFIXES: Final = (".yaml", ".yml")
MAX_FILES: Final = 5_000
MAX_TOTAL_BYTES: Final = 32 * 1024 * 1024


def gather(root: Path, folder: str, declared: Source) -> tuple[list[Document], list[Problem]]:
    """Read every policy file under `root / folder`, at any depth, sorted by name.

    Hidden files and folders are skipped; suffixes count in any case. A file that has two names is read once. What
    cannot be read is a problem (of `declared`, where oncall.yaml names the folder, if it is the folder itself);
    finding no file is not.

    Args:
        root: the folder of oncall.yaml; everything read is inside it, symbolic links followed.
        folder: the policies folder, relative to `root`.
        declared: where `policies` stands in oncall.yaml.
    """
    root = root.resolve()
    walk = _Walk(root)
    top = root / folder
    if refusal := _no_folder(root, top):
        return [], [Problem(*_place(declared), f"the policies folder {shown(folder)} {refusal}")]
    documents: list[Document] = []
    total = 0
    for path in walk.files(top):
        name = shown_name(root, path)
        content, problem = read_inside(root, path)
        if content is None:
            walk.problems.append(Problem(name, 0, 0, problem))
            continue
        total += len(content)
        if total > MAX_TOTAL_BYTES:
            size = f"{MAX_TOTAL_BYTES // 2**20} MiB"
            walk.problems.append(
                Problem(*_place(declared), f"the policies are larger than {size}: use fewer files")
            )
            break
        document, problems = read(content, name)
        walk.problems += problems
        if document is not None:
            documents.append(document)
    return documents, sorted(walk.problems)


def content_digest(documents: Iterable[Document]) -> str:
    """Return one sha256, in hex, of all files' names and bytes; the order in which they come does not matter."""
    lines = sorted(f"{document.sha256}  {document.file}\n" for document in documents)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def read_inside(root: Path, path: Path) -> tuple[bytes | None, str]:
    """Return the bytes of a regular file inside `root`, which is resolved, or None and why not.

    Nothing but a regular file is ever waited for, and not much more than `MAX_BYTES` are read.
    """
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(root):
            return None, "a link that leaves the folder of oncall.yaml: put the file itself here"
        return _bytes(real)
    except (OSError, RuntimeError, ValueError) as error:
        return None, _why(error)


def shown_name(root: Path, path: PurePath) -> str:
    """Return how a file is called in messages: relative to `root`, with slashes, and fit for printing."""
    try:
        path = path.relative_to(root)
    except ValueError:
        path = PurePath(path.name)
    name = "/".join(escaped(part) for part in path.parts)
    # A line that begins with a colon could be taken for a command by whoever reads a CI log.
    return f"./{name}" if name.startswith(":") else name


class _Walk:
    """One walk through a folder: each folder and each file once, whatever links there are."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self._seen: set[Path] = set()

    def files(self, top: Path) -> Iterator[Path]:
        """Yield files by name, all names in order, so that of two names for one file the first one counts."""
        count = 0
        for path in sorted(self._names(top), key=PurePath.as_posix):
            real = self._inside(path)
            if real is None or real in self._seen:
                continue
            self._seen.add(real)
            count += 1
            if count > MAX_FILES:
                self._problem(path, f"more than {MAX_FILES:,} policy files: put several resources into one")
                return
            yield path

    def _names(self, top: Path) -> Iterator[Path]:
        pending = [top]
        while pending:
            folder = pending.pop()
            real = self._inside(folder)
            if real is None or real in self._seen:
                continue
            self._seen.add(real)
            for path in self._listed(folder):
                if self._is_folder(path):
                    pending.append(path)
                elif path.suffix.lower() in SUFFIXES:
                    yield path

    def _is_folder(self, path: Path) -> bool:
        try:
            return path.is_dir()
        except OSError:
            # It leads through a folder that may not be entered; `_inside` says so if it is a policy file.
            return False

    def _listed(self, folder: Path) -> list[Path]:
        try:
            return sorted((path for path in folder.iterdir() if not path.name.startswith(".")), reverse=True)
        except OSError as error:
            self._problem(folder, _why(error))
            return []

    def _inside(self, path: Path) -> Path | None:
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            self._problem(path, _why(error))
            return None
        if real.is_relative_to(self.root):
            return real
        self._problem(path, "a link that leaves the folder of oncall.yaml: put the file or folder itself here")
        return None

    def _problem(self, path: Path, message: str) -> None:
        self.problems.append(Problem(shown_name(self.root, path), 0, 0, message))


def _no_folder(root: Path, top: Path) -> str:
    """Return what is wrong with the policies folder, or an empty text."""
    try:
        real = top.resolve(strict=True)
    except FileNotFoundError:
        return "is not there: make it, or name another one"
    except (OSError, RuntimeError, ValueError) as error:
        return f"cannot be used: {_why(error)}"
    if not real.is_relative_to(root):
        return "leaves the folder of oncall.yaml: name one inside it"
    return "" if real.is_dir() else "is a file: name the folder it is in"


def _bytes(path: Path) -> tuple[bytes | None, str]:
    # Asked before it is opened: opening a pipe waits for somebody, and opening a device may do something.
    if not path.is_file():
        return None, "not a regular file: put a text file here"
    with path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1), ""


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "a link to something that is not there: mend or remove it"
    if isinstance(error, PermissionError):
        return "no permission to read it: change its mode, or remove it"
    if isinstance(error, RuntimeError) or getattr(error, "errno", None) == errno.ELOOP:
        return "a link that leads back to itself: remove it"
    detail = error.strerror if isinstance(error, OSError) else None
    return f"cannot be read ({detail or 'not a usable name'}): mend or remove it"


def _place(source: Source) -> tuple[str, int, int]:
    return source.file, source.line, source.column
