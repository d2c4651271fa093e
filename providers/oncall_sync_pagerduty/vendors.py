"""Vendors by their neutral names, and by the names PagerDuty gives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

PREFIX: Final = "vendor:"
"""What stands for a vendor's id in a call until it is performed: `vendor:Google Stackdriver`."""

_NAMES: Final = (
    ("Google Stackdriver", "Google Cloud Monitoring", "Stackdriver", "Google Cloud Monitoring (Stackdriver)"),
    ("Amazon CloudWatch", "CloudWatch", "AWS CloudWatch"),
    ("Prometheus", "Prometheus Alertmanager", "Alertmanager"),
    ("Amazon GuardDuty", "AWS GuardDuty"),
    ("AWS Health", "AWS Health Dashboard"),
    ("Azure Monitor", "Microsoft Azure Alerts", "Microsoft Azure"),
    ("Elastic", "Elastic Alerts"),
    ("Icinga", "Icinga 2"),
    ("Jenkins", "Jenkins CI"),
    ("Nagios", "Nagios XI"),
    ("New Relic", "New Relic Alerts"),
    ("SolarWinds", "SolarWinds Orion"),
    ("Uptime Robot", "UptimeRobot"),
    ("Wavefront", "Wavefront by VMware"),
)
"""Each line is one vendor: the neutral name first, then others by which it goes."""

_NEUTRAL: Final = {name.casefold(): names[0] for names in _NAMES for name in names}
_ALSO: Final = {names[0].casefold(): names for names in _NAMES}


def neutral(name: str) -> str:
    """Return the neutral name of a vendor; a name that is in no table is its own."""
    return _NEUTRAL.get(name.casefold(), name)


def find(name: str, vendors: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the id of the vendor that `name` means: by exactly that name first, then by the others it goes by."""
    by_name = {str(one.get("name") or one.get("summary") or "").casefold(): one.get("id") for one in vendors}
    wanted = (name, *_ALSO.get(neutral(name).casefold(), ()))
    found = (by_name.get(one.casefold()) for one in wanted)
    return next((key for key in found if isinstance(key, str)), None)
