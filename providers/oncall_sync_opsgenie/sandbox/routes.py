"""From method and path to handler."""

from typing import Final

from oncall_sync_sandbox.http import Routes

from . import (
    account_calls,
    actions,
    contacts,
    escalations,
    forwarding,
    heartbeats,
    incident_rules,
    incidents,
    integrations,
    logs,
    maintenance,
    notification_rules,
    notification_steps,
    oncalls,
    overrides,
    policies,
    rotations,
    routing_rules,
    schedules,
    services,
    team_roles,
    teams,
    timeline,
    users,
)

_MODULES: Final = (
    account_calls, actions, contacts, escalations, forwarding, heartbeats, incident_rules, incidents, integrations,
    logs, maintenance, notification_rules, notification_steps, oncalls, overrides, policies, rotations,
    routing_rules, schedules, services, team_roles, teams, timeline, users,
)  # fmt: skip
ROUTES: Final = Routes(route for module in _MODULES for route in module.ROUTES)
