"""Policies written for PagerDuty work at Opsgenie by changing the word `provider`.

They ring the same people at the same minutes wherever both can express it, told by both sandboxes and by the tool;
where they cannot, the objection names the line, and nothing is written. The teams in `moved/` say in comments
which lines are objected to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, currently_in_test_context, event, given, settings
from hypothesis import strategies as st

from tests.properties.strategies import PEOPLE, Data, as_yaml

from .both import Finding, Place, Shifts, both, stamp
from .moving_drawn import moving
from .moving_oracle import HELD, LOW, SHIFTS, Said, allowed, apart, is_at_its_line, moments, schedules_of

TEAMS = sorted((Path(__file__).parent / "moved").glob("*.yaml"))
LONG = {"follow_the_sun", "half_days", "weekends"}
"""These take seconds each, and run with the matrix."""
NOW = datetime(2026, 10, 19, 12, tzinfo=UTC)
"""The clocks of Europe change six days later, those of America thirteen."""
HOURS = (datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2027, 3, 8, 3, 30, tzinfo=UTC), NOW)
DAYS = 42
Ladder = list[tuple[str, int, str, str]]


@dataclass(frozen=True)
class There:
    """How what was made at a provider rings: shifts by key of a schedule, what `who` says by key of a service."""

    shifts: Mapping[str, Shifts]
    ladders: Mapping[str, Any]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Place]]:
    people = {key: f"{key}@example.com" for key in (*PEOPLE, "eve")}
    with both(tmp_path_factory.mktemp("moving"), people) as found, pytest.MonkeyPatch.context() as patch:
        patch.setattr("oncall_sync.plan.impact.BEYOND", timedelta(days=1))
        yield found


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.stem, marks=[pytest.mark.matrix] if path.stem in LONG else []) for path in TEAMS],
)
def test_a_team_moves_or_hears_which_lines_cannot(path: Path, places: dict[str, Place]) -> None:
    text = path.read_text(encoding="utf-8")
    marked = re.compile(r"# (\w+): (cannot|approximated)(?:, (cannot|approximated))?$")
    wanted = {
        (found[1], fate, number)
        for number, line in enumerate(text.splitlines(), 1)
        if (found := marked.search(line))
        for fate in filter(None, found.groups()[1:])
    }
    for kind, place in places.items():
        place.begin(text, NOW, ", time_zone: Europe/Vienna" if kind == "opsgenie" else "")
    at = moments(yaml.safe_load(text), NOW, 70, 60)
    said = moved(text, places, at, NOW + timedelta(days=5, hours=9, minutes=40))
    assert {(kind, one["rule"], one["source"]["line"]) for kind in places for one in said[kind]} == wanted


PEOPLE_AND_TEAM = """provider: pagerduty
time_zone: Europe/Vienna
team: t
users: {anna: {email: anna@example.com}, ben: {email: ben@example.com}}
teams: {t: {name: Everybody}}
"""


def test_a_schedule_that_follows_is_objected_to_where_it_says_so_and_once(places: dict[str, Place]) -> None:
    """What is wrong in both of the rotations that it has of the other one is said at `follows`, not at its key."""
    turns = "start: Mon 2026-01-05 09:00, every: 1 week, until: 2027-02-03 04:05"
    text = f"""{PEOPLE_AND_TEAM}
schedules:
  first:
    rotations:
      - {{members: [anna, ben], hours: Mon-Fri 09:00-18:00, {turns}}}
      - {{members: [ben, anna], hours: {{outside: Mon-Fri 09:00-18:00}}, {turns}}}
  second:
    name: Second
    follows: first
