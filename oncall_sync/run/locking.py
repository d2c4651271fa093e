"""One apply at a time on one machine.

A lock only spares the loser the trouble: two machines have none in common, and an apply is safe without it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from oncall_sync.errors import UsageError


@contextmanager
def locked(workspace: str, accounts: Iterable[str]) -> Iterator[None]:
    """Hold the lock of a workspace in some accounts for this user of this machine.

    Raises UsageError if another process has it.

    The system lets go of it with the process, however that ends. The file stays: to delete one that another
    process is just opening would give two of them a lock.
    """
    path = lock_file([workspace, *sorted(accounts)])
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise UsageError(f"the lock {path} cannot be opened: {error.strerror or error}") from error
    with os.fdopen(descriptor, "r+", encoding="ascii", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = file.read().strip() or "unknown"
            raise UsageError(
                f"another apply of the workspace {workspace!r} is running on this machine (process {holder}):"
                " wait until it ends, then apply again"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def lock_file(words: Sequence[str]) -> Path:
    """Return where the lock of some words is: with what else belongs to this user and ends with the machine."""
    name = hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]
    folder = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return Path(folder) / f"oncall-sync-{os.getuid()}-{name}.lock"
