"""Each rule by example: what holds, what breaks it, and exactly what people are told."""

from __future__ import annotations

import pytest

from oncall_sync.model import Ref
from oncall_sync.plan.checks.known import Contacts
from tests.plan.checks.scenes import line_of
from tests.plan.rules.samples import SHOP, brief, broken, planned, validated

EVERY_RULE = """
rules:
  levels: 2
  human_within: 15m
  covered: every
  acknowledge_within: 30m
  no_direct_users: true
  distinct_levels: true
  people_per_rota: 4
  longest_shift: 1 week
  rest_between_shifts: 1 week
  handoffs: Mon-Fri 09:00-17:00
  eligible: vpn
  owned: true
"""


def test_a_healthy_file_obeys_every_rule() -> None:
    assert validated(EVERY_RULE) == []
    assert planned(EVERY_RULE) == []


CASES = [
    (
        "levels: 3",
        ("", ""),
        (
            "service.shop: service shop pages by escalation policy chain, which has 2 levels instead of at "
            "least 3: add who is to ring when nobody answers"
        ),
    ),
    (
        "human_within: 15m",
        ("escalate_after: 5m", "escalate_after: 10m"),
        (
            "service.shop: service shop: it can take 10m at level 1 + 10m at level 2 = 20m (urgency high), "
            "more than 15m: Mon 2026-11-23 13:00 to Mon 2026-12-21 13:00 Europe/Vienna. Shorten "
            "escalate_after, or take a level out"
        ),
    ),
    (
        "covered: first",
        ("every: 1 week}}", "every: 1 week, hours: Mon-Sun 06:00-05:00}}"),
        (
            "service.shop: service shop pages by escalation policy chain, in which level 1 has nobody: Tue "
            "2026-11-24 05:00 to 06:00 Europe/Vienna; Wed 2026-11-25 05:00 to 06:00 Europe/Vienna; Thu "
            "2026-11-26 05:00 to 06:00 Europe/Vienna; and 25 more. Let rotations or overrides cover this time"
            " too"
        ),
    ),
    (
        "acknowledge_within: 20m",
        ("", ""),
        (
            "service.shop: service shop: what was acknowledged and then forgotten rings again only after 30m:"
            " write acknowledge_within: 20m, or less"
        ),
    ),
    (
        "acknowledge_within: 20m",
        ("acknowledge_within: 30m", "acknowledge_within: none"),
        (
            "service.shop: service shop: what was acknowledged and then forgotten rings again never: write "
            "acknowledge_within: 20m, or less"
        ),
    ),
    (
        "no_direct_users: true",
        ("{schedule: first}", "[{schedule: first}, {user: lead}]"),
        (
            "escalation_policy.chain: escalation policy chain rings people by name, lead at level 1: nobody "
            "can swap such a turn; notify a schedule instead"
        ),
    ),
    (
        "distinct_levels: true",
        ("{schedule: second}", "{user: ben}"),
        (
            "escalation_policy.chain: escalation policy chain: level 2 rings only people whom a level before "
            "it has rung: Mon 2026-12-14 09:00 to Mon 2026-12-21 09:00 Europe/Vienna (ben). Let somebody else"
            " be on call there, or take the level out"
        ),
    ),
    (
        "people_per_rota: {at_least: 5, applies_to: {key: first}}",
        ("", ""),
        (
            "schedule.first: schedule first: 4 people are in it (ana, ben, cy, dan) instead of at least 5: "
            "add members"
        ),
    ),
    (
        "longest_shift: {limit: 6d, applies_to: {key: first}}",
        ("", ""),
        (
            "schedule.first: schedule first: on call for more than 6d at a stretch: Mon 2026-11-23 13:00 to "
            "Mon 2026-11-30 09:00 Europe/Vienna (cy); Mon 2026-11-30 09:00 to Mon 2026-12-07 09:00 "
            "Europe/Vienna (dan); Mon 2026-12-07 09:00 to Mon 2026-12-14 09:00 Europe/Vienna (ana); and 2 "
            "more. Let turns be shorter, or overlap less"
        ),
    ),
    (
        "rest_between_shifts: {limit: 2 weeks, applies_to: {key: second}}",
        ("[ana, ben, cy, dan]", "[ana, ben, cy, ben]"),
        (
            "schedule.second: schedule second: less than 2 weeks between a shift and that person's last one: "
            "Mon 2026-11-30 09:00 to Mon 2026-12-07 09:00 Europe/Vienna (ben)"
        ),
    ),
    (
        "handoffs: {during: Mon-Fri 10:00-17:00, applies_to: {key: first}}",
        ("", ""),
        (
            "schedule.first: schedule first hands over outside Mon-Fri 10:00-17:00: Mon 2026-11-30 09:00 "
            "Europe/Vienna; Mon 2026-12-07 09:00 Europe/Vienna; Mon 2026-12-14 09:00 Europe/Vienna; and 1 "
            "more. Let turns begin at another time of day"
        ),
    ),
    (
        "eligible: {has: [vpn], applies_to: {key: first}}",
        ("dan@example.com, has: vpn", "dan@example.com"),
        (
            "schedule.first: dan is on call for schedule first without vpn: Mon 2026-11-30 09:00 to Mon "
            "2026-12-07 09:00 Europe/Vienna. Give them access and write it under has:, or let somebody else "
            "ring"
        ),
    ),
    (
        "owned: {applies_to: {kind: service}}",
        ("services:\n  shop: {", "services:\n  shop: {team: none, "),
        "service.shop: service shop has no team: write team:, here or at the top of the file",
    ),
]


