"""What lies between declarations: keys, references, defaults, turns, hours, providers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oncall_sync.errors import PolicyErrors
from oncall_sync.model import (
    ABSENT,
    ALWAYS,
    ByPriority,
    ConstantUrgency,
    Covered,
    Follows,
    Hours,
    OnePerson,
    Policies,
    Raised,
    Ref,
    Resource,
    Rings,
    Source,
    Staffed,
    SupportHours,
)
from oncall_sync.policy.load import loads
from oncall_sync.policy.vendors import VENDORS, vendor_name
from oncall_sync.rota.hours import in_words, merge

PROVIDERS = {"pagerduty": "pagerduty", "opsgenie": "opsgenie"}
TOP = (
    "provider: pagerduty\n"
    "time_zone: Europe/Vienna\n"
    "users: {anna: {email: anna@example.com}, ben: {email: ben@example.com}, cy: {email: cy@example.com}}\n"
)
TURNS = "start: 2026-01-05 09:00, every: 1 week"


def many(*texts: str, providers: dict[str, str] = PROVIDERS) -> Policies:
    files = {f"{chr(97 + index)}.yaml": text for index, text in enumerate(texts)}
    return loads(files, providers=providers, kinds=frozenset({"pagerduty"}))


def problems(*texts: str, providers: dict[str, str] = PROVIDERS) -> list[str]:
    with pytest.raises(PolicyErrors) as caught:
        many(*texts, providers=providers)
    return [str(problem) for problem in caught.value.problems]


def members(policies: Policies, key: str) -> list[list[str | None]]:
    return [
        [ref.key if ref else None for ref in rotation.members] for rotation in policies.schedules[key].rotations
    ]


WRONG = [
    (
        "schedules: {s: {rotations: {members: [anna, bne], %T}}}",
        "a.yaml:4:45: unknown user 'bne' (did you mean 'ben'?)",
    ),
    (
        "team: nix\n",
        "a.yaml:4:7: unknown team 'nix': write the key of one, or declare it under teams:",
    ),
    (
        "services: {s: {escalation_policy: {escalation_policy: nix}}}",
        (
            "a.yaml:4:35: unknown escalation policy 'nix': write the key of one, or declare it under"
            " escalation_policies:"
        ),
    ),
    (
        "urgency_rules: {office: high}\nservices: {s: {urgency: ofice}}",
        "a.yaml:5:25: unknown urgency rule 'ofice' (did you mean 'office'?)",
    ),
    (
        "services: {s: {urgency: nix}}",
        (
            "a.yaml:4:25: unknown urgency rule 'nix': write high, low, or the name of a rule that stands under"
            " urgency_rules:"
        ),
    ),
    (
        "urgency_rules: {a: b}",
        "a.yaml:4:20: write high, low or a rule here, not 'b'",
    ),
    (
        "services: {s: {integrations: {a: {vendor: Datadg}}}}",
        "a.yaml:4:43: unknown vendor 'Datadg' (did you mean 'Datadog'?)",
    ),
    (
        "services: {s: {integrations: {a: {vendor: Qqqq}}}}",
        "a.yaml:4:43: unknown vendor 'Qqqq': write events: api if it speaks the provider's events API",
    ),
    (
        "services: {s: {integrations: {a: {events: api, name: b}, b: {events: api}}}}",
        "a.yaml:4:58: 'b' is the name of another integration here: write another",
    ),
    (
        "teams: {t: {members: [anna, {user: anna}]}}",
        "a.yaml:4:29: this is written twice: leave one of them out",
    ),
    (
        "teams: {t: {team: t}}",
        "a.yaml:4:13: a team has no owner: leave team out",
    ),
    (
        "teams: {a: {name: T}, b: {name: T}}",
        (
            "a.yaml:4:23: team b has the name 'T', as has team a at pagerduty (a.yaml:4:9):"
            " write another name: for one of them"
        ),
    ),
    (
        "teams: {none: {}}",
        "a.yaml:4:9: 'none' is a word of the language: write another key",
    ),
    (
        "urgency_rules: {high: low}",
        "a.yaml:4:17: 'high' is a word of the language: write another key",
    ),
    (
        "teams: {a/b: {}}",
        (
            "a.yaml:4:9: 'a/b' cannot be a key: write letters, digits, dots, dashes and underscores, at most 100,"
            " and the full name in name:"
        ),
    ),
    (
        "teams: {a: {was: b}, b: {}}",
        "a.yaml:4:18: team 'b' still exists (a.yaml:4:22): leave was out, or rename that one",
    ),
    (
        "teams: {a: {was: c}, b: {was: c}}",
        "a.yaml:4:31: team a was 'c' already (a.yaml:4:9): only one can be",
    ),
    (
        "services: {s: {provider: pagrduty}}",
        "a.yaml:4:26: unknown provider 'pagrduty' (did you mean 'pagerduty'?)",
    ),
    (
        "services: {s: {provider: jsm}}",
        "a.yaml:4:26: unknown provider 'jsm': write one of opsgenie, pagerduty, none, or add it to oncall.yaml",
    ),
    (
        "services: {s: {pagerduty: 5}}",
        "a.yaml:4:16: write a mapping under pagerduty, or leave it out",
    ),
    (
        "services: {s: {external: true, urgency: high}}",
        (
            "a.yaml:4:32: 'urgency' cannot be said of an external service, which belongs to somebody else:"
            " write only name, provider, team and description"
        ),
    ),
    (
        "services: {s: {external: true, protected: true}}",
        (
            "a.yaml:4:32: 'protected' cannot be said of an external service, which belongs to somebody else:"
            " write only name, provider, team and description"
        ),
    ),
    (
        "services: {s: {external: true, provider: none}}",
        "a.yaml:4:12: an external service is looked up at a provider: write which one it is",
    ),
    (
        "schedules: {s: {}}",
        "a.yaml:4:13: this schedule rings nobody: write rotations, follows or assignments",
    ),
    (
        "schedules: {s: {offset: 1, rotations: {members: anna, %T}}}",
        "a.yaml:4:17: offset has no meaning without follows: leave it out",
    ),
    (
        "schedules: {s: {follows: t, overlap: everyone}, t: {rotations: {members: anna, %T}}}",
        "a.yaml:4:29: overlap cannot be said of a schedule that follows another: leave one of the two out",
    ),
    (
        "schedules: {s: {follows: t, time_zone: UTC}, t: {rotations: {members: anna, %T}}}",
        "a.yaml:4:40: the schedule that this one follows is in Europe/Vienna: leave time_zone out here",
    ),
    (
        "schedules: {s: {follows: t}, t: {external: true}}",
        "a.yaml:4:26: schedule 't' has no turns to follow: write one that has rotations",
    ),
    (
        "schedules: {s: {follows: nix}}",
        "a.yaml:4:26: unknown schedule 'nix': write the key of one, or declare it under schedules:",
    ),
    (
        "schedules: {s: {follows: s}}",
        "a.yaml:4:26: this goes round in a circle: schedule s -> schedule s: write one of them without the others",
    ),
    (
        "schedules: {s: {follows: t}, t: {follows: u}, u: {follows: t}}",
        (
            "a.yaml:4:60: this goes round in a circle: schedule t -> schedule u -> schedule t:"
            " write one of them without the others"
        ),
    ),
    (
        "schedules: {s: {rotations: {members: anna, %T, hours: {outside: {schedule: t}}}}, t: {follows: s}}",
        (
            "a.yaml:4:132: this goes round in a circle: schedule s -> schedule t -> schedule s:"
            " write one of them without the others"
        ),
    ),
    (
        "hours: {a: {outside: b}, b: [a, 'Mon 09:00-10:00']}",
        (
            "a.yaml:4:30: this goes round in a circle: hours a -> hours b -> hours a:"
            " write one of them without the others"
        ),
    ),
    (
        "hours: {a: offce, office: 'Mon 09:00-10:00'}",
        "a.yaml:4:12: unknown hours 'offce' (did you mean 'office'?)",
    ),
    (
        "hours: {a: weekdays}",
        (
            "a.yaml:4:12: unknown hours 'weekdays': write hours such as Mon-Fri 09:00-18:00,"
            " or a name that stands under hours:"
        ),
    ),
    (
        "schedules: {s: {rotations: {members: anna, %T, hours: {outside: always}}}}",
        "a.yaml:4:91: these hours hold no minute of the week: write others",
    ),
    (
        "schedules: {s: {rotations: {members: anna, %T, hours: {outside: {schedule: t}}}}, t: {external: true}}",
        "a.yaml:4:112: schedule t has no rotations here, so its hours are not known: write them out",
    ),
    (
        (
            "schedules: {s: {rotations: {members: anna, %T, hours: {outside: {schedule: t}}}},"
            " t: {time_zone: UTC, rotations: {members: ben, %T, hours: Mon 09:00-10:00}}}"
        ),
        (
            "a.yaml:4:91: these hours are in Europe/Vienna, but those of schedule t in UTC:"
            " write both in one time_zone"
        ),
    ),
    (
        "escalation_policies: {e: {}}",
        "a.yaml:4:23: no levels: write at least one under levels:",
    ),
    (
        "escalation_policies: {e: {levels: {notify: [{user: anna}, {user: anna}]}}}",
        "a.yaml:4:59: this is written twice: leave one of them out",
    ),
    (
        "escalation_policies: {e: {levels: {notify: {schedule: nix}}}}",
        "a.yaml:4:55: unknown schedule 'nix': write the key of one, or declare it under schedules:",
    ),
    (
        (
            "schedules: {s: {provider: opsgenie, rotations: {members: anna, %T}}}\n"
            "escalation_policies: {e: {levels: {notify: {schedule: s}}}}"
        ),
        (
            "a.yaml:5:55: schedule s is at 'opsgenie', and this is at 'pagerduty':"
            " write one that is at the same provider"
        ),
    ),
    (
        (
            "schedules: {s: {provider: none, rotations: {members: anna, %T}}}\n"
            "escalation_policies: {e: {levels: {notify: {schedule: s}}}}"
        ),
        (
            "a.yaml:5:55: schedule s is planned only (provider: none), and this is at 'pagerduty':"
            " write one that is at the same provider"
        ),
    ),
    (
        (
            "schedules: {s: {assignments: [{since: 2026-01-10, until: 2026-01-12, on_call: anna},"
            " {since: 2026-01-05, until: 2026-01-11, on_call: [ben, ben]}]}}"
        ),
        (
            "a.yaml:4:31: this begins at 2026-01-10 00:00, before the one at a.yaml:4:86 ends (2026-01-11 00:00):"
            " write assignments that do not overlap"
        ),
    ),
    (
        "groups: {g: {slack: S1, from: {team: nix}}}",
        "a.yaml:4:38: unknown team 'nix': write the key of one, or declare it under teams:",
    ),
    (
        "services: {s: {}}\nchat_commands: {pd: s}",
        "a.yaml:5:17: 'pd' is not a chat command: write a slash and one word, as /pd-support",
    ),
    (
        "services: {s: {}}\nchecks: [{distinct: [a, a]}]",
        "a.yaml:5:22: unknown schedule 'a': write the key of one, or declare it under schedules:",
    ),
]


@pytest.mark.parametrize(("text", "expected"), WRONG, ids=[text[:60] for text, _ in WRONG])
def test_what_is_wrong_between_declarations_is_told_at_its_place(text: str, expected: str) -> None:
    found = problems(TOP + text.replace("%T", TURNS))
    assert found[0] == expected
    assert len(found) == 1 or "twice" in found[1]


def test_hours_have_names_that_can_be_said() -> None:
    for name in ("always", "Mon-Fri", "'Mon 09:00-10:00'", "'a\\e[31m'".replace("'", '"')):
        (problem,) = problems(TOP + f"hours:\n  {name}: Mon 09:00-18:00\n")
        assert problem.startswith("a.yaml:5:3: ")
        assert "cannot name hours, as it has a meaning: write a word, as office" in problem


def test_no_problem_or_note_can_move_the_cursor() -> None:
    key = '"\\e[31mred"'
    texts = (
        f"schedules: {{{key}: {{follows: {key}}}}}",
        f"teams: {{{key}: {{members: {key}, was: {key}}}}}",
        f"escalation_policies: {{e: {{levels: {{notify: {key}}}}}}}",
        f"groups: {{{key}: {{slack: x, from: {{team: {key}}}}}}}\nchat_commands: {{{key}: {key}}}",
        f"services: {{s: {{{key}: 1, provider: {key}, urgency: {key}}}}}",
        f"services: {{s: {{integrations: {{{key}: {{vendor: {key}}}}}}}}}",
        f"checks: [{{{key}: 1}}]\nhours: {{{key}: {key}}}",
    )
    for text in texts:
        found = problems(TOP + text)
        assert found
        assert all(problem.isprintable() for problem in found)


def test_two_users_with_one_email_name_both_places() -> None:
    first = "users: {anna: {email: Anna@example.com}}"
    second = "\nusers:\n  ann:\n    email: anna@EXAMPLE.com"
    assert problems(first, second) == [
        (
            "b.yaml:4:12: 'anna@EXAMPLE.com' is the email of user anna already (a.yaml:1:23):"
            " write one user for one person"
        )
    ]


def test_a_key_twice_names_both_places() -> None:
    assert problems(TOP + "teams: {t: {}}", "provider: none\nteams:\n  t: {}\n") == [
        "b.yaml:3:3: team 't' is already declared at a.yaml:4:9: write another key, or keep one of the two"
    ]
    services = TOP + "services: {s: {}}\n"
    group = "groups: {g: {slack: S1, from: {escalation_policy: e}}}\nchat_commands: {/x: s}\n"
    policy = "escalation_policies: {e: {levels: {notify: {user: anna}}}}\n"
    assert problems(services + policy + group, group) == [
        "b.yaml:1:10: 'g' is already declared at a.yaml:6:10: keep one of the two",
        "b.yaml:2:17: '/x' is already declared at a.yaml:7:17: keep one of the two",
    ]


def test_times_need_a_zone() -> None:
    text = (
        "provider: pagerduty\nusers: {anna: {email: anna@example.com}}\n"
        f"schedules: {{s: {{rotations: {{members: anna, {TURNS}}}}}}}\n"
        "services: {v: {urgency: {support_hours: Mon 09:00-10:00}}, w: {}}\n"
        "checks: [{rings: {service: w, at: mon 09:00}}]\n"
    )
    here = "here or at the top of the file"
    assert problems(text) == [
        f"a.yaml:3:13: times without a time zone: write time_zone: Europe/Vienna (or another) {here}",
        f"a.yaml:4:16: support hours without a time zone: write time_zone: Europe/Vienna (or another) {here}",
        (
            "a.yaml:5:11: times without a time zone: write time_zone: Europe/Vienna (or another) in the check"
            " or at the top of the file"
        ),
    ]


def test_a_provider_is_needed_unless_there_is_only_one() -> None:
    assert problems("teams: {t: {}}") == [
        "a.yaml:1:9: no provider: write provider: here or at the top of the file, one of opsgenie, pagerduty, none"
    ]
    assert problems("provider: opsgene\nteams: {t: {}}") == [
        "a.yaml:1:11: unknown provider 'opsgene' (did you mean 'opsgenie'?)"
    ]
    policies = many("teams: {t: {}}", providers={"pd": "pagerduty"})
    assert policies.teams["t"].provider == "pd"
    assert policies.notes == ()


def test_defaults_of_a_file_are_for_that_file() -> None:
    policies = many(
        TOP
        + f"team: t\nteams: {{t: {{}}}}\nschedules: {{s: {{rotations: {{members: anna, {TURNS}}}}}}}\n"
        + "services: {own: {team: none}, theirs: {external: true}, other: {name: Other}}",
        "provider: none\ntime_zone: UTC\n"
        f"schedules: {{r: {{rotations: {{members: ben, {TURNS}}}}}, q: {{follows: s, team: t}}}}",
    )
    s, r = policies.schedules["s"], policies.schedules["r"]
    assert (s.provider, s.time_zone, s.team, s.name) == ("pagerduty", "Europe/Vienna", Ref("team", "t"), "s")
    assert (r.provider, r.time_zone, r.team) == ("none", "UTC", ABSENT)
    assert policies.schedules["q"].time_zone == "Europe/Vienna"
    assert policies.services["own"].team is None
    assert policies.services["theirs"].team is ABSENT
    assert policies.services["other"].name == "Other"
    assert policies.teams["t"].team is ABSENT


def test_following_hands_each_turn_on() -> None:
    policies = many(
        TOP
        + "schedules:\n"
        + f"  a: {{overlap: last_wins, rotations: {{x: {{members: [anna, ben, cy], {TURNS}}},"
        + f" y: {{members: [nobody, anna], {TURNS}, hours: Mon-Fri 09:00-18:00}}}}}}\n"
        + "  b: {follows: a}\n  c: {follows: b, offset: 1}\n  d: {follows: a, offset: -1}\n"
        + "  e: {follows: {schedule: a}, offset: 4, overrides:"
        + " {since: 2026-01-01, until: 2026-01-02, user: cy, instead_of: anna}}\n"
    )
    assert members(policies, "a") == [["anna", "ben", "cy"], [None, "anna"]]
    assert members(policies, "b") == [["cy", "anna", "ben"], ["anna", None]]
    assert members(policies, "c") == [["ben", "cy", "anna"], [None, "anna"]]
    assert members(policies, "d") == [["ben", "cy", "anna"], ["anna", None]]
    assert members(policies, "e") == members(policies, "b")[:1] + members(policies, "a")[1:]
    b = policies.schedules["b"]
    assert b.overlap == "last_wins"
    assert b.follows == Follows(Ref("schedule", "a"), 1)
    assert [rotation.name for rotation in b.rotations] == ["x", "y"]
    assert b.rotations[1].hours == policies.schedules["a"].rotations[1].hours
    assert policies.schedules["e"].overrides[0].instead_of == Ref("user", "anna")
    assert b.overrides == ()


def test_a_long_chain_is_followed_whatever_the_order() -> None:
    chain = "".join(f"  s{n}: {{follows: s{n - 1}}}\n" for n in range(1, 3000))
    policies = many(TOP + f"schedules:\n{chain}  s0: {{rotations: {{members: [anna, ben, cy], {TURNS}}}}}\n")
    assert members(policies, "s2999") == [["ben", "cy", "anna"]]


def test_a_long_circle_is_told_in_short() -> None:
    chain = "".join(f"  s{n}: {{follows: s{(n + 1) % 100}}}\n" for n in range(100))
    (only,) = problems(TOP + "schedules:\n" + chain)
    assert only.endswith(
        "schedule s0 -> schedule s1 -> schedule s2 -> schedule s3 -> … -> schedule s98 -> schedule s99"
        " -> schedule s0: write one of them without the others"
    )


def hours_of(text: str, *others: str) -> Hours:
    rotation = f"schedules: {{s: {{rotations: {{members: anna, {TURNS}, hours: {text}}}}}}}\n"
    named = "hours: {office: 'Mon-Fri 09:00-18:00', lunch: 'Mon-Fri 12:00-13:00'}\n"
    return many(TOP + rotation + named, *others).schedules["s"].rotations[0].hours


def test_hours_in_all_their_forms() -> None:
    office = merge((day * 1440 + 540, day * 1440 + 1080) for day in range(5))
    assert hours_of("office") == hours_of("[office]") == hours_of("Mon-Fri 09:00-18:00") == office
    assert hours_of("always") == ALWAYS
    rest = hours_of("{outside: office}")
    assert rest == hours_of("[Mon-Thu 18:00-09:00, Fri 18:00 - Mon 09:00]")
    assert hours_of("{outside: {outside: office}}") == office
    assert hours_of("{outside: {schedule: x}}", duty("x")) == rest
    assert in_words(hours_of("[lunch, {outside: office}]")) == in_words(hours_of("[{outside: office}, lunch]"))
    assert hours_of("night", "hours: {night: 'Mon-Sun 22:00-06:00'}") == hours_of("Mon-Sun 22:00-06:00")
    assert hours_of("office", "hours: {office: 'Mon 01:00-02:00'}") == office


def duty(key: str) -> str:
    return (
        "provider: none\ntime_zone: Europe/Vienna\n"
        f"schedules: {{{key}: {{rotations: {{members: ben, {TURNS}, hours: Mon-Fri 09:00-18:00}}}}}}\n"
    )


def test_hours_of_another_file_must_be_one() -> None:
    text = TOP + f"schedules: {{s: {{rotations: {{members: anna, {TURNS}, hours: night}}}}}}\n"
    night = "hours:\n  night: Mon 22:00-06:00\n"
    assert problems(text, night, night) == [
        "a.yaml:4:91: hours 'night' are in several other files (b.yaml:2:3 and c.yaml:2:3): write them in this one"
    ]


def test_urgency_in_all_its_forms() -> None:
    policies = many(
        TOP
        + "hours: {office: 'Mon-Fri 09:00-18:00'}\n"
        + "urgency_rules: {r: {support_hours: office, raise_at_start: true},"
        + " p: {high: [P2, P1], low: [P5, P3, P4]},"
        + " c: low}\n"
        + "services: {a: {urgency: r}, b: {urgency: p}, c: {urgency: c}, d: {urgency: high},"
        + " e: {urgency: {support_hours: office, during: low, outside: high, time_zone: UTC}}}\n"
    )
    office = merge((day * 1440 + 540, day * 1440 + 1080) for day in range(5))
    assert [policies.services[key].urgency for key in "abcde"] == [
        SupportHours(hours=office, time_zone="Europe/Vienna", raise_at_start=True),
        ByPriority(high=("P1", "P2"), low=("P3", "P4", "P5")),
        ConstantUrgency("low"),
        ConstantUrgency("high"),
        SupportHours(hours=office, time_zone="UTC", during="low", outside="high"),
    ]
    assert list(policies.urgency_rules) == ["c", "p", "r"]


CHECKED = (
    TOP
    + "hours: {office: 'Mon-Fri 09:00-18:00'}\n"
    + f"schedules: {{s: {{time_zone: America/Chicago, rotations: {{members: anna, {TURNS}}}}},"
    + " x: {external: true}}\n"
    + "escalation_policies: {e: {levels: {notify: {schedule: s}}}}\n"
    + "services: {v: {escalation_policy: e, urgency: {support_hours: office, time_zone: Asia/Tokyo}}, w: {}}\n"
)


def test_checks_have_the_zone_nearest_to_them() -> None:
    policies = many(
        CHECKED
        + "checks:\n"
        + "  - staffed: {schedule: s, at_least: 2, has: [vpn], during: office}\n"
        + "  - staffed: {schedule: x, at_least: {a: 1}, during: office}\n"
        + "  - staffed: {schedule: s, at_least: {works: Mon}, during: office, time_zone: UTC}\n"
        + "  - rings: {service: v, at: sat 03:00, user: anna}\n"
        + "  - rings: {service: w, at: sat 03:00}\n"
        + "  - raised: {service: v, opened: sat 03:00, high_at: Mon 09:00, rings: {user: ben}}\n"
        + "  - staffed: {schedule: s, at_least: 1}\n"
    )
    first, second, third, fourth, fifth, sixth, seventh = policies.checks
    assert isinstance(first, Staffed)
    assert (first.time_zone, first.at_least) == ("America/Chicago", 2)
    assert first.one == OnePerson(has=frozenset({"vpn"}))
    assert isinstance(second, Staffed)
    assert (second.time_zone, second.properties, second.one) == ("Europe/Vienna", {"a": 1}, None)
    assert isinstance(third, Staffed)
    assert (third.time_zone, third.one) == ("UTC", OnePerson(works=frozenset({0})))
    assert isinstance(fourth, Rings)
    assert (fourth.time_zone, fourth.at, fourth.user) == ("Asia/Tokyo", 5 * 1440 + 180, Ref("user", "anna"))
    assert isinstance(fifth, Rings)
    assert fifth.time_zone == "Europe/Vienna"
    assert isinstance(sixth, Raised)
    assert (sixth.opened, sixth.high_at, sixth.user) == (7380, 540, Ref("user", "ben"))
    assert isinstance(seventh, Staffed)
    assert seventh.hours == ALWAYS
    assert sixth.source == Source("a.yaml", 14, 5)
    assert sixth.rule == "raised"


def test_every_other_check() -> None:
    policies = many(
        CHECKED
        + "checks:\n"
        + "  - covered: {schedule: s}\n"
        + "  - covered: {escalation_policy: e, exactly: 1}\n"
        + "  - distinct: [s, {schedule: x}]\n"
        + "  - human_within: {service: v, limit: 20m}\n"
        + "  - acknowledged_within: {service: {service: v}, limit: 5m}\n"
        + "  - eligible: {schedule: s, has: vpn}\n"
        + "  - planned_ahead: {schedule: s, by: Mon 17:00, for: Wed 09:00}\n"
        + "  - observed_first: {schedule: s}\n"
        + "  - reachable: {schedule: s, by: [push, phone], before: 24h}\n"
    )
    rules = [check.rule for check in policies.checks]
    assert rules == [
        "covered",
        "covered",
        "distinct",
        "human_within",
        "acknowledged_within",
        "eligible",
        "planned_ahead",
        "observed_first",
        "reachable",
    ]
    assert policies.checks[0] == Covered(target=Ref("schedule", "s"), at_least=1)
    assert policies.checks[1] == Covered(target=Ref("escalation_policy", "e"), exactly=1)


def test_unknown_zone_of_a_check_that_speaks_of_nothing() -> None:
    text = (
        "provider: pagerduty\nchecks: [{rings: {service: nix, at: sat 03:00}},"
        " {planned_ahead: {schedule: nix, by: Mon 17:00, for: Wed 09:00}}]"
    )
    assert [problem for problem in problems(text) if "zone" not in problem] == [
        "a.yaml:2:28: unknown service 'nix': write the key of one, or declare it under services:",
        "a.yaml:2:77: unknown schedule 'nix': write the key of one, or declare it under schedules:",
    ]


def test_blocks_are_kept_and_noted() -> None:
    policies = many(
        TOP
        + "services:\n"
        + "  s:\n"
        + "    pagerduty: {status: x}\n"
        + "    opsgenie: {tags: [a]}\n"
        + "    integrations: {m: {events: api, pagerduty: {y: 1}}}\n"
        + "escalation_policies: {e: {levels: [{notify: {user: anna}, pagerduty: {round_robin: true}}]}}\n"
        + "teams: {t: {provider: opsgenie, pagerduty: {z: 1}}}\n"
    )
    service = policies.services["s"]
    assert service.settings == {"pagerduty": {"status": "x"}, "opsgenie": {"tags": ["a"]}}
    assert service.integrations[0].settings == {"pagerduty": {"y": 1}}  # type: ignore[index]
    level = policies.escalation_policies["e"].levels[0]
    assert (level.settings, level.escalate_after) == ({"pagerduty": {"round_robin": True}}, ABSENT)
    assert service.where("pagerduty.status") == Source("a.yaml", 6, 25)
    assert [(str(note.source), note.rule, note.level, note.message) for note in policies.notes] == [
        (
            "a.yaml:7:5",
            "block-kept",
            "note",
            "the block opsgenie is kept, but not checked: its adapter is not installed",
        ),
        (
            "a.yaml:10:9",
            "adapter-missing",
            "note",
            (
                "opsgenie: no adapter for opsgenie is installed, so what is declared there (1) is checked,"
                " but cannot be planned"
            ),
        ),
        ("a.yaml:10:33", "block-kept", "note", "the block pagerduty is kept, but not used: this is at opsgenie"),
    ]


def test_marks_know_every_form() -> None:
    policies = many(
        TOP
        + "schedules:\n"
        + f"  one: {{rotations: {{members: anna, {TURNS}}}}}\n"
        + f"  named: {{rotations: {{a: {{members: [anna, ben], {TURNS}}}, b: {{members: ben, {TURNS}}}}}}}\n"
        + f"  listed: {{rotations: [{{members: anna, {TURNS}}}]}}\n"
        + "escalation_policies:\n  e: {levels: {notify: {user: anna}, escalate_after: 5m}}\n"
        + "services:\n  s: {integrations: {b.c: {email: b}, a: {email: x}}}\n"
    )

    def at(resource: Resource | None, path: str) -> tuple[int, int]:
        assert resource is not None
        where = resource.where(path)
        assert where is not None
        return where.line, where.column

    one, named = policies.schedules["one"], policies.schedules["named"]
    assert at(one, "rotations.0.members.0") == at(one, "rotations.members") == (5, 30)
    assert at(named, "rotations.0.members.1") == at(named, "rotations.a.members.1") == (6, 43)
    assert at(named, "rotations.1.members") == (6, 103)
    assert at(named, "rotations.2") == (6, 22)
    assert at(policies.schedules["listed"], "rotations.0.start") == (7, 47)
    assert at(policies.schedules["listed"], "rotations.1.start") == (7, 23)
    policy = policies.get(Ref("escalation_policy", "e"))
    assert at(policy, "levels.0.notify.0") == (9, 24)
    assert at(policy, "levels.0.notify.1") == at(policy, "levels.0.notify") == (9, 24)
    service = policies.services["s"]
    assert at(service, "integrations.b.c.email") == at(service, "integrations.1.email") == (11, 35)
    assert at(service, "integrations.0.email") == (11, 50)
    assert at(service, "urgency") == (11, 3)
    assert [integration.name for integration in service.integrations] == ["a", "b.c"]  # type: ignore[union-attr]
    assert "integrations.a.email" in set(service.marks)
    assert len(service.marks) == 5
    assert len(policies.schedules["listed"].marks) == 5


def test_a_bare_value_of_users() -> None:
    policies = many(
        TOP
        + "teams: {t: {members: [anna, {user: ben, role: manager}]}}\n"
        + "schedules: {s: {assignments: {since: 2026-01-05 09:00, until: 2026-01-12 09:00, on_call: [anna, ben],"
        + " fallback: cy, observers: {user: cy}}}}\n"
    )
    assert [(member.user.key, member.role) for member in policies.teams["t"].members] == [  # type: ignore[union-attr]
        ("anna", ABSENT),
        ("ben", "manager"),
    ]
    (assignment,) = policies.schedules["s"].assignments
    assert assignment.fallback == assignment.observers == (Ref("user", "cy"),)


def test_users_have_what_was_said() -> None:
    policies = loads(
        {
            "a.yaml": "users:\n  dora: {name: Dora D, email: d@example.com, has: x, works: Mon-Thu,"
            " ids: {jsm: '5'},"
            " away: [{since: 2027-01-01, until: 2027-01-02}, {since: 2026-12-24, until: 2026-12-25}]}\n"
            "  eve: {email: e@example.com}\n"
        },
        providers={},
        workspace="acme",
    )
    dora, eve = policies.users["dora"], policies.users["eve"]
    assert (dora.name, dora.has, dora.works, dora.ids) == ("Dora D", {"x"}, {0, 1, 2, 3}, {"jsm": "5"})
    assert [away.since.year for away in dora.away] == [2026, 2027]
    assert dora.time_zone is None
    assert (eve.name, eve.provider, len(eve.works)) == ("eve", "none", 7)
    assert (policies.workspace, policies.files, len(policies.sha256)) == ("acme", 1, 64)


def test_waivers_may_speak_of_what_is_gone() -> None:
    policies = many("waivers: [{rule: r, for: {service: gone}, reason: x, owner: y, until: 2026-12-31}]")
    assert policies.waivers[0].target == Ref("service", "gone")
    assert many("waivers: {rule: r, reason: x, owner: y, until: 2026-12-31}").waivers[0].target is None


def test_levels_and_promises() -> None:
    policies = many(
        TOP
        + "escalation_policies: {e: {repeat: 0, levels: [{notify: {user: anna}, escalate_after: 90m}]}}\n"
        + "services: {s: {human_within: 2h, escalation_policy: e}}\n"
    )
    assert policies.escalation_policies["e"].repeat == 0
    assert policies.escalation_policies["e"].levels[0].escalate_after == timedelta(minutes=90)
    assert policies.services["s"].human_within == timedelta(hours=2)
    assert [str(resource.ref) for resource in policies.resources()][-2:] == ["escalation_policy.e", "service.s"]
    assert policies.get(Ref("urgency_rule", "x")) is None


def test_the_catalogue_of_vendors() -> None:
    assert len(VENDORS) == len({name.casefold() for name in VENDORS}) >= 60
    assert vendor_name("google  stackdriver") == "Google Stackdriver"
    assert vendor_name("nix") is None
