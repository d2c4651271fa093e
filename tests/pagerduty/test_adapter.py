"""The adapter as the core meets it: settings, what works without a token, what is said of it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import responses

import oncall_sync_pagerduty
from oncall_sync.errors import AuthError, Rejected, Unreachable, UsageError
from oncall_sync.model import (
    ABSENT,
    Call,
    Change,
    EscalationPolicy,
    Integration,
    Level,
    Member,
    Ref,
    Schedule,
    Service,
    Team,
    User,
)
from oncall_sync.provider import (
    HasSandbox,
    Overrides,
    Provider,
    ProviderSettings,
    SandboxOptions,
    SettingsSchema,
)
from oncall_sync.provider import (
    adapter as installed_adapter,
)
from oncall_sync_pagerduty import PagerDuty
from tests.pagerduty.world import ANNA, BEN, HOST, NOW, TOKEN, adapter, quiet, weekly

SERVICE = Service(ref=Ref("service", "x"), name="x", escalation_policy=Ref("escalation_policy", "e"))


def call(**more: Any) -> Call:
    common = {
        "id": "service.x/1",
        "ref": SERVICE.ref,
        "method": "POST",
        "path": "/services",
        "says": "create service x",
    }
    return Call(**{**common, **more})


def test_it_is_found_by_its_kind() -> None:
    found: object = installed_adapter("pagerduty")
    assert found is PagerDuty
    made: Provider = adapter()
    for protocol in (Overrides, SettingsSchema, HasSandbox):
        assert isinstance(made, protocol)


def test_importing_it_costs_nothing() -> None:
    code = (
        "import sys, oncall_sync_pagerduty;"
        "assert not {'pydantic', 'pdpyras', 'requests'} & set(sys.modules);"
        "from oncall_sync_pagerduty import PagerDuty;"
        "assert not {'pdpyras', 'requests', 'starlette'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'Pager'"):
        _ = oncall_sync_pagerduty.Pager


def test_one_file_knows_the_clients_library() -> None:
    folder = Path(oncall_sync_pagerduty.__file__).parent
    found = [path.name for path in folder.glob("*.py") if "import pdpyras" in path.read_text(encoding="utf-8")]
    assert found == ["client.py"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"region": "mars"}, "no region 'mars'; write us or eu"),
        ({"options": {"schedulez": "layered"}}, "did you mean `schedules`?"),
    ],
)
def test_wrong_settings(more: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match="providers") as caught:
        PagerDuty(ProviderSettings(**{"name": "pd", "kind": "pagerduty", **more}))
    assert message in str(caught.value)


def test_europe_has_its_own_host() -> None:
    pagerduty = PagerDuty(ProviderSettings(name="pd", kind="pagerduty", token=TOKEN, region="eu"))
    with responses.RequestsMock() as mock:
        found = {"users": [{"id": "PU", "html_url": "https://acme.eu.pagerduty.com/users/PU"}]}
        mock.get("https://api.eu.pagerduty.com/users", json=found)
        assert pagerduty.account().id == "acme.eu"
    pagerduty.close()
    pagerduty.close()


def test_without_a_token_everything_but_the_network_works() -> None:
    offline = adapter(token=None)
    held = offline.normalize(SERVICE, None)
    change = Change(provider="pd", ref=SERVICE.ref, action="create", name="x", wanted=held)
    assert len(offline.calls(change, {})) == 1
    assert list(offline.objections(SERVICE)) == []
    for ask in (offline.account, lambda: offline.read(NOW, quiet), lambda: offline.perform(call())):
        with pytest.raises(AuthError, match="there is no token"):
            ask()


def test_what_is_made_says_its_id() -> None:
    pagerduty = adapter()
    with responses.RequestsMock() as mock:
        mock.post(f"{HOST}/services", json={"service": {"id": "PNEW"}}, status=201)
        assert pagerduty.perform(call(makes=SERVICE.ref, body={"service": {}})).remote_id == "PNEW"
        mock.put(f"{HOST}/services/PNEW", json={"service": {"id": "PNEW"}}, status=201)
        outcome = pagerduty.perform(call(method="PUT", path="/services/PNEW", body={"service": {}}))
        assert (outcome.status, outcome.remote_id) == (201, None)
        mock.upsert(responses.POST, f"{HOST}/services", json={"services": []})
        with pytest.raises(Unreachable, match="does not say what was made"):
            pagerduty.perform(call(makes=SERVICE.ref, body={"service": {}}))
    pagerduty.close()


ITEMS = [
    {"status": 201, "override": {}},
    {"status": 400, "errors": ["Override must end after its start"], "override": {}},
]


@pytest.mark.parametrize("body", [ITEMS, {"overrides": ITEMS}])
def test_a_refusal_inside_a_201_is_a_refusal(body: Any) -> None:
    pagerduty = adapter()
    with responses.RequestsMock() as mock:
        mock.post(f"{HOST}/schedules/PS/overrides", json=body, status=201)
        with pytest.raises(Rejected, match="1 of 2 refused: Override must end after its start"):
            pagerduty.perform(call(path="/schedules/PS/overrides", body={"overrides": []}))
    pagerduty.close()


def test_an_address_is_completed_when_it_is_sent() -> None:
    pagerduty = adapter()
    mail = Integration(name="mail", form="email", email="x")
    change = Change(
        provider="pd", ref=SERVICE.ref, action="create", name="x", wanted=replace(SERVICE, integrations=(mail,))
    )
    _, add = pagerduty.calls(change, {SERVICE.ref: "PS"})
    assert add.body is not None
    assert add.body["integration"]["integration_email"] == "x"
    with responses.RequestsMock() as mock:
        mock.get(f"{HOST}/users", json={"users": [{"html_url": "https://acme.pagerduty.com/users/PU"}]})
        mock.post(f"{HOST}/services/PS/integrations", json={"integration": {"id": "PI"}}, status=201)
        pagerduty.perform(add)
        assert b"x@acme.pagerduty.com" in (mock.calls[-1].request.body or b"")
    held = pagerduty.normalize(replace(SERVICE, integrations=(replace(mail, email="x@acme.pagerduty.com"),)), None)
    assert isinstance(held, Service)
    assert held.integrations is not ABSENT
    assert held.integrations[0].email == "x"
    pagerduty.close()


def test_placeholders_stand_for_what_is_not_known_yet() -> None:
    team = Team(ref=Ref("team", "t"), name="T", members=(Member(ANNA), Member(BEN, "observer")))
    change = Change(provider="pd", ref=team.ref, action="create", name="T", wanted=team)
    first, second, third = adapter(token=None).calls(change, {ANNA: "PANNA"})
    assert (first.id, first.makes, first.depends_on) == ("team.t/1", team.ref, ())
    assert (second.path, second.body) == ("/teams/@{team.t}/users/PANNA", {"role": "manager"})
    assert (third.path, third.depends_on) == ("/teams/@{team.t}/users/@{user.ben}", ("team.t/1",))
    assert second.says == "make anna manager of team T"


def test_people_are_never_written() -> None:
    anna = User(ref=ANNA, name="Anna", email="anna@example.com")
    offline = adapter(token=None)
    assert offline.normalize(anna, None) == anna
    assert offline.calls(Change(provider="pd", ref=ANNA, action="update", name="Anna", wanted=anna), {}) == ()


def test_nothing_is_absent_after_a_create_but_what_teams_lack() -> None:
    offline = adapter(token=None)
    wanted = (
        Team(ref=Ref("team", "t"), name="t"),
        Schedule(ref=Ref("schedule", "s"), name="s", time_zone="UTC", rotations=(weekly(ANNA),)),
        EscalationPolicy(ref=Ref("escalation_policy", "e"), name="e", levels=(Level((ANNA,)),)),
        SERVICE,
    )
    for one in wanted:
        held = offline.normalize(replace(one, settings={"opsgenie": {"x": 1}}), None)
        absent = [name for name in held.__slots__ or () if getattr(held, name, None) is ABSENT]
        assert absent == ([] if held.ref.kind != "team" else ["members", "pages", "routes"])
        assert held.settings == {}
        assert offline.normalize(held, None) == held
    policy = offline.normalize(wanted[2], None)
    assert isinstance(policy, EscalationPolicy)
    assert policy.levels[0].escalate_after == timedelta(minutes=30)
    schedule = offline.normalize(wanted[1], None)
    assert isinstance(schedule, Schedule)
    assert (schedule.time_zone, schedule.overlap, schedule.rotations[0].name) == (
        "Etc/UTC",
        "last_wins",
        "Layer 1",
    )


@pytest.mark.parametrize(("said", "held"), [(" a \n", " a"), (" ", None), ("", None), (None, None)])
def test_a_description_is_held_without_blanks_at_its_end(said: str | None, held: str | None) -> None:
    assert adapter(token=None).normalize(replace(SERVICE, description=said), None).description == held


def test_two_who_ring_at_once_are_left_as_they_are_for_the_objection() -> None:
    both = Schedule(
        ref=Ref("schedule", "s"), name="s", time_zone="UTC", rotations=(weekly(ANNA), weekly(BEN), weekly())
    )
    held = adapter(token=None).normalize(both, None)
    assert isinstance(held, Schedule)
    assert held.overlap == "everyone"


def test_shift_based_schedules_are_targets_of_their_own_type() -> None:
    policy = EscalationPolicy(
        ref=Ref("escalation_policy", "e"), name="e", levels=(Level((Ref("schedule", "s"),), timedelta(minutes=5)),)
    )
    pagerduty = adapter()
    with responses.RequestsMock() as mock:
        mock.get(f"{HOST}/v3/schedules", json={"schedules": [{"id": "PV3", "summary": "s"}]})
        for path in (
            "users",
            "teams",
            "schedules",
            "escalation_policies",
            "services",
            "alert_grouping_settings",
            "tags",
        ):
            mock.get(f"{HOST}/{path}", json={path: []})
        pagerduty.read(NOW, quiet)
    change = Change(provider="pd", ref=policy.ref, action="create", name="e", wanted=policy)
    (made,) = pagerduty.calls(change, {Ref("schedule", "s"): "PV3"})
    assert made.body is not None
    (rule,) = made.body["escalation_policy"]["escalation_rules"]
    assert rule["targets"] == [{"id": "PV3", "type": "schedule_v3_reference"}]
    pagerduty.close()


def test_every_word_has_a_fate_and_a_sentence() -> None:
    words = PagerDuty.capabilities.words
    assert words["schedule.rotations.members.nobody"][0] == "cannot"
    assert all(fate in {"exact", "approximated", "cannot"} and text.endswith(".") for fate, text in words.values())


def test_the_sandbox_gets_every_option(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr("oncall_sync_pagerduty.sandbox.serve", lambda options, ready: seen.append(options))
    options = SandboxOptions(port=1, seed={}, now=NOW, latency=timedelta(1), rate_limit=2, store="f", token="t")
    PagerDuty.sandbox(options, print)
    PagerDuty.sandbox(SandboxOptions(), print)
    assert (seen[0].port, seen[0].store, seen[0].token, seen[1].store) == (1, Path("f"), "t", None)
