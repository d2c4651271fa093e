"""An objection stands where the policy says what it is about, whatever form that was written in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oncall_sync.model import Policies, Ref, Schedule, Team
from oncall_sync.policy.config import load_config
from oncall_sync.policy.load import load, loads
from oncall_sync.provider import kinds
from oncall_sync.run.validate import objections
from oncall_sync_opsgenie.capabilities import CAPABILITIES
from oncall_sync_opsgenie.objecting import DESCRIPTION_LIMITS, NAME_LIMITS
from oncall_sync_opsgenie.objections import named_alike, objections_to
from oncall_sync_opsgenie.settings import BLOCKS
from oncall_sync_opsgenie.wire import Known

WRONG = """\
provider: og
time_zone: Europe/Vienna
team: ops
users: {anna: {email: anna@example.com}}
teams:
  ops:
    members: [{user: anna, role: observer}]
    opsgenie:
      routing:
        - {to: main, hours: Mon 09:10-10:00}
schedules:
  duty:
    rotations:
      day: {members: anna, start: Mon 2026-01-05 09:20, every: 1 week, hours: Mon 09:10-10:00}
    overrides: {since: 2026-01-06, until: 2026-01-07, user: anna, instead_of: anna}
escalation_policies:
  main:
    levels:
      - notify: {schedule: duty}
        escalate_after: 2d
        opsgenie: {notifi: next}
      - notify: {user: anna}
        opsgenie:
          notify: next
    repeat: 9
services:
  shop:
    escalation_policy: main
    urgency: by-hours
    acknowledge_within: 30m
    integrations:
      mail:
        email: x@example.com
        opsgenie: {apiKey: x}
      news: {vendor: Mackerel}
  web:
    escalation_policy: main
    urgency:
      support_hours: Mon 09:05-10:00
      time_zone: UTC
urgency_rules:
  by-hours: {support_hours: Mon-Fri 09:00-18:00, raise_at_start: true}
"""
PLACES = {
    "team ops": ["7:34", "10:29"],
    "schedule duty": ["14:35", "14:79", "15:79"],
    "escalation policy main": ["21:28", "22:9", "24:19"],
    "service shop": ["29:14", "30:25", "33:16", "34:28", "35:22"],
    "service web": ["39:22", "40:18", "39:7"],
}


@pytest.fixture(scope="module")
def policies() -> Policies:
    return loads({"p.yaml": WRONG}, providers={"og": "opsgenie"}, kinds=frozenset(("opsgenie",)), workspace="w")


ALIKE = """\
provider: og
time_zone: UTC
team: ops
users: {anna: {email: anna@example.com}}
teams:
  ops: {name: Operations, members: anna}
  theirs: {name: Theirs, external: true}
  far: {name: Far, provider: none}
schedules:
  day: {name: Operations, rotations: {members: anna, start: 2026-01-05 09:00, every: 1 week}}
  night: {name: Theirs, rotations: {members: anna, start: 2026-01-05 09:00, every: 1 week}}
  dusk: {name: operations, rotations: {members: anna, start: 2026-01-05 09:00, every: 1 week}}
  dawn: {name: Far, rotations: {members: anna, start: 2026-01-05 09:00, every: 1 week}}
  Operations_schedule: {rotations: {members: anna, start: 2026-01-05 09:00, every: 1 week}}
"""


def test_a_schedule_that_is_named_like_a_team(tmp_path: Path) -> None:
    """Opsgenie answers 409 (its Terraform provider's issue 353): said beforehand, with the line."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "p.yaml").write_text(ALIKE, encoding="utf-8")
    entry = "{kind: opsgenie, token_env: OPSGENIE_API_KEY}"
    text = f"workspace: w\npolicies: policies\nproviders: {{og: {entry}}}\n"
    (tmp_path / "oncall.yaml").write_text(text, encoding="utf-8")
    config = load_config(tmp_path / "oncall.yaml", {})
    found = [
        (one.rule, one.level, str(one.source), one.message) for one in objections(config, load(config, kinds()))
    ]
    words = "Opsgenie keeps no schedule of the same name as a team, and team {} is called {!r} too;"
    assert found == [
        ("cannot", "error", f"policies/p.yaml:{line}", f"schedule {key}: {words} write another `name`")
        for key, line, words in (
            ("day", "10:15", words.format("ops", "Operations")),
            ("night", "11:17", words.format("theirs", "Theirs")),
        )
    ]


def test_a_team_that_is_named_like_a_schedule_of_somebody_elses() -> None:
    ours, theirs = Team(ref=Ref("team", "t"), name="Day"), Team(ref=Ref("team", "u"), name="Day", external=True)
    day = Schedule(ref=Ref("schedule", "s"), name="Day", time_zone="UTC", external=True)
    assert [one.ref for one in named_alike([ours, day])] == [ours.ref]
    assert list(named_alike([theirs, day])) == []


@pytest.mark.parametrize("words", PLACES)
def test_every_objection_is_at_its_line_and_column(policies: Policies, words: str) -> None:
    resource = next(one for one in policies.resources() if one.ref.words == words)
    found = [str(one.source) for one in objections_to(resource, Known(time_zone="Europe/Vienna"))]
    assert sorted(found) == sorted(f"p.yaml:{place}" for place in PLACES[words])


def test_the_words_are_the_policy_languages() -> None:
    tops = {word.partition(".")[0] for word in CAPABILITIES.words}
    assert tops == {"user", "team", "schedule", "escalation_policy", "service", "urgency_rule"}
    blocks = {word.partition(".opsgenie.")[2] for word in CAPABILITIES.words if ".opsgenie." in word}
    places = set(BLOCKS) - {"integration", "provider"}
    keys = {key for place in places for key in BLOCKS[place].model_fields}
    assert blocks == keys - {"also"}  # which only a read says


def test_limits_are_said_for_every_kind_that_is_written() -> None:
    assert set(NAME_LIMITS) == set(DESCRIPTION_LIMITS) == set(CAPABILITIES.kinds) - {"user"}
    assert CAPABILITIES.description_limits is DESCRIPTION_LIMITS


def test_the_reference_has_every_word_with_its_fate() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/opsgenie.md").read_text(encoding="utf-8")
    rows = [f"| `{word}` | {fate} | {how} |" for word, (fate, how) in CAPABILITIES.words.items()]
    assert [line for line in page.splitlines() if re.match(r"\| `[a-z_]+\.[a-z_.]+` \|", line)] == rows
    keys = {key for place, one in BLOCKS.items() for key in one.model_fields}
    assert {key for key in keys if f"| `{key}` |" not in page} == set()
