"""What one file may look like, and what is said, and where, if it does not."""

from __future__ import annotations

import pytest

from oncall_sync.errors import PolicyErrors
from oncall_sync.model import ABSENT, AcceptFrom, Policies
from oncall_sync.policy.load import loads

PROVIDERS = {"pagerduty": "pagerduty", "opsgenie": "opsgenie"}
TOP = "provider: pagerduty\ntime_zone: Europe/Vienna\nusers: {anna: {email: anna@example.com}}\n"


def good(text: str, top: str = TOP) -> Policies:
    return loads({"p.yaml": top + text}, providers=PROVIDERS, kinds=frozenset({"pagerduty"}))


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(PolicyErrors) as caught:
        loads({"p.yaml": text}, providers=PROVIDERS, kinds=frozenset({"pagerduty"}))
    return [str(problem) for problem in caught.value.problems]


WRONG = [
    (
        "shedules: {}",
        "p.yaml:4:1: unknown key 'shedules' (did you mean 'schedules'?)",
    ),
    (
        "services:\n  s: {urgencyy: high}",
        "p.yaml:5:7: unknown key 'urgencyy' (did you mean 'urgency'?)",
    ),
    (
        "services:\n  s: {pagerdutty: {}}",
        "p.yaml:5:7: unknown key 'pagerdutty' (did you mean 'pagerduty'?)",
    ),
    (
        "teams:\n  t: {members: [{user: anna, rol: manager}]}",
        "p.yaml:5:30: unknown key 'rol' (did you mean 'role'?)",
    ),
    (
        "escalation_policies:\n  e: {levels: {notify: {team: x}}}",
        "p.yaml:5:25: unknown key 'team': known here are schedule, user",
    ),
    (
        "services:\n  services: {integrations: {name: {emial: x}}}",
        "p.yaml:5:36: unknown key 'emial' (did you mean 'email'?)",
    ),
    (
        "schedules:",
        "p.yaml:4:1: nothing is written here: write a mapping, or leave the key out",
    ),
    (
        "teams:\n  t: ~",
        "p.yaml:5:3: nothing is written here: write a mapping, or leave the key out",
    ),
    (
        "services:\n  s:\n    urgency: ~",
        "p.yaml:6:5: nothing is written here: write a value, or leave the key out",
    ),
    (
        "schedules:\n  s: {rotations: ~}",
        "p.yaml:5:7: nothing is written here: write a list, or leave the key out",
    ),
    (
        "teams: [a]",
        "p.yaml:4:8: write a mapping here, not a list",
    ),
    (
        "teams:\n  t: yes",
        "p.yaml:5:6: write a mapping here, not 'yes'",
    ),
    (
        "schedules:\n  s: {rotations: often}",
        "p.yaml:5:18: write a list here, not 'often'",
    ),
    (
        "teams:\n  t: {name: 5}",
        "p.yaml:5:13: write text here, not the number 5: put it in quotes, '5'",
    ),
    (
        "teams:\n  t: {name: ''}",
        "p.yaml:5:13: this text is empty: write something, or leave the key out",
    ),
    (
        "teams:\n  t: {protected: on}",
        "p.yaml:5:18: write true or false, not 'on'",
    ),
    (
        "teams:\n  t: {members: []}",
        "p.yaml:5:16: no members: write some, none for an empty team, or leave the key out",
    ),
    (
        "teams:\n  t: {members: [{user: anna, role: boss}]}",
        "p.yaml:5:36: write manager, responder, observer, admin or user, not 'boss'",
    ),
    (
        "schedules:\n  s: {rotations: {members: [], start: 2026-01-05 09:00, every: 1 week}}",
        "p.yaml:5:28: no members: write the keys of users, or nobody for a vacant turn",
    ),
    (
        "schedules:\n  s: {rotations: {members: anna, start: 2026-01-05 09:00}}",
        "p.yaml:5:7: 'every' is missing: how long a turn is: 12h, 1 day, 2 days, 1 week, 2 weeks",
    ),
    (
        "schedules:\n  s: {rotations: []}",
        "p.yaml:5:18: no rotations: write at least one",
    ),
    (
        "schedules:\n  s: {rotations: {members: anna, start: 2026-01-05 9:00, every: 1 week}}",
        "p.yaml:5:41: '9:00' is not a time of day: write 09:00",
    ),
    (
        "schedules:\n  s: {rotations: {members: anna, start: 2026-01-05 25:00, every: 1 week}}",
        "p.yaml:5:41: '25:00' is not on the clock: a day is from 00:00 to 24:00",
    ),
    (
        "schedules:\n  s: {rotations: {members: anna, start: Tue 2026-01-05 09:00, every: 1 week}}",
        "p.yaml:5:41: 2026-01-05 is a Monday, not a Tuesday: write Mon 2026-01-05, or another date",
    ),
    (
        "schedules:\n  s: {rotations: {members: anna, start: 2026-01-05 09:00, every: 3 weeks}}",
        "p.yaml:5:66: a turn cannot last '3 weeks': write 12h, 1 day, 2 days, 1 week or 2 weeks",
    ),
    (
        "schedules:\n  s: {rotations: {members: anna, start: 2026-01-05 09:00, every: 1 week, until: 2026-01-05}}",
        "p.yaml:5:81: this is not after the beginning, 2026-01-05 09:00: write a later until",
    ),
    (
        "schedules:\n  s:\n    time_zone: +01:00",
        (
            "p.yaml:6:16: '+01:00' has the same offset all year, and people's clocks do not:"
            " write a time zone such as Europe/Vienna, or UTC"
        ),
    ),
    (
        "schedules:\n  s:\n    time_zone: Europe/Wien",
        (
            "p.yaml:6:16: 'Europe/Wien' is not a time zone (did you mean 'Europe/Vienna'?):"
            " write a time zone such as Europe/Vienna, or UTC"
        ),
    ),
    (
        "schedules:\n  s: {overlap: last}",
        "p.yaml:5:16: write everyone or last_wins, not 'last'",
    ),
    (
        "schedules:\n  s: {assignments: {since: 2026-01-08, until: 2026-01-08, on_call: anna}}",
        "p.yaml:5:47: this is not after the beginning, 2026-01-08 00:00: write a later until",
    ),
    (
        "schedules:\n  s: {assignments: {since: 2026-01-08, until: 2026-01-09, on_call: []}}",
        "p.yaml:5:68: nobody is on call here: write the keys of users",
    ),
    (
        "hours:\n  office: [Mon, Wed 09:00-18:00]",
        "p.yaml:5:12: 'mon' has no times: write 'Mon 09:00-18:00', or Mon+Wed 09:00-18:00 for several days",
    ),
    (
        "hours:\n  office: Mon-Fri 9-18",
        "p.yaml:5:11: '9' is not a time of day: write 09:00",
    ),
    (
        "hours:\n  office: []",
        "p.yaml:5:11: no hours: write some, or leave the key out",
    ),
    (
        "hours:\n  office: {outsid: night}",
        "p.yaml:5:12: unknown key 'outsid' (did you mean 'outside'?)",
    ),
    (
        "escalation_policies:\n  e: {levels: []}",
        "p.yaml:5:15: no levels: write at least one",
    ),
    (
        "escalation_policies:\n  e: {levels: [{notify: []}]}",
        "p.yaml:5:25: this level notifies nobody: write {schedule: key} or {user: key}",
    ),
    (
        "escalation_policies:\n  e: {levels: [{escalate_after: 5m}]}",
        "p.yaml:5:16: 'notify' is missing: who rings: {schedule: key} or {user: key}, one or a list",
    ),
    (
        "escalation_policies:\n  e: {levels: {notify: anna}}",
        "p.yaml:5:24: write {schedule: anna} or {user: anna}, not 'anna' alone",
    ),
    (
        "escalation_policies:\n  e: {levels: {notify: {user: anna, schedule: s}}}",
        "p.yaml:5:16: schedule and user exclude each other here: write only one of schedule or user",
    ),
    (
        "escalation_policies:\n  e: {levels: {notify: {user: anna}, escalate_after: 15}}",
        "p.yaml:5:54: 15 has no unit: write 15m for minutes or 15h for hours",
    ),
    (
        "escalation_policies:\n  e: {levels: {notify: {user: [anna]}}}",
        "p.yaml:5:31: write the key of a user, not a list",
    ),
    (
        "escalation_policies:\n  e: {levels: {notify: {user: anna}}, repeat: 10}",
        "p.yaml:5:47: write a whole number from 0 to 9, not the number 10",
    ),
    (
        "services:\n  s: {integrations: {}}",
        "p.yaml:5:7: no integrations: write some, none to have none at all, or leave the key out",
    ),
    (
        "services:\n  s: {integrations: {a: {}}}",
        "p.yaml:5:22: something is missing here: write events, email or vendor",
    ),
    (
        "services:\n  s: {integrations: {a: {events: v2}}}",
        "p.yaml:5:34: write api, not 'v2'",
    ),
    (
        "services:\n  s: {integrations: {a: {events: api, email: x}}}",
        "p.yaml:5:22: events and email exclude each other here: write only one of events, email or vendor",
    ),
    (
        "services:\n  s: {integrations: {a: {events: api, accept_from: x.com}}}",
        "p.yaml:5:22: accept_from is about mail: write it where email is",
    ),
    (
        "services:\n  s: {integrations: {a: {email: a b}}}",
        "p.yaml:5:33: write an address or the part before its @, such as me-requests, not 'a b'",
    ),
    (
        "services:\n  s: {integrations: {a: {email: a, accept_from: [b]}}}",
        "p.yaml:5:50: write a domain, an address or {regex: …}, not 'b'",
    ),
    (
        "services:\n  s: {integrations: {a: {email: a, accept_from: {regex: '('}}}}",
        "p.yaml:5:36: '(' is not a regular expression: missing ), unterminated subpattern at position 0",
    ),
    (
        "services:\n  s: {urgency: [high]}",
        "p.yaml:5:16: write high, low, the name of an urgency rule, or a rule in place, not a list",
    ),
    (
        "services:\n  s: {urgency: {}}",
        "p.yaml:5:7: this rule says nothing: write support_hours, or high and low with priorities",
    ),
    (
        "services:\n  s: {urgency: {during: high, high: P1}}",
        "p.yaml:5:7: support hours and priorities exclude each other: write support_hours, or high and low",
    ),
    (
        "services:\n  s: {urgency: {high: [P1, P2], low: [P3, P4]}}",
        "p.yaml:5:7: P5 is missing: write each of P1 to P5 once, in high or low",
    ),
    (
        "services:\n  s: {urgency: {high: [P1, P2], low: [P2, P3, P4, P5]}}",
        "p.yaml:5:7: P2 is written more than once: write each of P1 to P5 once, in high or low",
    ),
    (
        "services:\n  s: {acknowledge_within: 90}",
        "p.yaml:5:27: 90 has no unit: write 90m for minutes or 90h for hours",
    ),
    (
        "services:\n  s: {resolve_after: soon}",
        "p.yaml:5:22: 'soon' is not a duration: write a number and a unit, as 15m, 4h, 2d or 1 week",
    ),
    (
        "checks:\n  - covred: {schedule: s}",
        "p.yaml:5:5: unknown key 'covred' (did you mean 'covered'?)",
    ),
    (
        "checks:\n  - covered: {}",
        "p.yaml:5:5: something is missing here: write schedule or escalation_policy",
    ),
    (
        "checks:\n  - covered: {user: anna}",
        "p.yaml:5:15: unknown key 'user': known here are schedule, escalation_policy, exactly, at_least",
    ),
    (
        "checks:\n  - covered: {schedule: s, exactly: 1, at_least: 1}",
        "p.yaml:5:5: exactly and at_least exclude each other here: write only one of exactly or at_least",
    ),
    (
        "checks:\n  - {}",
        "p.yaml:5:5: this check is empty: write a rule such as covered: {schedule: key, exactly: 1}",
    ),
    (
        "checks:\n  - covered:",
        "p.yaml:5:5: nothing is written here: write a value, or leave the key out",
    ),
    (
        "checks:\n  - distinct: [a, b]\n    observed_first: {schedule: a}",
        "p.yaml:5:5: distinct and observed_first are several checks in one: put a dash before each",
    ),
    (
        "checks: {distinct: a}",
        "p.yaml:4:1: one schedule cannot collide with itself: write at least two",
    ),
    (
        "checks:\n  - human_within: 5m",
        "p.yaml:5:19: write a mapping here, not '5m'",
    ),
    (
        "checks:\n  - staffed: {schedule: s}",
        "p.yaml:5:5: nothing is asked for: write at_least: 1, or at_least: {property: 1}",
    ),
    (
        "checks:\n  - staffed: {schedule: s, at_least: {frontend: 0}}",
        "p.yaml:5:49: write a whole number from 1 to 1000, not the number 0",
    ),
    (
        "checks:\n  - rings: {service: s, at: saturday}",
        "p.yaml:5:29: 'saturday' is not a weekday and a time: write it as sat 03:00",
    ),
    (
        "checks:\n  - reachable: {schedule: s, by: [pager]}",
        "p.yaml:5:35: write push, phone, sms or email, not 'pager'",
    ),
    (
        "groups: {g: {slack: S1, from: s}}",
        "p.yaml:4:31: write a mapping here, not 's'",
    ),
    (
        "chat_commands: {/x: {srvice: s}}",
        "p.yaml:4:17: write the key of a service, not a mapping",
    ),
    (
        "waivers: [{rule: r, reason: x, until: 2026-12-31}]",
        "p.yaml:4:11: 'owner' is missing: who answers for it",
    ),
    (
        "waivers: {rule: r, reason: x, owner: anna, until: 2026-12-31 09:00}",
        "p.yaml:4:51: '2026-12-31 09:00' has a time of day: write the date alone, 2026-12-31",
    ),
    (
        "waivers: {rule: r, for: {}, reason: x, owner: anna, until: 2026-12-31}",
        "p.yaml:4:20: something is missing here: write team, user, schedule, escalation_policy or service",
    ),
]


