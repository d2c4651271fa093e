"""`oncall-sync schema`: the JSON Schema of policy files, for editors."""

from __future__ import annotations

import click

from .common import Common, common


@click.command()
@common("json")
def schema(_options: Common) -> None:
    """Print the JSON Schema of policy files (draft 7), provider-only blocks included.

    \b
    Example:
      oncall-sync schema > schemas/policy.json
    """
    from oncall_sync.policy.schema import dumps, policy_schema
    from oncall_sync.provider import SettingsSchema, installed

    blocks = {
        kind: adapter.settings_schema()
        for kind, adapter in installed().items()
        if issubclass(adapter, SettingsSchema)
    }
    click.echo(dumps(policy_schema(blocks)), nl=False)
