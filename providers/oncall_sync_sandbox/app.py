"""The ASGI app under every sandbox: controls, faults, latency, the log. The vendor's part is a subclass.

Calls take effect one at a time, on one thread, in the order of the log.
"""

import asyncio
import json
import logging
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .clock import Clock
from .control import PREFIX, control
from .faults import WRITING, Fault, Faults
from .http import Answer
from .options import Options
from .store import Store

_LOG: Final = logging.getLogger(__name__)
_SEEDED: Final = "seeded"
_LONGEST_LOG: Final = 100_000


class Sandbox(ABC):
    """A vendor's account behind an ASGI interface. Raises ValueError for a seed it cannot use."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.store = Store(options.store)
        self.clock = Clock(options.now)
        self.log: deque[dict[str, Any]] = deque(maxlen=_LONGEST_LOG)
        self.faults = Faults()
        self.latency = options.latency
        try:
            self.open(options.seed or {})
            if self.store.get("meta", _SEEDED) is None:
                self.start_over()
        except BaseException:
            self.store.close()
            raise

    @abstractmethod
    def open(self, seed: Mapping[str, Any]) -> None:
        """Takes from the seed what is not an object: the account's settings. The store may be full already."""

    @abstractmethod
    def fill(self, seed: Mapping[str, Any]) -> None:
        """Puts the seed's objects into an empty store, and a full rate limit into place."""

    @abstractmethod
    def answer(self, request: Request, raw: bytes) -> Answer:
        """What the vendor answers to a call, refusals and rate limits included; 500 is the caller's."""

    @abstractmethod
    def overloaded(self) -> Answer:
        """The vendor's 429, for a fault on order."""

    @abstractmethod
    def broken(self) -> Answer:
        """The vendor's 500."""

    @abstractmethod
    def rings(self, at: datetime) -> dict[str, list[str]]:
        """For every service, by name, the sorted emails of the first level that has somebody at that instant."""

    def act(self, name: str, body: Mapping[str, Any]) -> Any | None:  # noqa: ARG002 - for those who have some
        """What a control of this vendor's own answers; None if there is none of that name. Raises ValueError."""
        return None

    def start_over(self) -> None:
        """Back to the seed: objects, ids, clock, latency; no faults, full rate limit."""
        self.clock.set(self.options.now)
        self.store.clear()
        self.fill(self.options.seed or {})
        self.store.put("meta", {"id": _SEEDED})
        self.store.flush()
        self.faults.clear()
        self.latency = self.options.latency

    def close(self) -> None:
        """Lets go of the file, if any."""
        self.store.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one HTTP call, or closes its connection."""
        request = Request(scope, receive)
        raw = await request.body()
        if request.url.path.startswith(PREFIX):
            name = request.url.path.removeprefix(PREFIX)
            status, body = control(self, request.method, name, request.url.query, raw)
            self.store.flush()
            await _sent(Answer(status, body), scope, receive, send)
            return
        answer, delay = self._answered(request, raw)
        if delay:
            await asyncio.sleep(delay.total_seconds())
        if answer is None:
            await _dropped(scope, receive)
            return
        await _sent(answer, scope, receive, send)

    def _answered(self, request: Request, raw: bytes) -> tuple[Answer | None, timedelta]:
        """What to answer, and after how long; None is to drop the connection."""
        path = request.url.path
        entry = {
            "at": self.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "method": request.method,
            "path": path,
            "query": request.url.query,
            "status": None,
            "body": _readable(raw),
        }
        self.log.append(entry)
        fault = self.faults.strike(request.method, path)
        answer = self._instead(fault)
        if answer is None and (fault is None or fault.kind != "drop-before"):
            answer = self._evaluated(request, raw)
            if request.method in WRITING:
                self.store.flush()
        if fault is not None and fault.kind.startswith("drop"):
            answer = None
        entry["status"] = None if answer is None else answer.status
        slow = timedelta(milliseconds=fault.ms) if fault is not None and fault.kind == "slow" else timedelta()
        return answer, self.latency + slow

    def _evaluated(self, request: Request, raw: bytes) -> Answer:
        try:
            return self.answer(request, raw)
        except Exception:
            _LOG.exception("%s %s broke the sandbox", request.method, request.url.path)
            return self.broken()

    def _instead(self, fault: Fault | None) -> Answer | None:
        """The answer a fault gives without doing anything."""
        if fault is not None and fault.kind == "429":
            return self.overloaded()
        return self.broken() if fault is not None and fault.kind == "500" else None


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