@pytest.mark.parametrize(("text", "expected"), WRONG, ids=[text.replace("\n", " ")[:60] for text, _ in WRONG])
def test_one_mistake_is_one_problem_at_its_place(text: str, expected: str) -> None:
    assert problems(TOP + text) == [expected]


def test_all_mistakes_of_a_file_come_at_once() -> None:
    assert problems(
        TOP + "teams:\n  t: {colour: red}\nservices:\n  s: {urgency: hi, escalation_policy: nix}\n"
    ) == [
        (
            "p.yaml:5:7: unknown key 'colour': known here are name, description, provider, team, external,"
            " protected, was, members, opsgenie, pagerduty"
        ),
        "p.yaml:7:16: unknown urgency rule 'hi' (did you mean 'high'?)",
        (
            "p.yaml:7:39: unknown escalation policy 'nix': write the key of one,"
            " or declare it under escalation_policies:"
        ),
    ]


def test_a_mistake_hides_no_other_in_the_same_resource() -> None:
    text = (
        "services:\n  s: {acknowledge_within: 5, escalation_policy: nix,"
        " integrations: {a: {email: ''}, b: {vendor: Datadg}}}"
    )
    assert problems(TOP + text) == [
        "p.yaml:5:27: 5 has no unit: write 5m for minutes or 5h for hours",
        (
            "p.yaml:5:49: unknown escalation policy 'nix': write the key of one,"
            " or declare it under escalation_policies:"
        ),
        "p.yaml:5:80: write an address or the part before its @, such as me-requests, not an empty text",
        "p.yaml:5:97: unknown vendor 'Datadg' (did you mean 'Datadog'?)",
    ]


