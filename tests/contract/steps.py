"""The table of steps: what people do to their policies, one thing at a time, and what a plan says to each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from .harness import Policy

CAST = ("anna", "ben", "carla", "david", "eve", "lead")
START: Policy = {
    "time_zone": "Europe/Vienna",
    "team": "ops",
    "users": {name: {"email": f"{name}@example.com"} for name in CAST},
    "teams": {"ops": {"name": "Operations", "members": ["anna", "ben"]}},
    "schedules": {
        "day": {
            "name": "Day",
            "rotations": {
                "first": {"members": ["anna", "ben", "carla"], "start": "Mon 2026-01-05 09:00", "every": "1 week"}
            },
        },
        "night": {
            "name": "Night",
            "rotations": {
                "all": {"members": ["carla", "david"], "start": "Mon 2026-01-05 09:00", "every": "1 week"}
            },
        },
    },
    "escalation_policies": {
        "main": {
            "name": "Main",
            "levels": [
                {"notify": [{"schedule": "day"}, {"user": "david"}], "escalate_after": "15m"},
                {"notify": [{"user": "lead"}], "escalate_after": "10m"},
            ],
            "repeat": 1,
        }
    },
    "services": {
        "shop": {
            "name": "Shop",
            "escalation_policy": "main",
            "urgency": "high",
            "integrations": {"alerts": {"events": "api"}, "mail": {"email": "shop-alerts"}},
        }
    },
}
"""One of everything; what every provider can hold."""

TEAM, DAY, MAIN, SHOP = "team.ops", "schedule.day", "escalation_policy.main", "service.shop"


Edit = Callable[[Policy], Any]


@dataclass(frozen=True)
class Step:
    """One edit, and what the plan has to say to it: actions by ref.

    `needs` are words of the policy language (as in `Capabilities.words`) that a provider must hold exactly, or at
    least roughly, for the step to mean anything to it. `words` go to `apply` (waivers).
    """

    name: str
    edit: Edit
    plan: Mapping[str, str]
    needs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


Place = tuple[Any, ...]
FIRST: Place = ("schedules", "day", "rotations", "first")
LEVELS: Place = ("escalation_policies", "main", "levels")
MEMBERS: Place = (*FIRST, "members")
INTEGRATIONS: Place = ("services", "shop", "integrations")


def _at(policy: Policy, place: Place) -> Any:
    found: Any = policy
    for key in place:
        found = found[key]
    return found


def _set(*path: Any, to: Any) -> Edit:
    return lambda policy: _at(policy, path[:-1]).__setitem__(path[-1], deepcopy(to))


def _drop(*path: Any) -> Edit:
    return lambda policy: _at(policy, path[:-1]).__delitem__(path[-1])


def _do(place: Place, method: str, *words: Any) -> Edit:
    """Call a method of a list: `append`, `remove`, `reverse`, …"""
    return lambda policy: getattr(_at(policy, place), method)(*words)


def _first(**changed: Any) -> Edit:
    """Change keys of the first rotation of the day."""
    return lambda policy: _at(policy, FIRST).update(changed)


def _renamed(old: str, new: str) -> Edit:
    def edit(policy: Policy) -> None:
        rotations = policy["schedules"]["day"]["rotations"]
        rotations[new] = rotations.pop(old)

    return edit


def _shop_pages(policy_of_shop: str, policy_of_search: str) -> Edit:
    def edit(policy: Policy) -> None:
        policy["services"]["shop"]["escalation_policy"] = policy_of_shop
        policy["services"]["search"]["escalation_policy"] = policy_of_search

    return edit


def _schedule_names(day: str, night: str) -> Edit:
    def edit(policy: Policy) -> None:
        policy["schedules"]["day"]["name"], policy["schedules"]["night"]["name"] = day, night

    return edit


def _key(old: str, new: str) -> Edit:
    def edit(policy: Policy) -> None:
        policy["schedules"][new] = {**policy["schedules"].pop(old), "was": old}
        _at(policy, LEVELS)[0]["notify"] = [
            {"schedule": new} if one == {"schedule": old} else one for one in _at(policy, LEVELS)[0]["notify"]
        ]

    return edit


def _second_service(policy: Policy) -> None:
    policy["escalation_policies"]["other"] = {
        "name": "Other",
        "levels": [{"notify": [{"schedule": "night"}], "escalate_after": "5m"}],
    }
    policy["services"]["search"] = {
        "name": "Search",
        "escalation_policy": "other",
        "urgency": "high",
        "integrations": {"alerts": {"events": "api"}},
    }


def _replace_everything(policy: Policy) -> None:
    rotation = {"members": ["david", "carla"], "start": "Mon 2026-01-05 10:00", "every": "2 weeks"}
    policy["schedules"]["fresh"] = {"name": "Fresh", "rotations": {"all": rotation}}
    level = {"notify": [{"schedule": "fresh"}], "escalate_after": "5m"}
    policy["escalation_policies"]["fresh"] = {"name": "Fresh", "levels": [level]}
    del policy["schedules"]["night"], policy["escalation_policies"]["other"]
    policy["services"]["search"]["escalation_policy"] = "fresh"


def _fresh_away(policy: Policy) -> None:
    del policy["schedules"]["fresh"], policy["escalation_policies"]["fresh"]


SECOND = {"members": ["lead"], "start": "Mon 2026-12-07 09:00", "every": "1 week", "hours": "Sat 10:00-12:00"}
OVERRIDE = {"since": "2026-12-24 09:00", "until": "2026-12-25 09:00", "user": "lead"}
HOURS = {"support_hours": "Mon-Fri 09:00-18:00", "during": "high", "outside": "low"}
BY_PRIORITY = {"high": ["P1"], "low": ["P2", "P3", "P4", "P5"]}
SHIFT = ("--waive", "mid-shift-change=agreed in the team")
SERVICE_GONE = ("--waive", "service-deleted=moved elsewhere")
OVERLAP = ("schedule.overlap.everyone",)
VACANT = ("schedule.rotations.members.nobody",)
OVERRIDES = ("schedule.overrides",)
BY_HOURS = ("urgency_rule.support_hours",)

NAMES = (
    Step("nothing", lambda policy: None, {}),
    Step("rename a team", _set("teams", "ops", "name", to="Ops"), {TEAM: "rename"}),
    Step("rename a schedule", _set("schedules", "day", "name", to="Day shift"), {DAY: "rename"}),
    Step("rename a policy", _set("escalation_policies", "main", "name", to="Main ladder"), {MAIN: "rename"}),
    Step("rename a service", _set("services", "shop", "name", to="Web shop"), {SHOP: "rename"}),
    Step("describe a team", _set("teams", "ops", "description", to="Runs things."), {TEAM: "update"}),
    Step("describe a schedule", _set("schedules", "day", "description", to="By day.\n"), {DAY: "update"}),
    Step("describe a policy", _set("escalation_policies", "main", "description", to="Who."), {MAIN: "update"}),
    Step("describe a service", _set("services", "shop", "description", to="Sells | things"), {SHOP: "update"}),
    Step("take a description away", _set("schedules", "day", "description", to="none"), {DAY: "update"}),
    Step("no longer say anything about one", _drop("teams", "ops", "description"), {}),
)
PEOPLE = (
    Step("add a member", _do(("teams", "ops", "members"), "append", "eve"), {TEAM: "update"}),
    Step("take one out", _do(("teams", "ops", "members"), "remove", "eve"), {TEAM: "update"}),
    Step("somebody joins a rota", _do(MEMBERS, "append", "lead"), {DAY: "update"}, words=SHIFT),
    Step("and leaves it", _do(MEMBERS, "remove", "lead"), {DAY: "update"}, words=SHIFT),
    Step("another order", _do(MEMBERS, "reverse"), {DAY: "update"}, words=SHIFT),
    Step("somebody comes twice", _do(MEMBERS, "append", "anna"), {DAY: "update"}, words=SHIFT),
    Step("and once again", _do(MEMBERS, "pop"), {DAY: "update"}, words=SHIFT),
)
TIME = (
    Step("an anchor a cycle later is no change", _first(start="Mon 2026-01-26 09:00"), {}),
    Step("another handoff", _first(start="Tue 2026-01-06 10:30"), {DAY: "update"}, words=SHIFT),
    Step("shorter turns", _first(every="2 days"), {DAY: "update"}, words=SHIFT),
    Step("turns of hours", _first(every="12h"), {DAY: "update"}, words=SHIFT),
    Step("weeks again", _first(every="2 weeks"), {DAY: "update"}, words=SHIFT),
    Step("within hours", _first(hours="Mon-Fri 09:00-18:00"), {DAY: "update"}),
    Step("other hours", _first(hours=["Mon-Thu 09:00-18:00", "Fri 09:00-13:30"]), {DAY: "update"}),
    Step("hours in another order are no change", _do((*FIRST, "hours"), "reverse"), {}),
    Step("over night", _first(hours="Mon-Sun 20:00-08:00"), {DAY: "update"}, words=SHIFT),
    Step("at any hour", _drop(*FIRST, "hours"), {DAY: "update"}, words=SHIFT),
    Step("until a day", _first(until="2027-06-01 09:00"), {DAY: "update"}),
    Step("for ever", _first(until="none"), {DAY: "update"}),
    Step(
        "another zone", _set("schedules", "day", "time_zone", to="America/Chicago"), {DAY: "update"}, words=SHIFT
    ),
    Step("the old zone", _drop("schedules", "day", "time_zone"), {DAY: "update"}, words=SHIFT),
    Step("a second rotation", _set(*FIRST[:3], "second", to=SECOND), {DAY: "update"}, OVERLAP),
    Step("without it", _drop(*FIRST[:3], "second"), {DAY: "update"}, OVERLAP),
    Step("a rotation by another name", _renamed("first", "main"), {DAY: "update"}),
    Step("and by the old one", _renamed("main", "first"), {DAY: "update"}),
    Step("a vacant turn", _do(MEMBERS, "append", "nobody"), {DAY: "update"}, VACANT, SHIFT),
    Step("no vacant turn", _do(MEMBERS, "remove", "nobody"), {DAY: "update"}, VACANT, SHIFT),
    Step(
        "follow another",
        _set("schedules", "second-day", to={"follows": "day", "offset": 1}),
        {"schedule.second-day": "create"},
    ),
    Step("no longer", _drop("schedules", "second-day"), {"schedule.second-day": "delete"}),
    Step("an override", _set("schedules", "day", "overrides", to=[OVERRIDE]), {DAY: "update"}, OVERRIDES),
    Step("which stays when it is taken out", _drop("schedules", "day", "overrides"), {}, OVERRIDES),
)
LADDERS = (
    Step("wait longer", _set(*LEVELS, 0, "escalate_after", to="20m"), {MAIN: "update"}),
    Step(
        "a third level",
        _do(LEVELS, "append", {"notify": [{"user": "ben"}], "escalate_after": "5m"}),
        {MAIN: "update"},
    ),
    Step("levels in another order", _do(LEVELS, "reverse"), {MAIN: "update"}),
    Step("one level less", _do(LEVELS, "pop", 0), {MAIN: "update"}),
    Step("the schedule is called first again", _do(LEVELS, "reverse"), {MAIN: "update"}),
    Step(
        "call somebody else",
        _set(*LEVELS, 0, "notify", to=[{"schedule": "day"}, {"user": "david"}, {"user": "carla"}]),
        {MAIN: "update"},
    ),
    Step("another order within a level is no change", _do((*LEVELS, 0, "notify"), "reverse"), {}),
    Step("more passes", _set("escalation_policies", "main", "repeat", to=3), {MAIN: "update"}),
    Step("a single pass", _set("escalation_policies", "main", "repeat", to=0), {MAIN: "update"}),
)
SERVICES = (
    Step("low urgency", _set("services", "shop", "urgency", to="low"), {SHOP: "update"}),
    Step("by hours", _set("services", "shop", "urgency", to=HOURS), {SHOP: "update"}, BY_HOURS),
    Step("raised", _set("services", "shop", "urgency", "raise_at_start", to=True), {SHOP: "update"}, BY_HOURS),
    Step("with a timeout", _set("services", "shop", "resolve_after", to="4h"), {SHOP: "update"}),
    Step("and another", _set("services", "shop", "acknowledge_within", to="30m"), {SHOP: "update"}),
    Step(
        "other support hours",
        _set("services", "shop", "urgency", "support_hours", to="Mon-Fri 08:00-17:30"),
        {SHOP: "update"},
        BY_HOURS,
    ),
    Step(
        "by priority",
        _set("services", "shop", "urgency", to=BY_PRIORITY),
        {SHOP: "update"},
        ("urgency_rule.high",),
    ),
    Step("high again", _set("services", "shop", "urgency", to="high"), {SHOP: "update"}),
    Step("no timeout", _set("services", "shop", "resolve_after", to="none"), {SHOP: "update"}),
    Step("nor the other", _set("services", "shop", "acknowledge_within", to="none"), {SHOP: "update"}),
    Step("one more integration", _set(*INTEGRATIONS, "metrics", to={"events": "api"}), {SHOP: "update"}),
    Step("of a vendor", _set(*INTEGRATIONS, "watch", to={"vendor": "Datadog"}), {SHOP: "update"}),
    Step("one less", _drop(*INTEGRATIONS, "metrics"), {SHOP: "update"}),
    Step("none of that vendor", _drop(*INTEGRATIONS, "watch"), {SHOP: "update"}),
    Step("say nothing about integrations", _drop(*INTEGRATIONS), {}),
)
REFERENCES = (
    Step(
        "a second service with a ladder of its own",
        _second_service,
        {"escalation_policy.other": "create", "service.search": "create"},
    ),
    Step("policies change places", _shop_pages("other", "main"), {SHOP: "update", "service.search": "update"}),
    Step("names change places", _schedule_names("Night", "Day"), {DAY: "rename", "schedule.night": "rename"}),
    Step("and back", _schedule_names("Day", "Night"), {DAY: "rename", "schedule.night": "rename"}),
    Step("another key", _key("day", "daytime"), {"schedule.daytime": "rename"}),
    Step("the word `was` may go", _drop("schedules", "daytime", "was"), {}),
    Step("the old key", _key("daytime", "day"), {DAY: "rename"}),
    Step("as before", _drop("schedules", "day", "was"), {}),
    Step("policies as before", _shop_pages("main", "other"), {SHOP: "update", "service.search": "update"}),
    Step(
        "replace a rota and its ladder",
        _replace_everything,
        {
            "schedule.fresh": "create",
            "escalation_policy.fresh": "create",
            "service.search": "update",
            "escalation_policy.other": "delete",
            "schedule.night": "delete",
        },
    ),
    Step(
        "take a service away",
        _drop("services", "search"),
        {"service.search": "delete"},
        words=SERVICE_GONE,
    ),
    Step(
        "take its ladder away",
        _fresh_away,
        {"escalation_policy.fresh": "delete", "schedule.fresh": "delete"},
    ),
)
STEPS = NAMES + PEOPLE + TIME + LADDERS + SERVICES + REFERENCES
