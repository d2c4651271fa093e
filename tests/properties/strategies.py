"""Whole policy files as hypothesis draws them, and other ways to write the same."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import yaml
from hypothesis import strategies as st

PEOPLE: Final = ("anna", "ben", "carla", "david", "lead", "user5", "user6")
ZONES: Final = ("Europe/Vienna", "America/Chicago", "Asia/Kolkata", "UTC", "Australia/Lord_Howe")
TURNS: Final = {"12h": 12, "1 day": 24, "2 days": 48, "1 week": 168, "2 weeks": 336}
HOURS: Final = ("Mon-Fri 09:00-18:00", "Mon-Sun 22:00-06:00", "Sat+Sun 00:00-24:00", "Fri 18:00 - Mon 09:00")
WORDS: Final = ("Night", "Checkout", "Platform 2", "Über uns", "a|b", "[x] {y}", "::x", "50% off", "日本")
FIRST: Final = datetime(2026, 1, 5)
BEGAN: Final = 300  # days from FIRST that are over by the tests' hour, whatever the zone

Data = dict[str, Any]
people = st.sampled_from(PEOPLE)
maybe = st.booleans()


class _Dumper(yaml.SafeDumper):
    """Writes as PyYAML does, but for text like `0E0`, a number since YAML 1.2, which it would leave plain."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = '"' if re.match(r"[-+.]?\d", text) else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _Dumper.represent_text)


def as_yaml(data: Data) -> str:
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=False)


