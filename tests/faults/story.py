"""What the fault matrix applies: everything from nothing, and a change that replaces, re-points and deletes."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

from oncall_sync.model import Resource, Schedule, Service
from tests.contract.harness import House, Policy
from tests.contract.steps import START

WAIVED = ("--max-deletes", "20", "--waive", "service-deleted=search is gone", "--waive", "mid-shift-change=agreed")


@dataclass(frozen=True)
class Scenario:
    """Policies before and after; `before` None is an empty account."""

    name: str
    before: Policy | None
    after: Policy

    def begin(self, house: House) -> None:
        """Empty the account, bring it to where the scenario begins, and declare what is to be applied."""
        house.control("reset", {"what": "all"})
        if self.before is not None:
            house.declare(self.before)
            made = house.apply()
            assert made.code == 0, made.out + made.err
        house.declare(self.after)
        house.control("reset", {"what": "log"})


def _before() -> Policy:
    policy = deepcopy(START)
    policy["schedules"]["day"]["rotations"]["first"]["hours"] = "Mon-Fri 08:00-20:00"
    policy["schedules"]["old"] = {
        "name": "Old",
        "rotations": {"all": {"members": ["eve"], "start": "Mon 2026-01-05 09:00", "every": "1 week"}},
    }
    policy["escalation_policies"]["other"] = {
        "name": "Other",
        "levels": [{"notify": [{"schedule": "old"}], "escalate_after": "5m"}],
    }
    policy["services"]["search"] = {
        "name": "Search",
        "escalation_policy": "other",
        "urgency": "high",
        "integrations": {"alerts": {"events": "api"}},
    }
    return policy


def _after() -> Policy:
    policy = _before()
    policy["teams"]["ops"]["members"] = ["anna", "carla"]
    first = policy["schedules"]["day"]["rotations"]["first"]
    del first["hours"]
    first["members"] = ["anna", "ben", "carla", "david"]
    policy["schedules"]["night"]["name"] = "Nights"
    policy["schedules"]["weekend"] = {
        "name": "Weekend",
        "rotations": {"all": {"members": ["eve", "lead"], "start": "Sat 2026-01-03 09:00", "every": "1 week"}},
    }
    main = policy["escalation_policies"].pop("main")
    levels = [main["levels"][0], {"notify": [{"schedule": "weekend"}], "escalate_after": "5m"}, main["levels"][1]]
    policy["escalation_policies"]["ladder"] = {"name": "Ladder", "levels": levels}
    policy["services"]["shop"]["escalation_policy"] = "ladder"
    policy["services"]["shop"]["integrations"]["hooks"] = {"events": "api"}
    del policy["services"]["search"], policy["escalation_policies"]["other"], policy["schedules"]["old"]
    return policy


SCENARIOS = (Scenario("from nothing", None, deepcopy(START)), Scenario("a rich change", _before(), _after()))


Thing = tuple[str, str, tuple[str, ...]]


def inventory(house: House) -> list[Thing]:
    """Return kind and name of everything there is, twins twice, with the parts it has: rotations, integrations."""
    provider = house.provider()
    try:
        live = provider.read(house.now, lambda *_: None).objects
        return sorted((str(one.kind), one.resource.name, _parts(one.resource)) for one in live)
    finally:
        provider.close()


def _parts(resource: Resource) -> tuple[str, ...]:
    parts: object = ()
    if isinstance(resource, Schedule):
        parts = resource.rotations
    elif isinstance(resource, Service):
        parts = resource.integrations
    return tuple(sorted(one.name for one in parts)) if isinstance(parts, tuple) else ()