@pytest.mark.parametrize(("rule", "change", "says"), CASES, ids=[case[0] for case in CASES])
def test_what_people_are_told(rule: str, change: tuple[str, str], says: str) -> None:
    assert not change[0] or change[0] in SHOP
    found = broken(f"rules: {{{rule}}}", SHOP.replace(*change) if change[0] else SHOP)
    assert len(found) == 1
    assert found[0].startswith(says)


def test_where_it_is_told_and_by_which_rule() -> None:
    rules = "rules:\n  - levels: {at_least: 3, why: nobody sleeps well, see: https://wiki.example.com/x}"
    (found,) = validated(rules)
    assert str(found.source) == f"p.yaml:{line_of(SHOP, 'shop: {escalation_policy')}:29"
    assert found.message.endswith(
        " (the organisation's rule levels at rules.yaml:2:5; nobody sleeps well; https://wiki.example.com/x)"
    )
    text = SHOP.replace("{schedule: second}", "{user: lead}")
    (found,) = validated("rules: {no_direct_users: true}", text)
    assert str(found.source) == f"p.yaml:{line_of(text, '{user: lead}')}:18"


def test_a_few_levels_at_the_end_may_name_users() -> None:
    text = SHOP.replace("{schedule: first}", "{user: ana}").replace("{schedule: second}", "{user: lead}")
    assert [len(validated(f"rules: {{no_direct_users: {{except_last: {n}}}}}", text)) for n in (0, 1, 2, 9)] == [
        1,
        1,
        0,
        0,
    ]


def test_reachable_asks_only_what_a_provider_has_told() -> None:
    rules = "rules: {reachable: {by: [push, phone], applies_to: {key: first}}}"
    assert planned(rules) == []
    phones = {Ref("user", key): Contacts(frozenset({"phone"})) for key in ("ana", "ben", "cy")}
    (found,) = planned(rules, contacts={**phones, Ref("user", "dan"): Contacts(frozenset({"email"}))})
    assert (found.rule, found.level, str(found.ref)) == ("org-reachable", "warning", "schedule.first")
    assert found.message.startswith(
        "dan is on call for schedule first and cannot be reached by push or phone (only by"
    )
    nowhere = SHOP.replace("provider: pagerduty", "provider: none")
    assert planned(rules, nowhere, contacts=phones) == []


def test_low_urgency_is_judged_where_it_is_asked_for() -> None:
    rota = "every: 1 week, hours: Mon-Fri 09:00-17:00}}"
    urgency = "urgency: {support_hours: Mon-Fri 09:00-17:00, during: high, outside: low}"
    text = SHOP.replace("every: 1 week}}", rota).replace("urgency: high", urgency)
    assert broken("rules: {human_within: 15m}", text) == []
    for asked in ("low", "any"):
        (found,) = broken(f"rules: {{human_within: {{limit: 15m, urgency: {asked}}}}}", text)
        assert "service shop has nobody at all to ring: Mon 2026-11-23 17:00 to Tue 2026-11-24 09:00" in found


def test_on_any_date() -> None:
    text = SHOP.replace("{schedule: second}", "{schedule: first}")
    assert brief(validated("rules: {distinct_levels: true}", text)) == [
        ("org-distinct-levels", "error", "escalation_policy.chain")
    ]
    assert brief(validated("rules: {human_within: 14m, people_per_rota: 5}")) == [
        ("org-human-within", "error", "service.shop"),
        ("org-people-per-rota", "error", "schedule.first"),
        ("org-people-per-rota", "error", "schedule.second"),
    ]
    without = SHOP.replace("cy@example.com, has: vpn", "cy@example.com")
    assert brief(validated("rules: {eligible: {has: vpn, applies_to: {key: first}}}", without)) == [
        ("org-eligible", "error", "schedule.first")
    ]
    assert validated("rules: {covered: every, handoffs: Sat 01:00-02:00, longest_shift: 1h}") == []


