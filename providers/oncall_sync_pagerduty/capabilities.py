"""The policy language word by word, as PagerDuty can hold it. The documentation's table is made from this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oncall_sync.model import Paging
from oncall_sync.provider import Capabilities, Fate

from .objections import DESCRIPTION_LIMITS

_WORDS: Final[Mapping[str, tuple[Fate, str]]] = {
    "user.email": ("exact", "People are looked up by email; they are never made or changed."),
    "team.name": ("exact", "Up to 100 characters."),
    "team.description": ("exact", "Up to 1,024 characters, the mark included."),
    "team.members": (
        "exact",
        "People whom PagerDuty adds because a policy of the team rings them are left alone.",
    ),
    "team.members.role": ("exact", "manager, responder or observer; without a role PagerDuty makes a manager."),
    "team.pagerduty.tags": ("exact", "Tags of the team."),
    "schedule.name": ("exact", "Up to 255 characters."),
    "schedule.description": ("exact", "Up to 1,024 characters, the mark included."),
    "schedule.team": ("exact", "The schedule's first team; others stay."),
    "schedule.time_zone": ("exact", "Area/City names; UTC is Etc/UTC there."),
    "schedule.rotations": (
        "exact",
        "One layer each; a layer that is taken away is ended, since none can be deleted.",
    ),
    "schedule.rotations.name": ("exact", "The layer's name; `Layer N` without one."),
    "schedule.rotations.members": ("exact", "The layer's people, in turn."),
    "schedule.rotations.members.nobody": ("cannot", "Layers have no vacant turns; use hours or until."),
    "schedule.rotations.start": ("exact", "The layer's virtual start, kept as an instant."),
    "schedule.rotations.every": ("exact", "From 1 hour to 365 days."),
    "schedule.rotations.hours": ("exact", "Daily or weekly restrictions."),
    "schedule.rotations.until": ("exact", "The layer's end."),
    "schedule.overlap.everyone": ("cannot", "A schedule rings one person; exact where rotations never meet."),
    "schedule.overlap.last_wins": ("exact", "Later layers cover earlier ones."),
    "schedule.follows": ("exact", "Written as the rotations that result."),
    "schedule.assignments": ("cannot", "There are turns only."),
    "schedule.assignments.fallback": ("cannot", "There are turns only."),
    "schedule.assignments.observers": ("cannot", "There are turns only."),
    "schedule.overrides": ("exact", "Made when missing, never deleted."),
    "schedule.overrides.instead_of": ("approximated", "An override replaces whoever would ring."),
    "schedule.pagerduty.schedules": ("approximated", "layered; shift_based schedules are read, not written."),
    "escalation_policy.name": ("exact", "Up to 255 characters."),
    "escalation_policy.description": ("exact", "Up to 1,024 characters, the mark included."),
    "escalation_policy.team": ("exact", "A policy has one team at the most."),
    "escalation_policy.levels": ("exact", "One rule each."),
    "escalation_policy.levels.notify": ("exact", "1 to 10 people and schedules; all of them ring."),
    "escalation_policy.levels.escalate_after": ("exact", "Whole minutes, at least one; 30 minutes without it."),
    "escalation_policy.levels.pagerduty.round_robin": ("exact", "Needs a plan that has it."),
    "escalation_policy.repeat": ("exact", "0 to 9; 0 without it."),
    "escalation_policy.pagerduty.handoff_notifications": ("exact", "if_has_services or always."),
    "escalation_policy.pagerduty.tags": ("exact", "Tags of the policy."),
    "service.name": ("exact", "Up to 255 characters."),
    "service.description": ("exact", "Up to 1,024 characters, the mark included."),
    "service.team": ("approximated", "A service belongs to the teams of its escalation policy."),
    "service.escalation_policy": ("exact", "One."),
    "service.urgency": ("exact", "high or low; high without it."),
    "service.acknowledge_within": ("exact", "The acknowledgement timeout; none without it."),
    "service.resolve_after": ("exact", "The auto-resolve timeout; none without it."),
    "service.human_within": ("exact", "Checked, never sent."),
    "service.integrations.events": ("exact", "Events API v2."),
    "service.integrations.email": ("exact", "An address in the account's domain."),
    "service.integrations.accept_from": ("exact", "Email filters: any of them is enough."),
    "service.integrations.vendor": ("exact", "Looked up by name in PagerDuty's catalogue."),
    "service.integrations.pagerduty.opens_incident": ("exact", "on_new_email_subject without it."),
    "service.integrations.pagerduty.subject": ("exact", "A regular expression: match or no_match."),
    "service.integrations.pagerduty.body": ("exact", "A regular expression: match or no_match."),
    "service.pagerduty.alert_grouping": ("exact", "A setting of its own; one shared with others is left to them."),
    "service.pagerduty.auto_pause": ("exact", "2m, 3m, 5m, 10m, 15m or recommended."),
    "service.pagerduty.status": ("exact", "active or disabled."),
    "service.pagerduty.tags": ("cannot", "Services have no tags; tag their escalation policy."),
    "urgency_rule.support_hours": ("exact", "One window within a day, on chosen days."),
    "urgency_rule.during": ("exact", "high or low."),
    "urgency_rule.outside": ("exact", "high or low."),
    "urgency_rule.raise_at_start": ("exact", "A scheduled action at the start of support hours."),
    "urgency_rule.high": ("cannot", "Urgency rules do not know the alert's priority."),
    "urgency_rule.low": ("cannot", "Urgency rules do not know the alert's priority."),
}

CAPABILITIES: Final = Capabilities(
    kinds=frozenset(("team", "user", "schedule", "escalation_policy", "service")),
    paging=Paging(
        low_escalates=False,
        drops_when_nobody=True,
        skips_empty_levels=True,
        rotations="last_wins",
        delays="relative",
        open_incident_stays=True,
        moves_on=True,
    ),
    words=_WORDS,
    description_limits=DESCRIPTION_LIMITS,
)
"""How PagerDuty pages: its knowledge base, "Configurable service settings" and "Escalation policies"."""
