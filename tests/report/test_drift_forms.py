"""Every form of drift, with the names of strangers in it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oncall_sync.model import EscalationPolicy, FieldChange, Finding, Live, Ref, Source, Touch
from oncall_sync.plan.drift import Drift, Drifted, soonest
from oncall_sync.plan.plan import PlannedProvider
from oncall_sync.plan.told import ToldGap, ToldImpact, ToldPage
from oncall_sync.report.drift_findings import findings
from oncall_sync.report.drift_json import drift_json
from oncall_sync.report.drift_markdown import LIMIT, drift_markdown
from oncall_sync.report.drift_slack import payload
from oncall_sync.report.drift_text import drift_text
from tests.cli.corpus import TEXTS, acted_on

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HORIZON = NOW + timedelta(days=28)
CALM = ToldImpact(since=NOW, until=HORIZON)
REF = Ref("escalation_policy", "main")


def page(hours: int, **more: int) -> ToldPage:
    return ToldPage(
        provider="pd",
        service="shop",
        urgency="high",
        level=1,
        since=NOW + timedelta(hours=hours),
        until=NOW + timedelta(hours=hours + more.get("lasts", 1)),
        before=("anna",),
        after=("ben",),
        delay_before=timedelta(),
        delay_after=timedelta(),
    )


def drifted(name: str = "Main", **more: object) -> Drifted:
    live = Live(remote_id="PX", resource=EscalationPolicy(ref=REF, name=name, levels=()))
    made = Drifted(
        provider="pd",
        ref=REF,
        name=name,
        remote_id="PX",
        why="drift",
        live=live,
        fields=(FieldChange("levels.1.escalate_after", "15m", "45m"),),
        source=Source("policies/a.yaml", 3, 5),
        effect=CALM,
        touches=(Touch(remote_id="PX", at=NOW, by="anna@example.com", means="in the browser"),),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def whole(*found: Drifted, **more: object) -> Drift:
    made = Drift(
        workspace="acme",
        now=NOW,
        since=NOW - timedelta(days=30),
        providers=(PlannedProvider(name="pd", kind="pagerduty", account="acme"),),
        drifted=found,
        people={"anna@example.com": "anna"},
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_the_soonest_and_worst_comes_first() -> None:
    gap = ToldGap(provider="pd", service="shop", urgency="high", since=NOW, until=HORIZON)
    effects = {
        "calm": CALM,
        "unknown": None,
        "beyond": replace(CALM, first_difference_after=HORIZON + timedelta(days=3)),
        "later": replace(CALM, pages=(page(9),)),
        "soon, short": replace(CALM, pages=(page(1),)),
        "soon, long": replace(CALM, pages=(page(1, lasts=5),)),
        "nobody, now": replace(CALM, opened=(gap,)),
        "now": replace(CALM, pages=(page(0),)),
    }
    ranked = sorted((drifted(name, effect=effect) for name, effect in effects.items()), key=soonest)
    assert [found.name for found in ranked] == [
        "nobody, now",
        "now",
        "soon, long",
        "soon, short",
        "later",
        "beyond",
        "unknown",
        "calm",
    ]


@pytest.mark.parametrize("label", sorted(TEXTS))
def test_no_name_does_anything(label: str) -> None:
    text = TEXTS[label]
    touch = Touch(remote_id="PX", at=NOW, by=text, means=text, fields=(text,))
    fields = (FieldChange(f"integrations.{text}", None, {"form": text}), FieldChange("name", text, text))
    found = [
        drifted(text, fields=fields, touches=(touch,), pending=fields, why="both"),
        drifted(text, fields=fields, kept=frozenset({text}), why="child", touches=()),
        drifted(text, says="was upgraded", why="upgraded", fields=(), effect=None),
    ]
    error = Finding("user-missing", "error", text, Source("policies/a.yaml", 1, 1), REF)
    drift = whole(*found, notes=(text,), untold={"pd": text}, errors=(error,), not_read={"og": "nothing uses it"})
    assert acted_on(drift_text(drift)) == []
    markdown = drift_markdown(drift)
    assert acted_on(markdown) == []
    for sign in ("<script", "<!channel", "@all", "@here", "|", "\x1b", "]("):
        assert sign not in markdown.replace("<!-- oncall-sync", "")
    message = payload(drift)["text"]
    assert acted_on(message.replace("\u200b", "")) == []
    assert not set("<>") & set(message)
    assert "@all" not in message
    assert "@channel" not in message
    assert json.loads(drift_json(drift))["drift"][0]["name"] == text
    assert len(findings(drift)) == 4


def test_a_long_issue_is_cut() -> None:
    many = [
        drifted(f"Policy {number} " + "x" * 180, ref=Ref("escalation_policy", f"p{number}"))
        for number in range(900)
    ]
    body = drift_markdown(whole(*many))
    assert len(body) <= LIMIT
    assert "are not shown" in body


def test_nothing_to_tell() -> None:
    drift = whole()
    assert "nothing was changed at the provider since it was last applied" in drift_text(drift)
    assert "**Nothing was changed at the provider since the last apply.**" in drift_markdown(drift)
    assert json.loads(drift_json(drift))["drift"] == []
    assert findings(drift) == []


def test_many_changes_of_one_object_are_counted() -> None:
    touches = tuple(
        Touch(
            remote_id="PX",
            at=NOW - timedelta(hours=n),
            by=None,
            means="with an API token",
            fields=("a", "b", "c", "d", "e"),
        )
        for n in range(8)
    )
    text = drift_text(whole(drifted(touches=touches)))
    assert text.count("changed 2026-") == 5
    assert "and 3 earlier changes" in text
    assert "somebody whom the trail does not name, with an API token (a, b, c, d, 1 more)" in text


def test_why_nobody_can_be_named() -> None:
    nobody = drifted(touches=())
    assert "the provider's trail has nothing of it since 2026-10-24T12:00:00Z" in drift_text(whole(nobody))
    closed = whole(nobody, untold={"pd": "closed (402)"})
    assert "who did it cannot be told: closed (402)" in drift_text(closed)
    assert "closed (402)" in drift_markdown(closed)
    partly = whole(drifted(), untold={"pd": "only the newest"})
    assert "not all of the trail could be read: only the newest" in drift_text(partly)
