"""The ASGI app: controls, faults, authentication, rate limit, routing, the log.

Calls take effect one at a time, on one thread, in the order of the log.
"""

import asyncio
import json
import logging
import uuid
from collections import deque
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .account import Account
from .clock import Clock
from .control import PREFIX, control
from .faults import WRITING, Fault, Faults
from .http import Answer, Call
from .limits import RateLimit, headers
from .options import Options
from .refusals import Refusal, invalid, not_found, refuse
from .routes import route
from .seed import fill, settings
from .store import Store
from .times import stamp, zone_of
from .users import by_email

_LOG: Final = logging.getLogger(__name__)
_SEEDED: Final = "seeded"
_LONGEST_LOG: Final = 100_000


class Sandbox:
    """An account behind an ASGI interface. Raises ValueError for a seed it cannot use."""

    def __init__(self, options: Options) -> None:
        self._options = options
        subdomain, zone, abilities = settings(options.seed or {})
        store = Store(options.store)
        self.account = Account(store, Clock(options.now), subdomain, zone_of(zone), abilities)
        self.log: deque[dict[str, Any]] = deque(maxlen=_LONGEST_LOG)
        self.faults = Faults()
        self.latency = options.latency
        self._limit = RateLimit(options.rate_limit)
        try:
            if store.get("meta", _SEEDED) is None:
                self.start_over()
        except BaseException:
            store.close()
            raise

    def start_over(self) -> None:
        """Back to the seed: objects, ids, clock, latency; no faults, full rate limit."""
        self.account.clock.set(self._options.now)
        self.account.store.clear()
        fill(self.account, self._options.seed or {})
        self.account.store.put("meta", {"id": _SEEDED})
        self.account.store.flush()
        self.faults.clear()
        self.latency = self._options.latency
        self._limit = RateLimit(self._options.rate_limit)

    def close(self) -> None:
        """Lets go of the file, if any."""
        self.account.store.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one HTTP call, or closes its connection."""
        request = Request(scope, receive)
        raw = await request.body()
        if request.url.path.startswith(PREFIX):
            name = request.url.path.removeprefix(PREFIX)
            status, body = control(self, request.method, name, request.url.query, raw)
            self.account.store.flush()
            await _sent(Answer(status, body), scope, receive, send)
            return
        answer, delay = self._answer(request, raw)
        if delay:
            await asyncio.sleep(delay.total_seconds())
        if answer is None:
            await _dropped(scope, receive)
            return
        await _sent(answer, scope, receive, send)

    def _answer(self, request: Request, raw: bytes) -> tuple[Answer | None, timedelta]:
        """What to answer, and after how long; None is to drop the connection."""
        path = request.url.path
        entry = {
            "at": stamp(self.account.now()),
            "method": request.method,
            "path": path,
            "query": request.url.query,
            "status": None,
            "body": _readable(raw),
        }
        self.log.append(entry)
        fault = self.faults.strike(request.method, path)
        answer = _instead(fault)
        if answer is None and (fault is None or fault.kind != "drop-before"):
            answer = self._evaluated(request, path, raw)
            if request.method in WRITING:
                self.account.store.flush()
        if fault is not None and fault.kind.startswith("drop"):
            answer = None
        entry["status"] = None if answer is None else answer.status
        slow = timedelta(milliseconds=fault.ms) if fault is not None and fault.kind == "slow" else timedelta()
        return answer, self.latency + slow

    def _evaluated(self, request: Request, path: str, raw: bytes) -> Answer:
        told: dict[str, str] = {"x-request-id": uuid.uuid4().hex}
        try:
            token = self._token(request)
            allowed, left = self._limit.take(token)
            told |= left
            if not allowed:
                raise refuse(429, 2020, "Rate Limit Exceeded")
            found = route(request.method, path)
            if found is None:
                raise not_found()
            handler, ids = found
            answer = handler(self._call(request, path, raw, ids, token, told["x-request-id"]))
        except Refusal as refused:
            return Answer(refused.status, refused.body, {**told, **refused.headers})
        except Exception:
            _LOG.exception("%s %s broke the sandbox", request.method, path)
            return Answer(500, {"error": {"message": "Internal Server Error", "code": 2000}}, told)
        return Answer(answer.status, answer.body, {**told, **answer.headers})

    def _token(self, request: Request) -> str:
        """The key in `Token token=KEY` or `Bearer KEY`."""
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        token = rest.strip()
        if scheme.lower() == "token" and token.startswith("token="):
            token = token.removeprefix("token=").strip('"')
        elif scheme.lower() != "bearer":
            token = ""
        if not token or (self._options.token is not None and token != self._options.token):
            raise refuse(401, 2006, "Authentication failed")
        return token

    def _call(
        self, request: Request, path: str, raw: bytes, ids: tuple[str, ...], token: str, request_id: str
    ) -> Call:  # fmt: skip
        call = Call(
            account=self.account,
            method=request.method,
            path=path,
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


def _instead(fault: Fault | None) -> Answer | None:
    """The answer a fault gives without doing anything."""
    if fault is not None and fault.kind == "429":
        return Answer(429, {"error": {"message": "Rate Limit Exceeded", "code": 2020}}, headers(960, 0, 1))
    if fault is not None and fault.kind == "500":
        return Answer(500, {"error": {"message": "Internal Server Error", "code": 2000}})
    return None


def _parsed(raw: bytes) -> Any:
    if not raw.strip():
        return None
    try:
        return json.loads(raw)
    except ValueError:
        raise invalid("Body is not valid JSON") from None


def _readable(raw: bytes) -> Any:
    """The body for the log: JSON if it is, else text, null if there is none."""
    try:
        return json.loads(raw) if raw.strip() else None
    except ValueError:
        return raw.decode(errors="replace")


async def _sent(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    content = b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False).encode()
    response = Response(
        content, answer.status, dict(answer.headers), None if answer.body is None else "application/json"
    )
    await response(scope, receive, send)


async def _dropped(scope: Scope, receive: Receive) -> None:
    """Closes the TCP connection, and waits until the server has noticed, so that it sends nothing of its own."""
    scope["state"]["transport"].abort()
    while (await receive())["type"] != "http.disconnect":
        pass
