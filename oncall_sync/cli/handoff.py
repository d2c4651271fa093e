"""`oncall-sync handoff`: a note for who takes over."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta

import click

from .common import Common, common
from .progress import progress_bar


@click.command()
@click.argument("schedule")
@click.option("--at", "at_", metavar="T", help="The handoff at T or the last before it; without it, the next one.")
@click.option(
    "--from",
    "origin",
    type=click.Choice(["policies", "live"]),
    help="policies: ask no provider. live: ask the schedule's. Without it, live if the token is set.",
)
@common("text", "json", "markdown")
def handoff(options: Common, schedule: str, at_: str | None, origin: str | None) -> None:
    """Write the handoff note of SCHEDULE (a key or a name): who goes, who comes, and what they take over.

    That is: whether they can be reached, open incidents of the services that page them, what changed in the week
    before, and shifts and swaps of the week after. T is RFC 3339, `2026-11-28 03:00` or `sat 03:00`, local to the
    schedule.

    \b
    Example:
      oncall-sync handoff checkout-night
      oncall-sync handoff checkout-night --at "mon 09:00" --format markdown
    """
    from oncall_sync.run.accounts import connected
    from oncall_sync.run.handoff import find_handoff

    from .reading import session
    from .times import asked_instant

    def when(zone: str) -> datetime | None:
        return None if at_ is None else asked_instant(at_, zone, options.now(), "--at")

    ground = session(options, origin, timedelta(days=7))
    with connected(ground.read, os.environ) as providers, progress_bar() as progress:
        note = find_handoff(ground.request, providers, ground.paging, schedule, when, progress)
    if options.format == "json":
        from oncall_sync.report.handoff_json import handoff_json

        click.echo(json.dumps(handoff_json(note), indent=2))
    elif options.format == "markdown":
        from oncall_sync.report.handoff_markdown import handoff_markdown

        click.echo(handoff_markdown(note), nl=False)
    else:
        from oncall_sync.report.handoff_text import handoff_text

        click.echo(handoff_text(note), nl=False)