def test_what_is_broken_is_not_also_unknown() -> None:
    text = (
        "userz: {ben: {email: ben@example.com}}\n"
        "teams:\n  t: {members: [anna, ben]}\n"
        "hours: {office: Mon 9-5}\n"
        "schedules:\n  a: {rotations: {members: ben, start: never, every: 1 week, hours: office}}\n"
        "  b: {follows: a}\n"
        "  c: {rotations: {members: anna, start: 2026-01-05 09:00, every: 1 week,"
        " hours: {outside: {schedule: a}}}}\n"
    )
    assert problems(TOP + text) == [
        "p.yaml:4:1: unknown key 'userz' (did you mean 'users'?)",
        "p.yaml:7:17: '9' is not a time of day: write 09:00",
        "p.yaml:9:40: 'never' is not a date and time: write it as 2026-01-05 09:00",
    ]


def test_hours_that_depend_on_what_is_broken_are_not_wrong_too() -> None:
    text = (
        "hours: {office: Mon 9-5}\n"
        "schedules:\n  a: yes\n"
        "  b: {rotations: {members: anna, start: 2026-01-05 09:00, every: 1 week,"
        " hours: [{outside: {schedule: a}}, {outside: office}]}}\n"
    )
    assert problems(TOP + text) == [
        "p.yaml:4:17: '9' is not a time of day: write 09:00",
        "p.yaml:6:6: write a mapping here, not 'yes'",
    ]


