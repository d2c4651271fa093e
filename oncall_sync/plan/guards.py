"""Guards: named invariants that an apply must not break without a reason given.

Each is a finding of level `error`; a waiver turns it into a note that keeps the reason. What promises and who
rings come to is judged elsewhere (`judging`), and refused here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from oncall_sync.model import ABSENT, Change, Finding, Ref, Service, Team, Waiver
from oncall_sync.model.rule import PREFIX, RULES, asked, rule_id

from .checks import LEVELS

_OWN: Mapping[str, str] = {
    "no-policy-files": "no policy file was found: is `policies` in oncall.yaml right?",
    "service-deleted": "a service is deleted: nothing that reports to it pages anybody any more",
    "protected-deleted": "something is deleted that the policies protected when it was last applied",
    "open-incidents": "something is deleted that open incidents need",
    "behind-upstream": "the checkout lacks commits that its upstream branch has: an apply would undo them",
    "team-emptied": "everything of a team is deleted",
    "too-many-deletes": "more is deleted than --max-deletes allows",
    "integration-replaced": "an integration is replaced: senders with the old key stop paging",
    "last-manager": "a team loses its last manager",
    "risky-adoption": "an existing object would be taken over that rings differently or that another tool manages",
    "mid-shift-change": "the person on call now would be replaced in the middle of a shift",
}
GUARDS: Mapping[str, str] = {
    **_OWN,
    **{rule: f"a promise would be broken: {rule}" for rule, level in LEVELS.items() if level == "error"},
    **{rule_id(rule.word): f"a rule of the organisation would be broken: {asked(rule)}" for rule in RULES},
}
"""Every rule for which an apply refuses, if the plan makes it worse, with what it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run allows: how many deletes, and which rules it waives, with the reason for each.

    `managers` is, by provider, the role of those who may change a team.
    """

    max_deletes: int = 5
    waived: Mapping[str, str] | None = None
    waivers: Sequence[Waiver] = ()
    policy_files: int = 1
    managers: Mapping[str, str] = field(default_factory=dict)


def guard(changes: Sequence[Change], findings: Iterable[Finding], limits: Limits, now: datetime) -> list[Finding]:
    """Return all findings: those given and those of the guards, waived ones turned into notes."""
    found = [*findings]
    deletes = [c for c in changes if c.action == "delete"]
    if not limits.policy_files:
        found.append(Finding("no-policy-files", "error", GUARDS["no-policy-files"]))
    if len(deletes) > limits.max_deletes:
        message = f"{len(deletes)} objects are deleted, and --max-deletes allows {limits.max_deletes}"
        found.append(Finding("too-many-deletes", "error", message))
    found += _services(deletes) + _teams(changes, deletes)
    for change in changes:
        found += _replaced(change) + _managers(change, limits.managers.get(change.provider, "manager"))
    return sorted({_waive(f, limits, now) for f in found}, key=_order)


NEVER_WAIVED = frozenset(
    {
        "cannot",
        "doubled-mark",
        "foreign-owner",
        "needs-refused",
        "protected-deleted",
        "two-candidates",
        "unknown-target",
        "user-missing",
        "not-writable",
    }
)
"""What no reason given makes possible."""


def refusing(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings for which an apply refuses with exit 3."""
    return [f for f in findings if f.level == "error" and f.rule in GUARDS]


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that keep single objects from being made."""
    return [f for f in findings if f.level == "error" and f.rule not in GUARDS]


def _services(deletes: Iterable[Change]) -> list[Finding]:
    return [
        Finding("service-deleted", "error", f"the service {c.name!r} is deleted", c.source, c.ref)
        for c in deletes
        if c.ref.kind == "service"
    ]


def _teams(changes: Iterable[Change], deletes: Sequence[Change]) -> list[Finding]:
    """Find teams that are deleted together with what they own, while nothing of theirs is made or kept."""
    gone = [c for c in deletes if c.ref.kind == "team"]
    owned = Counter(c.live.resource.team.key for c in deletes if c.live and isinstance(c.live.resource.team, Ref))
    made = {c.team for c in changes if c.action != "delete"}
    return [
        Finding("team-emptied", "error", f"the team {c.name!r} is deleted with everything it owns", None, c.ref)
        for c in gone
        if c.remote_id and owned[c.remote_id] and c.ref.key not in made
    ]


def _replaced(change: Change) -> list[Finding]:
    """Find integrations that come back in another form, which ends the key or address that senders use."""
    if not (change.live and isinstance(change.live.resource, Service) and isinstance(change.wanted, Service)):
        return []
    before, after = change.live.resource.integrations, change.wanted.integrations
    if before is ABSENT or after is ABSENT:
        return []
    forms = {i.name: (i.form, i.vendor) for i in after}
    return [
        Finding(
            "integration-replaced",
            "error",
            f"service {change.name}: the integration {i.name!r} is replaced by one of another form; its key or"
            " address stops working",
            change.source,
            change.ref,
        )
        for i in before
        if forms.get(i.name, (i.form, i.vendor)) != (i.form, i.vendor)
    ]


def _managers(change: Change, role: str) -> list[Finding]:
    if not (change.live and isinstance(change.live.resource, Team) and isinstance(change.wanted, Team)):
        return []
    before, after = change.live.resource.members, change.wanted.members
    if before is ABSENT or after is ABSENT:
        return []
    had = any(m.role == role for m in before)
    if not had or any(m.role == role for m in after):
        return []
    return [
        Finding(
            "last-manager", "error", f"team {change.name}: nobody is left as {role}", change.source, change.ref
        )
    ]


def _waive(finding: Finding, limits: Limits, now: datetime) -> Finding:
    if finding.level == "note" or finding.rule in NEVER_WAIVED:
        return finding
    reason = (limits.waived or {}).get(finding.rule)
    for waiver in limits.waivers:
        # The organisation's rules are waived where they stand, not in a team's own policies.
        mine = waiver.rule == finding.rule and not finding.rule.startswith(PREFIX)
        if mine and waiver.target in (None, finding.ref) and now.date() <= waiver.until:
            reason = f"{waiver.reason} ({waiver.owner}, until {waiver.until})"
    return replace(finding, level="note", message=f"{finding.message} [waived: {reason}]") if reason else finding


def _order(finding: Finding) -> tuple[int, str, str, str]:
    rank = {"error": 0, "warning": 1, "note": 2}[finding.level]
    return rank, finding.rule, str(finding.source), finding.message
