"""An audit as Markdown, for an issue or the summary of a CI job: what is wrong first, what is known below it.

The first line is a hidden marker, the same for every audit of a workspace, by which a job finds its issue again.
"""

from __future__ import annotations

from collections.abc import Iterator

from oncall_sync.model import Finding
from oncall_sync.plan.audit.ground import Audit
from oncall_sync.plan.audit.values import Ladder
from oncall_sync.plan.checks.words import moment, span
from oncall_sync.plan.told import instant

from . import audit_words as words
from .fitting import Item, Section, fitted, size
from .markdown import code, hidden, inline, row, table_head
from .plain import counted

LIMIT = 64_000
_LONGEST = 800


def marker(workspace: str) -> str:
    """Return the first line of every audit of a workspace."""
    return hidden("oncall-sync", "audit", workspace)


def audit_markdown(audit: Audit) -> str:
    """Return the whole audit; it is shorter than `LIMIT`."""
    top = [
        marker(audit.workspace),
        f"## On-call audit of {inline(audit.workspace)}",
        f"**{words.verdict(audit)[0].upper()}{words.verdict(audit)[1:]}.**",
        _read(audit),
    ]
    room = LIMIT - sum(size(part) + 2 for part in top)
    parts = fitted([*_sections(audit)], room)
    return "\n\n".join([*top, *(part.strip("\n") for part in parts)]) + "\n"


def _read(audit: Audit) -> str:
    said = [f"{inline(name)}: account {inline(account)}" for name, _, account in audit.accounts]
    said += [f"{inline(name)}: not read, {inline(reason)}" for name, reason in audit.not_read.items()]
    said.append(f"as of {instant(audit.now)}, ahead until {instant(audit.until)}")
    return " · ".join(said)


def _sections(audit: Audit) -> Iterator[Section]:
    telling = [Item(_finding(one)) for one in audit.findings if one.level != "note"]
    yield Section(head="### Findings\n", items=telling, noun="findings")
    head = table_head("service", "urgency", "a human hears now", "at worst", "when")
    ladders = [Item(_ladder(one)) for one in audit.ladders]
    yield Section(head=f"### Until a human hears of it\n\n{head}", items=ladders, noun="services")
    yield Section(head="### Ladders now\n", items=[*_levels(audit)], noun="services", extra="levels")
    yield from _people(audit)
    yield from _load(audit)
    yield from _beside(audit)
    notes = [Item(_finding(one)) for one in audit.findings if one.level == "note"]
    yield _folded("notes", notes, "notes")


def _finding(finding: Finding) -> str:
    where = f" {code(finding.source)}" if finding.source else ""
    return f"- **{finding.level}**{where} {inline(finding.message, _LONGEST)} ({code(finding.rule)})"


def _ladder(one: Ladder) -> str:
    when = words.worst_when(one)
    cells = [inline(one.service), one.urgency, words.human_now(one), words.human_worst(one)]
    return row([*map(str, cells), inline(when, _LONGEST) if when else ""])


def _levels(audit: Audit) -> Iterator[Item]:
    for ladder in audit.ladders:
        lines: list[str] = []
        for level in ladder.levels:
            people = [inline(words.person(one), _LONGEST) for one in level.people] or ["nobody"]
            lines.append(f"  - {words.level(level)}: {'; '.join(people)}")
        policy = f", {inline(ladder.policy)}" if ladder.policy else ""
        yield Item(f"- {inline(ladder.service)}, {ladder.urgency}{policy}", "\n".join(lines))


def _people(audit: Audit) -> Iterator[Section]:
    head = table_head("person", "schedule", "from", "ready?")
    coming = [
        Item(
            row(
                [
                    inline(one.user),
                    inline(one.schedule),
                    inline(moment(one.since, one.zone)),
                    inline(words.incoming(one), _LONGEST),
                ]
            )
        )
        for one in audit.incoming
    ]
    yield Section(head=f"### On call within a week, and not now\n\n{head}", items=coming, noun="people")
    chat = [
        Item(f"- {code(one.command)} pages {inline(one.service)}: {inline(words.landing(one), _LONGEST)}")
        for one in audit.chat
    ]
    yield Section(head="### Chat commands\n", items=chat, noun="commands")


def _load(audit: Audit) -> Iterator[Section]:
    head = table_head("person", "span", "hours", "nights", "night hours", "weekends", "weekend hours", "handoffs")
    rows = [
        Item(
            row(
                [
                    inline(one.user),
                    one.part,
                    words.hours(one.hours),
                    str(one.nights),
                    words.hours(one.night_hours),
                    str(one.weekends),
                    words.hours(one.weekend_hours),
                    str(one.handoffs),
                ]
            )
        )
        for one in audit.turns
    ]
    said = f"Back from {words.day(audit.since)}, ahead until {words.day(audit.until)}."
    yield Section(head=f"### Load\n\n{said}\n\n{head}", items=rows, noun="rows")
    shares = [
        Item(f"- {inline(one.schedule)}: {inline(one.user)} {words.hours(one.hours)} h, {one.ratio:g} of the mean")
        for one in audit.shares
    ]
    yield _folded("shares of each schedule", shares, "shares")


def _beside(audit: Audit) -> Iterator[Section]:
    overrides = [
        Item(
            f"- {inline(one.schedule)}: {inline(one.user)} from {inline(span(one.since, one.until, one.zone))}"
            f" ({code(one.why)})"
        )
        for one in audit.overrides
    ]
    yield _folded("overrides worth a look", overrides, "overrides")
    unused = [Item(f"- {one.kind.replace('_', ' ')} {inline(one.name)}") for one in audit.unused]
    yield _folded("leads nowhere", unused, "objects")
    others = [
        Item(f"- {one.kind.replace('_', ' ')} {inline(one.name)}{f' (of {inline(one.by)})' if one.by else ''}")
        for one in audit.unmanaged
    ]
    yield _folded(f"{counted(len(others), 'object')} this workspace does not manage", others, "objects")


def _folded(title: str, items: list[Item], noun: str) -> Section:
    head = f"<details><summary>{title}</summary>\n"
    return Section(head=head, items=items, noun=noun, tail="\n</details>")
