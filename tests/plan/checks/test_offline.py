"""What validate may say without a today: broken on any date, or not said."""

from __future__ import annotations

import pytest

from oncall_sync.plan.checks import evaluate, promises, without_today
from tests.plan.checks.scenes import HEALTHY, SINCE, UNTIL, line_of, policies, scene


def offline(text: str) -> list[tuple[str, str, int | None]]:
    declared = policies(text)
    found = without_today(declared.checks, scene(declared))
    assert all((b.since, b.until, b.spans) == (None, None, ()) for b in found)
    there = {(b.rule, b.source) for b in evaluate(promises(declared), scene(declared), SINCE, UNTIL)}
    assert {(b.rule, b.source) for b in found} <= there, "what is broken on any date is broken now"
    return [(b.rule, b.message, b.source.line if b.source else None) for b in found]


def test_the_healthy_file_is_healthy() -> None:
    assert offline(HEALTHY) == []


BROKEN = {
    "acknowledged_within": ("limit: 15m", "limit: 5m", "- acknowledged_within", "only after 15m"),
    "human_within": ("limit: 45m", "limit: 44m", "- human_within", "= 45m (urgency high), on any day"),
    "eligible": (
        "dan@example.com, has: [vpn]",
        "dan@example.com",
        "- eligible",
        "dan takes turns in schedule day",
    ),
    "distinct": ("offset: 1", "offset: 4", "- distinct", "at the same time, again and again (ana, ben, cy, dan)"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_what_is_broken_on_any_date(rule: str) -> None:
    old, new, place, says = BROKEN[rule]
    text = HEALTHY.replace(old, new)
    ((found, message, line),) = offline(text)
    assert (found, line) == (rule, line_of(text, place))
    assert says.partition(" (ana")[0] in message


@pytest.mark.parametrize(
    "change",
    [
        # a level that is empty by turns, or ends, may be skipped: whether it is too long depends on today
        ("hours: {outside: office}}", "hours: {outside: office}, until: 2027-06-01 00:00}"),
        ("[ben, cy, dan, ana]", "[ben, cy, dan, nobody]"),
        ("hours: {outside: office}}", "hours: [Mon-Thu 18:00-09:00, Fri 18:00 - Mon 08:59]}"),
    ],
)
def test_a_level_that_may_be_empty_is_not_counted(change: tuple[str, str]) -> None:
    text = HEALTHY.replace("limit: 45m", "limit: 44m")
    assert [rule for rule, _, _ in offline(text)] == ["human_within"]
    assert offline(text.replace(*change)) == []


def test_members_who_never_get_a_turn_again_do_not_count() -> None:
    """A rotation that ends depends on today, and so does an override."""
    text = HEALTHY.replace("week, hours: office", "week, hours: office, until: 2026-12-19 00:00").replace(
        "[ana, ben, cy, dan]", "[ana, zoe, cy, dan]"
    )
    declared = policies(text)
    assert without_today(declared.checks, scene(declared)) == []
    assert "eligible" in {b.rule for b in evaluate(declared.checks, scene(declared), SINCE, UNTIL)}


def test_a_low_incident_that_does_not_escalate_has_only_its_first_level() -> None:
    text = HEALTHY.replace("limit: 45m", "limit: 15m").replace(
        "during: high, outside: low, raise_at_start: true", "during: low, outside: low"
    )
    checks = [c for c in policies(text).checks if c.rule == "human_within"]
    assert without_today(checks, scene(policies(text))) == []
    short = [c for c in policies(text.replace("limit: 15m}", "limit: 14m}")).checks if c.rule == "human_within"]
    (only,) = without_today(short, scene(policies(text)))
    assert "it can take 15m at level 1 (urgency low), on any day" in only.message
