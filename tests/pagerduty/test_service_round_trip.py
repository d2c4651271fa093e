"""Services as they are asked for, answered as an API would, are services as they are held."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.model import ABSENT, AcceptFrom, Call, Change, Integration, Ref, Service
from oncall_sync_pagerduty.convert_service import service_from
from tests.pagerduty.test_urgency import urgencies
from tests.pagerduty.world import adapter

REF = Ref("service", "PS", remote=True)
POLICY = Ref("escalation_policy", "PE", remote=True)
spans = st.none() | st.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds))
words = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
blocks = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(("active", "disabled")),
        "auto_pause": st.sampled_from(("none", "2m", "15m", "recommended")),
        "alert_grouping": st.sampled_from(("none", {"type": "time", "timeout": "90s"}, {"type": "intelligent"})),
    },
)
mails = st.builds(
    Integration,
    name=words,
    form=st.just("email"),
    email=words,
    accept_from=st.just(ABSENT) | st.lists(words.map(lambda w: AcceptFrom("domain", f"{w}.com"))).map(tuple),
    settings=st.fixed_dictionaries({}, optional={"subject": words, "opens_incident": st.just("use_rules")}).map(
        lambda block: {"pagerduty": block}
    ),
)
others = st.builds(Integration, name=words, form=st.just("events")) | st.builds(
    Integration, name=words, form=st.just("vendor"), vendor=st.sampled_from(("Datadog", "Icinga 2"))
)
services = st.builds(
    Service,
    ref=st.just(REF),
    name=words,
    description=st.none() | words,
    escalation_policy=st.just(POLICY),
    urgency=urgencies,
    acknowledge_within=spans,
    resolve_after=spans,
    integrations=st.lists(mails | others, max_size=3, unique_by=lambda one: one.name).map(tuple),
    settings=blocks.map(lambda block: {"pagerduty": block}),
)


def answered(calls: tuple[Call, ...]) -> tuple[dict[str, Any], Any]:
    """The service and its alert grouping as an API would show them after these calls."""
    bodies = [dict(call.body or {}) for call in calls]
    (service,) = (body["service"] for body in bodies if "service" in body)
    integrations = [body["integration"] for body in bodies if "integration" in body]
    for one in integrations:
        if "vendor" in one:
            one["vendor"] = {**one["vendor"], "summary": one["vendor"]["id"].removeprefix("vendor:")}
    grouping = next((body["alert_grouping_setting"] for body in bodies if "alert_grouping_setting" in body), None)
    return {**service, "id": "PS", "integrations": integrations}, grouping


@given(services)
def test_a_service_is_held_as_it_was_asked_for(wanted: Service) -> None:
    pagerduty = adapter(token=None)
    held = pagerduty.normalize(wanted, None)
    change = Change(provider="pd", ref=REF, action="create", name=wanted.name, wanted=held)
    body, grouping = answered(tuple(pagerduty.calls(change, {})))
    assert service_from(body, grouping, "acme") == held
