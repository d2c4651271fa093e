"""What each rule is about, in a sentence: for formats that describe rules apart from their findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oncall_sync.model.rule import RULES, asked, rule_id
from oncall_sync.plan.audit.rules import RULES as AUDITED
from oncall_sync.plan.checks import LEVELS
from oncall_sync.plan.guards import GUARDS

_SAID: Final[Mapping[str, str]] = {
    "policy": "a policy file or oncall.yaml cannot be understood as it is written",
    "cannot": "a provider cannot hold this",
    "approximated": "a provider holds this only roughly",
    "user-missing": "somebody named is not in the account",
    "not-writable": "the provider keeps it in a form that is not written from here",
    "needs-refused": "something needs what cannot be made",
    "foreign-owner": "the name belongs to another workspace",
    "two-candidates": "several live objects have the name",
    "doubled-mark": "several live objects carry one mark",
    "external-missing": "an external resource does not exist exactly once",
    "provider-drift": "something was changed at the provider since it was last applied",
    "kept-child": "an integration or rotation is not declared and stays",
    "description-cut": "a description leaves no room for the mark",
    "reachable": "somebody on call cannot be reached in the ways asked for",
    "rotation-redealt": "members of a rotation change, and with them whose turn it is",
    "follows-same": "a schedule that follows another rings the same person at the same time",
    "away-on-call": "somebody is on call while away",
    "handoff-dst": "a handoff falls into an hour that clocks skip or repeat",
    "single-person": "one person is behind all levels of a policy",
    "last-level-empty": "the last level has nobody at some time",
    "level-gap": "a level has nobody at some time, and the next one rings at once",
    "policy-gap": "nobody at all is on call at some time",
    "check-unknown": "nothing can be said of a check",
    "unknown-target": "a team sends its alerts to something nobody declares",
    "dirty-checkout": "policies are not committed",
    "waiver-unknown": "a waiver names a rule that does not exist",
    "adapter-missing": "no adapter is installed for a provider",
    "block-kept": "a provider-only block is kept and not checked",
    "org-waiver-ended": "a waiver of a rule of the organisation is over",
    "org-waiver-ends": "a waiver of a rule of the organisation ends within two weeks",
    "org-waiver-unused": "a waiver of a rule of the organisation is not needed",
    "org-rule-idle": "a rule of the organisation applies to nothing",
}
_ASKED: Final[Mapping[str, str]] = {rule_id(rule.word): asked(rule) for rule in RULES}


def about_rule(rule: str) -> str:
    """Return what a rule is about; for one that nothing is known of, its own words."""
    if rule in _SAID:
        return _SAID[rule]
    if rule in _ASKED:
        return f"a rule of the organisation is broken: {_ASKED[rule]}"
    if rule in AUDITED:
        return AUDITED[rule][1]
    if rule in LEVELS:
        return f"a promise is broken: {rule.replace('_', ' ')}"
    return GUARDS.get(rule, rule.replace("-", " "))
