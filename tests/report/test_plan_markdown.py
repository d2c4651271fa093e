"""The comment on a pull request."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_sync.errors import AuthError, PolicyErrors, Problem
from oncall_sync.model import FieldChange, Ref
from oncall_sync.plan.plan import Plan
from oncall_sync.report.fitting import size
from oncall_sync.report.plain import plain
from oncall_sync.report.plan_markdown import LIMIT, marker, no_plan_markdown, plan_markdown
from tests.cli.corpus import TEXTS
from tests.report.plans import MONDAY, NOW, WEEK, change, finding, gap, page, plan, swap
from tests.report.reading import Page, acts, read

APPLY = "oncall-sync apply plans/pr.json"


def whole(made: Plan) -> tuple[str, Page]:
    """A comment and how it is read; what is true of every comment is asserted."""
    text = plan_markdown(made, APPLY)
    shown = read(text)
    assert size(text) < 65_000
    assert text.splitlines()[0] == "<!-- oncall-sync:plan:acme -->"
    assert text.rstrip().endswith(f"digest {made.digest}")
    assert "PXSECRET" not in text
    assert acts(shown) == []
    assert shown.elements <= {
        *("h2", "h3", "h4", "p", "strong", "em", "ul", "li", "code", "pre", "span", "hr"),
        *("table", "thead", "tbody", "tr", "th", "td", "details", "summary"),
    }
    assert len({len(cells) for cells in shown.rows if len(cells) == 8}) <= 1
    return text, shown


def test_who_is_paged_differently_comes_first() -> None:
    text, shown = whole(plan(change(), pages=(page(), page("search"))))
    assert shown.rows == [
        ["service", "urgency", "level", "from", "to", "before", "after", "local time"],
        [
            *("checkout, search", "high", "1", "Mon 2026-11-30 09:00", "Mon 2026-12-07 09:00"),
            *("carla", "anna", "Europe/Vienna"),
        ],
    ]
    assert (
        "**1 to update.** 2 services will page differently, first on Mon 2026-11-30 09:00 (Europe/Vienna)." in text
    )
    order = ["1 to update", "Who is paged differently", "### Changes", "#### team checkout", APPLY, "Expires"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    assert "Expires 2026-11-30T12:00:00Z" in text


def test_days_with_the_same_hours_are_one_row() -> None:
    days = tuple(
        page(since=MONDAY + timedelta(days=n), until=MONDAY + timedelta(days=n, hours=8)) for n in range(5)
    )
    _, shown = whole(plan(change(), pages=days))
    assert shown.rows[1][3:5] == ["Mon 2026-11-30 09:00", "Fri 2026-12-04 17:00 (each day 09:00 to 17:00)"]


def test_later_calls_now_and_changing_clocks_are_said() -> None:
    slower = page(before=("anna",), since=NOW, until=NOW + 20 * WEEK, delay_after=timedelta(minutes=15))
    text, shown = whole(plan(change(), pages=(slower,)))
    _, _, _, since, _, before, after, zone = shown.rows[1]
    assert since == "Mon 2026-11-23 13:00 (now)"
    assert (before, after) == ("anna, at once", "anna, after 15m")
    assert zone == "Europe/Vienna (clocks change on Sun 2027-03-28)"
    assert "from now on" in text


def test_gaps_stand_above_all() -> None:
    text, _ = whole(plan(change(), pages=(page(after=()),), opened=(gap(),)))
    assert text.index("### Nobody will be on call") < text.index("### Who is paged differently")
    assert "**At times nobody will be on call.**" in text
    assert "| carla | nobody |" in text


def test_what_is_new_and_what_stays() -> None:
    text, shown = whole(plan(change(), pages=(page("shop", new=True),), overrides=(swap(),)))
    assert ["shop", "anna", "Mon 2026-12-07 09:00", "Europe/Vienna"] in shown.rows
    assert "schedule Checkout on-call: ben from 2026-11-30T08:00:00Z" in text
    assert "Nobody is paged differently in the coming 4 weeks." in text


def test_findings_have_their_place_and_say_what_refuses() -> None:
    findings = (finding(), finding("kept-child", "warning", "it stays"), finding("level-gap", "note", "a hole"))
    text, shown = whole(plan(change(), findings=findings))
    assert "**Apply would refuse this plan, for 1 reason.** **1 to update.**" in text
    listed = (
        "- **error** <code>policies/ops.yaml:12:5</code> too early (<code>mid-shift-change</code>; refused unless"
    )
    assert listed in text
    assert "notes (1)" in shown.text
    assert "--waive RULE=REASON" in shown.text


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (plan(), "**Nothing to do.**"),
        (plan(findings=(finding("user-missing"),)), "**Nothing can be done: 1 error.**"),
        (
            plan(change(), findings=(finding("user-missing"),)),
            "**1 to update.** Nobody is paged differently in the coming 4 weeks. **1 error: some objects are left",
        ),
        (plan(change(action="delete"), change(action="create")), "**1 to create, 1 to delete.**"),
    ],
)
def test_the_verdict_is_one_line(made: Plan, said: str) -> None:
    text, _ = whole(made)
    assert text.split("\n\n")[2].startswith(said)


def test_a_part_cannot_be_applied() -> None:
    assert "oncall-sync apply" not in plan_markdown(plan(change()), None)
    assert "oncall-sync apply" not in plan_markdown(plan(), APPLY)


def test_fields_are_folded_by_team() -> None:
    other = change("Search", "search", team=None, fields=(FieldChange("time_zone", "UTC", "Europe/Vienna"),))
    text, shown = whole(plan(other, change()))
    assert text.index("#### team checkout") < text.index("#### no team")
    assert "<details><summary>1 field</summary>" in text
    assert "time zone: UTC -> Europe/Vienna" in shown.text
    assert "schedule Checkout on-call: anna and carla change places" in shown.text


def test_five_hundred_changes() -> None:
    changes = [
        change(f"Schedule {n} {list(TEXTS.values())[n % len(TEXTS)]}", f"s{n}", team=f"team {n % 20}")
        for n in range(500)
    ]
    pages = tuple(page(f"service {n}", before=(f"user{n}",)) for n in range(800))
    findings = tuple(finding("kept-child", "warning", f"{n} {'long ' * 50}") for n in range(300))
    notes = tuple(finding("level-gap", "note", f"{n} {'long ' * 50}") for n in range(300))
    made = plan(*changes, pages=pages, findings=findings + notes)
    text, shown = whole(made)
    assert f"{500} to update" in text
    for noun, count in (("rows", 800), ("findings", 300), ("notes", 300), ("changes", 500)):
        said = re.search(rf"(\d+) of {count} {noun} are not shown", text)
        assert said, noun
        assert 0 < int(said[1]) < count
    rows = [cells for cells in shown.rows if len(cells) == 8]
    assert len(rows) - 1 + int(re.search(r"(\d+) of 800", text)[1]) == 800  # type: ignore[index]


def test_five_hundred_short_changes_are_all_told() -> None:
    text, _ = whole(plan(*(change(f"Schedule {n}", f"s{n}") for n in range(500))))
    assert all(f"schedule Schedule {n}:" in text for n in range(500))
    assert re.search(r"The fields of \d+ changes are not shown", text)


@settings(max_examples=35)
@given(st.text(min_size=1), st.text(), st.text())
def test_any_names(name: str, person: str, message: str) -> None:
    made = plan(
        change(name, team=person, ref=Ref("service", "x")),
        pages=(page(name, before=(person,)), page(person, new=True)),
        findings=(finding(message=message), finding("level-gap", "note", name)),
        overrides=(swap(person),),
        not_read={"opsgenie": message},
    )
    _, shown = whole(made)
    assert " ".join(plain(name).split()) in " ".join(shown.text.split())
    assert {len(cells) for cells in shown.rows} == {4, 8}


def test_a_plan_that_could_not_be_made() -> None:
    error = PolicyErrors(
        [Problem("policies/a.yaml", 3, 5, "unknown 'a|b' @all"), Problem("oncall.yaml", 0, 0, "gone")]
    )
    text = no_plan_markdown("acme", error)
    shown = read(text)
    assert text.splitlines()[0] == marker("acme")
    assert "**No plan could be made: 2 problems.**" in text
    assert "policies/a.yaml:3:5 unknown 'a|b' @all" in shown.text
    assert acts(shown) == []
    assert "401" in no_plan_markdown("", AuthError("pagerduty", "it answered 401"))
    many = PolicyErrors([Problem("policies/a.yaml", n, 1, "@" * 500) for n in range(2000)])
    assert size(no_plan_markdown("acme", many)) <= LIMIT
