"""Where the vendor's description of PagerDuty's API is itself wrong or silent, and what is true instead."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Wrong(NamedTuple):
    """One correction: `put` is merged into the description at each JSON pointer of `at`, because of `reason`."""

    name: str
    reason: str
    at: tuple[str, ...]
    put: Mapping[str, Any]


SCHEMAS = "/components/schemas"


def _own(schema: str, *names: str) -> tuple[str, ...]:
    """Pointers to properties of a schema that extends the common object (id, summary, self, html_url)."""
    return tuple(f"{SCHEMAS}/{schema}/allOf/1/properties/{name}" for name in names)


def _error(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/responses/{name}"}


def _schema(name: str) -> dict[str, Any]:
    return {"$ref": f"#{SCHEMAS}/{name}"}


def _either(reference: str, whole: str) -> dict[str, Any]:
    return {"anyOf": [_schema(reference), _schema(whole)]}


def _teams() -> tuple[str, ...]:
    return tuple(
        pointer for kind in ("EscalationPolicy", "Schedule", "Service", "User") for pointer in _own(kind, "teams")
    )


FILTERED = ("subject", "body", "from_email")
MEMBERS = "/paths/~1teams~1{id}~1members/get/responses/200/content/application~1json"
CONTACT_METHOD_BY_TYPE = {
    "type": "object",
    "required": ["id", "type"],
    "properties": {"id": {"type": "string"}, "type": _schema("ContactMethod/allOf/1/properties/type")},
}
NULLS = "not marked nullable, but any field that is not required can be null (vendor's documentation: Types)"
EXPANDED = (
    "include[] and several writes answer the whole object where only its reference is described (recordings)"
)

KNOWN_WRONG: tuple[Wrong, ...] = (
    Wrong(
        "null-where-unset",
        NULLS + "; seen in recordings of 2018 to 2025 and in the vendor's own examples",
        (
            *_own("EscalationPolicy", "description"),
            *_own("Schedule", "description"),
            *_own("Service", "description", "auto_resolve_timeout", "acknowledgement_timeout"),
            *_own("Service", "last_incident_timestamp", "alert_grouping", "alert_grouping_timeout"),
            *_own("Team", "description", "default_role"),
            *_own("User", "job_title"),
            *_own("Incident", "incident_key", "resolved_at", "alert_grouping/properties/ended_at"),
            f"{SCHEMAS}/AlertGroupingParameters/properties/config",
            f"{SCHEMAS}/SupportHours",
            f"{SCHEMAS}/ResolveReason",
        ),
        {"nullable": True},
    ),
    Wrong(
        "layer-end-null",
        "null when the layer does not end, as the property's own text says; sent as null to reopen a layer",
        (f"{SCHEMAS}/ScheduleLayer/properties/end",),
        {"nullable": True},
    ),
    Wrong(
        "auto-pause-timeout-null",
        NULLS + "; the provider for Terraform reads null where pausing is off",
        (f"{SCHEMAS}/AutoPauseNotificationsParameters/properties/timeout",),
        {"nullable": True, "enum": [0, 120, 180, 300, 600, 900, None]},
    ),
    Wrong(
        "coverage-null",
        "null without since and until, as the property's own text says (recordings)",
        tuple(
            f"{SCHEMAS}/{name}/properties/rendered_coverage_percentage"
            for name in ("ScheduleLayer", "SubSchedule")
        ),
        {"nullable": True},
    ),
    Wrong(
        "oncall-ends-null",
        "null for a user who is a direct target and for a shift without end (recordings of 2019 and 2020)",
        tuple(f"{SCHEMAS}/Oncall/properties/{name}" for name in ("start", "end")),
        {"nullable": True},
    ),
    Wrong("teams-expanded", EXPANDED, _teams(), {"items": _either("TeamReference", "Team")}),
    Wrong("users-expanded", EXPANDED, _own("Schedule", "users"), {"items": _either("UserReference", "User")}),
    Wrong(
        "contact-methods-expanded",
        EXPANDED,
        _own("User", "contact_methods"),
        {"items": _either("ContactMethodReference", "ContactMethod")},
    ),
    Wrong(
        "notification-rules-expanded",
        EXPANDED,
        _own("User", "notification_rules"),
        {"items": _either("NotificationRuleReference", "NotificationRule")},
    ),
    Wrong(
        "services-expanded",
        EXPANDED,
        _own("EscalationPolicy", "services"),
        {"items": _either("ServiceReference", "Service")},
    ),
    Wrong(
        "integrations-expanded",
        EXPANDED,
        _own("Service", "integrations"),
        {"items": _either("IntegrationReference", "Integration")},
    ),
    Wrong(
        "policy-of-a-service-expanded",
        EXPANDED,
        (f"{SCHEMAS}/Service/allOf/1/properties",),
        {"escalation_policy": _either("EscalationPolicyReference", "EscalationPolicy")},
    ),
    Wrong(
        "oncall-expanded",
        EXPANDED + "; user, schedule and policy of an on-call entry, where schedule is null for a direct target",
        (f"{SCHEMAS}/Oncall/properties",),
        {
            "user": _either("UserReference", "User"),
            "escalation_policy": _either("EscalationPolicyReference", "EscalationPolicy"),
            "schedule": {
                "anyOf": [_schema("ScheduleReference"), _schema("V3ScheduleReference"), _schema("Schedule")],
                "nullable": True,
            },
        },
    ),
    Wrong(
        "override-time-zone",
        "not described, sent in the vendor's own request example",
        (f"{SCHEMAS}/Override/allOf/1/properties",),
        {"time_zone": {"type": "string"}},
    ),
    Wrong(
        "service-updated-at",
        "not described, in every recorded service since 2024",
        (f"{SCHEMAS}/Service/allOf/1/properties",),
        {"updated_at": {"type": "string", "format": "date-time", "readOnly": True}},
    ),
    Wrong(
        "assignment-strategy-object",
        "described as a string; the vendor's own request examples and its Terraform provider send {type: ...}",
        (f"{SCHEMAS}/EscalationRule/properties",),
        {
            "escalation_rule_assignment_strategy": {
                "type": "object",
                "required": ["type"],
                "properties": {"type": {"type": "string", "enum": ["round_robin", "assign_to_everyone"]}},
            }
        },
    ),
    Wrong(
        "contact-method-of-a-rule",
        "described as a reference; the vendor's own request examples name the concrete type",
        tuple(
            f"{SCHEMAS}/{pointer}/properties"
            for pointer in ("NotificationRule/allOf/1", "HandoffNotificationRule", "StatusUpdateNotificationRule")
        ),
        {"contact_method": {"anyOf": [_schema("ContactMethodReference"), CONTACT_METHOD_BY_TYPE]}},
    ),
    Wrong(
        "next-oncall-user-list",
        "described as one reference, shown as an array in the vendor's own example",
        (f"{SCHEMAS}/Schedule/allOf/1/properties/next_oncall_for_user/properties",),
        {"user": {"anyOf": [_schema("Reference"), {"type": "array", "items": _schema("Reference")}]}},
    ),
    Wrong(
        "error-details-by-field",
        "errors can be an object of field and messages (recording of a refused schedule)",
        ("/components/responses/Conflict/content/application~1json/schema/properties/error/properties",),
        {
            "errors": {
                "anyOf": [
                    {"type": "array", "items": {"type": "string"}},
                    {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
                ]
            }
        },
    ),
    Wrong(
        "refused-with-400",
        "an object in use is not deleted, 400 (recorded for a user, codes documented for teams and policies)",
        tuple(f"/paths/~1{kind}~1{{id}}/delete/responses" for kind in ("users", "teams", "escalation_policies")),
        {"400": _error("ArgumentError")},
    ),
    Wrong(
        "service-update-refused-with-400",
        "described for creating a service, forgotten for updating one",
        ("/paths/~1services~1{id}/put/responses",),
        {"400": _error("ArgumentError")},
    ),
    Wrong(
        "overrides-listed-with-200",
        "described as 201, which a GET does not answer; the vendor's clients read it like every other list",
        ("/paths/~1schedules~1{id}~1overrides/get/responses",),
        {"200": {"$ref": "#/paths/~1schedules~1{id}~1overrides/get/responses/201"}},
    ),
    Wrong(
        "ended-override-400",
        "forgotten: an override that has ended cannot be deleted (vendor's documentation of the call)",
        ("/paths/~1schedules~1{id}~1overrides~1{override_id}/delete/responses",),
        {"400": _error("ArgumentError")},
    ),
    Wrong(
        "legacy-schedule-asked-as-v3-400",
        "forgotten: the migration guide says that the id of a legacy schedule answers 400",
        ("/paths/~1v3~1schedules~1{id}/get/responses",),
        {"400": _error("ArgumentError")},
    ),
    Wrong(
        "vendor-null",
        NULLS + "; of a vendor no recording shows it",
        (f"{SCHEMAS}/Integration/allOf/1/properties",),
        {"vendor": {"nullable": True, "allOf": [_schema("VendorReference")]}},
    ),
    Wrong(
        "email-settings-null",
        "null when unset (a live answer quoted in the vendor's terraform-provider-pagerduty, issue 88)",
        (
            *_own("Integration", "email_parsers", "email_parsing_fallback"),
            *_own("Integration", *(f"email_filters/items/properties/{part}_regex" for part in FILTERED)),
        ),
        {"nullable": True},
    ),
    Wrong(
        "license-urls-null",
        "null in the vendor's own examples",
        tuple(f"{SCHEMAS}/LicenseWithCounts/allOf/0/properties/{name}" for name in ("self", "html_url")),
        {"nullable": True},
    ),
    Wrong(
        "members-expanded",
        EXPANDED,
        (f"{MEMBERS}/schema/allOf/1/properties/members/items/properties",),
        {"user": _either("UserReference", "User")},
    ),
    Wrong(
        "unknown-target-404",
        "POST /escalation_policies answers 404 code 2100 for a target that does not exist (recording)",
        ("/paths/~1escalation_policies/post/responses",),
        {"404": _error("NotFound")},
    ),
    Wrong(
        "integrations-can-be-deleted",
        "works and is what the vendor's Terraform provider calls; only GET and PUT are described",
        ("/paths/~1services~1{id}~1integrations~1{integration_id}",),
        {"delete": {"responses": {"204": {"description": ""}, "404": _error("NotFound")}}},
    ),
    Wrong(
        "rotation-type",
        "described as schedule_rotation, shown as rotation in the vendor's own examples",
        (f"{SCHEMAS}/Rotation/properties/type",),
        {"enum": ["rotation", "schedule_rotation"]},
    ),
)
