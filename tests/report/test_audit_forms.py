"""An audit's forms as such: tables for spreadsheets, pages for browsers, one comment that fits."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from oncall_sync.model import Finding, Source
from oncall_sync.plan.audit.ground import Audit
from oncall_sync.plan.audit.values import ChatLanding, Incoming, Ladder, LevelNow, Person, Turns, Unmanaged, Way
from oncall_sync.report.audit_csv import audit_csv, defused
from oncall_sync.report.audit_html import audit_html
from oncall_sync.report.audit_json import as_json
from oncall_sync.report.audit_markdown import LIMIT, audit_markdown
from oncall_sync.report.audit_text import audit_text
from tests.cli.corpus import TEXTS, acted_on

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def audit(text: str, count: int = 1) -> Audit:
    """Return an audit that says a text wherever an account or a policy may say one."""
    way = Way(way="phone", shown="••• ••42", after=5 * timedelta(minutes=1))
    person = Person(user=text, via=text, ways=(way,), reached=way.after)
    level = LevelNow(
        number=1, begins=timedelta(), lasts=None, people=(person, Person(user=text, via=None, cannot=text))
    )
    ladder = Ladder(
        provider="pagerduty", service=text, name=text, managed=True, urgency="high", policy=text,
        zone="Europe/Vienna", opens=True, levels=(level,), human_now=way.after, worst=way.after, worst_at=NOW,
        gaps=((NOW, NOW + DAY),),
    )  # fmt: skip
    coming = Incoming(
        provider="p", user=text, schedule=text, since=NOW, zone="UTC", ready=False, problems=("no-contact",)
    )
    turns = Turns(
        user=text, part="ahead", zone="UTC", hours=DAY, night_hours=DAY, nights=1, weekend_hours=DAY, weekends=1,
        handoffs=1,
    )  # fmt: skip
    return Audit(
        workspace="acme",
        now=NOW,
        since=NOW - DAY,
        until=NOW + DAY,
        accounts=(("pagerduty", "pagerduty", text),),
        not_read={"opsgenie": text},
        ladders=(ladder,) * count,
        incoming=(coming,) * count,
        unmanaged=tuple(Unmanaged(provider="pagerduty", kind="team", name=text, by=text) for _ in range(count)),
        chat=(ChatLanding(command=text, service=text, problem=text),),
        turns=(turns,) * count,
        findings=(Finding("no-contact", "error", text, Source("a.yaml", 1, 2)),) * count,
    )


class Page(HTMLParser):
    """What a browser makes of a page: its elements, their attributes, and the text between."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_text_acts_in_any_form(text: str) -> None:
    found = audit(text)
    for shown in (audit_text(found), audit_markdown(found), audit_html(found), audit_csv(found)):
        assert acted_on(shown) == []
    page = Page()
    page.feed(audit_html(found))
    assert page.tags <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "strong", "table", "thead", "tbody",
        "tr", "th", "td", "code", "div", "ul", "li",
    }  # fmt: skip
    assert page.attributes <= {"lang", "charset", "http-equiv", "content", "name", "scope", "class"}
    cells = [cell for row in csv.reader(io.StringIO(audit_csv(found))) for cell in row]
    assert [cell for cell in cells if cell.lstrip()[:1] in ("=", "+", "-", "@", "|", "%")] == []
    assert len({len(row) for row in csv.reader(io.StringIO(audit_csv(found)))}) == 1
    assert as_json(found)["services"][0]["service"] == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\uff1d1", "|x", "%x", "\t=1", "\r=1"])
def test_a_formula_is_text(text: str) -> None:
    cell = defused(text)
    assert isinstance(cell, str)
    assert cell.startswith(("'", "\\"))


@pytest.mark.parametrize("value", ["anna", "a=b", "a-b", "", "12"])
def test_other_text_stays(value: str) -> None:
    assert defused(value) == value


def test_a_number_stays_a_number() -> None:
    assert defused(12.5) == 12.5


def test_a_large_account_fits_into_one_comment() -> None:
    whole = audit_markdown(audit("a service with a rather long name", 2000))
    assert len(whole) <= LIMIT
    assert "are not shown" in whole
    assert whole.startswith("<!-- oncall-sync:audit:acme -->\n")