def test_a_broken_default_is_one_problem() -> None:
    text = (
        "provider: pagerduty\ntime_zone: CET5\nusers: {anna: {email: anna@example.com}}\n"
        "schedules: {s: {rotations: {members: anna, start: 2026-01-05 09:00, every: 1 week}}}\n"
        "urgency_rules: {r: {support_hours: Mon 09:00-10:00}}\n"
        "services: {s: {}}\n"
        "checks: [{rings: {service: s, at: mon 09:00}}]"
    )
    assert len(problems(text)) == 1
    assert len(problems("provider: 5\nteams: {t: {}}")) == 1
    assert len(problems("provider: pagerduty\nusers: ~\nteams: {t: {members: zed}}")) == 1


def test_one_check_that_is_no_list_may_be_wrong_too() -> None:
    assert problems(TOP + "checks: {rings: {service: s, at: 5}}\nwaivers: 5") == [
        "p.yaml:4:34: this is a number: write a weekday and a time such as sat 03:00",
        "p.yaml:5:10: write a mapping here, not the number 5",
    ]


def test_a_mistake_in_one_of_several_forms_is_told_of_that_form() -> None:
    assert problems(TOP + "checks:\n  - staffed: {schedule: nix, at_least: {has: x, wroks: Mon}}") == [
        "p.yaml:5:25: unknown schedule 'nix': write the key of one, or declare it under schedules:",
        "p.yaml:5:49: unknown key 'wroks' (did you mean 'works'?)",
    ]


