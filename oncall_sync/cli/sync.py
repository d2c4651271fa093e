"""`sync`: the same program under the name its users type, without taking away coreutils' sync.

Somebody's script says `sync` to flush disks. What is not one of our commands goes to the system's own.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from .main import COMMANDS, run


def main(argv: Sequence[str] | None = None) -> None:
    """Run one of our commands, or hand over to the system's sync; the entry point of the console script."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in COMMANDS:
        sys.exit(run(arguments))
    if arguments and not arguments[0].startswith("-") and not Path(arguments[0]).exists():
        sys.exit(run(arguments))  # a typo in a command, not a file: coreutils has nothing to say about it
    system = system_sync(Path(sys.argv[0]).resolve(), os.environ.get("PATH", os.defpath))
    if system is not None:
        os.execv(system, ["sync", *arguments])  # noqa: S606
    os.sync()
    sys.exit(0)


def system_sync(ourselves: Path, search_path: str) -> str | None:
    """Return the path of the system's sync: the first on the search path that is not this program."""
    for folder in [*search_path.split(os.pathsep), "/usr/bin", "/bin"]:
        found = shutil.which("sync", path=folder) if folder else None
        if found and Path(found).resolve() != ourselves and not _is_ours(found):
            return found
    return None


def _is_ours(path: str) -> bool:
    """Return whether a file is this console script, perhaps of another environment."""
    try:
        with Path(path).open("rb") as file:
            return b"oncall_sync" in file.read(2048)
    except OSError:
        return True
