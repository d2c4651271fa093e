"""Plans to report about, without a provider."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from oncall_sync.model import Change, FieldChange, Finding, Ref, Source
from oncall_sync.plan.plan import Plan, PlannedProvider, StandingOverride
from oncall_sync.plan.told import ToldGap, ToldImpact, ToldPage

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
WEEK = timedelta(weeks=1)
SOURCE = Source("policies/ops.yaml", 12, 5)


def page(service: str = "checkout", **more: object) -> ToldPage:
    made = ToldPage(
        provider="pagerduty",
        service=service,
        urgency="high",
        level=1,
        since=MONDAY,
        until=MONDAY + WEEK,
        before=("carla",),
        after=("anna",),
        delay_before=timedelta(),
        delay_after=timedelta(),
        zone="Europe/Vienna",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def gap(service: str = "checkout") -> ToldGap:
    return ToldGap(
        provider="pagerduty",
        service=service,
        urgency="high",
        since=MONDAY,
        until=MONDAY + WEEK,
        zone="Europe/Vienna",
    )


def change(name: str = "Checkout on-call", key: str = "checkout", **more: object) -> Change:
    fields = (FieldChange("rotations.Layer 1.members", ["anna", "ben", "carla"], ["carla", "ben", "anna"]),)
    made = Change(
        provider="pagerduty",
        ref=Ref("schedule", key),
        action="update",
        name=name,
        remote_id="PXSECRET",
        fields=fields,
        why="pending",
        source=SOURCE,
        team="checkout",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def finding(
    rule: str = "mid-shift-change", level: str = "error", message: str = "too early", **more: object
) -> Finding:
    return replace(Finding(rule, level, message, SOURCE, Ref("schedule", "duty")), **more)  # type: ignore[arg-type]


def swap(user: str = "ben") -> StandingOverride:
    return StandingOverride(
        provider="pagerduty", schedule="Checkout on-call", user=user, since=MONDAY, until=MONDAY + WEEK
    )


def plan(
    *changes: Change, pages: tuple[ToldPage, ...] = (), opened: tuple[ToldGap, ...] = (), **more: object
) -> Plan:
    made = Plan(
        created_at=NOW,
        expires_at=NOW + WEEK,
        workspace="acme",
        commit="0123456789abcdef",
        policy_sha256="0" * 64,
        providers=(PlannedProvider(name="pagerduty", kind="pagerduty", account="acme", unmanaged=2),),
        changes=changes,
        impact=ToldImpact(since=NOW, until=NOW + 4 * WEEK, pages=pages, opened=opened),
    )
    return replace(made, **more)  # type: ignore[arg-type]