def test_checks_keep_their_places_when_another_is_wrong() -> None:
    assert problems(TOP + "checks:\n  - covred: {}\n  - observed_first: {schedule: nix}") == [
        "p.yaml:5:5: unknown key 'covred' (did you mean 'covered'?)",
        "p.yaml:6:32: unknown schedule 'nix': write the key of one, or declare it under schedules:",
    ]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{this}: &{this} [{', '.join([f'*{last}'] * 10)}]\n" for this, last in zip("bcdefgh", "abcdefg", strict=True)
)
NOT_YAML = [
    (
        b"users:\n\tanna: {}\n",
        "p.yaml:2:1: a tab, and YAML is indented with spaces only: write two spaces",
    ),
    (
        b"users: !!python/object:os.system {}\n",
        (
            "p.yaml:1:8: tags are not read ('!!python/object:os.system'): write the value alone,"
            " in quotes if it is text"
        ),
    ),
    (
        b"\x89PNG\r\n\x1a\n\x00",
        "p.yaml:1:1: the byte 0x89 is not UTF-8 text: save the file as UTF-8",
    ),
    (
        b"users: {}\nusers: {}\n",
        "p.yaml:2:1: the key 'users' stands twice, in line 1 and in line 2: keep one, or rename one",
    ),
    (
        BOMB.encode(),
        "p.yaml:1:26: aliases make more than 10000 values of this file: write out what you need instead",
    ),
]


