"""Every request that the tool sends to Opsgenie, and every answer it gets, against the vendor's description."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oncall_sync.cli.main import run
from oncall_sync.provider import kinds
from oncall_sync_opsgenie.sandbox import Options
from tests.conformance import opsgenie_swagger
from tests.conformance.opsgenie_traffic import Watched, problems

if not opsgenie_swagger.DESCRIPTION.exists():
    pytest.skip("the vendor's description is not beside this checkout", allow_module_level=True)
if "opsgenie" not in kinds():
    pytest.skip("no adapter for Opsgenie is installed", allow_module_level=True)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CONFIG = """\
workspace: acme
policies: policies
providers:
  opsgenie: {kind: opsgenie, token_env: OPSGENIE_API_KEY, time_zone: America/Chicago}
"""
RICH = """\
provider: opsgenie
time_zone: America/Chicago
team: ops
users:
  anna: {email: anna@example.com}
  ben: {email: ben@example.com}
  carla: {email: carla@example.com}
teams:
  ops:
    description: who is called
    members: [{user: anna, role: manager}, ben, carla]
    opsgenie:
      route_to: ladder
      routing: [{name: night, priority: [P1], hours: "Mon-Fri 18:00-06:00", time_zone: America/Chicago, to: short}]
schedules:
  day:
    description: by day
    rotations:
      - {name: base, members: [anna, ben], start: 2026-01-05 10:00, every: 2 weeks}
      - {name: nights, members: [ben, carla, anna], start: 2026-12-07 18:00, every: 1 day,
         hours: Mon-Sun 18:00-06:00}
      - {name: weekend, members: carla, start: 2026-01-03 08:00, every: 1 week, hours: "Sat 08:00 - Mon 06:00",
         until: 2027-03-01 00:00}
    overrides: [{since: 2026-12-24 10:00, until: 2026-12-25 10:00, user: carla}]
  back: {follows: single, offset: 0}
  single: {rotations: {members: anna, start: 2026-01-05 10:00, every: 1 week}}
escalation_policies:
  ladder:
    description: three steps
    levels:
      - {notify: [{schedule: day}, {user: carla}], escalate_after: 5m}
      - {notify: {schedule: back}, escalate_after: 10m}
      - {notify: {user: anna}, escalate_after: 10m}
    repeat: 9
  short: {levels: [{notify: {user: ben}}]}
services:
  shop:
    escalation_policy: ladder
    urgency: {support_hours: Mon-Fri 08:00-18:00, during: high, outside: low, raise_at_start: true}
    acknowledge_within: 30m
    resolve_after: 1 day
    opsgenie: {tags: [gold], visibility: TEAM_MEMBERS}
    integrations:
      events: {events: api}
      mail: {email: shop}
      dog: {vendor: Datadog}
  back-office: {escalation_policy: ladder, urgency: low}
"""
EDITS = (
    ("repeat: 9", "repeat: 3"),
    ("[ben, carla, anna]", "[carla, anna]"),
    ("{name: nights", "{name: graveyard"),
    ("acknowledge_within: 30m", "acknowledge_within: none"),
    ("ops:\n    description", "ops:\n    name: Operations\n    description"),
    ('hours: "Sat 08:00 - Mon 06:00",\n         until: 2027-03-01 00:00}', "until: 2027-06-01 00:00}"),
    ("      dog: {vendor: Datadog}\n", ""),
    ("urgency: low", "urgency: high"),
)


@dataclass
class House:
    """A sandbox at whose door somebody stands, and a folder of policies."""

    server: Watched
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def sync(self, *words: str) -> tuple[int, str]:
        """Runs a command; its code and what it said."""
        config = ["--config", str(self.folder / "oncall.yaml"), "--now", NOW.isoformat()]
        code = run([words[0], *config, *words[1:]])
        shown = self.capsys.readouterr()
        return code, shown.out + shown.err

    def declare(self, text: str) -> None:
        """What is wanted from now on."""
        (self.folder / "policies").mkdir(exist_ok=True)
        (self.folder / "policies" / "all.yaml").write_text(text, encoding="utf-8")

    def settle(self) -> None:
        """Applies it; the next plan is empty."""
        code, said = self.sync("apply", "--yes")
        assert code == 0, said
        code, said = self.sync("plan", "--exit-code")
        assert code == 0, said


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[House]:
    people = {name: {"email": f"{name}@example.com"} for name in ("anna", "ben", "carla")}
    seed = {"name": "acme", "time_zone": "America/Chicago", "users": people}
    with Watched(Options(seed=seed, now=NOW)) as server:
        monkeypatch.setenv("OPSGENIE_API_KEY", "0b9b8c1e-3c0a-4f6e-9b1c-2f7f8f0c7a10")
        monkeypatch.setenv("OPSGENIE_API_URL", server.url)
        (tmp_path / "oncall.yaml").write_text(CONFIG, encoding="utf-8")
        yield House(server, tmp_path, capsys)
        assert server.exchanges, "nothing was sent"
        assert problems(server.exchanges) == []


def test_the_rich_policy_through_its_life(house: House) -> None:
    text = RICH
    house.declare(text)
    house.settle()
    for old, new in EDITS:
        assert old in text, old
        text = text.replace(old, new)
        house.declare(text)
        house.settle()
    house.declare(RICH.partition("teams:")[0].replace("team: ops\n", ""))
    waived = ("--waive", "service-deleted=x", "--waive", "team-emptied=x", "--max-deletes", "50")
    code, said = house.sync("apply", "--yes", "--provider", "opsgenie", *waived)
    assert code == 0, said
    methods = {one.method for one in house.server.exchanges}
    assert methods == {"GET", "POST", "PUT", "PATCH", "DELETE"}
    assert {one.status for one in house.server.exchanges if one.status >= 400} <= {404}
