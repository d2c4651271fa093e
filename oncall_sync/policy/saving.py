"""Putting another text in the place of a policy file: all of it or nothing, and only the file that was read."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from oncall_sync.errors import SyncError

from .files import read_inside


def text_of(root: Path, name: str) -> str:
    """Return the text of the policy file that messages call `name`, line ends and byte order mark as they are.

    Raises:
        SyncError: it cannot be read, or its name on disk is not the one in messages.
    """
    content, problem = read_inside(root.resolve(), root.resolve() / name)
    if content is None:
        raise SyncError(f"{name}: {problem}")
    return content.decode()


def replace_text(root: Path, name: str, before: str, after: str) -> None:
    """Make the file that holds `before` hold `after`; who looks sees the one or the other, never a part.

    Guarantees: a link stays a link, and the file that it leads to is inside `root` (the folder of oncall.yaml);
    its mode stays.

    Raises:
        SyncError: it no longer holds `before`, or cannot be written; it is as it was then.
    """
    if text_of(root, name) != before:
        raise SyncError(f"{name}: somebody changed it meanwhile, so it is left alone; run this again")
    try:
        real = (root.resolve() / name).resolve(strict=True)
        _replace(real, after.encode())
    except OSError as error:
        raise SyncError(f"{name}: cannot be written ({error.strerror or error}); it is as it was") from error


def _replace(real: Path, content: bytes) -> None:
    # Hidden, and of another suffix: a run that reads the folder at this moment does not take it for a policy.
    handle, name = tempfile.mkstemp(prefix=f".{real.name}.", suffix=".new", dir=real.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(stream.fileno(), real.stat().st_mode & 0o7777)
            os.fsync(stream.fileno())
        fresh.replace(real)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
