"""Opsgenie's part of the app: authentication, rate limits, routing, errors, who rings."""

import json
import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

from starlette.requests import Request

from oncall_sync_sandbox import app
from oncall_sync_sandbox.faults import WRITING

from . import logs, ringing
from .account import Account
from .http import Answer, Call
from .limits import RateLimit, domain_of, headers
from .refusals import Refusal, no_handler, refuse, unprocessable
from .routes import ROUTES
from .seed import fill, settings

KEY_FORMAT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""Inferred: what is not such a word is malformed (422); real keys are UUIDs."""
SCHEME: Final = "GenieKey"
TOO_MANY: Final = "You are making too many requests! To avoid errors, we recommend you limit requests."
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Opsgenie(app.Sandbox):
    """An Opsgenie account behind an ASGI interface. Raises ValueError for a seed it cannot use."""

    def open(self, seed: Mapping[str, Any]) -> None:
        """Takes the account's name, zone and features."""
        found = settings(seed)
        self.account = Account(
            self.store,
            self.clock,
            found.name,
            found.zone,
            found.features,
            found.restricted,
            self.options.rate_limit,
        )
        self._limit = RateLimit(self.options.rate_limit)

    def fill(self, seed: Mapping[str, Any]) -> None:
        """Puts the seed's objects into the store."""
        fill(self.account, seed)
        self._limit = RateLimit(self.options.rate_limit)

    def rings(self, at: datetime) -> dict[str, list[str]]:
        """Who is called first for every service."""
        return ringing.first_called(self.account, at)

    def overloaded(self) -> Answer:
        """What a used up rate limit answers."""
        refused = refuse(429, TOO_MANY)
        return _told(Answer(429, refused.body, headers(1)), str(uuid4()), time.perf_counter())

    def broken(self) -> Answer:
        """What a bug answers."""
        return _told(Answer(500, {"message": "Internal Server Error"}), str(uuid4()), time.perf_counter())

    def answer(self, request: Request, raw: bytes) -> Answer:
        """What Opsgenie answers."""
        started, request_id = time.perf_counter(), str(uuid4())
        try:
            found = self._handled(request, raw, request_id)
        except Refusal as refused:
            found = Answer(refused.status, refused.body, refused.headers)
        return _told(found, request_id, started)

    def _handled(self, request: Request, raw: bytes, request_id: str) -> Answer:
        self._check_key(request)
        path = request.scope["raw_path"].decode("ascii")
        period = self._limit.take(domain_of(request.method, path))
        if period is not None:
            raise Refusal(429, refuse(429, TOO_MANY).body, headers(period))
        parts = [unquote(part) for part in path.strip("/").split("/")]
        route = ROUTES.find(request.method, parts)
        if route is None:
            raise _no_route(parts)
        handler, ids = route
        call = self._call(request, raw, ids, request_id)
        watch = logs.watch(call)
        answer = handler(call)
        if watch is not None:
            watch(answer)
        return answer

    def _check_key(self, request: Request) -> None:
        """Takes `Authorization: GenieKey KEY`; another scheme is none at all (401), an odd key malformed (422)."""
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        key = rest.strip()
        if scheme != SCHEME:
            raise refuse(401, "Could not authenticate")
        if not KEY_FORMAT.fullmatch(key):
            raise unprocessable("Key format is not valid!")
        if self.options.token is not None and key != self.options.token:
            raise refuse(401, "Could not authenticate")

    def _call(self, request: Request, raw: bytes, ids: tuple[str, ...], request_id: str) -> Call:
        call = Call(
            account=self.account,
            method=request.method,
            path=request.scope["raw_path"].decode("ascii"),
            query=parse_qsl(request.url.query, keep_blank_values=True),
            headers=request.headers,
            body=_parsed(request, raw) if request.method in WRITING else {},
            request_id=request_id,
            ids=ids,
        )
        email = request.headers.get("x-sandbox-actor")
        if email is not None:
            call.actor = self.account.by_name("users", email.strip())
            if call.actor is None:
                raise unprocessable(f"X-Sandbox-Actor names no user: {email}")
        return call


def _told(answer: Answer, request_id: str, started: float) -> Answer:
    """The answer with `took`, `requestId` and their headers."""
    took = round(time.perf_counter() - started, 3)
    body = answer.body
    if isinstance(body, dict):
        body = {**body, "took": took, "requestId": request_id}
    told = {"X-Request-ID": request_id, "X-Response-Time": str(took), **headers(), **answer.headers}
    return Answer(answer.status, body, told)


def _no_route(parts: list[str]) -> Refusal:
    allowed = [method for method in _METHODS if ROUTES.find(method, parts) is not None]
    if not allowed:
        return no_handler()
    refused = refuse(405, "The HTTP method is not allowed for this resource.")
    return Refusal(405, refused.body, {"Allow": ", ".join(allowed)})


def _parsed(request: Request, raw: bytes) -> dict[str, Any]:
    """The JSON object that was sent; none at all is an empty one. 400 is for broken JSON only (docs)."""
    if not raw.strip():
        return {}
    if "json" not in request.headers.get("content-type", ""):
        raise refuse(415, "Content-Type should be application/json.")
    try:
        body = json.loads(raw)
    except ValueError:
        raise refuse(400, "Request body is not a valid JSON.") from None
    if not isinstance(body, dict):
        raise unprocessable("Request body should be a JSON object.")
    return body
