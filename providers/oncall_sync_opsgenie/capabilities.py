"""The policy language word by word, as Opsgenie can hold it. The documentation's table is made from this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oncall_sync.model import Paging
from oncall_sync.provider import Capabilities, Fate

from .objecting import DESCRIPTION_LIMITS

_WORDS: Final[Mapping[str, tuple[Fate, str]]] = {
    "user.email": ("exact", "People are looked up by user name, which is their email; never made or changed."),
    "team.name": ("exact", "Up to 100 of a-z, A-Z, 0-9, blanks, and . _ -"),
    "team.description": ("exact", "Up to 1,000 characters, the mark included."),
    "team.members": ("exact", "People come and go one at a time; nobody else is touched."),
    "team.members.role": (
        "approximated",
        "admin or user; manager is admin, responder is user, and so is observer. Without one, a role stays.",
    ),
    "team.opsgenie.route_to": (
        "exact",
        "What the default routing rule notifies; the team's only policy without it.",
    ),
    "team.opsgenie.routing": ("exact", "Routing rules by priority and hours, in order; others stay in place."),
    "schedule.name": ("exact", "Up to 100 of a-z, A-Z, 0-9, blanks, and . _ -"),
    "schedule.description": ("exact", "Up to 10,000 characters, the mark included."),
    "schedule.team": ("approximated", "The owner team; it can be changed, and never taken away."),
    "schedule.time_zone": ("exact", "IANA names, compared by name."),
    "schedule.rotations": ("exact", "One rotation each."),
    "schedule.rotations.name": ("exact", "`Rotation N` without one."),
    "schedule.rotations.members": ("exact", "The participants, in turn; the same person may come twice."),
    "schedule.rotations.members.nobody": ("exact", "A participant of the type none."),
    "schedule.rotations.start": ("exact", "A full or half hour, by the clock in UTC."),
    "schedule.rotations.every": (
        "approximated",
        "Whole weeks, days or hours; hours are counted as they pass, so clock changes move those handoffs.",
    ),
    "schedule.rotations.hours": ("exact", "Up to 15 windows in whole half hours."),
    "schedule.rotations.until": ("exact", "A full or half hour. To take it away, the rotation is made anew."),
    "schedule.overlap.everyone": ("exact", "Every rotation rings."),
    "schedule.overlap.last_wins": ("cannot", "Every rotation rings; exact where rotations never meet."),
    "schedule.follows": ("exact", "Written as the rotations that result."),
    "schedule.assignments": ("cannot", "There are turns only."),
    "schedule.assignments.fallback": ("cannot", "There are turns only."),
    "schedule.assignments.observers": ("cannot", "There are turns only."),
    "schedule.overrides": ("exact", "Made when missing, never deleted."),
    "schedule.overrides.instead_of": (
        "approximated",
        "The override is for the rotations which that person is in, and replaces whoever has the turn there.",
    ),
    "escalation_policy.name": ("exact", "Up to 100 characters."),
    "escalation_policy.description": ("exact", "Up to 1,000 characters, the mark included."),
    "escalation_policy.team": ("approximated", "The owner team; it can be changed, and never taken away."),
    "escalation_policy.levels": ("exact", "Rules with one delay each, counted from the start."),
    "escalation_policy.levels.notify": ("exact", "One rule each; all of them ring."),
    "escalation_policy.levels.escalate_after": (
        "exact",
        "Whole minutes, at least one; 30 minutes without it. After the last level only if the policy repeats.",
    ),
    "escalation_policy.levels.opsgenie.notify": (
        "exact",
        "next or previous in the level's schedules; or admins, all, random or users of the owner team as well.",
    ),
    "escalation_policy.levels.opsgenie.condition": ("exact", "not_closed: also if somebody acknowledged."),
    "escalation_policy.repeat": ("exact", "0 without it; Opsgenie takes up to 20. Needs a plan that has it."),
    "escalation_policy.opsgenie.close_after_repeats": ("exact", "Closes the alert when all passes are over."),
    "escalation_policy.opsgenie.starts_after": ("exact", "Whole minutes before the first level."),
    "service.name": ("exact", "Up to 100 characters; up to 42 where hours or timeouts need policies."),
    "service.description": ("exact", "Up to 10,000 characters, the mark included."),
    "service.team": ("exact", "Needed. A service never changes its team, so it is made anew for another."),
    "service.escalation_policy": ("exact", "What the service's integrations notify."),
    "service.urgency": (
        "approximated",
        "The priority of the service's integrations. Low rings like high; people's own rules decide by priority.",
    ),
    "service.acknowledge_within": (
        "approximated",
        "Restarts notifications, up to 20 times; counted from when the alert opened.",
    ),
    "service.resolve_after": ("exact", "Closes the alert by a policy of the team."),
    "service.human_within": ("exact", "Checked, never sent."),
    "service.integrations.events": ("exact", "An API integration named `SERVICE: NAME`."),
    "service.integrations.email": ("exact", "An address in the account's domain."),
    "service.integrations.accept_from": ("approximated", "Not kept: mail from anywhere opens an alert."),
    "service.integrations.vendor": ("exact", "By the type Opsgenie has for it; not every vendor has one."),
    "service.integrations.opsgenie": ("exact", "Fields of the integration's type, by Opsgenie's names."),
    "service.opsgenie.tags": ("exact", "Up to 20 tags of the service."),
    "service.opsgenie.visibility": ("exact", "TEAM_MEMBERS or OPSGENIE_USERS."),
    "urgency_rule.support_hours": (
        "approximated",
        "Policies of the team, in the account's own zone, which the API does not tell. Whole half hours.",
    ),
    "urgency_rule.during": ("exact", "high or low."),
    "urgency_rule.outside": ("exact", "high or low."),
    "urgency_rule.raise_at_start": (
        "approximated",
        "What comes outside support hours is held back until they start: nobody is rung before.",
    ),
    "urgency_rule.high": ("exact", "The alert's own priority stands."),
    "urgency_rule.low": ("approximated", "The alert's own priority stands, and rings like any other."),
}

CAPABILITIES: Final = Capabilities(
    kinds=frozenset(("team", "user", "schedule", "escalation_policy", "service")),
    paging=Paging(
        low_escalates=True,
        drops_when_nobody=False,
        skips_empty_levels=False,
        rotations="everyone",
        delays="from_start",
        open_incident_stays=False,
        holds_until_raised=True,
    ),
    words=_WORDS,
    description_limits=DESCRIPTION_LIMITS,
    managers="admin",
)
"""How Opsgenie pages: its help, "How do escalations work" and "Notification policies"."""
