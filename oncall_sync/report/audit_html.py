"""An audit as one HTML page that needs nothing else: no script, no font, no picture, nothing loaded from anywhere.

It prints on paper, and follows the reader's choice of light or dark. All text is data: control characters are
written out, and what HTML would act on is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from oncall_sync.model import Finding
from oncall_sync.plan.audit.ground import Audit
from oncall_sync.plan.audit.values import Ladder
from oncall_sync.plan.checks.words import moment, span
from oncall_sync.plan.told import instant

from . import audit_words as words
from .plain import plain

_LONGEST = 1500
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8882; --error: #c1121f; --warning: #a15c00; }
@media (prefers-color-scheme: dark) { :root { --error: #ff7b72; --warning: #e3b341; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
td, li, p { overflow-wrap: anywhere; }
.error, .never { color: var(--error); font-weight: 600; } .warning { color: var(--warning); font-weight: 600; }
code { background: var(--soft); border-radius: .2rem; padding: 0 .25rem; }
ul.people { margin: 0; padding-left: 1.1rem; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } tr, li { break-inside: avoid; } }
"""


def audit_html(audit: Audit) -> str:
    """Return the page; ends with a newline."""
    title = f"On-call audit of {text(audit.workspace)}"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{title}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            f"<h1>{title}</h1>",
            *_body(audit),
            "</body>",
            "</html>",
            "",
        ]
    )


def text(value: object) -> str:
    """Return text as HTML that shows exactly this text, in an element or an attribute."""
    return escape(plain(value, _LONGEST), quote=True)


def _body(audit: Audit) -> Iterator[str]:
    said = [f"{text(name)}: account {text(account)}" for name, _, account in audit.accounts]
    said += [f"{text(name)}: not read, {text(reason)}" for name, reason in audit.not_read.items()]
    said.append(f"as of {instant(audit.now)}, ahead until {instant(audit.until)}")
    yield f"<p>{' · '.join(said)}</p>"
    yield f"<p><strong>{text(words.verdict(audit))}</strong></p>"
    yield from _table("Findings", ("level", "what", "rule", "where"), map(_finding, audit.findings))
    yield from _table(
        "Until a human hears of it",
        ("service", "urgency", "now", "at worst", "when", "who rings now"),
        map(_ladder, audit.ladders),
    )
    yield from _people(audit)
    yield from _load(audit)
    yield from _beside(audit)


def _table(title: str, heads: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield a titled table, if it has a row; cells are whole `<td>` elements."""
    found = [f"<tr>{''.join(row)}</tr>" for row in rows]
    if found:
        yield f"<h2>{text(title)}</h2>"
        head = "".join(f'<th scope="col">{text(one)}</th>' for one in heads)
        yield f"<table><thead><tr>{head}</tr></thead><tbody>"
        yield from found
        yield "</tbody></table>"


def _cell(value: object) -> str:
    return f"<td>{text(value)}</td>"


def _number(value: object) -> str:
    return f'<td class="number">{text(value)}</td>'


def _finding(one: Finding) -> list[str]:
    where = f"<code>{text(one.source)}</code>" if one.source else ""
    level = f'<td class="{one.level}">{one.level}</td>'
    return [level, _cell(one.message), f"<td><code>{text(one.rule)}</code></td>", f"<td>{where}</td>"]


def _ladder(one: Ladder) -> list[str]:
    worst = words.human_worst(one)
    kind = ' class="never"' if worst == "never" else ""
    levels = []
    for level in one.levels:
        people = "".join(f"<li>{text(words.person(each))}</li>" for each in level.people) or "<li>nobody</li>"
        levels.append(f'<div>{text(words.level(level))}</div><ul class="people">{people}</ul>')
    return [
        _cell(one.service),
        _cell(one.urgency),
        _cell(words.human_now(one)),
        f"<td{kind}>{text(worst)}</td>",
        _cell(words.worst_when(one)),
        f"<td>{''.join(levels)}</td>",
    ]


def _people(audit: Audit) -> Iterator[str]:
    rows = (
        [_cell(c.user), _cell(c.schedule), _cell(moment(c.since, c.zone)), _cell(words.incoming(c))]
        for c in audit.incoming
    )
    yield from _table("On call within a week, and not now", ("person", "schedule", "from", "ready?"), rows)
    everybody = (
        [_cell(p.user), _cell("; ".join(map(words.contact, p.contacts))), _cell(words.problems(p.problems))]
        for p in audit.people
    )
    yield from _table("People on ladders", ("person", "can be told by", "what is wrong"), everybody)
    chat = ([_cell(c.command), _cell(c.service), _cell(words.landing(c))] for c in audit.chat)
    yield from _table("Chat commands", ("command", "pages", "who is there"), chat)


def _load(audit: Audit) -> Iterator[str]:
    heads = ("person", "span", "hours", "nights", "night hours", "weekends", "weekend hours", "handoffs")
    rows = (
        [
            _cell(one.user),
            _cell(one.part),
            _number(words.hours(one.hours)),
            _number(one.nights),
            _number(words.hours(one.night_hours)),
            _number(one.weekends),
            _number(words.hours(one.weekend_hours)),
            _number(one.handoffs),
        ]
        for one in audit.turns
    )
    yield from _table(
        f"Load, back from {words.day(audit.since)}, ahead until {words.day(audit.until)}", heads, rows
    )
    shares = (
        [_cell(s.schedule), _cell(s.user), _number(words.hours(s.hours)), _number(f"{s.ratio:g}")]
        for s in audit.shares
    )
    yield from _table("Shares of each schedule", ("schedule", "person", "hours", "of the mean"), shares)


def _beside(audit: Audit) -> Iterator[str]:
    overrides = (
        [_cell(o.schedule), _cell(o.user), _cell(span(o.since, o.until, o.zone)), _cell(o.why)]
        for o in audit.overrides
    )
    yield from _table("Overrides worth a look", ("schedule", "person", "when", "why"), overrides)
    unused = ([_cell(u.kind.replace("_", " ")), _cell(u.name)] for u in audit.unused)
    yield from _table("Leads nowhere", ("kind", "name"), unused)
    others = ([_cell(u.kind.replace("_", " ")), _cell(u.name), _cell(u.by or "nobody")] for u in audit.unmanaged)
    yield from _table("Not managed by this workspace", ("kind", "name", "managed by"), others)
