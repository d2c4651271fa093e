"""Recorded schedules: read whole, rung as recorded, and written as they came."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oncall_sync.model import Change, Live, Ref
from oncall_sync.rota.shifts import shifts
from oncall_sync_opsgenie.convert_schedule import rotation_body, rotation_from, schedule_from
from oncall_sync_opsgenie.script import Script
from oncall_sync_opsgenie.wire import instant
from oncall_sync_opsgenie.write_schedule import schedule_calls
from tests.opsgenie.recorded import SCHEDULES, recorded

UNITS = {"weekly": "weeks", "daily": "days", "hourly": "hours"}


@pytest.mark.parametrize("path", SCHEDULES)
def test_a_recorded_schedule_is_read_whole(path: str) -> None:
    body = recorded(path)
    found = schedule_from(body)
    assert (found.name, found.time_zone) == (body["name"], body["timezone"])
    assert found.team == Ref("team", body["ownerTeam"]["id"], remote=True)
    for rotation, was in zip(found.rotations, body["rotations"], strict=True):
        assert rotation.name == was["name"]
        assert rotation.every == timedelta(**{UNITS[was["type"]]: was["length"]})
        assert [one and one.key for one in rotation.members] == [one["id"] for one in was["participants"]]
        assert (rotation.until is None) == (was.get("endDate") is None)
        again = rotation_body(rotation, found.time_zone, {})
        assert rotation_from(again, found.time_zone) == rotation
        assert instant(again["startDate"]) == instant(was["startDate"]).replace(second=0, microsecond=0)


@pytest.mark.parametrize("path", SCHEDULES)
def test_nothing_is_sent_for_a_recorded_schedule_that_is_to_stay(path: str) -> None:
    body = recorded(path)
    found = schedule_from(body)
    live = Live(remote_id=body["id"], resource=found, raw={"body": body})
    change = Change(
        provider="og",
        ref=found.ref,
        action="update",
        name=found.name,
        remote_id=body["id"],
        wanted=found,
        live=live,
    )
    script = Script(change, {})
    schedule_calls(script, found)
    assert script.calls == []


@pytest.mark.parametrize("moment", ["2019-10-15T10:00:00Z", "2019-10-25T10:00:00Z"])
def test_a_recorded_schedule_rings_whom_the_vendor_said(moment: str) -> None:
    schedule = schedule_from(recorded("schedules/dxw_first_line_by_id.exchange.json"))
    said = recorded(f"oncalls/dxw_{moment[:13]}{moment[14:16]}Z.exchange.json")["onCallParticipants"]
    at = instant(moment)
    rung = {user.key for one in shifts(schedule, at, at + timedelta(minutes=1)) for user in one.users}
    assert rung == {one["id"] for one in said}
    assert len(rung) == 3
