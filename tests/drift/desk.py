"""An account, a file full of comments, and somebody who edits at the provider's own pages."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from tests.contract.harness import House
from tests.contract.steps import START
from tests.drift.test_every_provider import Person

TEXT = """\
# Who is called, and when.  Do not reformat.
provider: {kind}
time_zone: Europe/Vienna # everybody is there
team: ops

users:
  anna:   {email: anna@example.com}   # founder
  ben:    {email: ben@example.com}
  carla:  {email: carla@example.com}
  david:  {email: david@example.com}
  lead:   {email: lead@example.com}   # not on weekends

teams:
  ops:
    name: Operations
    members: [anna, ben] # the rest helps out

hours:
  office: Mon-Fri 09:00-18:00

schedules:
  day: # the long one
    name: Day
    description: "Weekdays" # quoted
    rotations:
      # first come, first served
      first:
        members:
          - anna # starts
          - ben
          - carla # ends
        start: Mon 2026-01-05 09:00
        every: 1 week
        hours: office

  night:
    name: Night
    rotations: {members: [carla, david], start: 2026-01-05 09:00, every: 1 week} # two do

escalation_policies:
  main:
    name: Main
    levels:
      # everybody
      - notify: [{schedule: day}, {user: david}] # both
        escalate_after: 15m # long enough
      - {notify: {user: lead}, escalate_after: 10m}
    repeat: 1 # and once more

services:
  shop:
    name: Shop
    escalation_policy: main
    urgency: high # always
    integrations:
      alerts: {events: api} # from the cluster
      mail: {email: shop-alerts}
"""


class Desk:
    """An account, the file, and somebody at the provider's own pages."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.person = Person(house)
        self.pagerduty = house.kind == "pagerduty"
        self.file = house.folder / "policies" / "all.yaml"
        house.declare(START)
        self.begin(TEXT)

    def begin(self, text: str) -> None:
        self.text = text.replace("{kind}", self.house.kind)
        self.file.write_text(self.text, encoding="utf-8")
        applied = self.house.apply()
        assert applied.code == 0, applied.out + applied.err

    def put(self, plural: str, name: str, change: Callable[[dict[str, Any]], Any]) -> None:
        """Change one of PagerDuty's objects; layers are lowest first."""
        singular = {"escalation_policies": "escalation_policy"}.get(plural, plural[:-1])
        path = f"/{plural}/{self.person.id(plural, name)}"
        body = self.person.call("GET", path)[singular]
        body.get("schedule_layers", []).reverse()
        change(body)
        self.person.call("PUT", path, {singular: body})

    def patch(self, kind: str, name: str, body: dict[str, Any]) -> None:
        """Change one of Opsgenie's objects."""
        if kind == "services":
            listed = self.person.call("GET", "/v1/services")["data"]
            found = next(one["id"] for one in listed if one["name"] == name)
            self.person.call("PATCH", f"/v1/services/{found}", body)
            return
        self.person.call("PATCH", f"/v2/{kind}/{self.person.id(kind, name)}", body)

    def rotation(self, schedule: str, body: dict[str, Any]) -> None:
        path = f"/v2/schedules/{self.person.id('schedules', schedule)}"
        (rotation,) = self.person.call("GET", f"{path}?expand=rotation")["data"]["rotations"]
        self.person.call("PATCH", f"{path}/rotations/{rotation['id']}", body)

    def takes_turns(self, schedule: str, *people: str) -> None:
        emails = [f"{name}@example.com" for name in people]
        if self.pagerduty:
            users = [{"user": {"id": self.person.user(e), "type": "user_reference"}} for e in emails]
            self.put("schedules", schedule, lambda body: body["schedule_layers"][0].update(users=users))
            return
        participants = [{"type": "user", "username": email} for email in emails]
        self.rotation(schedule, {"participants": participants})

    def rule(self, number: int, change: Callable[[dict[str, Any]], Any]) -> None:
        """Change one of PagerDuty's escalation rules."""
        self.put("escalation_policies", "Main", lambda body: change(body["escalation_rules"][number]))

    def lines(self) -> list[str]:
        new = self.file.read_text(encoding="utf-8")
        return [line for line in difflib.ndiff(self.text.splitlines(), new.splitlines()) if line[0] in "+-"]


def accepted(desk: Desk) -> None:
    """What was changed is in the file, every comment is still there, and nothing is left to do."""
    assert desk.house.sync("drift").code == 2
    result = desk.house.sync("drift", "--accept")
    assert (result.code, result.err) == (0, ""), result.out + result.err
    assert desk.house.plan() == {}
    assert desk.house.sync("drift").code == 0
    desk.house.writes()
    assert desk.house.apply().code == 0
    assert desk.house.writes() == []
    kept = desk.file.read_text(encoding="utf-8")
    comments = [line.partition("#")[2] for line in desk.text.splitlines() if "#" in line]
    assert all(comment in kept for comment in comments)
