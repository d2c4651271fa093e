"""The account itself, and its rate limits. Source: Opsgenie API: account; the vendor's backup tool for limits."""

from typing import Final

from . import limits
from .envelope import data
from .http import Answer, Call, Route
from .refusals import forbidden

PLAN: Final = {"maxUserCount": 1500, "name": "Enterprise", "isYearly": True}


def _account(call: Call) -> Answer:
    if call.account.restricted:
        raise forbidden("Api key is not authorized to access the account")
    users = call.account.store.count("users")
    return data(call, {"name": call.account.name, "userCount": users, "plan": dict(PLAN)})


def _limits(call: Call) -> Answer:
    if call.account.restricted:
        raise forbidden("Team API Keys are not authorized to access this resource")
    return data(call, {"rateLimits": limits.shown(call.account.rate_limit)})


ROUTES: Final = (
    Route("GET", "/v2/account", _account),
    Route("GET", "/v2/request-limits", _limits),
)
