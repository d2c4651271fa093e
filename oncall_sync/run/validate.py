"""What can be said about policies without asking any provider."""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches

from oncall_sync.model import Finding, Objection, Policies, Resource, Severity, Source
from oncall_sync.model.rule import PREFIX
from oncall_sync.plan.audit.rules import RULES as AUDITED
from oncall_sync.plan.checks import LEVELS, promises, without_today
from oncall_sync.plan.guards import GUARDS
from oncall_sync.plan.rules import without_date
from oncall_sync.plan.scenes import declared_scene
from oncall_sync.policy.config import Config
from oncall_sync.provider import Together, kinds

from .accounts import offline


def objections(config: Config, policies: Policies) -> list[Finding]:
    """Return what the installed adapters object to: `cannot` as errors, `approximated` as warnings."""
    there = kinds()
    providers = {entry.name: offline(entry) for entry in config.providers if entry.kind in there}
    out: list[Finding] = []
    side_by_side: dict[str, list[Resource]] = {}
    for resource in policies.resources():
        provider = providers.get(resource.provider)
        if provider is None or resource.ref.kind == "user":
            continue
        side_by_side.setdefault(resource.provider, []).append(resource)
        if not resource.external:
            out += (_finding(objection, resource.source) for objection in provider.objections(resource))
    for name, resources in side_by_side.items():
        provider = providers[name]
        if isinstance(provider, Together):
            out += (_finding(objection, None) for objection in provider.objections_together(resources))
    return list(dict.fromkeys(out))  # all rotations of a schedule that follows another are at one place


def _finding(objection: Objection, place: Source | None) -> Finding:
    level: Severity = "error" if objection.fate == "cannot" else "warning"
    return Finding(objection.fate, level, objection.message, objection.source or place, objection.ref)


def timeless(config: Config, policies: Policies) -> list[Finding]:
    """Return what is wrong on any date: promises that cannot hold, and waivers of rules that do not exist."""
    there = kinds()
    paging = {e.name: offline(e).capabilities.paging for e in config.providers if e.kind in there}
    broken = without_today(promises(policies), declared_scene(policies, paging))
    return [*(b.finding() for b in broken), *_waivers(policies)]


def of_the_organisation(config: Config, policies: Policies, now: datetime) -> list[Finding]:
    """Return which of the organisation's rules the policies break on any date.

    Of `now` (aware), only the day matters, and only to waivers: an ended one no longer holds.
    """
    there = kinds()
    paging = {e.name: offline(e).capabilities.paging for e in config.providers if e.kind in there}
    return without_date(policies, declared_scene(policies, paging), now.date())


def _waivers(policies: Policies) -> list[Finding]:
    known = {
        *(rule for rule in GUARDS if not rule.startswith(PREFIX)),
        *LEVELS,
        *AUDITED,
        "kept-child",
        "description-cut",
        "external-missing",
        "approximated",
    }
    found: list[Finding] = []
    for waiver in policies.waivers:
        if waiver.rule.startswith(PREFIX):
            message = (
                f"{waiver.rule!r} cannot be waived here: an organisation's rules are waived in a file of rules"
            )
            found.append(Finding("waiver-unknown", "error", message, waiver.source))
        elif waiver.rule not in known:
            near = get_close_matches(waiver.rule, sorted(known), 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(known))}"
            message = f"there is no rule {waiver.rule!r} to waive ({hint})"
            found.append(Finding("waiver-unknown", "error", message, waiver.source))
    return found
