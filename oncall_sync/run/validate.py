"""What can be said about policies without asking any provider."""

from __future__ import annotations

from oncall_sync.model import Finding, Policies, Severity
from oncall_sync.policy.config import Config
from oncall_sync.provider import kinds

from .accounts import offline


def objections(config: Config, policies: Policies) -> list[Finding]:
    """Return what the installed adapters object to: `cannot` as errors, `approximated` as warnings."""
    there = kinds()
    providers = {entry.name: offline(entry) for entry in config.providers if entry.kind in there}
    out: list[Finding] = []
    for resource in policies.resources():
        provider = providers.get(resource.provider)
        if provider is None or resource.external or resource.ref.kind == "user":
            continue
        for objection in provider.objections(resource):
            source = objection.source or resource.source
            level: Severity = "error" if objection.fate == "cannot" else "warning"
            out.append(Finding(objection.fate, level, objection.message, source, objection.ref))
    return out
