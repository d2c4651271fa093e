"""`oncall-sync who`: who rings for a service at an instant."""

from __future__ import annotations

import json
from datetime import timedelta

import click

from .common import Common, common


@click.command()
@click.option("--service", required=True, metavar="S", help="A service, by key or name.")
@click.option("--at", "at_", required=True, metavar="T", help="RFC 3339, `2026-11-28 03:00`, or `sat 03:00`.")
@click.option("--urgency", type=click.Choice(["high", "low"]), help="Without it, the service decides.")
@click.option("--from", "origin", type=click.Choice(["policies", "live"]), default="policies", show_default=True)
@common("text", "json")
def who(options: Common, service: str, at_: str, urgency: str | None, origin: str) -> None:
    """Say who would ring if something happened: at what instant, at which level, through which schedule.

    Times without an offset are local to the service's schedules.

    \b
    Example:
      oncall-sync who --service checkout --at "sat 03:00"
    """
    from oncall_sync.plan.told import instant
    from oncall_sync.report.who_text import who_text
    from oncall_sync.rota.paging import page
    from oncall_sync.run.asking import ladder, zone_of

    from .asking import first, sources
    from .times import asked_instant

    with sources(options, origin) as found:
        source, asked = first(found, lambda view: view.service(service))
        scene = source.view.scene
        zone = zone_of(scene, asked)
        at = asked_instant(at_, zone, options.now(), "--at")
        view = source.swapped(ladder(scene, asked), at, at + timedelta(days=15))
        name = view.name
        paged = page(asked, at, view.scene, "high" if urgency == "high" else "low" if urgency else None)
    if options.format == "json":
        rings = [
            {
                "at": instant(ring.at),
                "level": ring.level,
                "user": name(ring.user),
                "via": name(ring.via) if ring.via else None,
                "urgency": ring.urgency,
            }
            for ring in paged.rings
        ]
        out = {"service": service, "at": instant(at), "urgency": paged.urgency, "incident": paged.incident}
        click.echo(json.dumps({**out, "rings": rings}, indent=2))
    else:
        click.echo(who_text(asked.name, at, zone, paged, name), nl=False)
