"""`oncall-sync schema`: the JSON Schemas of policy files and of rules files, for editors."""

from __future__ import annotations

import click

from .common import Common, common


@click.command()
@click.argument("what", metavar="[policies|rules]", default="policies", type=click.Choice(("policies", "rules")))
@common("json")
def schema(_options: Common, what: str) -> None:
    """Print the JSON Schema of policy files (draft 7), provider-only blocks included; or that of rules files.

    \b
    Example:
      oncall-sync schema > schemas/policy.json
      oncall-sync schema rules > schemas/rules.json
    """
    from oncall_sync.policy.schema import dumps, policy_schema, rules_schema
    from oncall_sync.provider import SettingsSchema, installed

    if what == "rules":
        click.echo(dumps(rules_schema()), nl=False)
        return
    blocks = {
        kind: adapter.settings_schema()
        for kind, adapter in installed().items()
        if issubclass(adapter, SettingsSchema)
    }
    click.echo(dumps(policy_schema(blocks)), nl=False)
