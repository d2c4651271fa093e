"""In what policies may ring otherwise at another provider: only in what a warning says, and only as it says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from oncall_sync.rota.wall import to_instant, to_wall

from .both import Finding, Place

SHIFTS, LOW, HELD, NOTHING = "shifts", "low", "held", "nothing"
DIFFERENCES: Final = {
    "clock changes": SHIFTS,  # a schedule's handoffs every so many hours, by the change of the clocks
    "an override stands in for whole rotations": SHIFTS,  # who rings while such an override lasts
    "an override is for its whole span": SHIFTS,
    "rings low urgency like any other": LOW,  # the levels after the first one, while the urgency is low
    "holds back what comes outside": HELD,  # what is rung before support hours start, and whom it stays with
    # what rings nobody else, and at no other minute
    "whose mail is accepted": NOTHING,
    "from when an alert opened": NOTHING,
    "no observers in teams": NOTHING,
    "the account's own zone": NOTHING,
    "the description is cut": NOTHING,
}
"""What each warning that something is held only roughly lets differ, for the object it is about."""

LINES: Final = {
    "are named with": r"name: ",
    "alerts are told apart by a tag": r"name: |^  \S+:",
    "every rotation rings": r"overlap: |follows: ",
    "on that day, and Opsgenie": r"start: |follows: ",
    "keeps full and half hours": r"start: |until: |follows: ",
    "windows that begin and end": r"hours: |- \S+ \d\d:\d\d ?-|urgency: |follows: ",
    "has none for": r"vendor: ",
    "in its own domain": r"email: ",
    "in the account's own domain": r"email: ",
    "parts its name from": r"name: |^      \S+:",
    "of the same name as a team": r"name: |^  \S+:",
    "two rotations are named": r"name: ",
    "clock changes": r"every: |follows: ",
    "rings low urgency like any other": r"urgency: |support_hours: ",
    "holds back what comes outside": r"urgency: |raise_at_start: ",
    "can hold alerts back until": r"urgency: |raise_at_start: ",
    "whose mail is accepted": r"accept_from:",
    "from when an alert opened": r"acknowledge_within: ",
    "no observers in teams": r"role: observer",
    "the account's own zone": r"urgency: |support_hours: |time_zone: ",
    "the description is cut": r"description: ",
    "an override stands in for whole rotations": r"instead_of: ",
    # PagerDuty's
    "an override is for its whole span": r"instead_of: ",
    "no vacant turns": r"members: ",
    "two rotations ring at the same time": r"overlap: ",
    "do not know the alert's priority": r"urgency: ",
}
"""At which line each objection has to be; one that is about a key without a value of its own is at that key."""


@dataclass(frozen=True)
class Said:
    """What a provider's warnings let differ, by kind and key of what they are about."""

    found: frozenset[tuple[str, str, str]]

    def about(self, kind: str, key: str) -> set[str]:
        return {what for one, name, what in self.found if (one, name) == (kind, key)}


def subject(finding: Finding) -> tuple[str, str]:
    """Return kind and key of what a finding is about, which is how every one begins."""
    found = re.match(r"(team|schedule|escalation policy|service) ([\w-]+): ", finding["message"])
    assert found, finding
    return found[1], found[2]


def allowed(findings: Iterable[Finding]) -> Said:
    """Return what warnings let differ. Every one is in `DIFFERENCES`, once."""
    found = set()
    for one in findings:
        said = {what for words, what in DIFFERENCES.items() if words in one["message"]}
        assert said, one
        found |= {(*subject(one), what) for what in said}
    return Said(frozenset(found))


def is_at_its_line(place: Place, finding: Finding) -> None:
    """An objection points at a value or key that it speaks of, within the resource that it is about."""
    lines, source = place.text.splitlines(), finding["source"]
    assert source["file"] == "policies/all.yaml"
    line, column = lines[source["line"] - 1], source["column"] - 1
    assert line[column].strip(), finding
    assert re.search(r"(^|[\s{\[])$", line[:column]), finding
    if line[column:].startswith("- ") or line[:column].strip() == "-":
        line = f"{lines[source['line'] - 2]} {line}"  # a list is where its first item is
    patterns = [pattern for words, pattern in LINES.items() if words in finding["message"]]
    assert patterns, finding
    assert re.search(patterns[0], line), (finding, line)
    key = subject(finding)[1]
    above = [number for number, text in enumerate(lines, 1) if re.match(rf"  {re.escape(key)}:", text)]
    inside = max((number for number in above if number <= source["line"]), default=0)
    between = lines[inside : source["line"] - 1]
    assert inside, finding
    assert not any(re.match(r"  \S+:", text) for text in between), (finding, line)


def rotations_of(data: Mapping[str, Any], key: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield a schedule's rotations, those of the one it follows included, with their zone."""
    schedule = data["schedules"][key]
    while "follows" in schedule:
        schedule = data["schedules"][schedule["follows"]]
    found = schedule["rotations"]
    named = isinstance(found, dict) and "members" not in found
    listed = [*found.values()] if named else [found] if isinstance(found, dict) else found
    yield from ((one, schedule.get("time_zone", data["time_zone"])) for one in listed)


def apart(data: Mapping[str, Any], key: str, at: datetime) -> bool:
    """Return whether a schedule may ring somebody else, if it is warned of.

    That is while turns counted by the clock are others than turns counted in hours that pass, and during an
    override that is instead of one person.
    """
    zone = next(zone for _, zone in rotations_of(data, key))
    for one in data["schedules"][key].get("overrides", ()):
        since, until = (to_instant(datetime.fromisoformat(str(one[edge])), zone) for edge in ("since", "until"))
        if "instead_of" in one and since <= at < until:
            return True
    for rotation, zone in rotations_of(data, key):
        every = re.fullmatch(r"(\d+)h", str(rotation["every"]))
        if not every:
            continue
        length = timedelta(hours=int(every[1]))
        start = datetime.fromisoformat(str(rotation["start"])[-16:])
        number = (to_wall(at, zone) - start) // length + 1
        while to_instant(start + number * length, zone) > at:
            number -= 1
        if (at - to_instant(start, zone)) // length != number:
            return True
    return False


def schedules_of(data: Mapping[str, Any], service: str) -> list[str]:
    """Return the keys of the schedules that a service rings by."""
    levels = data["escalation_policies"][data["services"][service]["escalation_policy"]]["levels"]
    targets = []
    for level in levels if isinstance(levels, list) else [levels]:
        targets += level["notify"] if isinstance(level["notify"], list) else [level["notify"]]
    return [one["schedule"] for one in targets if "schedule" in one]


def moments(data: Mapping[str, Any], since: datetime, days: int, count: int) -> list[datetime]:
    """Return instants in a span: evenly, at odd minutes, and close to where the clocks of a zone in use change."""
    found = {since + timedelta(days=days) * number / count for number in range(count)}
    found = {one.replace(second=0, microsecond=0) for one in found}
    zones = {zone for key in data["schedules"] for _, zone in rotations_of(data, key)}
    for zone in map(ZoneInfo, sorted(zones)):
        hours = [since.replace(minute=0) + timedelta(minutes=30 * number) for number in range(48 * days)]
        for one, next_one in pairwise(hours):
            if one.astimezone(zone).utcoffset() != next_one.astimezone(zone).utcoffset():
                found |= {next_one + timedelta(minutes=minutes) for minutes in (-31, -1, 0, 29, 31, 61)}
    return sorted(one.astimezone(UTC) for one in found)
