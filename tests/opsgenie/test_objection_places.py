"""An objection stands where the policy says what it is about, whatever form that was written in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oncall_sync.model import Policies
from oncall_sync.policy.load import loads
from oncall_sync_opsgenie.capabilities import CAPABILITIES
from oncall_sync_opsgenie.objecting import DESCRIPTION_LIMITS, NAME_LIMITS
from oncall_sync_opsgenie.objections import objections_to
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
