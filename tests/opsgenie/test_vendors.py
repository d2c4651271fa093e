"""Vendors: neutral names to Opsgenie's types and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oncall_sync.policy.vendors import VENDORS
from oncall_sync_opsgenie.vendors import name_of, neutral, type_of, types_of

API = Path(__file__).parents[3] / "shared" / "api" / "opsgenie-swagger.json"
NONE_THERE = {
    *("Amazon GuardDuty", "AWS Health", "Bugsnag", "Checkly", "Chronosphere", "Confluence", "CrowdStrike"),
    *("Healthchecks.io", "Honeycomb", "Kibana", "Mackerel", "Moogsoft", "Netdata", "OpsRamp", "Oracle Cloud"),
    *("Slack", "Terraform Cloud", "Uptime.com"),
}
"""Vendors of the catalogue that Opsgenie's API has no integration for, or none that can be made."""


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_of_the_catalogue_has_a_type_or_is_known_to_have_none(vendor: str) -> None:
    assert (type_of(vendor) is None) == (vendor in NONE_THERE)
    assert type_of(vendor.upper()) == type_of(vendor)


@pytest.mark.parametrize("vendor", sorted(set(VENDORS) - NONE_THERE))
def test_what_is_made_is_read_back_under_the_name_that_is_compared(vendor: str) -> None:
    for kind in types_of(vendor):
        assert name_of(kind) == neutral(vendor)
        assert neutral(neutral(vendor)) == neutral(vendor)
    assert types_of(vendor)[0] == type_of(vendor)


def test_several_names_are_one_vendor() -> None:
    assert type_of("Google Cloud Monitoring") == type_of("Google Stackdriver") == "GoogleStackdriver"
    assert neutral("google cloud monitoring") == "Google Stackdriver"


def test_what_nobody_knows() -> None:
    assert type_of("Nobody's Tool") is None
    assert types_of("Nobody's Tool") == ()
    assert name_of("NobodysTool") is None
    assert neutral("Nobody's Tool") == "Nobody's Tool"
    assert name_of("SlackApp") == "Slack"


def test_all_types_are_the_apis() -> None:
    if not API.exists():
        pytest.skip("the API's description is not part of the project")
    types = json.loads(API.read_text())["definitions"]["Integration"]["properties"]["type"]["enum"]
    made = {kind for vendor in VENDORS for kind in types_of(vendor)}
    assert made <= set(types)
    assert all(name_of(kind) in VENDORS for kind in types if name_of(kind))
