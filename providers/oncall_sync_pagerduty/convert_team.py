"""People, teams and escalation policies: from answers, and into requests.

Source: PagerDuty's API description (User, Team, EscalationPolicy, EscalationRule).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from oncall_sync.model import ABSENT, EscalationPolicy, Level, Member, Ref, Team, User

from .settings import Place, canonical
from .wire import KIND, Body, id_of, reference, remote, remotes, seconds, text_of

DEFAULT_ROLE: Final = "manager"
"""What the API makes of a member without a role (its documented default)."""
DEFAULT_DELAY: Final = timedelta(minutes=30)
"""What PagerDuty's own form proposes; the API has no default, the delay is required."""
DEFAULT_REPEAT: Final = 0

_STRATEGY: Final = "escalation_rule_assignment_strategy"


def user_from(body: Mapping[str, Any]) -> User:
    """Return a person."""
    return User(
        ref=Ref("user", body["id"], remote=True),
        name=str(body.get("name") or body.get("summary") or ""),
        description=None,
        team=None,
        email=str(body.get("email") or ""),
    )


def team_from(
    body: Mapping[str, Any], members: Iterable[Mapping[str, Any]], tags: Sequence[Mapping[str, Any]]
) -> Team:
    """Return a team with its members and their roles."""
    found = []
    for one in members:
        user = remote("user", one.get("user"))
        if user is not None:
            found.append(Member(user, str(one.get("role") or DEFAULT_ROLE)))
    return Team(
        ref=Ref("team", body["id"], remote=True),
        name=str(body.get("name") or body.get("summary") or ""),
        description=text_of(body.get("description")),
        team=None,
        members=tuple(found),
        settings=_block("team", {"tags": labels(tags)}),
    )


def policy_from(body: Mapping[str, Any], tags: Sequence[Mapping[str, Any]]) -> EscalationPolicy:
    """Return an escalation policy."""
    teams = remotes("team", body.get("teams"))
    block = {"handoff_notifications": body.get("on_call_handoff_notifications"), "tags": labels(tags)}
    return EscalationPolicy(
        ref=Ref("escalation_policy", body["id"], remote=True),
        name=str(body.get("name") or body.get("summary") or ""),
        description=text_of(body.get("description")),
        team=teams[0] if teams else None,
        levels=tuple(level_from(rule) for rule in body.get("escalation_rules") or ()),
        repeat=int(body.get("num_loops") or 0),
        settings=_block("escalation_policy", block),
    )


def level_from(rule: Mapping[str, Any]) -> Level:
    """Return one rule as a level."""
    found = rule.get(_STRATEGY)
    strategy = found.get("type") if isinstance(found, Mapping) else found
    return Level(
        notify=tuple(ref for one in rule.get("targets") or () if (ref := target_from(one)) is not None),
        escalate_after=timedelta(minutes=int(rule.get("escalation_delay_in_minutes") or 0)),
        settings=_block("level", {"round_robin": strategy == "round_robin"}),
    )


def target_from(target: Mapping[str, Any]) -> Ref | None:
    """Return whom a target names; shift-based schedules are schedules."""
    kind = str(target.get("type", "")).removesuffix("_reference")
    return remote("user" if kind == "user" else "schedule", target)


def rules_from(
    levels: Sequence[Level], live: Sequence[Mapping[str, Any]], ids: Mapping[Ref, str], shift_based: frozenset[str]
) -> list[Body]:
    """Return levels as rules.

    A rule whose content is what `live` has at its place stays as it is, id included. The assignment strategy is
    only sent for round robin: plans without it refuse to hear of it (Terraform provider).
    """
    known = shift_based | {
        one["id"]
        for rule in live
        for one in rule.get("targets") or ()
        if str(one.get("type")).startswith("schedule_v3")
    }
    rules = []
    for number, level in enumerate(levels):
        rule = _rule(level, ids, known)
        if number < len(live) and _same_rule(rule, live[number]):
            rule["id"] = live[number]["id"]
        rules.append(rule)
    return rules


def _rule(level: Level, ids: Mapping[Ref, str], shift_based: frozenset[str] | set[str]) -> Body:
    delay = DEFAULT_DELAY if level.escalate_after is ABSENT else level.escalate_after
    targets = []
    for ref in level.notify:
        key = id_of(ref, ids)
        kind = "schedule_v3" if ref.kind == "schedule" and key in shift_based else ref.kind
        targets.append(reference(kind, key))
    rule: Body = {"escalation_delay_in_minutes": seconds(delay) // 60, "targets": targets}
    if level.settings.get(KIND, {}).get("round_robin"):
        rule[_STRATEGY] = {"type": "round_robin"}
    return rule


def _same_rule(rule: Body, live: Mapping[str, Any]) -> bool:
    before = level_from(live)
    return (
        [ref.key for ref in before.notify] == [one["id"] for one in rule["targets"]]
        and before.escalate_after == timedelta(minutes=rule["escalation_delay_in_minutes"])
        and bool(before.settings) == (_STRATEGY in rule)
    )


def labels(tags: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the labels of tags, sorted."""
    return sorted(str(tag.get("label") or tag.get("summary") or "") for tag in tags)


def _block(place: Place, block: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found = canonical(place, block)
    return {KIND: found} if found else {}
