"""`oncall-sync affected`: everything that names or rings a person."""

from __future__ import annotations

import json
import os

import click

from .common import Common, common, span
from .progress import progress_bar


@click.command()
@click.argument("user")
@click.option(
    "--from",
    "origin",
    type=click.Choice(["policies", "live"]),
    help="policies: ask no provider. live: ask each one that is used. Without it, those whose token is set.",
)
@click.option("--horizon", default="28d", show_default=True, help="How far ahead to look for shifts and swaps.")
@common("text", "json", "markdown")
def affected(options: Common, user: str, origin: str | None, horizon: str) -> None:
    """Say what names or rings USER (a key, an email or a name), and which lines to change without them.

    That is: every line of the policies, live objects of whatever owner, swaps, open incidents, the services that
    ring them, the hours with nobody else on call, and what would break if nobody took their place.

    \b
    Example:
      oncall-sync affected anna
      oncall-sync affected anna@example.com --format markdown
    """
    from oncall_sync.run.accounts import connected
    from oncall_sync.run.affected import find_affected
    from oncall_sync.run.written import written

    from .reading import session

    ground = session(options, origin, span(horizon, "--horizon"))
    with connected(ground.read, os.environ) as providers, progress_bar() as progress:
        found = find_affected(ground.request, providers, ground.paging, user, progress)
    lines = written(ground.request.root, (line.source for line in found.lines))
    if options.format == "json":
        from oncall_sync.report.affected_json import affected_json

        click.echo(json.dumps(affected_json(found, lines), indent=2))
    elif options.format == "markdown":
        from oncall_sync.report.affected_markdown import affected_markdown

        click.echo(affected_markdown(found, lines), nl=False)
    else:
        from oncall_sync.report.affected_text import affected_text

        click.echo(affected_text(found, lines), nl=False)
