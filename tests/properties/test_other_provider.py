"""Policies that were written for PagerDuty work on Opsgenie by changing the word `provider`.

They ring the same people at the same minutes wherever both can express it; where they cannot, it is said with the
line, before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
import requests
from hypothesis import event, given, settings
from hypothesis import strategies as st

from oncall_sync.run.converge import verify
from tests.conftest import NOW
from tests.properties.moving import SEED, TAMERS, Move, Vendor, at_opsgenie, at_pagerduty, tamed
from tests.properties.strategies import Data, policies
from tests.properties.test_round_trip import slowly

pytestmark = pytest.mark.matrix

CLOCKS = "clock changes"


@pytest.fixture(scope="module")
def move(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Move]:
    vendors = {}
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        session = stack.enter_context(requests.Session())
        for kind in ("pagerduty", "opsgenie"):
            sandbox = import_module(f"oncall_sync_{kind}.sandbox")
            server = stack.enter_context(sandbox.Running(sandbox.Options(seed=SEED, now=NOW)))
            vendors[kind] = Vendor(kind, server.url, session)
            patch.setenv(f"{kind.upper()}_API_URL", server.url)
        patch.setenv("ONCALL_TOKEN", "y_NbAkKc66ryYTWUXYEu")
        patch.setitem(verify.__kwdefaults__, "patience", 0.0)  # the sandboxes' lists do not lag
        patch.setattr("oncall_sync.plan.impact.BEYOND", timedelta(days=1))
        yield Move(tmp_path_factory.mktemp("moving"), vendors)


@st.composite
def moving(draw: st.DrawFn) -> Data:
    """Policies for PagerDuty; mostly without what Opsgenie cannot hold."""
    wild = draw(st.sets(st.sampled_from(sorted(TAMERS)), max_size=1))
    return tamed(draw(policies()), wild)


@settings(slowly, max_examples=8)
@given(moving())
def test_the_word_provider_is_all_there_is_to_change(move: Move, data: Data) -> None:
    pagerduty = move.declare(data, "pagerduty")
    move.applied(pagerduty)
    opsgenie = move.declare(data, "opsgenie")
    findings = move.findings()
    assert all(one["source"] for one in findings)
    refused = [one for one in findings if one["level"] == "error"]
    if refused:
        event("refused")
        is_refused(move, opsgenie, refused)
        return
    event("moved")
    move.applied(opsgenie)
    differing = names_of({subject(one)[1] for one in findings if CLOCKS in one["message"]}, data)
    the_same_rings(pagerduty, opsgenie, differing, data)


def is_refused(move: Move, vendor: Vendor, refused: list[dict[str, Any]]) -> None:
    """Every objection is at a line that speaks of it, and nothing is written."""
    lines = (move.folder / "policies" / "all.yaml").read_text().splitlines()
    for one in refused:
        assert one["rule"] == "cannot", one
        assert one["source"]["file"] == "policies/all.yaml"
        key = subject(one)[1]
        at = one["source"]["line"]
        assert 1 <= at <= len(lines), one
        above = [number for number, line in enumerate(lines, 1) if re.match(rf"  {re.escape(key)}:", line)]
        assert max(number for number in above if number <= at), one
    assert move.sync("apply", "--yes").code == 1
    assert vendor.writes() == []


def subject(finding: dict[str, Any]) -> tuple[str, str]:
    """Kind and key of what a finding is about, which is how every one begins."""
    found = re.match(r"(team|schedule|escalation policy|service) ([\w-]+): ", finding["message"])
    assert found, finding
    return found[1], found[2]


def names_of(keys: set[str], data: Data) -> set[str]:
    """The names of schedules, and of whatever rings by them, by the keys of schedules."""
    found = {data["schedules"][key].get("name", key) for key in keys}
    for key, policy in data["escalation_policies"].items():
        if any(target.get("schedule") in keys for level in policy["levels"] for target in level["notify"]):
            found |= {
                service.get("name", name)
                for name, service in data["services"].items()
                if service["escalation_policy"] == key
            }
    return found


def the_same_rings(pagerduty: Vendor, opsgenie: Vendor, differing: set[str], data: Data) -> None:
    (schedules, ladders), (other_schedules, other_ladders) = at_pagerduty(pagerduty), at_opsgenie(opsgenie)
    assert schedules.keys() == other_schedules.keys()
    for name in schedules.keys() - differing:
        assert other_schedules[name] == schedules[name], name
    assert other_ladders == ladders
    off = {
        service.get("name", key)
        for key, service in data["services"].items()
        if service.get("pagerduty", {}).get("status") == "disabled"
    }
    for number in range(40):
        at = NOW + timedelta(hours=33 * number, minutes=7 * (number % 8))
        one, other = pagerduty.rings(at), opsgenie.rings(at)
        for name in other.keys() - off - differing:
            assert one.get(name, []) == other[name], (name, at)