"""
    place = places["opsgenie"]
    place.begin(text, NOW)
    said = [one for one in place.said() if one["message"].startswith("schedule second")]
    assert [one["source"]["line"] for one in said] == [place.text.splitlines().index("    follows: first") + 1]


def test_an_override_instead_of_one_person_warns_where_the_provider_rings_it_for_longer(
    places: dict[str, Place],
) -> None:
    """At PagerDuty only if its span is not all that person's."""
    text = f"""{PEOPLE_AND_TEAM}
schedules:
  s:
    rotations: {{members: [anna, ben], start: Mon 2026-01-05 09:00, every: 1 week}}
    overrides:
      - {{since: 2026-10-20, until: 2026-10-25, user: anna, instead_of: ben}} # ben's week
      - {{since: 2026-10-27, until: 2026-11-01, user: anna, instead_of: ben}} # anna's
"""
    place = places["pagerduty"]
    place.begin(text, NOW)
    assert ["# anna's" in place.text.splitlines()[one["source"]["line"] - 1] for one in place.said()] == [True]


def test_what_comes_of_a_level_with_nobody_is_said_as_the_provider_has_it(places: dict[str, Place]) -> None:
    text = f"""{PEOPLE_AND_TEAM}
schedules:
  day: {{rotations: {{members: anna, start: Mon 2026-01-05 09:00, every: 1 week, hours: Mon-Fri 09:00-18:00}}}}
escalation_policies:
  p: {{levels: [{{notify: {{schedule: day}}, escalate_after: 20m}}, {{notify: {{user: ben}}}}]}}
services: {{s: {{escalation_policy: p, urgency: high}}}}
"""
    for kind, words, minutes in (
        ("pagerduty", "The next level rings instead", 0),
        ("opsgenie", "The next level rings only when this one's time is over", 20),
    ):
        place = places[kind]
        place.begin(text, NOW)
        found = [one["message"] for one in place.asked("plan")["findings"] if one["rule"] == "level-gap"]
        assert [one.endswith(words) for one in found] == [True], found
        night = NOW.replace(hour=23)
        at = stamp(night + timedelta(minutes=minutes))
        assert steps(place.ladder("s", night, "policies")) == [(at, 2, "ben", "high")]


@pytest.mark.matrix
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # shrinking takes minutes here
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(moving(), st.sampled_from(HOURS), st.integers(0, 59))
def test_any_policies_move_or_hear_which_lines_cannot(
    places: dict[str, Place], data: Data, now: datetime, asked: int
) -> None:
    text = as_yaml(data)
    for place in places.values():
        place.begin(text, now)
    at = moments(data, now, DAYS, 30)
    said = moved(text, places, at, at[asked % len(at)])
    assert all("an override is for its whole span" in one["message"] for one in said["pagerduty"])


def moved(text: str, places: dict[str, Place], at: list[datetime], asked: datetime) -> dict[str, list[Finding]]:
    """Policies are refused by their lines, or applied and ring alike: at instants, and by levels when `asked`.

    Returns what each provider says that it cannot hold, or holds roughly.
    """
    data = yaml.safe_load(text)
    said = {kind: place.said() for kind, place in places.items()}
    there: list[There] = []
    for kind, place in places.items():
        for one in said[kind]:
            is_at_its_line(place, one)
        errors = [one for one in said[kind] if one["level"] == "error"]
        if errors:
            told(f"refused by {kind}")
            place.is_refused(errors)
        else:
            place.applied()
            there.append(live_is_as_declared(place, data, allowed(said[kind]), asked))
    if len(there) == len(places):
        told("moved")
        differing = allowed([one for found in said.values() for one in found])
        the_same_shifts(*there, data, differing)
        the_same_rings(places, data, differing, at)
        the_same_ladders(*there, data, differing)
    return said


def told(what: str) -> None:
    """Count what examples came to (`--hypothesis-show-statistics`)."""
    if currently_in_test_context():
        event(what)


def named(data: Data, kind: str) -> Mapping[str, str]:
    return {key: one.get("name", key) for key, one in data[kind].items()}


def steps(paged: Mapping[str, Any]) -> Ladder:
    return [(one["at"], one["level"], one["user"], one["urgency"]) for one in paged["rings"]]


