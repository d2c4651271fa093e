"""The rules that only an audit has: what each is about, and how bad it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oncall_sync.model import Finding, Ref, Severity, Source

RULES: Final[Mapping[str, tuple[Severity, str]]] = {
    "on-call-deactivated": ("error", "somebody on call is deactivated, blocked or no longer in the account"),
    "on-call-unpageable": ("error", "somebody on call has a role that gets no pages"),
    "no-contact": ("error", "nothing at all tells somebody on call of an incident"),
    "nobody-reached": ("error", "people are on call, and no phone of theirs rings"),
    "human-too-late": ("error", "with personal notification rules counted in, a human hears too late"),
    "no-policy": ("error", "a service pages by an escalation policy that does not exist or has no levels"),
    "email-only": ("warning", "somebody on call has nothing but email"),
    "phone-unverified": ("warning", "a phone of somebody on call was never verified"),
    "invitation-open": ("warning", "somebody on call never followed the invitation to the account"),
    "rules-too-late": ("warning", "somebody's phone rings only after the incident has gone to the next level"),
    "stale-override": ("warning", "an override names somebody who is no longer in the account"),
    "unused-schedule": ("warning", "a schedule is on no ladder"),
    "unused-policy": ("warning", "nothing pages by an escalation policy"),
    "idle-override": ("note", "an override changes nothing: the same person would ring anyway"),
    "past-override": ("note", "a declared override is over"),
    "unfair-load": ("note", "somebody has far more of a schedule than the others"),
    "reach-unknown": ("note", "nobody can tell here how people are reached"),
    "unmanaged": ("note", "an account has objects that no workspace manages"),
}
"""How bad a rule's finding is, and what it is about. The other rules of an audit are those of `plan`."""


def found(rule: str, message: str, source: Source | None = None, ref: Ref | None = None) -> Finding:
    """Return a finding of the level that `RULES` gives its rule."""
    return Finding(rule, RULES[rule][0], message, source, ref)