def test_turns_that_are_over_do_not_count_today_but_did_once() -> None:
    past = "[{members: [ana, ben], start: Mon 2026-01-05 09:00, every: 1 week},"
    past += " {members: [cy, dan], start: Mon 2026-01-05 09:00, every: 1 week, until: 2026-06-01 09:00}]"
    was = "{members: [ana, ben, cy, dan], start: Mon 2026-01-05 09:00, every: 1 week}"
    text = SHOP.replace(was, past)
    assert text != SHOP
    rule = "rules: {people_per_rota: {at_least: 3, applies_to: {key: first}}}"
    assert validated(rule, text) == []
    assert brief(planned(rule, text)) == [("org-people-per-rota", "error", "schedule.first")]


def test_somebody_who_comes_back_every_evening_takes_over_from_nobody() -> None:
    rota = (
        "rotations: {members: [ana, ben], start: Fri 2026-01-02 18:00, every: 1 week, hours: Mon-Sun 18:00-09:00}"
    )
    text = SHOP[: SHOP.index("schedules:")] + f"schedules: {{night: {{{rota}}}}}\n"
    assert broken("rules: {handoffs: Fri 18:00-19:00}", text) == []
    assert broken("rules: {handoffs: Fri 09:00-18:00}", text) == []
    (found,) = broken("rules: {handoffs: Mon-Thu 08:00-20:00}", text)
    assert "Fri 2026-11-27 18:00 Europe/Vienna; Fri 2026-12-04 18:00" in found
    assert "and 1 more" in found


def test_what_is_external_or_not_known_is_not_judged() -> None:
    text = SHOP + "  theirs: {external: true}\n  loose: {urgency: high}\n"
    assert [str(f.ref) for f in validated("rules: {levels: 9}", text)] == ["service.shop"]
    assert {str(f.ref) for f in validated("rules: {acknowledge_within: 5m}", text)} == {
        "service.loose",
        "service.shop",
    }


def test_rest_of_exactly_that_long_is_enough() -> None:
    rota = "rotations: {members: ana, start: Mon 2026-01-05 18:00, every: 1 week, hours: Mon-Sun 18:00-09:00}"
    text = SHOP[: SHOP.index("schedules:")] + f"schedules: {{night: {{{rota}}}}}\n"
    assert broken("rules: {rest_between_shifts: 9h}", text) == []
    (found,) = broken("rules: {rest_between_shifts: 541m}", text)
    assert "Tue 2026-11-24 09:00 to 18:00 Europe/Vienna (ana)" in found


def test_of_two_who_left_together_one_may_come_back() -> None:
    night = "{members: ana, start: Mon 2026-01-05 18:00, every: 1 week, hours: Mon-Sun 18:00-09:00}"
    monday = "{members: ben, start: Mon 2026-01-05 18:00, every: 1 week, hours: Mon 18:00-09:00}"
    text = SHOP[: SHOP.index("schedules:")] + f"schedules: {{night: {{rotations: [{night}, {monday}]}}}}\n"
    assert broken("rules: {handoffs: Mon 18:00-18:30}", text) == []


def test_only_assignments_that_are_not_over_count() -> None:
    past = "{since: 2026-06-01 09:00, until: 2026-06-15 09:00, on_call: [cy, dan]}"
    now = "{since: 2026-11-16 09:00, until: 2026-12-30 09:00, on_call: [ana, ben], fallback: cy, observers: dan}"
    roster = f"schedules: {{roster: {{provider: none, assignments: [{past}, {now}]}}}}\n"
    text = SHOP[: SHOP.index("schedules:")] + roster
    assert validated("rules: {people_per_rota: 4}", text) == []
    (found,) = broken("rules: {people_per_rota: 3}", text)
    assert "2 people are in it (ana, ben) instead of at least 3" in found
    assert broken("rules: {people_per_rota: 2}", text) == []


def test_swaps_are_no_handoffs_and_swappers_do_not_share_the_rota() -> None:
    swap = "overrides: [{since: 2026-11-25 03:00, until: 2026-11-25 04:00, user: lead}]"
    text = SHOP.replace("first: {rotations:", f"first: {{{swap}, rotations:")
    rules = "rules: {handoffs: Mon 09:00-10:00, people_per_rota: {at_least: 5, applies_to: {key: first}}}"
    assert text != SHOP
    assert [f.rule for f in planned(rules, text)] == ["org-people-per-rota"]