def live_is_as_declared(place: Place, data: Data, said: Said, asked: datetime) -> There:
    """What was made rings like what was written, by the tool's own account; return how that is."""
    shifts, ladders = {}, {}
    for key, name in named(data, "schedules").items():
        shifts[key] = place.shifts(name, DAYS, "live")
        ring_alike(shifts[key], place.shifts(key, DAYS, "policies"), data, said, key)
    for key, name in named(data, "services").items():
        ladders[key] = place.ladder(name, asked, "live")
        declared = place.ladder(key, asked, "policies")
        if not astray(data, said, key, steps(ladders[key]) + steps(declared)):
            assert steps(ladders[key]) == steps(declared), key
        assert ladders[key]["urgency"] == declared["urgency"]
        assert ladders[key]["incident"] == declared["incident"]
    return There(shifts, ladders)


def the_same_shifts(one: There, other: There, data: Data, said: Said) -> None:
    """Schedules are alike at every instant; where turns of hours may differ, at those where both count alike."""
    for key in data["schedules"]:
        ring_alike(one.shifts[key], other.shifts[key], data, said, key)


def ring_alike(first: Shifts, last: Shifts, data: Data, said: Said, key: str) -> None:
    if SHIFTS not in said.about("schedule", key):
        assert first == last, key
        return
    for edge in sorted({begin for begin, _ in (*first, *last)}):
        if not apart(data, key, edge):
            assert who(first, edge) == who(last, edge), (key, edge)


def astray(data: Data, said: Said, key: str, rings: Ladder) -> bool:
    """Return whether a service's ladder has a ring while one of its schedules may ring somebody else."""
    warned = [name for name in schedules_of(data, key) if SHIFTS in said.about("schedule", name)]
    return any(apart(data, name, datetime.fromisoformat(ring[0])) for name in warned for ring in rings)


def who(shifts: Shifts, at: datetime) -> tuple[str, ...]:
    return [users for begin, users in shifts if begin <= at][-1]


def the_same_rings(places: dict[str, Place], data: Data, said: Said, at: list[datetime]) -> None:
    """Both vendors call the same people first, by their own account."""
    warned = {key for key in data["schedules"] if SHIFTS in said.about("schedule", key)}
    for moment in at:
        one, other = (place.rings(moment) for place in places.values())
        for key, name in named(data, "services").items():
            if data["services"][key].get("pagerduty", {}).get("status") == "disabled":
                continue  # the block of one vendor says nothing at another
            if not any(apart(data, schedule, moment) for schedule in warned & {*schedules_of(data, key)}):
                assert one.get(name, []) == other[name], (key, moment)


def the_same_ladders(one: There, other: There, data: Data, said: Said) -> None:
    """The same people at the same minutes, level by level, but for what a warning or a level of nobody changes."""
    for key, service in data["services"].items():
        levels = data["escalation_policies"][service["escalation_policy"]]["levels"]
        assert one.ladders[key]["urgency"] == other.ladders[key]["urgency"], key
        first, last = steps(one.ladders[key]), steps(other.ladders[key])
        if astray(data, said, key, first + last):
            told("somebody else, as warned")
            continue
        ways = said.about("service", key) if one.ladders[key]["urgency"] == "low" else set()
        alike(first, last, ways, len(levels) if isinstance(levels, list) else 1)


def alike(first: Ladder, last: Ladder, ways: set[str], count: int) -> None:
    """`first` is how PagerDuty climbs, `last` how Opsgenie does."""
    if HELD in ways:
        raised = [ring for ring in first if ring[3] == "high"][:1]
        assert [ring[0] for ring in last[:1]] == [ring[0] for ring in raised]
        assert all(r[3] == "high" for r in last)
        return
    until = last_before_nobody(last, count)
    if LOW in ways:
        last = [ring for ring in last if ring[0] == last[0][0]]
    assert [ring for ring in first if ring[0] <= until] == [ring for ring in last if ring[0] <= until]


def last_before_nobody(ladder: Ladder, count: int) -> str:
    """Return when the last level begins before one with nobody, which PagerDuty skips, and Opsgenie waits at."""
    climbed = list(dict.fromkeys((begun, level) for begun, level, _, _ in ladder))
    for number, (_, level) in enumerate(climbed):
        if level != number % count + 1:
            told("a level of nobody")
            return climbed[number - 1][0] if number else ""
    return climbed[-1][0] if climbed else ""
