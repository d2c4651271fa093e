"""From method and path to handler."""

from typing import Final

from oncall_sync_sandbox.http import Routes

from . import (
    audit,
    contacts,
    grouping,
    incidents,
    integrations,
    oncalls,
    overrides,
    plan_features,
    policies,
    schedules,
    services,
    shift_based,
    tags,
    teams,
    users,
    vendors,
)

_MODULES: Final = (
    audit, contacts, grouping, incidents, integrations, oncalls, overrides, plan_features, policies, schedules,
    services, shift_based, tags, teams, users, vendors,
)  # fmt: skip
ROUTES: Final = Routes(route for module in _MODULES for route in module.ROUTES)