def some(values: st.SearchStrategy[Any], most: int, least: int = 1) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=least, max_size=most, unique=True)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Free text that begins and ends in something visible and is no mark."""
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)).strip()
    return text if text and text != "none" else "text"


@st.composite
def rotations(draw: st.DrawFn, name: str | None, hours: Any = None) -> Data:
    start = FIRST + timedelta(days=draw(st.integers(0, 330)), minutes=30 * draw(st.integers(0, 47)))
    made: Data = {
        "members": draw(st.lists(people, min_size=1, max_size=4)),
        "start": f"{start:%Y-%m-%d %H:%M}",
        "every": draw(st.sampled_from(sorted(TURNS))),
    }
    if name:
        made["name"] = name
    if hours:
        made["hours"] = hours
    elif draw(maybe):
        made["hours"] = draw(some(st.sampled_from(HOURS), 2))
    if draw(st.integers(0, 4)) == 0:
        made["until"] = "2027-02-03 04:05"
    return made


@st.composite
def schedules(draw: st.DrawFn) -> Data:
    """One to three rotations: layers that cover each other, or hours that never meet."""
    made: Data = {"time_zone": draw(st.sampled_from(ZONES))} if draw(maybe) else {}
    names = draw(st.permutations(["day", "night", None, None]))
    if draw(maybe):
        parts = ["office", {"outside": "office"}]
        made["rotations"] = [draw(rotations(name, part)) for name, part in zip(names, parts, strict=False)]
    else:
        count = draw(st.integers(1, 3))
        made["rotations"] = [draw(rotations(name)) for name in names[:count]]
        made["overlap"] = "last_wins"
    if draw(maybe):
        day = draw(st.integers(1, 25))
        span = {"since": f"2026-12-{day:02} 09:00", "until": f"2026-12-{day + 2:02}", "user": draw(people)}
        made["overrides"] = [span]
    return made


@st.composite
def policies_of(draw: st.DrawFn, schedule_keys: list[str]) -> Data:
    targets = [{"schedule": key} for key in schedule_keys] + [{"user": name} for name in PEOPLE]
    levels = []
    for _ in range(draw(st.integers(1, 3))):
        level: Data = {"notify": draw(st.lists(st.sampled_from(targets), min_size=1, max_size=3, unique_by=str))}
        if draw(maybe):
            level["escalate_after"] = f"{draw(st.integers(1, 90))}m"
        levels.append(level)
    made: Data = {"levels": levels}
    if draw(maybe):
        made["repeat"] = draw(st.integers(0, 9))
    if draw(maybe):
        made["pagerduty"] = {"handoff_notifications": "always", "tags": draw(some(st.sampled_from(WORDS), 2))}
    return made


@st.composite
def integrations(draw: st.DrawFn, key: str) -> Data:
    made: Data = {}
    for form in draw(some(st.sampled_from(["events", "email", "vendor"]), 3)):
        if form == "events":
            made["events"] = {"events": "api", "name": f"Events {key}"}
        elif form == "vendor":
            made["metrics"] = {"vendor": draw(st.sampled_from(["Datadog", "Google Stackdriver"]))}
        else:
            senders = ["example.org", "Third.Level@example.com", {"regex": r"^ops-\d+@.*\.example\.com$"}]
            made["mail"] = {"email": f"{key}-{draw(st.integers(1, 2))}"}
            if draw(maybe):
                made["mail"]["accept_from"] = draw(st.lists(st.sampled_from(senders), min_size=1, unique_by=str))
            if draw(maybe):
                made["mail"]["pagerduty"] = {"subject": {"no_match": "spam"}, "opens_incident": "on_new_email"}
    return made


@st.composite
def services(draw: st.DrawFn, key: str, policy_keys: list[str]) -> Data:
    made: Data = {"escalation_policy": draw(st.sampled_from(policy_keys))}
    urgency = draw(st.sampled_from(["high", "low", "in-hours", "here", None]))
    if urgency == "here":
        rule = {"support_hours": "Mon-Thu 08:00-17:00", "during": "low", "outside": "high"}
        made["urgency"] = {**rule, "time_zone": draw(st.sampled_from(ZONES))}
    elif urgency:
        made["urgency"] = urgency
    for name in ("acknowledge_within", "resolve_after"):
        if draw(maybe):
            made[name] = draw(st.sampled_from(["30m", "4h", "2d", "none"]))
    if draw(maybe):
        made["integrations"] = draw(st.just("none") | integrations(key))
    if draw(maybe):
        grouping = {"alert_grouping": {"type": "time", "timeout": "10m"}, "status": "disabled", "auto_pause": "5m"}
        kept = draw(some(st.sampled_from(sorted(grouping)), 3))
        made["pagerduty"] = {name: grouping[name] for name in kept}
    return made


@st.composite
def policies(draw: st.DrawFn) -> Data:
    """A whole file. Two of them are edits of each other: keys are from the same few, names go round."""
    team_keys = draw(some(st.sampled_from(["red", "blue"]), 2))
    schedule_keys = draw(some(st.sampled_from(["s1", "s2", "s3"]), 3))
    policy_keys = draw(some(st.sampled_from(["p1", "p2"]), 2))
    service_keys = draw(some(st.sampled_from(["v1", "v2"]), 2))
    teams: Data = {}
    for key in team_keys:
        roles = st.sampled_from(["manager", "responder", "observer", None])
        members = [{"user": name, "role": draw(roles)} for name in draw(some(people, 4))]
        teams[key] = {"members": [m if m["role"] else m["user"] for m in members]} if draw(maybe) else {}
    made: Data = {
        "provider": "pagerduty",
        "time_zone": draw(st.sampled_from(ZONES)),
        "team": draw(st.sampled_from(team_keys)),
        "users": {name: {"email": f"{name}@example.com"} for name in PEOPLE},
        "teams": teams,
        "hours": {"office": "Mon-Fri 09:00-18:00"},
        "schedules": {key: draw(schedules()) for key in schedule_keys},
        "escalation_policies": {key: draw(policies_of(schedule_keys)) for key in policy_keys},
        "urgency_rules": {"in-hours": {"support_hours": "office", "raise_at_start": draw(maybe)}},
        "services": {key: draw(services(key, policy_keys)) for key in service_keys},
    }
    if len(schedule_keys) > 1 and draw(maybe):
        first, last = schedule_keys[0], schedule_keys[-1]
        made["schedules"][last] = {"follows": first, "offset": draw(st.integers(1, 3))}
    for kind in ("teams", "schedules", "escalation_policies", "services"):
        names = draw(st.permutations(WORDS))
        for one, name in zip(made[kind].values(), names, strict=False):
            if draw(maybe):
                one["name"] = name
            if draw(maybe):
                one["description"] = draw(texts())
    return made


def in_other_words(data: Data, random: Random) -> list[Data]:
    """The same policies in several files, keys in another order, anchors moved by whole cycles."""
    data = deepcopy(data)
    for schedule in data["schedules"].values():
        for rotation in schedule.get("rotations", ()):
            _move(rotation, random)
    head = {key: data.pop(key) for key in ("provider", "time_zone", "team")}
    files: list[Data] = [{}, {}, {}]
    for kind, entries in data.items():
        for key, value in entries.items():
            random.choice(files).setdefault(kind, {})[key] = value
    return [_shuffled({**head, **one}, random) for one in files]


def _move(rotation: Data, random: Random) -> None:
    start = datetime.fromisoformat(rotation["start"])
    cycle = timedelta(hours=TURNS[rotation["every"]]) * len(rotation["members"])
    latest = FIRST + timedelta(days=BEGAN)
    if start < latest:
        start += random.randint(-3, (latest - start) // cycle) * cycle
        rotation["start"] = re.sub(r":00$", "", f"{start:%Y-%m-%d %H:%M:%S}")


def _shuffled(value: Any, random: Random) -> Any:
    if not isinstance(value, dict):
        return [_shuffled(one, random) for one in value] if isinstance(value, list) else value
    items = [(key, _shuffled(one, random)) for key, one in value.items()]
    random.shuffle(items)
    return dict(items)
