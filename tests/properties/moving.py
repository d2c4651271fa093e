"""The same policies at PagerDuty and at Opsgenie, told by each vendor's own answers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
import yaml

from oncall_sync.cli.main import run
from oncall_sync.plan.guards import GUARDS
from tests.conftest import NOW
from tests.properties.strategies import PEOPLE, Data

SEED = {"users": {name: {"email": f"{name}@example.com", "name": name} for name in PEOPLE}}
SCHEME = {"pagerduty": "Token token=other", "opsgenie": "GenieKey other"}
WAIVED = [word for rule in GUARDS for word in ("--waive", f"{rule}=meant")]
SINCE, UNTIL = NOW, NOW + timedelta(days=56)
Span = tuple[datetime, datetime, str]
Rung = list[tuple[datetime, frozenset[str]]]
Steps = list[tuple[int, list[str]]]


@dataclass
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str


@dataclass
class Vendor:
    """One provider's sandbox, asked beside the tool."""

    kind: str
    url: str
    session: requests.Session

    def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": SCHEME[self.kind]}
        answer = self.session.request(method, self.url + path, json=body, headers=headers, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def writes(self) -> list[str]:
        """Every writing request since the last reset."""
        found = [one for one in self.call("GET", "/__sandbox__/requests") if one["method"] != "GET"]
        return [f"{one['method']} {one['path']}" for one in found]

    def rings(self, at: datetime) -> dict[str, list[str]]:
        found: dict[str, list[str]] = self.call("GET", f"/__sandbox__/rings?at={at:%Y-%m-%dT%H:%M:%SZ}")
        return found


@dataclass
class Move:
    """A folder of policies between the two."""

    folder: Path
    vendors: Mapping[str, Vendor]

    def declare(self, data: Data, kind: str) -> Vendor:
        """Write policies for a provider, whose account is emptied."""
        vendor = self.vendors[kind]
        vendor.call("POST", "/__sandbox__/reset", {"what": "all"})
        config = {"workspace": "acme", "providers": {kind: {"kind": kind, "token_env": "ONCALL_TOKEN"}}}
        (self.folder / "oncall.yaml").write_text(yaml.safe_dump(config))
        (self.folder / "policies").mkdir(exist_ok=True)
        text = yaml.safe_dump({**data, "provider": kind}, sort_keys=False)
        (self.folder / "policies" / "all.yaml").write_text(text)
        return vendor

    def sync(self, *words: str) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        where = ["--config", str(self.folder / "oncall.yaml"), "--now", NOW.isoformat()]
        with redirect_stdout(out), redirect_stderr(err):
            code = run([*words, *where])
        return Answer(code, out.getvalue(), err.getvalue())

    def findings(self) -> list[dict[str, Any]]:
        """What there is to say without asking anybody."""
        return list(json.loads(self.sync("validate", "--format", "json").out)["findings"])

    def applied(self, vendor: Vendor) -> None:
        """Make it so, and see that there is nothing left to do."""
        made = self.sync("apply", "--yes", "--max-deletes", "99", *WAIVED)
        assert made.code == 0, made.out + made.err
        empty = self.sync("plan", "--exit-code")
        assert empty.code == 0, empty.out + empty.err
        vendor.call("POST", "/__sandbox__/reset", {"what": "log"})
        assert self.sync("apply", "--yes").code == 0
        assert vendor.writes() == []


def tamed(data: Data, wild: Iterable[str]) -> Data:
    """The same without what Opsgenie cannot hold, but for what is `wild`: words of `TAMERS`."""
    data = deepcopy(data)
    for word, tame in TAMERS.items():
        if word not in wild:
            tame(data)
    return data


def _names(data: Data) -> None:
    for kind in ("teams", "schedules"):
        for number, one in enumerate(data[kind].values()):
            if "name" in one:
                one["name"] = f"{kind} No. {number}"
    for number, one in enumerate(data["services"].values()):
        if "name" in one:
            one["name"] = f"Service - {number}"


def _ends(data: Data) -> None:
    for schedule in data["schedules"].values():
        for rotation in schedule.get("rotations", ()):
            if "until" in rotation:
                rotation["until"] = "2027-02-03 04:30"


def _layers(data: Data) -> None:
    for schedule in data["schedules"].values():
        if schedule.get("overlap") == "last_wins":
            schedule["rotations"] = schedule["rotations"][:1]


def _turns(data: Data) -> None:
    for schedule in data["schedules"].values():
        for rotation in schedule.get("rotations", ()):
            if rotation["every"] == "12h":
                rotation["every"] = "2 days"


TAMERS = {"names": _names, "ends": _ends, "layers": _layers, "turns": _turns}


def rung(spans: Iterable[Span]) -> Rung:
    """Who is on call from when on, within what is looked at; a change for each instant where it differs."""
    spans = list(spans)
    edges = sorted({SINCE, *(edge for one in spans for edge in one[:2] if SINCE <= edge < UNTIL)})
    found: Rung = []
    for edge in edges:
        who = frozenset(user for first, last, user in spans if first <= edge < last)
        if not found or found[-1][1] != who:
            found.append((edge, who))
    return found


def at_pagerduty(vendor: Vendor) -> tuple[dict[str, Rung], dict[str, Steps]]:
    """Schedules and ladders by name, as PagerDuty renders them."""
    span = f"since={SINCE:%Y-%m-%dT%H:%MZ}&until={UNTIL:%Y-%m-%dT%H:%MZ}&time_zone=UTC"
    schedules: dict[str, Rung] = {}
    for one in vendor.call("GET", "/schedules?limit=100")["schedules"]:
        body = vendor.call("GET", f"/schedules/{one['id']}?{span}")["schedule"]
        entries = body["final_schedule"]["rendered_schedule_entries"]
        schedules[one["name"]] = rung(
            (_at(e["start"]), _at(e["end"]), e["user"]["summary"].lower()) for e in entries
        )
    ladders: dict[str, Steps] = {}
    for one in vendor.call("GET", "/escalation_policies?limit=100")["escalation_policies"]:
        at, steps = 0, []
        for rule in one["escalation_rules"]:
            steps.append((at, sorted(target["summary"].lower() for target in rule["targets"])))
            at += rule["escalation_delay_in_minutes"]
        ladders[one["name"]] = [*steps, *([(at, [f"again {one['num_loops']}"])] if one["num_loops"] else [])]
    return schedules, ladders


def at_opsgenie(vendor: Vendor) -> tuple[dict[str, Rung], dict[str, Steps]]:
    """The same, as Opsgenie does."""
    schedules: dict[str, Rung] = {}
    weeks = f"interval=10&intervalUnit=weeks&date={SINCE - timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}"
    for one in vendor.call("GET", "/v2/schedules")["data"]:
        body = vendor.call("GET", f"/v2/schedules/{one['id']}/timeline?{weeks}")["data"]
        periods = [p for rotation in body["finalTimeline"]["rotations"] for p in rotation["periods"]]
        schedules[one["name"]] = rung(
            (_at(p["startDate"]), _at(p["endDate"]), p["recipient"]["name"].partition("@")[0]) for p in periods
        )
    ladders: dict[str, Steps] = {}
    for one in vendor.call("GET", "/v2/escalations")["data"]:
        steps: dict[int, list[str]] = {}
        for rule in one["rules"]:
            assert rule["delay"]["timeUnit"] == "minutes"
            who = rule["recipient"].get("username", "").partition("@")[0] or rule["recipient"]["name"].lower()
            steps.setdefault(rule["delay"]["timeAmount"], []).append(who)
        found = [(at, sorted(who)) for at, who in sorted(steps.items())]
        repeat = one.get("repeat")
        last = [(found[-1][0] + repeat["waitInterval"], [f"again {repeat['count']}"])] if repeat else []
        ladders[one["name"]] = [*found, *last]
    return schedules, ladders


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
