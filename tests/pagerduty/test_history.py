"""Who changed what, as PagerDuty's audit trail tells it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
import responses

from oncall_sync.errors import ProviderError, Unreachable
from oncall_sync.model import History, Live, Ref, Schedule, Team
from oncall_sync.provider import Recalls
from oncall_sync_pagerduty.sandbox import Options, Running
from tests.pagerduty.world import ANNA, HOST, NOW, SEED, TOKEN, World, adapter, quiet

OPS = Team(ref=Ref("team", "ops"), name="Ops", description="Text\n\nThe mark")
DAYS = timedelta(days=1)


def by_hand(world: World, method: str, path: str, body: Any = None, **headers: str) -> None:
    """A call in the browser, or with another token."""
    sent = {"Authorization": "Token token=other-1234", "From": "anna@example.com"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    world.foreign.append((method, path))
    answer = requests.request(method, world.url + path, json=body, headers=sent, timeout=60)
    answer.raise_for_status()


def history(world: World, *objects: Live, back: timedelta = 30 * DAYS) -> History:
    return world.pagerduty.history(objects, NOW - back, NOW)


def test_it_recalls(world: World) -> None:
    assert isinstance(world.pagerduty, Recalls)


def test_people_keys_and_ourselves(world: World) -> None:
    live = world.make(OPS)
    path = f"/teams/{live.remote_id}"
    by_hand(world, "PUT", path, {"team": {"name": "One"}}, X_Sandbox_Actor="ben@example.com")
    by_hand(world, "PUT", path, {"team": {"name": "Two"}})
    found = history(world, live)
    assert found.untold is None
    told = [(touch.by, touch.means, touch.ours, touch.action) for touch in found.touches]
    assert told == [
        (None, "with an API token", False, "update"),
        ("ben@example.com", "in the browser", False, "update"),
        (None, "with an API token", True, "create"),
    ]
    assert found.touches[0].fields == ("name",)
    assert {touch.at for touch in found.touches} == {NOW}
    assert {touch.remote_id for touch in found.touches} == {live.remote_id}
    assert "1234" not in repr(found)
    assert TOKEN[-4:] not in repr(found).replace("API token", "")


def test_a_part_of_an_object_is_named(world: World) -> None:
    live = world.make(OPS)
    anna = world.ids[ANNA]
    by_hand(world, "PUT", f"/teams/{live.remote_id}/users/{anna}", None, X_Sandbox_Actor="ben@example.com")
    assert "members" in history(world, live).touches[0].fields[0]


def test_an_apply_with_another_token_is_known_by_the_mark(world: World) -> None:
    live = world.make(OPS)
    body = {"team": {"name": "Ops", "description": "Text\n\nAnother mark"}}
    by_hand(world, "PUT", f"/teams/{live.remote_id}", body)
    by_hand(world, "PUT", f"/teams/{live.remote_id}", {"team": {"name": "New"}})
    marked = world.live(OPS.ref)
    assert [touch.ours for touch in history(world, marked).touches] == [True, True, True]
    text = {"team": {"description": "Other text\n\nAnother mark"}}
    by_hand(world, "PUT", f"/teams/{live.remote_id}", text, X_Sandbox_Actor="ben@example.com")
    assert history(world, world.live(OPS.ref)).touches[0].ours is False


def test_only_what_was_asked_for(world: World) -> None:
    live = world.make(OPS)
    world.make(Team(ref=Ref("team", "dev"), name="Dev"))
    assert {touch.remote_id for touch in history(world, live).touches} == {live.remote_id}
    assert history(world).touches == ()


def test_long_spans_are_asked_in_parts(world: World) -> None:
    live = world.make(OPS)
    world.control("reset", what="log")
    assert len(history(world, live, back=1000 * DAYS).touches) == 1
    assert len([one for one in world.log() if one["path"] == "/audit/records"]) == 12  # a year, in months


def test_every_page_is_read(world: World) -> None:
    live = world.make(OPS)
    for number in range(101):
        by_hand(world, "PUT", f"/teams/{live.remote_id}", {"team": {"name": f"Ops {number}"}})
    found = history(world, live)
    assert len(found.touches) == 102
    assert found.touches[-1].action == "create"


def test_a_plan_without_the_trail_still_has_each_objects() -> None:
    seed = {**SEED, "abilities": {"audit_trail": False}}
    with Running(Options(seed=seed, now=NOW)) as sandbox:
        world = World(sandbox.url, adapter(sandbox.url))
        live = world.make(OPS)
        world.control("reset", what="log")
        found = history(world, live)
        paths = [one["path"] for one in world.log()]
        world.pagerduty.close()
    assert (len(found.touches), found.untold) == (1, None)
    assert paths == ["/audit/records", f"/teams/{live.remote_id}/audit/records"]


def _live(**more: Any) -> Live:
    resource = Schedule(ref=Ref("schedule", "PS", remote=True), name="Night", time_zone="UTC", rotations=())
    return Live(**{"remote_id": "PS", "resource": resource, **more})


def record(**more: Any) -> dict[str, Any]:
    """A record as the API description requires it: everything else may be missing or null."""
    least = {
        "id": "PDA",
        "execution_time": "2026-11-20T10:00:00.123Z",
        "method": {"type": "browser"},
        "root_resource": {"id": "PS", "type": "schedule_reference"},
        "action": "update",
    }
    return {**least, **more}


def told(*records: dict[str, Any], status: int = 200) -> History:
    pagerduty = adapter()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        body = {"records": list(records), "next_cursor": None}
        for path in ("/audit/records", "/schedules/PS/audit/records"):
            mock.get(f"{HOST}{path}", json=body if status == 200 else {"error": {"code": 2014}}, status=status)
        try:
            return pagerduty.history([_live()], NOW - 10 * DAYS, NOW)
        finally:
            pagerduty.close()


def test_the_least_that_a_record_holds() -> None:
    (touch,) = told(record(actors=None, details=None, execution_context=None)).touches
    assert (touch.by, touch.means, touch.fields) == (None, "in the browser", ())
    assert touch.at == datetime.fromisoformat("2026-11-20T10:00:00.123+00:00")


@pytest.mark.parametrize(
    ("method", "means"),
    [("oauth", "by an app (OAuth)"), ("identity_provider", "by the identity provider"), ("new", "by other means")],
)
def test_means(method: str, means: str) -> None:
    assert told(record(method={"type": method})).touches[0].means == means


def test_no_part_of_a_token_is_told() -> None:
    key = {"id": "PK", "type": "api_key_reference", "summary": "API key ending in 3xyz"}
    method = {"type": "api_token", "truncated_token": "3xyz"}
    found = told(record(actors=[key], method=method))
    assert found.touches[0].by is None
    assert "3xyz" not in repr(found)
    named = {**key, "summary": "Terraform"}
    assert told(record(actors=[named], method=method)).touches[0].by == "Terraform"


def test_fields_that_did_not_change_are_not_told() -> None:
    fields = [
        {"name": "name", "value": "New", "before_value": "Old"},
        {"name": "time_zone", "value": "UTC", "before_value": "UTC"},
        {"name": "layers"},
    ]
    assert told(record(details={"resource": {}, "fields": fields})).touches[0].fields == ("name", "layers")


@pytest.mark.parametrize("status", [402, 403])
def test_a_closed_trail_is_said(status: int) -> None:
    found = told(status=status)
    assert found.touches == ()
    assert found.untold == f"PagerDuty's audit trail is closed to this token, or not in the plan ({status})"


def test_a_strange_answer_is_an_error_in_a_sentence() -> None:
    with pytest.raises(Unreachable, match="could not read the audit trail: an answer is not the API's"):
        told(record(execution_time=None))
    with pytest.raises(ProviderError):
        told(status=400)


def test_an_upgrade_is_told_with_the_description(world: World) -> None:
    live = world.make(Schedule(ref=Ref("schedule", "s"), name="Night", description="The mark", time_zone="UTC"))
    assert world.pagerduty.upgraded(live) is None
    world.control("upgrade", schedule=live.remote_id, actor="ben@example.com")
    snapshot = world.pagerduty.read(NOW, quiet)
    (there,) = snapshot.of_kind("schedule")
    upgrade = world.pagerduty.upgraded(there)
    assert upgrade is not None
    assert upgrade.says == "was upgraded to a shift-based schedule in PagerDuty"
    assert upgrade.description == "The mark"
    assert history(world, there).touches[0].by == "ben@example.com"
