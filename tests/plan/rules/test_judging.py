"""Which resources a rule is about, who is let off until when, and what a plan makes worse."""

from __future__ import annotations

from datetime import date, timedelta
from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oncall_sync.model.rule import PREFIX, RULES, rule_id
from oncall_sync.plan.guards import GUARDS, Limits, guard, refusing
from oncall_sync.plan.rules.glob import fits
from oncall_sync.plan.rules.judge import NOW
from oncall_sync.report.rules import about_rule
from tests.plan.checks.scenes import HEALTHY
from tests.plan.rules.samples import SHOP, SINCE, brief, declared, planned, validated

TWO_TEAMS = (
    (
        SHOP
        + """\
  web-shop: {escalation_policy: web, urgency: low, team: web}
  web-cart: {escalation_policy: web, urgency: {support_hours: Mon-Fri 09:00-17:00}, team: web, provider: none}
"""
    )
    .replace("services:", "  web: {team: web, provider: none, levels: [{notify: {user: lead}}]}\nservices:")
    .replace("urgency: low, team: web}", "urgency: low, team: web, provider: none}")
)


@pytest.mark.parametrize(
    ("applies_to", "services"),
    [
        ("{team: ops}", "shop"),
        ("{team: web}", "web-cart web-shop"),
        ("{team: [ops, web]}", "shop web-cart web-shop"),
        ("{key: web-*}", "web-cart web-shop"),
        ("{key: ['*-shop', shop]}", "shop web-shop"),
        ("{provider: none}", "web-cart web-shop"),
        ("{provider: pagerduty, team: web}", ""),
        ("{urgency: high}", "shop web-cart"),
        ("{urgency: low}", "web-cart web-shop"),
        ("{kind: service}", "shop web-cart web-shop"),
        ("{kind: schedule}", ""),
    ],
)
def test_what_a_rule_applies_to(applies_to: str, services: str) -> None:
    found = validated(f"rules: {{levels: {{at_least: 9, applies_to: {applies_to}}}}}", TWO_TEAMS)
    said = [f.ref.key for f in found if f.ref]
    assert " ".join(said) == services
    assert [f.rule for f in found if not f.ref] == ([] if services else ["org-rule-idle"])


def test_urgency_reaches_what_incidents_go_through() -> None:
    rule = "rules: {people_per_rota: {at_least: 9, applies_to: {urgency: URGENCY}}}"
    assert [str(f.ref) for f in validated(rule.replace("URGENCY", "high"))] == [
        "schedule.first",
        "schedule.second",
    ]
    assert brief(validated(rule.replace("URGENCY", "low"))) == [("org-rule-idle", "note", "None")]


@given(st.text("ab*", max_size=12), st.text("ab", max_size=12))
@example("a*a", "a")
@example("*", "")
def test_stars_mean_what_they_mean_to_everybody(pattern: str, text: str) -> None:
    assert fits(pattern, text) == fnmatchcase(text, pattern)


def test_only_stars_mean_anything_and_nothing_is_slow() -> None:
    assert fits("[a]?", "[a]?")
    assert not fits("[a]?", "ab")
    assert not fits("*a" * 50 + "b", "a" * 100)


WAIVED = """\
rules: {levels: 3}
waivers:
  - {rule: levels, for: {service: shop}, reason: it is new, owner: ana, until: 2026-12-31}
"""


def test_what_is_waived_is_a_note_until_the_day_is_over() -> None:
    for found in (validated(WAIVED), planned(WAIVED)):
        assert brief(found) == [("org-levels", "note", "service.shop")]
        assert found[0].message.endswith(") [waived: it is new (ana, until 2026-12-31)]")
    last = validated(WAIVED, today=date(2026, 12, 31))
    assert [(f.rule, f.level) for f in last] == [("org-levels", "note"), ("org-waiver-ends", "note")]
    assert "ends today: ana answers for it" in last[1].message
    over = validated(WAIVED, today=date(2027, 1, 1))
    assert [(f.rule, f.level) for f in over] == [("org-levels", "error"), ("org-waiver-ended", "warning")]
    assert str(over[1].source) == "rules.yaml:3:5"
    assert over[1].message.startswith(
        "the waiver of levels for service shop ended on 2026-12-31 and no longer holds"
    )


@pytest.mark.parametrize(("days", "told"), [(15, False), (14, True), (1, True), (0, True)])
def test_two_weeks_before_its_end_a_waiver_is_told_of(days: int, told: bool) -> None:
    found = validated(WAIVED, today=date(2026, 12, 31) - timedelta(days=days))
    assert [f.rule for f in found if f.rule == "org-waiver-ends"] == ["org-waiver-ends"] * told


