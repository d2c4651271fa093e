"""The types of integrations and what each can do. Source: Opsgenie API description, `Integration` and subtypes.

A type takes alerts by a key or by mail, tells others of alerts (a callback), or does several of these.
"""

from typing import Final


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEYED: Final = _names("""
    Airbrake AlertLogic AlertSite AmazonCloudTrail AmazonEc2AutoScaling AmazonRds AmazonRoute53HealthCheck
    AmazonSecurityHub AmazonSes AmazonSns API Apica Apimetrics AppDynamics AppOptics AppSignal AppSignalV2
    Atatus Azure AzureAutoScale AzureOMS AzureResourceHealth AzureServiceHealth BigPanda Bitbucket BlueMatador
    BMCRemedyForce Boundary Catchpoint CheckMK CircleCi CloudMonix CloudSploit CloudWatch CloudWatchEvents
    Codeship Compose ConnectWiseAutomate Consul CopperEgg Crashlytics DataloopIO Detectify DNSCheck DripStat
    DynatraceV2 Errorception EvidentIO GhostInspector GitHub GitLab GoogleStackdriver Grafana GrafanaV2
    Graylog Heartbeat Honeybadger HostedGraphite Humio Instana Jenkins Kapacitor Librato Lightstep Logentries
    Loggly Logstash LogzIO Looker Loom ManageEngine MongoDBCloud Monitis Netuitive NewRelic NewRelicV2
    NodePing Observium ObserviumV2 OEM OpsDash Opsview PagerDutyCompatibility Panopta Papertrail PingdomV2
    PingdomWebhook Pingometer Prometheus Rackspace Raygun Riemann Rigor Runscope Ruxit SaltStack Scalyr SCOM
    Scout SematextSpm Sensu Sentry ServerDensity ServerGuard24 ServiceNow Signalfx SignalFXV2 SignalSciences
    Site24x7 Soasta StackStorm StatusCake StatusHub StruxureWare SysdigCloud ThousandEyes ThreatStack Thundra
    Tideways Trace TravisCI Twilio UpdownIO UptimeRobot UptimeWebhook VCenter VCSA VividCortex Wavefront
    WhatsUpGold Workato XLRelease Zapier
""")
"""Alerts come with a key; nobody is told of them."""
KEYED_CALLBACKS: Final = _names("""
    BMCFootPrintsV11 BMCFootPrintsV12 BMCRemedy Cherwell Circonus ConnectWise ConnectWiseManage ConnectWiseManageV2
    Datadog Desk DynatraceAppMon ESWatcher Freshdesk Freshservice HipChatAddOn HipChatV2 HPServiceManager Icinga
    Icinga2 Jira JiraServiceDesk Kayako LibreNMS LogicMonitor Magentrix Marid Mattermost MSTeams MSTeamsV2 Nagios
    NagiosV2 NagiosXI NagiosXIV2 OEC OP5 OpsGenie Prtg Rollbar SalesForceServiceCloud ServiceNowV2 ServiceNowV3
    Slack SlackApp Solarwinds SolarwindsMSPNCentral SolarWindsWebHelpDesk Splunk SplunkITSI Stackdriver StatusIO
    StatusPageIO SumoLogic TrackIt Xmpp Zabbix Zendesk Zenoss
""")
"""Alerts come with a key, and somebody is told of alerts."""
EMAIL: Final = _names("""
    AtlassianBambooEmail AutotaskAEMEmail AutoTaskEmail Email LabTechEmail MonitisEmail NeustarEmail OEMEmail
    Pingdom RedGateSqlMonitorEmail RingCentralEmail UptimeRobotEmail UptrendsEmail ZyrionEmail
""")
"""Alerts come by mail."""
WEBHOOKS: Final = frozenset(("Flock", "Kore", "Moxtra", "RingCentralGlip", "Statusy", "Webhook"))
"""Somebody is told of alerts at a URL; none come."""
CALLBACKS: Final = frozenset(
    ("AmazonSnsOutgoing", "BMCRemedyOnDemand", "Campfire", "Flowdock", "FlowdockV2", "Planio", *WEBHOOKS)
)
"""Somebody is told of alerts; none come."""
NOT_BY_API: Final = frozenset(
    ("HipChat", "IncomingCall", "Nagios", "Observium", "PingdomWebhook", "Slack", "FlowdockV2", "Zendesk")
)
"""What the API does not make, by the docs and the README of the vendor's own backup tool."""
TYPES: Final = KEYED | KEYED_CALLBACKS | EMAIL | CALLBACKS | NOT_BY_API


def takes_alerts(kind: str) -> bool:
    """Whether alerts come by it, so that it has responders, tags and the like."""
    return kind in KEYED or kind in KEYED_CALLBACKS or kind in EMAIL


def has_key(kind: str) -> bool:
    """Whether it has a key, with rights of its own."""
    return kind in KEYED or kind in KEYED_CALLBACKS


def calls_back(kind: str) -> bool:
    """Whether it tells somebody of alerts, by settings that are each type's own."""
    return kind in KEYED_CALLBACKS or kind in CALLBACKS
