"""Everything about a person, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from oncall_sync.model import Ref, Source
from oncall_sync.plan.affected import Affected
from oncall_sync.plan.person.found import Naming, Standing
from oncall_sync.plan.person.rung import Alone, Reached
from oncall_sync.plan.wording import duration

from .clocks import local, spans_told, total
from .plain import counted, plain

MOST_SPANS = 4
MOST_SHIFTS = 8
MOST_NAMES = 6
LONGEST_LINE = 120

GOES = {
    "declared": "goes with the lines above",
    "pending": "goes with the next apply: the policies name them there no more",
    "by hand": "is changed there by hand",
}


def affected_text(found: Affected, written: Mapping[Source, str]) -> str:
    """Return what there is to know and to do, in the order to do it; ends with a newline."""
    lines = [_head(found)]
    if found.nowhere:
        lines += ["", f"nothing names or rings {plain(found.person)}{_looked(found)}"]
    lines += _policies(found, written)
    for one in found.standings:
        lines += _standing(one)
    lines += _rings(found)
    lines += _alone(found)
    lines += _shifts(found)
    lines += _breaks(found)
    lines += [f"{plain(name)} was not read: {plain(why)}" for name, why in found.not_read.items()]
    return "\n".join(lines) + "\n"


def named(found: Affected, refs: Sequence[Ref]) -> str:
    """Return services by name, the first ones of many."""
    names = [plain(found.names(ref)) for ref in refs]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def after(one: Reached) -> str:
    """Return how long after an event a level rings."""
    return "at once" if not one.after else f"after {duration(one.after)}"


def where_alone(found: Affected, one: Alone) -> str:
    """Return which ladder is meant."""
    policy, services = plain(found.names(one.policy)), named(found, one.services)
    if one.level is None:
        return f"{services} (escalation policy {policy}): nobody else at any level"
    return f"{services} (escalation policy {policy}): nobody else at level {one.level}, so others ring at once"


def standing_words(one: Standing) -> list[str]:
    """Return what a provider says of a person as such."""
    said: list[str] = []
    if not one.there:
        said.append("has no user for them")
    if one.cannot:
        said.append(f"never pages them: {plain(one.cannot)}")
    if one.deleted:
        where = ", ".join(plain(name) for name in one.deleted[:MOST_NAMES])
        more = f" and {len(one.deleted) - MOST_NAMES} more" if len(one.deleted) > MOST_NAMES else ""
        said.append(f"still names people who were deleted, perhaps them too: {where}{more}")
    return said


def naming_words(one: Naming) -> str:
    """Return what an object says of the person, and whose it is."""
    return f"{one.kind.replace('_', ' ')} {plain(one.name)} ({plain(one.owner)}): {plain(one.says)}"


def _head(found: Affected) -> str:
    name = f" ({plain(found.name)})" if found.name != found.person else ""
    where = f"declared at {plain(found.source)}" if found.source else "not declared in the policies"
    return f"{plain(found.person)}{name}, {where}"


def _looked(found: Affected) -> str:
    return f" in {', '.join(['the policies', *(plain(one.provider) for one in found.standings)])}"


def _policies(found: Affected, written: Mapping[Source, str]) -> Iterator[str]:
    if not found.lines:
        return
    yield ""
    yield f"{counted(len(found.lines), 'line')} to change in the policies, in this order"
    for line in found.lines:
        yield f"  {plain(line.source)}: {plain(line.says)}"
        if line.source in written:
            yield f"      {plain(written[line.source], LONGEST_LINE)}"
        yield f"    {plain(line.do)}"
    for one in found.follows:
        yield f"  {plain(one.ref.words)} follows {plain(one.follows.key)}: nothing to write there"


def _standing(one: Standing) -> Iterator[str]:
    said = standing_words(one)
    if not (said or one.namings or one.swaps or one.incidents):
        return
    yield ""
    yield f"at {plain(one.provider)}"
    yield from (f"  {words}" for words in (*said, *(plain(route) for route in one.routes)))
    yield from (f"  {naming_words(naming)}; {GOES[naming.fate]}" for naming in one.namings)
    for swap in one.swaps:
        when = spans_told([(swap.since, swap.until)], swap.zone, 1)[0]
        yield f"  swap on schedule {plain(swap.schedule)}: {when}; give it to somebody else there, or delete it"
    for incident in one.incidents or ():
        number = f"#{plain(incident.number)} " if incident.number else ""
        since = local(incident.opened_at, "UTC")
        yield f"  open incident {number}{plain(incident.title)}, since {since}; assign it to somebody else there"


def _rings(found: Affected) -> Iterator[str]:
    if not found.reached:
        return
    yield ""
    yield f"rings them in the coming {duration(found.until - found.since)}"
    for one in found.reached:
        zone = found.zones(one.services[0])
        when = f"{total(one.spans)}, next {spans_told(one.spans[:1], zone, 1)[0]}"
        yield f"  {named(found, one.services)}: {one.urgency} urgency, level {one.level}, {after(one)}: {when}"


def _alone(found: Affected) -> Iterator[str]:
    if not found.alone:
        return
    yield ""
    yield "only they are on call"
    for one in found.alone:
        yield f"  {where_alone(found, one)}"
        yield from (f"    {text}" for text in spans_told(one.spans, found.zones(one.policy), MOST_SPANS))


def _shifts(found: Affected) -> Iterator[str]:
    if not found.turns:
        return
    yield ""
    yield "their next shifts"
    for one in found.turns[:MOST_SHIFTS]:
        when = spans_told([(one.since, one.until)], found.zones(one.schedule), 1)[0]
        yield f"  {plain(found.names(one.schedule))}: {when} ({plain(one.why)})"
    if len(found.turns) > MOST_SHIFTS:
        yield f"  and {len(found.turns) - MOST_SHIFTS} more"


def _breaks(found: Affected) -> Iterable[str]:
    if not found.breaks:
        return
    yield ""
    yield "once nothing names them any more, and nobody takes their place"
    for one in found.breaks:
        where = f"{plain(one.source)}: " if one.source else ""
        yield f"  {where}{one.level}: {plain(one.message, 1000)} [{one.rule}]"
