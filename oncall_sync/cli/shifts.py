"""`oncall-sync shifts`: who is on call in a schedule, from when to when."""

from __future__ import annotations

import json

import click

from oncall_sync.errors import UsageError

from .common import Common, common


@click.command()
@click.argument("schedule")
@click.option("--since", required=True, metavar="T", help="RFC 3339, `2026-11-28 03:00`, or `sat 03:00`.")
@click.option("--until", required=True, metavar="T", help="The end, in the same forms.")
@click.option("--from", "origin", type=click.Choice(["policies", "live"]), default="policies", show_default=True)
@common("text", "json")
def shifts(options: Common, schedule: str, since: str, until: str, origin: str) -> None:
    """List the shifts of a schedule: maximal spans in order, without holes; swaps included.

    Times without an offset are local to the schedule.

    \b
    Example:
      oncall-sync shifts checkout-night --since 2026-11-23 --until 2026-12-07
    """
    from oncall_sync.plan.told import instant
    from oncall_sync.report.who_text import shifts_text
    from oncall_sync.rota.timeline import schedule_shifts

    from .asking import first, sources
    from .times import asked_instant

    with sources(options, origin) as found:
        source, asked = first(found, lambda view: view.schedule(schedule))
        begin = asked_instant(since, asked.time_zone, options.now(), "--since")
        end = asked_instant(until, asked.time_zone, begin, "--until")
        if end <= begin:
            raise UsageError(f"--until {until!r} is not after --since {since!r}")
        view = source.swapped([asked.ref], begin, end)
        listed = list(schedule_shifts(asked.ref, view.scene, begin, end))
    if options.format == "json":
        out = [
            {
                "since": instant(shift.since),
                "until": instant(shift.until),
                "users": sorted(view.name(user) for user in shift.users),
                "why": shift.why,
            }
            for shift in listed
        ]
        click.echo(json.dumps({"schedule": schedule, "time_zone": asked.time_zone, "shifts": out}, indent=2))
    else:
        click.echo(shifts_text(asked.name, asked.time_zone, listed, view.name), nl=False)
