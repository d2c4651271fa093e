"""Vendors by their neutral names, and by the types Opsgenie has for their integrations.

Source: the types in Opsgenie's API description. A vendor may have several, one for each generation of its
integration: that new ones are to be of the latest is inferred from the description, which still lists all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "Airbrake": ("Airbrake",),
    "Amazon CloudWatch": ("CloudWatch",),
    "Amazon EventBridge": ("CloudWatchEvents",),
    "Amazon SNS": ("AmazonSns",),
    "AppDynamics": ("AppDynamics",),
    "AppSignal": ("AppSignalV2", "AppSignal"),
    "Azure Monitor": ("Azure",),
    "Bitbucket": ("Bitbucket",),
    "BMC Remedy": ("BMCRemedy",),
    "Catchpoint": ("Catchpoint",),
    "Checkmk": ("CheckMK",),
    "CircleCI": ("CircleCi",),
    "Datadog": ("Datadog",),
    "Dynatrace": ("DynatraceV2", "Ruxit"),
    "Elastic": ("ESWatcher",),
    "Freshdesk": ("Freshdesk",),
    "Freshservice": ("Freshservice",),
    "GitHub": ("GitHub",),
    "GitLab": ("GitLab",),
    "Google Stackdriver": ("GoogleStackdriver", "Stackdriver"),
    "Grafana": ("GrafanaV2", "Grafana"),
    "Graylog": ("Graylog",),
    "Icinga": ("Icinga2", "Icinga"),
    "Jenkins": ("Jenkins",),
    "Jira": ("Jira",),
    "Jira Service Management": ("JiraServiceDesk",),
    "Kapacitor": ("Kapacitor",),
    "Librato": ("Librato",),
    "LibreNMS": ("LibreNMS",),
    "LogicMonitor": ("LogicMonitor",),
    "Logz.io": ("LogzIO",),
    "Loggly": ("Loggly",),
    "Microsoft Teams": ("MSTeamsV2", "MSTeams"),
    "Nagios": ("NagiosV2", "Nagios", "NagiosXIV2", "NagiosXI"),
    "New Relic": ("NewRelicV2", "NewRelic"),
    "Observium": ("ObserviumV2", "Observium"),
    "Papertrail": ("Papertrail",),
    "Pingdom": ("PingdomV2", "PingdomWebhook", "Pingdom"),
    "Prometheus": ("Prometheus",),
    "PRTG": ("Prtg",),
    "Raygun": ("Raygun",),
    "Rollbar": ("Rollbar",),
    "Runscope": ("Runscope",),
    "Sensu": ("Sensu",),
    "Sentry": ("Sentry",),
    "ServiceNow": ("ServiceNowV3", "ServiceNowV2", "ServiceNow"),
    "Site24x7": ("Site24x7",),
    "SolarWinds": ("Solarwinds",),
    "Splunk": ("Splunk",),
    "Splunk Observability Cloud": ("SignalFXV2", "Signalfx"),
    "Statuspage": ("StatusPageIO",),
    "StatusCake": ("StatusCake",),
    "Sumo Logic": ("SumoLogic",),
    "Sysdig": ("SysdigCloud",),
    "ThousandEyes": ("ThousandEyes",),
    "Uptime Robot": ("UptimeRobot", "UptimeRobotEmail"),
    "Wavefront": ("Wavefront",),
    "Zabbix": ("Zabbix",),
    "Zendesk": ("Zendesk",),
}
"""Each vendor's types, the one that new integrations get first."""

_ALSO: Final[Mapping[str, str]] = {"Google Cloud Monitoring": "Google Stackdriver", "InfluxData": "Kapacitor"}
"""Names of the neutral catalogue that are another vendor's integration in Opsgenie."""

_ONLY_READ: Final[Mapping[str, str]] = {"SlackApp": "Slack", "Slack": "Slack"}
"""Types that somebody has to make by hand: the API cannot, says the vendor's own backup tool."""

_FOLDED: Final[Mapping[str, str]] = {
    **{name.casefold(): name for name in _TYPES},
    **{also.casefold(): name for also, name in _ALSO.items()},
}
_NAMES: Final[Mapping[str, str]] = {
    **{kind: name for name, kinds in _TYPES.items() for kind in kinds},
    **_ONLY_READ,
}


def type_of(name: str) -> str | None:
    """Return the type of a new integration for a vendor, named in any case; None if Opsgenie has none."""
    found = _FOLDED.get(name.casefold())
    return _TYPES[found][0] if found else None


def types_of(name: str) -> tuple[str, ...]:
    """Return all types that an integration for a vendor may have, the one of new ones first."""
    found = _FOLDED.get(name.casefold())
    return _TYPES[found] if found else ()


def name_of(kind: str) -> str | None:
    """Return the neutral name of the vendor that a type is for; None for a type that the catalogue lacks."""
    return _NAMES.get(kind)


def neutral(name: str) -> str:
    """Return the one name of a vendor that goes by several; a name that is in no table is its own."""
    return _FOLDED.get(name.casefold(), name)