@pytest.mark.parametrize(("text", "expected"), NOT_YAML, ids=["tab", "tag", "binary", "key twice", "alias bomb"])
def test_what_is_not_plain_yaml_is_told_at_its_place(text: bytes, expected: str) -> None:
    assert problems(text)[0] == expected


def test_scalars_stand_for_lists_of_one() -> None:
    policies = good(
        "schedules:\n"
        "  s:\n"
        "    rotations: {members: anna, start: 2026-01-05 09:00, every: 1 week, hours: Mon-Fri 09:00-18:00}\n"
        "    overrides: {since: 2026-02-01, until: 2026-02-02, user: anna}\n"
        "escalation_policies: {e: {levels: {notify: {user: anna}}}}\n"
        "services: {v: {urgency: {support_hours: Mon-Fri 09:00-18:00},"
        " integrations: {m: {email: x, accept_from: example.com}}}}\n"
        "checks: {staffed: {schedule: s, at_least: {has: vpn, works: Mon-Fri}}}\n"
        "waivers: {rule: r, for: {service: v}, reason: because, owner: anna, until: 2026-12-31}\n"
    )
    assert len(policies.schedules["s"].rotations) == 1
    assert policies.services["v"].integrations[0].accept_from == (AcceptFrom("domain", "example.com"),)  # type: ignore[index]
    assert len(policies.checks) == len(policies.waivers) == 1


def test_none_clears_and_absence_leaves() -> None:
    policies = good(
        "teams: {t: {description: none, members: none}, u: {}}\n"
        "schedules: {s: {team: none, rotations:"
        " {members: anna, start: 2026-01-05 09:00, every: 1 week, until: none}}}\n"
        "services:\n"
        "  a: {acknowledge_within: none, resolve_after: none, integrations: none}\n"
        "  b: {integrations: {m: {email: x, accept_from: none}}}\n"
        "  c: {}\n"
    )
    cleared, absent = policies.teams["t"], policies.teams["u"]
    assert (cleared.description, cleared.members) == (None, ())
    assert (absent.description, absent.members) == (ABSENT, ABSENT)
    assert policies.schedules["s"].team is None
    assert policies.schedules["s"].rotations[0].until is None
    a, b, c = (policies.services[key] for key in "abc")
    assert (a.acknowledge_within, a.resolve_after, a.integrations) == (None, None, ())
    assert b.integrations[0].accept_from == ()  # type: ignore[index]
    assert (c.acknowledge_within, c.urgency, c.integrations) == (ABSENT, ABSENT, ABSENT)


def test_none_clears_lists_and_numbers_too() -> None:
    policies = good(
        "schedules: {s: {overrides: none, assignments:"
        " {since: 2026-01-05, until: 2026-01-06, on_call: anna, fallback: none, observers: none}}}\n"
        "escalation_policies: {e: {repeat: none, levels: {notify: {user: anna}}}}\n"
        "services: {s: {human_within: none}}\n"
    )
    assert policies.escalation_policies["e"].repeat == 0
    assert policies.services["s"].human_within is None
    (assignment,) = policies.schedules["s"].assignments
    assert (assignment.fallback, assignment.observers, policies.schedules["s"].overrides) == ((), (), ())


def test_a_regular_expression_has_a_length_and_no_warnings() -> None:
    head = "services: {s: {integrations: {m: {email: x, accept_from: {regex: "
    assert good(head + "'[[a]'}}}}}").services
    (problem,) = problems(TOP + head + "a" * 1001 + "}}}}}")
    assert problem == "p.yaml:4:45: this is longer than 1000 characters: write less, or several"


def test_senders_of_mail() -> None:
    policies = good(
        "services: {s: {integrations: {m: {email: box@example.com,"
        " accept_from: ['@Example.com', anna@example.com, {regex: '^.*@x$'}]}}}}"
    )
    (mail,) = policies.services["s"].integrations  # type: ignore[misc]
    assert mail.accept_from == (
        AcceptFrom("domain", "example.com"),
        AcceptFrom("address", "anna@example.com"),
        AcceptFrom("regex", "^.*@x$"),
    )
