"""`oncall-sync audit`: who can be paged, by what and how fast, and who cannot."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from oncall_sync.errors import EXIT_CHANGES, EXIT_OK

from .common import Common, common, span
from .formats import COMMENT, annotated, errors_told

if TYPE_CHECKING:
    from oncall_sync.model import Policies
    from oncall_sync.plan.audit.ground import Audit

SARIF = "sarif"


@click.command()
@click.option("--service", "services", multiple=True, metavar="S", help="Only this service, by key or name.")
@click.option("--horizon", default="28d", show_default=True, help="How far ahead to look.")
@click.option("--back", default="28d", show_default=True, help="How far back to count who was on call.")
@click.option("--all", "whole", is_flag=True, help="Audit everything in the account, whoever manages it.")
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="Read this provider as well.")
@click.option("--exit-code", is_flag=True, help="Exit 2 if an error or a warning is found.")
@common("text", COMMENT, "json", "csv", "html", SARIF)
def audit(options: Common, exit_code: bool, **said: Any) -> int:  # noqa: FBT001
    """Say who can be paged, by what and how fast, and who cannot; what leads nowhere; and what people carry.

    Looks at the live accounts: who rings for each service, and how long it takes until a phone of theirs rings,
    now and at worst (their own notification rules counted in, numbers masked); who comes on call within a week;
    overrides that make no sense; hours, nights and weekends per person. Sends nothing that writes.

    \b
    Example:
      oncall-sync audit --exit-code
      oncall-sync audit --all --format html > audit.html
    """
    from oncall_sync.run.audit import make_audit

    from .planning import Asked, session
    from .progress import progress_bar

    asked = Asked(providers=said["providers"], horizon=span(said["horizon"], "--horizon"))
    back = span(said["back"], "--back")
    told = errors_told(options, "audit") if options.format == SARIF else nullcontext()
    with told, session(options, asked) as opened, progress_bar() as progress:
        whole, services = said["whole"], said["services"]
        found = make_audit(opened.request, opened.providers, progress, back, services, whole=whole)
        policies = opened.request.policies
    _show(options, found, policies)
    return EXIT_CHANGES if exit_code and found.wrong else EXIT_OK


def _show(options: Common, found: Audit, policies: Policies) -> None:
    """Write an audit to stdout as asked for; with SARIF, which is for programs, the text goes to stderr."""
    if options.format == SARIF:
        from oncall_sync.report.audit_text import audit_text

        click.echo(audit_text(found), nl=False, err=True)
        click.echo(annotated(options, "audit", found.findings, policies), nl=False)
        return
    click.echo(_form(options.format, found), nl=False)


def _form(form: str, found: Audit) -> str:
    if form == COMMENT:
        from oncall_sync.report.audit_markdown import audit_markdown

        return audit_markdown(found)
    if form == "json":
        from oncall_sync.report.audit_json import audit_json

        return audit_json(found)
    if form == "csv":
        from oncall_sync.report.audit_csv import audit_csv

        return audit_csv(found)
    if form == "html":
        from oncall_sync.report.audit_html import audit_html

        return audit_html(found)
    from oncall_sync.report.audit_text import audit_text

    return audit_text(found)
