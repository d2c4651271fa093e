"""The catalogue of tools PagerDuty integrates with, as far as teams commonly use it.

Names as PagerDuty's integration directory has them; CloudWatch's id is the one in the API's example, the others
are made up. The names are those people look up by, so a lookup by name behaves as with the real catalogue.
"""

from typing import Any, Final

from oncall_sync_sandbox.store import Store, Thing

from .account import Account
from .http import Answer, Call, Route
from .pages import classic, matching

_EVENTS: Final = "generic_events_api_inbound_integration"
_TRANSFORMER: Final = "event_transformer_api_inbound_integration"
_EMAIL: Final = "generic_email_inbound_integration"

_CATALOGUE: Final[dict[str, tuple[str, ...]]] = {
    _EVENTS: (
        "AppDynamics", "Blue Matador", "Checkly", "Consul", "Datadog", "Dynatrace", "Elastic Alerts",
        "Grafana", "Honeycomb", "Icinga 2", "Instana", "LaunchDarkly", "LogicMonitor", "Lightstep",
        "Nagios", "New Relic", "OpsRamp", "PRTG", "Prometheus", "Rapid7 InsightIDR", "Rollbar", "Sensu",
        "Sentry", "Server Density", "Splunk", "Splunk Observability Cloud", "StackStorm", "Sumo Logic",
        "Sysdig", "ThousandEyes", "Threat Stack", "Uptime Robot", "VictoriaMetrics", "Wavefront by VMware",
        "Zabbix", "Zenoss",
    ),
    _TRANSFORMER: (
        "AWS GuardDuty", "AWS Health Dashboard", "AWS Security Hub", "Airbrake", "Amazon CloudWatch",
        "Amazon EventBridge", "Better Uptime", "Bitbucket", "Circonus", "CloudFlare", "Freshservice",
        "GitHub", "GitLab", "Google Cloud Monitoring", "Google Stackdriver", "Jenkins CI", "Jira", "Loggly",
        "Microsoft Azure", "Microsoft Azure Alerts", "Papertrail", "Pingdom", "Raygun", "Runscope",
        "ServiceNow", "Site24x7", "StatusCake", "Statuspage", "Travis CI", "Zendesk",
    ),
    _EMAIL: (
        "Email", "SolarWinds Orion", "Splunk Email", "vCenter",
    ),
}  # fmt: skip
_KNOWN_IDS: Final = {"Amazon CloudWatch": "PZQ6AUS"}


def stock(store: Store) -> None:
    """Puts the catalogue into an empty store, under ids that stay the same for good."""
    entries = sorted((name, kind) for kind, names in _CATALOGUE.items() for name in names)
    for number, (name, kind) in enumerate(entries):
        key = _KNOWN_IDS.get(name) or f"PV{number * 7919 % 10_000:04d}V"
        store.put("vendors", {"id": key, "name": name, "type": kind})


def vendor_view(account: Account, vendor: Thing) -> dict[str, Any]:
    """A vendor as the API shows it."""
    slug = vendor["name"].lower().replace(" ", "-")
    return {
        **account.head("vendors", vendor),
        "name": vendor["name"],
        "website_url": f"https://www.pagerduty.com/integrations/{slug}/",
        "logo_url": f"https://s3.amazonaws.com/pdpartner/{slug}_large.png",
        "thumbnail_url": f"https://s3.amazonaws.com/pdpartner/{slug}_thumb.png",
        "description": f"Alerts from {vendor['name']}.",
        "integration_guide_url": f"https://www.pagerduty.com/docs/guides/{slug}-integration-guide/",
        "generic_service_type": vendor["type"].removesuffix("_inbound_integration"),
    }


def _list(call: Call) -> Answer:
    vendors = matching(call, call.account.store.all("vendors"), "name")
    return classic(call, "vendors", vendors, lambda one: vendor_view(call.account, one))


def _get(call: Call) -> Answer:
    return Answer(200, {"vendor": vendor_view(call.account, call.account.find("vendors", call.ids[0]))})


ROUTES: Final = (Route("GET", "/vendors", _list), Route("GET", "/vendors/*", _get))