def test_waivers_that_nothing_needs() -> None:
    obeyed = WAIVED.replace("levels: 3", "levels: 2")
    assert brief(validated(obeyed)) == brief(planned(obeyed)) == [("org-waiver-unused", "note", "service.shop")]
    gone = WAIVED.replace("service: shop", "service: shpo")
    assert brief(validated(gone)) == [
        ("org-levels", "error", "service.shop"),
        ("org-waiver-unused", "note", "service.shpo"),
    ]
    other = WAIVED.replace("rules: {levels: 3}\n", "")
    assert brief(validated(other)) == [("org-waiver-unused", "note", "service.shop")]
    # What validate cannot judge wholly may still be needed: plan knows.
    later = WAIVED.replace("levels", "covered").replace("covered: 3", "covered: first")
    assert validated(later) == []
    assert brief(planned(later)) == [("org-waiver-unused", "note", "service.shop")]


def test_a_waiver_is_for_one_rule_and_one_thing() -> None:
    rules = WAIVED.replace("levels: 3", "levels: 3, acknowledge_within: 5m")
    text = SHOP + "  cart: {escalation_policy: chain, urgency: high, acknowledge_within: 5m}\n"
    assert brief(validated(rules, text)) == [
        ("org-levels", "error", "service.cart"),
        ("org-levels", "note", "service.shop"),
        ("org-acknowledge-within", "error", "service.shop"),
    ]


def test_level_warning_stays_one() -> None:
    rules = "rules: {levels: {at_least: 3, level: warning}}"
    assert brief(validated(rules)) == brief(planned(rules)) == [("org-levels", "warning", "service.shop")]


def test_what_was_so_before_is_a_warning() -> None:
    (found,) = planned("rules: {levels: 3}", before=SHOP)
    assert (found.rule, found.level) == ("org-levels", "warning")
    assert "(so before this plan, too) (the organisation's rule" in found.message


SHORTER = SHOP.replace("      - {notify: {schedule: second}, escalate_after: 5m}\n", "")
SLOWER = SHOP.replace("escalate_after: 5m", "escalate_after: 15m")
HOLED = SHOP.replace("every: 1 week}}", "every: 1 week, hours: Mon-Sun 06:00-05:00}}")
WIDER = SHOP.replace("every: 1 week}}", "every: 1 week, hours: Mon-Sun 06:00-04:00}}")
FEWER = SHOP.replace("[ana, ben, cy, dan]", "[ana, ben, cy]")


@pytest.mark.parametrize(
    ("rule", "before", "after", "level"),
    [
        ("levels: 3", SHOP, SHORTER, "error"),
        ("levels: 3", SHORTER, SHOP, "warning"),
        ("human_within: 10m", SHOP, SLOWER, "error"),
        ("human_within: 10m", SLOWER, SHOP, "warning"),
        ("covered: first", SHOP, HOLED, "error"),
        ("covered: first", HOLED, WIDER, "error"),
        ("covered: first", WIDER, HOLED, "warning"),
        ("{rule}", SHOP, FEWER, "error"),
        ("{rule}", FEWER, SHOP, "warning"),
    ],
)
def test_worse_than_before_is_an_error(rule: str, before: str, after: str, level: str) -> None:
    rule = rule.replace("{rule}", "people_per_rota: {at_least: 5, applies_to: {key: first}}")
    assert [f.level for f in planned(f"rules: {{{rule}}}", after, before)] == [level]


def test_a_new_thing_that_breaks_a_rule_is_an_error_beside_an_old_one() -> None:
    text = SHOP + "  cart: {escalation_policy: chain, urgency: high}\n"
    assert brief(planned("rules: {levels: 3}", text, before=SHOP)) == [
        ("org-levels", "error", "service.cart"),
        ("org-levels", "warning", "service.shop"),
    ]


def test_an_apply_refuses_what_breaks_a_rule_unless_it_is_told_why() -> None:
    found = planned("rules: {levels: 3}")
    assert refusing(guard([], found, Limits(), SINCE)) == found
    (waived,) = guard([], found, Limits(waived={"org-levels": "an emergency"}), SINCE)
    assert waived.level == "note"
    assert waived.message.endswith("[waived: an emergency]")


def test_a_teams_own_waiver_does_not_let_it_off() -> None:
    text = f"{SHOP}waivers: [{{rule: org-levels, reason: we say so, owner: ana, until: 2099-01-01}}]\n"
    policies = declared("rules: {levels: 3}", text)
    found = planned("rules: {levels: 3}", text)
    assert guard([], found, Limits(waivers=policies.waivers), SINCE) == found


def test_every_rule_is_judged_refused_and_explained() -> None:
    assert set(NOW) == set(RULES)
    assert {rule for rule in GUARDS if rule.startswith(PREFIX)} == {rule_id(rule.word) for rule in RULES}
    for rule in RULES:
        assert about_rule(rule_id(rule.word)).startswith("a rule of the organisation is broken: ")


def test_rules_cost_nothing_where_there_are_none() -> None:
    assert planned("") == []
    assert validated("") == []


def test_the_healthy_handbook_against_many_rules() -> None:
    rules = "rules: {levels: 3, no_direct_users: {except_last: 2}, people_per_rota: 2, owned: {level: warning}}"
    found = brief(validated(rules, HEALTHY))
    assert {rule for rule, _, _ in found} == {"org-owned"}
    assert ("org-owned", "warning", "service.mail") in found
    assert brief(planned(rules, HEALTHY)) == found
