"""A plan as one comment on a pull request: what a reviewer has to decide about, shortest first.

The first line is a hidden marker, the same for every plan of a workspace, so that whoever posts it can find the
comment of the last run and edit that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from oncall_sync.errors import PolicyErrors, SyncError
from oncall_sync.model import Change, Finding
from oncall_sync.plan.guards import GUARDS, errors, refusing
from oncall_sync.plan.plan import Plan
from oncall_sync.plan.told import instant
from oncall_sync.plan.wording import duration

from .fitting import Item, Section, fitted, size
from .impact_markdown import impact_sections, local
from .markdown import code, fenced, hidden, inline
from .plain import counted
from .words import details, headline

LIMIT = 64_000
"""GitHub takes 65,536 characters; the rest is for whoever posts it to put a line in front."""
_LONGEST_FIELD = 400
_LONGEST_MESSAGE = 800


def marker(workspace: str) -> str:
    """Return the first line of every comment about plans of a workspace; `""` if it could not be read."""
    return hidden("oncall-sync", "plan", workspace)


def plan_markdown(plan: Plan, apply: str | None) -> str:
    """Return the comment; its last line ends with the digest.

    `apply` is the command that applies exactly this plan, None if there is none. It is shorter than `LIMIT`.
    """
    top = [marker(plan.workspace), f"## On-call plan for {inline(plan.workspace)}", _verdict(plan), _read(plan)]
    bottom = _bottom(plan, apply)
    room = LIMIT - sum(size(part) + 2 for part in (*top, *bottom))
    parts = fitted([*_sections(plan)], room)
    return "\n\n".join([*top, *(part.rstrip("\n") for part in parts), *bottom]) + "\n"


def no_plan_markdown(workspace: str, error: SyncError) -> str:
    """Return the comment for when no plan could be made, so that an older one does not seem to hold."""
    found = error.problems if isinstance(error, PolicyErrors) else ()
    places = [code(f"{p.file}:{p.line}:{p.column}" if p.line else p.file) for p in found]
    problems = [
        f"- {place} {inline(p.message, _LONGEST_MESSAGE)}" for place, p in zip(places, found, strict=True)
    ] or [f"- **error** {inline(str(error), _LONGEST_MESSAGE)}"]
    title = f"## On-call plan{f' for {inline(workspace)}' if workspace else ''}"
    top = [marker(workspace), title, f"**No plan could be made: {counted(len(problems), 'problem')}.**"]
    section = Section(head="", items=[Item(line) for line in problems], noun="problems")
    room = LIMIT - sum(size(part) + 2 for part in top)
    return "\n\n".join([*top, *(part.strip("\n") for part in fitted([section], room))]) + "\n"


def _sections(plan: Plan) -> Iterator[Section]:
    yield from impact_sections(plan.impact)
    telling = [f for f in plan.findings if f.level != "note"]
    yield Section(head="### Findings\n", items=[Item(_finding(f)) for f in telling], noun="findings")
    yield Section(head="### Changes", items=[*_changes(plan)], noun="changes", extra="fields")
    swaps = (
        f"- schedule {inline(o.schedule)}: {inline(o.user)} from {instant(o.since)} to {instant(o.until)}"
        for o in plan.overrides
    )
    yield _folded("swaps that people made on these schedules, and that stay", swaps, "swaps")
    notes = (_finding(f) for f in plan.findings if f.level == "note")
    yield _folded("notes", notes, "notes")


def _folded(title: str, lines: Iterable[str], noun: str) -> Section:
    items = [Item(line) for line in lines]
    head = f"<details><summary>{title} ({len(items)})</summary>\n"
    return Section(head=head, items=items, noun=noun, tail="\n</details>")


def _verdict(plan: Plan) -> str:
    """Return the one line that everybody reads."""
    counts = {action: count for action, count in plan.summary.items() if count and action != "unmanaged"}
    stuck, refused = len(errors(plan.findings)), len(refusing(plan.findings))
    todo = ", ".join(f"{count} to {action}" for action, count in counts.items())
    said = f"**{todo}.** {_paging(plan)}" if todo else "**Nothing to do.**"
    if not todo and stuck:
        said = f"**Nothing can be done: {counted(stuck, 'error')}.**"
    elif stuck:
        said += f" **{counted(stuck, 'error')}: some objects are left as they are.**"
    if refused:
        said = f"**Apply would refuse this plan, for {counted(refused, 'reason')}.** {said}"
    return said


def _paging(plan: Plan) -> str:
    impact = plan.impact
    changed = [page for page in impact.pages if not page.new]
    gaps = " **At times nobody will be on call.**" if impact.opened else ""
    if not changed and not gaps:
        if impact.first_difference_after is not None:
            return f"Nobody is paged differently before {local(impact.first_difference_after, 'UTC')} UTC."
        return f"Nobody is paged differently in the coming {duration(impact.until - impact.since)}."
    if not changed:
        return gaps.strip()
    services = len({(page.provider, page.service) for page in changed})
    first = min(changed, key=lambda page: page.since)
    begins = "from now on" if first.since == impact.since else f"first on {local(first.since, first.zone)}"
    zone = "" if first.since == impact.since else f" ({inline(first.zone)})"
    return f"{counted(services, 'service')} will page differently, {begins}{zone}.{gaps}"


def _read(plan: Plan) -> str:
    """Return what was compared: accounts, the commit, and providers that were left out."""
    said = [f"{inline(p.name)}: account {inline(p.account)}" for p in plan.providers]
    said += [f"{inline(name)}: not read, {inline(reason)}" for name, reason in plan.not_read.items()]
    unmanaged = plan.summary["unmanaged"]
    said += [f"{counted(unmanaged, 'unmanaged object')} left alone"] if unmanaged else []
    said += [f"policies at commit {code(plan.commit[:12])}"] if plan.commit else []
    return " · ".join(said)


def _finding(finding: Finding) -> str:
    where = f" {code(finding.source)}" if finding.source else ""
    guard = "; refused unless waived" if finding.rule in GUARDS and finding.level == "error" else ""
    said = inline(finding.message, _LONGEST_MESSAGE)
    return f"- **{finding.level}**{where} {said} ({code(finding.rule)}{guard})"


def _changes(plan: Plan) -> Iterator[Item]:
    """Yield a line per change with its fields folded below; the first of each team has the team's name above."""
    several = len(plan.providers) > 1

    def place(change: Change) -> tuple[bool, str, str]:
        return not change.team, change.team or "", change.provider if several else ""

    for (_, team, provider), of_team in groupby(sorted(plan.changes, key=place), key=place):
        title = f"team {inline(team)}" if team else "no team"
        above = f"\n#### {title}{f' at {inline(provider)}' if provider else ''}\n\n"
        for change in of_team:
            said = f"{above}- **{change.action}** {inline(headline(change), _LONGEST_FIELD)}"
            yield Item(said, _fields(list(details(change))))
            above = ""


def _fields(lines: Sequence[str]) -> str:
    if not lines:
        return ""
    listed = "\n".join(f"  - {inline(line, _LONGEST_FIELD)}" for line in lines)
    return f"  <details><summary>{counted(len(lines), 'field')}</summary>\n\n{listed}\n\n  </details>"


def _bottom(plan: Plan, apply: str | None) -> list[str]:
    parts = ["---"]
    if plan.changes and apply:
        parts += ["To apply it:", fenced(apply)]
        if refusing(plan.findings):
            parts.append(f"It exits with 3 unless each reason is waived: {code('--waive RULE=REASON')}")
    return [*parts, f"Expires {instant(plan.expires_at)} · digest {plan.digest}"]
