"""The checkout that the policies are in: whether it is what was approved and merged.

Everything here is told by git on this machine; nothing is fetched.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from oncall_sync.model import Finding

SECONDS = 10
"""How long git may take; without an answer there is nothing to say."""
MOST_FILES = 3


def commit(root: Path) -> str | None:
    """Return the commit that is checked out in `root`, or None outside a repository."""
    return _git(root, "rev-parse", "--verify", "--quiet", "HEAD") or None


def worries(root: Path) -> Iterator[Finding]:
    """Yield what makes it doubtful that `root` holds what is meant to be applied."""
    changed = [line[3:] for line in (_git(root, "status", "--porcelain", "--", ".") or "").splitlines()]
    changed = [name for name in changed if name.endswith((".yaml", ".yml"))]
    if changed:
        more = f" and {len(changed) - MOST_FILES} more" if len(changed) > MOST_FILES else ""
        names = ", ".join(changed[:MOST_FILES]) + more
        message = f"the checkout has changes that are not committed ({names}): nobody else can see what is applied"
        yield Finding("dirty-checkout", "warning", message)
    behind = int(_git(root, "rev-list", "--count", "HEAD..@{upstream}") or 0)
    if behind:
        upstream = _git(root, "rev-parse", "--abbrev-ref", "@{upstream}")
        commits = "1 commit" if behind == 1 else f"{behind} commits"
        message = f"the checkout is {commits} behind {upstream}: an apply would undo what they say; pull first"
        yield Finding("behind-upstream", "error", message)


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(root), *words],  # noqa: S607
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.rstrip("\n") if done.returncode == 0 else None
