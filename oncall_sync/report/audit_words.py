"""The sentences of an audit that all its forms share; nothing in them is escaped yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from oncall_sync.plan.audit.ground import Audit
from oncall_sync.plan.audit.load import hours_of
from oncall_sync.plan.audit.values import ChatLanding, ContactRow, Incoming, Ladder, LevelNow, Person, Span, Way
from oncall_sync.plan.checks.words import cut, exactly, moment, span

from .plain import counted

MOST_SPANS = 3
_SHORT = {
    "on-call-deactivated": "deactivated",
    "on-call-unpageable": "has a role that gets no pages",
    "no-contact": "nothing tells them",
    "email-only": "has nothing but email",
    "phone-unverified": "a phone was never verified",
    "invitation-open": "never followed the invitation",
    "rules-too-late": "their phone rings after the incident has gone on",
}
_SAID = {"push": "push to", "phone": "call to", "sms": "text to", "email": "email to"}


def human_now(ladder: Ladder) -> str:
    """Return how long it takes now until a human hears of it."""
    if not ladder.opens:
        return "none can open now"
    return "never" if ladder.human_now is None else soon(ladder.human_now)


def human_worst(ladder: Ladder) -> str:
    """Return how long it takes at worst; `never` where at some time nobody hears of it at all."""
    if ladder.never or ladder.gaps:
        return "never"
    if ladder.worst is None:
        return "none can open"
    return soon(ladder.worst)


def worst_when(ladder: Ladder) -> str:
    """Return when the worst case is; `""` if it is now, or always the same."""
    if ladder.gaps:
        return f"nobody is on call: {spans(ladder.gaps, ladder.zone)}"
    if ladder.never:
        return f"nobody is reached: {spans(ladder.never, ladder.zone)}"
    if ladder.worst_at is None or ladder.worst == ladder.human_now:
        return ""
    return f"as at {moment(ladder.worst_at, ladder.zone)}"


def soon(after: timedelta) -> str:
    """Return `at once` or `after 15m`."""
    return f"after {exactly(after)}" if after else "at once"


def spans(found: Sequence[Span], zone: str) -> str:
    """Return spans in words: the first ones, `and 12 more`."""
    return cut([span(since, until, zone) for since, until in found], MOST_SPANS)


def level(found: LevelNow) -> str:
    """Return when a level rings, and how long: `level 1, at once, for 15m`."""
    begins = "not reached" if found.begins is None else soon(found.begins)
    return f"level {found.number}, {begins}" + (f", for {exactly(found.lasts)}" if found.lasts else "")


def person(found: Person) -> str:
    """Return a person and by what they are told: `anna, through daily-duty: push to the app at once`."""
    via = f", through {found.via}" if found.via else ""
    if found.cannot:
        return f"{found.user}{via}: {found.cannot}"
    if not found.known:
        return f"{found.user}{via}"
    told = ", ".join(way(one) for one in found.ways) or "nothing tells them"
    silent = "; that reaches no human" if found.ways and found.reached is None else ""
    return f"{found.user}{via}: {told}{silent}"


def way(found: Way) -> str:
    """Return one way: `call to ••• ••42 after 5m`."""
    return f"{_SAID[found.way]} {found.shown} {soon(found.after)}"


def contact(found: ContactRow) -> str:
    """Return one contact with what is wrong with it."""
    wrong = [] if found.usable else ["not in use"]
    wrong += ["never verified"] if found.verified is False else []
    return f"{found.way} {found.shown}" + (f" ({', '.join(wrong)})" if wrong else "")


def problems(rules: Sequence[str]) -> str:
    """Return the problems of a person in a few words each."""
    return ", ".join(_SHORT.get(rule, rule) for rule in rules)


def incoming(found: Incoming) -> str:
    """Return whether somebody is ready."""
    return "ready" if found.ready and not found.problems else problems(found.problems)


def landing(found: ChatLanding) -> str:
    """Return where a chat command lands."""
    if found.problem:
        return found.problem
    there = ", ".join(found.on_call) or "nobody on call now"
    return there if found.always else f"{there}; not always somebody"


def hours(value: timedelta) -> str:
    """Return a length of time in hours: `40`, `12.5`."""
    return f"{hours_of(value):g}"


def day(at: datetime) -> str:
    """Return a UTC day."""
    return f"{at:%Y-%m-%d}"


def verdict(audit: Audit) -> str:
    """Return the last line: how much is wrong."""
    counts = [(sum(f.level == name for f in audit.findings), name) for name in ("error", "warning", "note")]
    said = [counted(count, name) for count, name in counts if count]
    return ", ".join(said) or "nothing is wrong"
