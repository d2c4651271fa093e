"""What was accepted, as prose for a terminal: which lines of which files, and what is left and why."""

from __future__ import annotations

from collections.abc import Iterator

from oncall_sync.run.accept_told import Acceptance, Accepted, Left

from .plain import counted, plain

LONGEST_LINE = 300


def accept_text(found: Acceptance) -> str:
    """Return all of it as text; ends with a newline."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Acceptance) -> Iterator[str]:
    for one in found.accepted:
        yield from _accepted(one)
        yield ""
    for left in found.left:
        yield from _left(left)
        yield ""
    for ref, by in sorted(found.follows.items()):
        yield (
            f"note: {plain(ref.words)} goes along with {plain(by.words)}: the next apply changes it (see `plan`),"
            " unless the policies set it apart"
        )
    if found.follows:
        yield ""
    yield _verdict(found)
    if found.accepted:
        yield (
            "look at the diff and commit it; `oncall-sync apply --refresh-marks` then notes at the provider that"
            " it is applied, so that the next edit there can be told from yours"
        )


def _accepted(one: Accepted) -> Iterator[str]:
    yield f"accepted {plain(one.ref.words)}: {', '.join(plain(path) for path in one.fields)}"
    for hunk in one.hunks:
        yield f"  {plain(hunk.file)}:{hunk.line}"
        yield from (f"    {plain(line, LONGEST_LINE)}".rstrip() for line in hunk.lines)
    if one.people:
        verb = "was" if len(one.people) == 1 else "were"
        yield f"  {', '.join(plain(key) for key in one.people)} {verb} not declared yet, and now under users:"
    if one.pending:
        listed = ", ".join(plain(path) for path in one.pending)
        yield f"  what the policies had changed themselves is still to be applied: {listed}"


def _left(one: Left) -> Iterator[str]:
    where = f"{plain(one.source)}: " if one.source else ""
    yield f"left {plain(one.ref.words)}: {where}{plain(one.reason, 1000)}"


def _verdict(found: Acceptance) -> str:
    if not found.accepted and not found.left:
        return "nothing was changed at the provider since it was last applied, so there is nothing to accept"
    said = f"{counted(len(found.accepted), 'object')} accepted"
    if found.left:
        said += f", {len(found.left)} left as declared (`oncall-sync apply` undoes what was changed there)"
    return said
