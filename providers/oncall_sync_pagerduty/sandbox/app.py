"""PagerDuty's part of the app: authentication, rate limit, routing, errors, who rings."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from oncall_sync_sandbox import app
from oncall_sync_sandbox.faults import WRITING

from .account import Account
from .http import Answer, Call
from .limits import RateLimit, headers
from .oncalls import first_called
from .refusals import Refusal, invalid, not_found, refuse
from .routes import ROUTES
from .seed import fill, settings
from .shift_based import upgrade
from .times import zone_of
from .users import by_email


class PagerDuty(app.Sandbox):
    """A PagerDuty account behind an ASGI interface. Raises ValueError for a seed it cannot use."""

    def open(self, seed: Mapping[str, Any]) -> None:
        """Takes the account's name, zone and abilities."""
        subdomain, zone, abilities = settings(seed)
        self.account = Account(self.store, self.clock, subdomain, zone_of(zone), abilities)
        self._limit = RateLimit(self.options.rate_limit)

    def fill(self, seed: Mapping[str, Any]) -> None:
        """Puts the catalogue and the seed's objects into the store."""
        fill(self.account, seed)
        self._limit = RateLimit(self.options.rate_limit)

    def rings(self, at: datetime) -> dict[str, list[str]]:
        """Who is called first for every service."""
        return first_called(self.account, at)

    def act(self, name: str, body: Mapping[str, Any]) -> Any | None:
        """What people can only do in the browser: `upgrade` a schedule."""
        return upgrade(self.account, body) if name == "upgrade" else None

    def overloaded(self) -> Answer:
        """What a used up rate limit answers."""
        return Answer(429, {"error": {"message": "Rate Limit Exceeded", "code": 2020}}, headers(960, 0, 1))

    def broken(self) -> Answer:
        """What a bug answers."""
        return Answer(500, {"error": {"message": "Internal Server Error", "code": 2000}})

    def answer(self, request: Request, raw: bytes) -> Answer:
        """What PagerDuty answers."""
        told: dict[str, str] = {"x-request-id": uuid.uuid4().hex}
        try:
            token = self._token(request)
            allowed, left = self._limit.take(token)
            told |= left
            if not allowed:
                raise refuse(429, 2020, "Rate Limit Exceeded")
            found = ROUTES.find(request.method, request.url.path.strip("/").split("/"))
            if found is None:
                raise not_found()
            handler, ids = found
            answer = handler(self._call(request, raw, ids, token, told["x-request-id"]))
        except Refusal as refused:
            return Answer(refused.status, refused.body, {**told, **refused.headers})
        return Answer(answer.status, answer.body, {**told, **answer.headers})

    def _token(self, request: Request) -> str:
        """The key in `Token token=KEY` or `Bearer KEY`."""
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        token = rest.strip()
        if scheme.lower() == "token" and token.startswith("token="):
            token = token.removeprefix("token=").strip('"')
        elif scheme.lower() != "bearer":
            token = ""
        if not token or (self.options.token is not None and token != self.options.token):
            raise refuse(401, 2006, "Authentication failed")
        return token

    def _call(self, request: Request, raw: bytes, ids: tuple[str, ...], token: str, request_id: str) -> Call:
        call = Call(
            account=self.account,
            method=request.method,
            path=request.url.path,
            query=parse_qsl(request.url.query, keep_blank_values=True),
            headers=request.headers,
            body=_parsed(raw) if request.method in WRITING else None,
            token=token,
            request_id=request_id,
            ids=ids,
        )
        email = request.headers.get("x-sandbox-actor")
        if email is not None:
            call.actor = next(iter(by_email(self.account)[email.strip().lower()]), None)
            if call.actor is None:
                raise invalid(f"X-Sandbox-Actor names no user: {email}")
        return call


def _parsed(raw: bytes) -> Any:
    if not raw.strip():
        return None
    try:
        return json.loads(raw)
    except ValueError:
        raise invalid("Body is not valid JSON") from None
