"""Shift-based (v3) schedules, as far as an upgrade in the browser makes one. Source: PagerDuty API: schedules v3.

An upgraded schedule keeps its id, name and description, goes from the lists of v2 to those of v3, and rings on.
Its rotations are not modelled: it cannot be made, changed or deleted here.
"""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from .account import Account
from .audit import of_one, record
from .http import Answer, Call, Route
from .pages import matching, window
from .refusals import invalid, not_found
from .users import by_email


def upgrade(account: Account, body: Mapping[str, Any]) -> dict[str, Any]:
    """What happens when the person `actor` (an email) upgrades `schedule` (an id) in the browser.

    Raises ValueError for what is not there.
    """
    schedule = account.store.get("schedules", str(body.get("schedule")))
    actor = next(iter(by_email(account)[str(body.get("actor", "")).strip().lower()]), None)
    if schedule is None or actor is None:
        raise ValueError("schedule must be the id of one, actor the email of a user")
    account.store.put("schedules", {**schedule, "shift_based": True})
    call = Call(
        account=account,
        method="POST",
        path="",
        query=[],
        headers={},
        body=None,
        token="",
        request_id=uuid.uuid4().hex,
        actor=actor,
    )
    fields = [{"name": "type", "before_value": "schedule", "value": "schedule_v3"}]
    record(call, "update", ("schedules", schedule["id"]), fields=fields)
    return {"schedule": schedule["id"], "type": "schedule_v3"}


def _list(call: Call) -> Answer:
    account = call.account
    limit, offset = window(call, default=100, most=1000)
    there = [one for one in account.store.all("schedules") if one.get("shift_based")]
    found = matching(call, there, "name")
    return Answer(
        200,
        {
            "schedules": account.refs("schedules", [one["id"] for one in found[offset : offset + limit]]),
            "limit": limit,
            "offset": offset,
            "more": len(found) > offset + limit,
            "total": len(found) if call.flag("total") else None,
        },
    )


def _get(call: Call) -> Answer:
    account, schedule = call.account, call.account.store.get("schedules", call.ids[0])
    if schedule is None:
        raise not_found()
    if not schedule.get("shift_based"):
        raise invalid("Schedule is not a shift-based schedule")
    told = {name: schedule[name] for name in ("name", "time_zone", "description")}
    teams = account.refs("teams", schedule["teams"])
    return Answer(200, {"schedule": {**account.head("schedules", schedule), **told, "teams": teams}})


ROUTES: Final = (
    Route("GET", "/v3/schedules", _list),
    Route("GET", "/v3/schedules/*", _get),
    Route("GET", "/v3/schedules/*/audit/records", lambda call: of_one("schedules", call)),
)
