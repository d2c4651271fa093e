"""`oncall-sync validate`: everything that can be said about policies without asking anybody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from oncall_sync.errors import EXIT_ERROR, EXIT_OK

from .common import Common, common, load
from .formats import ANNOTATIONS, annotated, errors_told, is_form

if TYPE_CHECKING:
    from oncall_sync.model import Policies


@click.command()
@common("text", "json", *ANNOTATIONS)
def validate(options: Common) -> int:
    """Check the policies offline: shape, references, what the providers cannot hold.

    The organisation's own rules are held against them as well, as far as they do not depend on the date.
    Every problem is told in one run, as file:line:column. Exit code 1 if there is one. For the formats github,
    sarif and junit, the text is on stderr.

    \b
    Example:
      oncall-sync validate
    """
    from oncall_sync.plan.plan import place
    from oncall_sync.report.plain import counted
    from oncall_sync.report.plan_text import finding_line
    from oncall_sync.run.validate import of_the_organisation, timeless

    with errors_told(options, "validate"):
        config, policies, objections = load(options)
    rules = of_the_organisation(config, policies, options.now())
    findings = [*policies.notes, *objections, *timeless(config, policies), *rules]
    counts = _counts(policies)
    bad = [f for f in findings if f.level == "error"]
    if options.format == "json":
        listed = [
            {"rule": f.rule, "level": f.level, "message": f.message, "source": place(f.source)} for f in findings
        ]
        click.echo(json.dumps({"valid": not bad, "findings": listed, "counts": counts}, indent=2))
    else:
        lines = [finding_line(finding) for finding in findings]
        said = ", ".join(counted(count, what) for what, count in counts.items() if count) or "no policies"
        click.echo("\n".join([*lines, f"{'not valid' if bad else 'valid'}: {said}"]), err=is_form(options))
    if is_form(options):
        click.echo(annotated(options, "validate", findings, policies), nl=False)
    return EXIT_ERROR if bad else EXIT_OK


def _counts(policies: Policies) -> dict[str, int]:
    return {
        "team": len(policies.teams),
        "user": len(policies.users),
        "schedule": len(policies.schedules),
        "escalation policy": len(policies.escalation_policies),
        "service": len(policies.services),
        "check": len(policies.checks),
        "rule": len(policies.rules.rules),
    }
