"""The five teams' own promises hold: over four weeks, and across both clock changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oncall_sync.model import (
    Check,
    Covered,
    Distinct,
    HumanWithin,
    Override,
    Policies,
    Raised,
    Ref,
    Rings,
)
from oncall_sync.plan.checks import evaluate, promises, standing, unknown, without_today
from oncall_sync.policy.config import load_config
from oncall_sync.policy.load import load
from oncall_sync.rota.paging import page
from oncall_sync.rota.timeline import schedule_shifts
from tests.plan.checks.scenes import at, everybody, scene

ROOT = Path(__file__).parents[3]
FOUR_WEEKS = timedelta(days=28)
SPANS = {
    "four weeks": at(2026, 11, 23),
    "spring": datetime(2027, 3, 8, tzinfo=UTC),
    "autumn": datetime(2026, 10, 12, tzinfo=UTC),
}
LIEFERY = Ref("schedule", "backend-support")


@pytest.fixture(scope="module")
def policies() -> Policies:
    return load(load_config(ROOT / "oncall.yaml", {}), frozenset({"pagerduty", "opsgenie"}))


def others_than_liefery(policies: Policies) -> list[Check]:
    """Its roster is written down for two months only."""
    return [check for check in promises(policies) if getattr(check, "schedule", None) != LIEFERY]


def test_every_promise_of_every_team_holds_over_four_weeks(policies: Policies) -> None:
    since = SPANS["four weeks"]
    found = evaluate(promises(policies), scene(policies), since, since + FOUR_WEEKS, everybody(policies))  # type: ignore[arg-type]
    assert found == []


@pytest.mark.parametrize("span", SPANS)
def test_all_but_the_roster_hold_across_clock_changes(policies: Policies, span: str) -> None:
    since = SPANS[span]
    checks, there = others_than_liefery(policies), scene(policies)
    assert evaluate(checks, there, since, since + FOUR_WEEKS, everybody(policies)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("span", SPANS)
def test_nothing_is_wrong_that_is_always_looked_at(policies: Policies, span: str) -> None:
    assert standing(scene(policies), policies, SPANS[span], SPANS[span] + FOUR_WEEKS) == []


def test_nothing_is_wrong_on_any_date(policies: Policies) -> None:
    assert without_today(policies.checks, scene(policies)) == []


def test_what_is_not_known_is_said(policies: Policies) -> None:
    (only,) = unknown(promises(policies), scene(policies))
    assert (only.rule, only.level, only.ref) == ("check-unknown", "note", Ref("schedule", "pupper-primary"))
    assert only.message == "reachable was not checked: how people can be reached was not read"
    assert unknown(promises(policies), scene(policies), {}) == []


@pytest.mark.parametrize(("first", "last"), [((2026, 10, 23), (2026, 10, 27)), ((2027, 3, 26), (2027, 3, 30))])
def test_mobile_engage_is_one_person_at_every_minute_of_both_weekends(
    policies: Policies, first: tuple[int, ...], last: tuple[int, ...]
) -> None:
    one = Covered(target=Ref("escalation_policy", "mobile-engage"), exactly=1)
    there = scene(policies)
    assert evaluate([one], there, at(*first), at(*last)) == []
    (two,) = evaluate([replace(one, exactly=2)], there, at(*first), at(*last))
    assert two.spans == ((at(*first), at(*last)),)
    (weekend,) = [
        shift
        for shift in schedule_shifts(Ref("schedule", "on-call-duty"), there, at(*first), at(*last))
        if shift.users and shift.until - shift.since > timedelta(days=2)
    ]
    nominal = timedelta(hours=63)
    assert weekend.until - weekend.since == nominal + timedelta(hours=1 if first[1] == 10 else -1)


@pytest.mark.parametrize(
    ("saturday", "monday"),
    [((2026, 11, 28), (2026, 11, 30)), ((2027, 3, 27), (2027, 3, 29)), ((2026, 10, 24), (2026, 10, 26))],
)
def test_a_mail_of_the_night_rings_high_on_monday_at_nine(
    policies: Policies, saturday: tuple[int, ...], monday: tuple[int, ...]
) -> None:
    found = page(policies.services["mobile-engineer-requests"], at(*saturday, 3), scene(policies))
    assert (found.urgency, found.raised_at) == ("low", at(*monday, 9))
    assert min(ring.at for ring in found.rings if ring.urgency == "high") == at(*monday, 9)
    (check,) = [c for c in policies.checks if isinstance(c, Raised)]
    until = at(*saturday) + timedelta(days=1)
    assert evaluate([check], scene(policies), at(*saturday), until) == []
    (early,) = evaluate([replace(check, high_at=8 * 60)], scene(policies), at(*saturday), until)
    assert "it turns high at Mon 09:00 Europe/Vienna, 1h later than promised" in early.message
    assert early.spans == ((at(*saturday, 3), at(*saturday, 3)),)


@pytest.mark.parametrize("monday", [(2026, 10, 26), (2026, 11, 2), (2027, 3, 8), (2027, 3, 15)])
def test_delivery_hands_off_at_ten_central(policies: Policies, monday: tuple[int, ...]) -> None:
    eoc, there = Ref("schedule", "delivery-eoc"), scene(policies)
    ten = at(*monday, 10, zone="America/Chicago")
    found = list(schedule_shifts(eoc, there, ten - timedelta(days=1), ten + timedelta(days=1)))
    assert [shift.since for shift in found[1:]] == [ten]


def test_delivery_answers_within_twenty_minutes_and_not_within_fourteen(policies: Policies) -> None:
    sla = HumanWithin(service=Ref("service", "delivery-pipeline"), limit=timedelta(minutes=15))
    since, there = SPANS["four weeks"], scene(policies)
    assert evaluate([sla], there, since, since + FOUR_WEEKS) == []
    (late,) = evaluate([replace(sla, limit=timedelta(minutes=14))], there, since, since + FOUR_WEEKS)
    assert "10m at level 1 + 5m at level 2 = 15m" in late.message
    assert late.spans == ((since, since + FOUR_WEEKS),)


def test_eshopbox_primary_is_never_its_secondary(policies: Policies) -> None:
    pair = Distinct(schedules=(Ref("schedule", "eshopbox-primary"), Ref("schedule", "eshopbox-secondary")))
    there, since = scene(policies), SPANS["four weeks"]
    assert evaluate([pair], there, since, since + timedelta(days=400)) == []
    assert without_today([pair], there) == []


def test_liefery_is_staffed_until_its_roster_ends(policies: Policies) -> None:
    checks = [check for check in policies.checks if getattr(check, "schedule", None) == LIEFERY]
    there = scene(policies)
    assert {check.rule for check in checks} == {"staffed", "planned_ahead", "observed_first"}
    assert evaluate(checks, there, at(2026, 11, 16), at(2027, 1, 2)) == []
    found = evaluate(checks, there, at(2026, 11, 16), at(2027, 1, 8))
    assert [b.rule for b in found] == ["staffed", "staffed", "planned_ahead"]
    assert found[0].spans == ((at(2027, 1, 6, 9), at(2027, 1, 6, 18)), (at(2027, 1, 7, 9), at(2027, 1, 7, 18)))
    assert found[1].spans == ((at(2027, 1, 6, 9), at(2027, 1, 8)),)
    assert (found[2].since, found[2].until) == (at(2027, 1, 4, 17), at(2027, 1, 6, 9))


def test_who_is_away_over_the_holidays_is_told(policies: Policies) -> None:
    """Dora's turn ends the day before she leaves; one day more, and it is told."""
    roster = policies.schedules["backend-support"]
    swap = Override(since=datetime(2026, 12, 23, 9), until=datetime(2026, 12, 25, 9), user=Ref("user", "dora"))
    declared = replace(policies, schedules={**policies.schedules, LIEFERY.key: replace(roster, overrides=(swap,))})
    since, until = at(2026, 12, 20), at(2027, 1, 3)
    assert standing(scene(policies), policies, since, until) == []
    (only,) = standing(scene(declared), declared, since, until)
    assert (only.rule, only.since, only.until) == ("away-on-call", at(2026, 12, 24), at(2026, 12, 25, 9))


def test_the_rings_of_the_example_is_every_saturday(policies: Policies) -> None:
    (check,) = [c for c in policies.checks if isinstance(c, Rings)]
    since, there = at(2026, 10, 19), scene(policies)
    (only,) = evaluate([replace(check, urgency="high")], there, since, since + timedelta(days=21))
    assert only.until is None
    days = [at(2026, 10, 24, 3), at(2026, 10, 31, 3), at(2026, 11, 7, 3)]
    assert only.spans == tuple((day, day) for day in days)
