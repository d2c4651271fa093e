"""`oncall-sync drift`: what was changed at a provider since the last apply."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from oncall_sync.errors import EXIT_CHANGES, EXIT_ERROR, EXIT_OK, SyncError

from .common import Common, common, span
from .formats import ANNOTATIONS, COMMENT, annotated, errors_told, is_form

if TYPE_CHECKING:
    from oncall_sync.model import Policies
    from oncall_sync.plan.drift import Drift


@click.command()
@click.option("--since", default="30d", show_default=True, help="How far back to ask who changed what.")
@click.option("--horizon", default="28d", show_default=True, help="How far ahead to say who is paged differently.")
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="Read this provider as well.")
@click.option(
    "--notify",
    is_flag=True,
    help="If there is drift, post a summary to the webhook (in Slack's format) at ONCALL_SYNC_WEBHOOK.",
)
@click.option("--accept", is_flag=True, help="Write what was changed into the policies: all of it, or each REF.")
@click.argument("refs", metavar="[REF]...", nargs=-1)
@common("text", "json", COMMENT, *ANNOTATIONS)
def drift(options: Common, since: str, horizon: str, refs: tuple[str, ...], **asked: Any) -> int:
    """Say what people changed at a provider since the last apply, and who rings differently because of it.

    What only the policies changed is not drift, nor are people's overrides. Who changed it, when and how comes
    from the provider's audit trail, as far as that tells. Exits 2 if there is drift, also if the webhook failed.

    --accept keeps it: the YAML is edited in place, comments and layout stay, and a plan has nothing left to do.

    \b
    Example:
      oncall-sync drift
      oncall-sync drift --format markdown --notify > issue.md
      oncall-sync drift --accept schedule.checkout-night
    """
    from oncall_sync.run.drift import find_drift
    from oncall_sync.run.notify import webhook

    from .accepting import accepting, check_accepting
    from .planning import Asked, session
    from .progress import progress_bar

    check_accepting(options, refs, accept=asked["accept"], notify=asked["notify"])
    address = webhook(os.environ) if asked["notify"] else None
    back = span(since, "--since")
    wanted = Asked(providers=asked["providers"], horizon=span(horizon, "--horizon"))
    with errors_told(options, "drift"), session(options, wanted) as opened:
        with progress_bar() as progress:
            whole = find_drift(opened.request, opened.providers, progress, back)
        if asked["accept"]:
            return accepting(options, opened, whole, refs)
    _show(options, whole.drift, opened.request.policies)
    return _ended(whole.drift, address)


def _ended(found: Drift, address: str | None) -> int:
    """Post a summary if there is something to tell and an address to tell it to; return the exit code."""
    if found.drifted and address:
        _tell(address, found)
    if found.drifted:
        return EXIT_CHANGES
    return EXIT_ERROR if found.errors else EXIT_OK


def _show(options: Common, found: Drift, policies: Policies) -> None:
    """Write drift to stdout as asked for; with a form for programs, the text goes to stderr."""
    from oncall_sync.report.drift_json import drift_json
    from oncall_sync.report.drift_text import drift_text

    if options.format == "json":
        click.echo(drift_json(found), nl=False)
        return
    click.echo(drift_text(found), nl=False, err=is_form(options))
    if options.format == COMMENT:
        from oncall_sync.report.drift_markdown import drift_markdown

        click.echo(drift_markdown(found), nl=False)
    elif is_form(options):
        from oncall_sync.report.drift_findings import findings

        click.echo(annotated(options, "drift", findings(found), policies), nl=False)


def _tell(address: str, found: Drift) -> None:
    """Post a summary. A webhook that fails is told on stderr, and does not hide that there is drift."""
    from oncall_sync.report.drift_slack import payload
    from oncall_sync.run.notify import post

    try:
        post(address, payload(found))
    except SyncError as error:
        click.echo(str(error), err=True)
