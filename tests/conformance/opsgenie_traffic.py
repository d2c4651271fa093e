"""Whatever anybody says to an Opsgenie sandbox and hears from it, taken down at the server's door.

So it does not matter who speaks (the tool in a process of its own, an SDK, a test), nor through which library.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from starlette.types import Message, Receive, Scope, Send

from oncall_sync_opsgenie.sandbox import Options, Running
from tests.conformance.opsgenie_swagger import check_answer, check_request

CONTROL = "/__sandbox__/"


class Exchange(NamedTuple):
    """A call and its answer; bodies are JSON, None where there was none or something else."""

    method: str
    path: str
    query: list[tuple[str, str]]
    sent: Any
    status: int
    got: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class Watched(Running):
    """A sandbox that keeps every exchange, its own controls left out: `with Watched() as opsgenie`."""

    def __init__(self, options: Options = Options()) -> None:  # noqa: B008 - frozen
        super().__init__(options)
        self.exchanges: list[Exchange] = []

    def make(self, options: Options) -> Any:
        """Makes the sandbox, with somebody at its door."""
        return _Door(super().make(options), self.exchanges.append)


def problems(exchanges: list[Exchange]) -> list[str]:
    """Everything that does not fit the vendor's description; a refused request need not."""
    return [
        f"{one}: {problem}"
        for one in exchanges
        for problem in (
            *(check_request(one.method, one.path, one.query, one.sent) if one.status < 400 else ()),
            *check_answer(one.method, one.path, one.status, one.got),
        )
    ]


class _Door:
    """The ASGI app, and a look at what goes in and comes out."""

    def __init__(self, app: Any, keep: Callable[[Exchange], None]) -> None:
        self._app = app
        self._keep = keep

    def close(self) -> None:
        self._app.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked, answered = bytearray(), bytearray()
        status = 0

        async def receiving() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            answered.extend(message.get("body", b""))
            # Kept before the last of it is sent: whoever waits for the answer can look at once.
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._look(scope, bytes(asked), status, bytes(answered))
            await send(message)

        await self._app(scope, receiving, sending)

    def _look(self, scope: Scope, asked: bytes, status: int, answered: bytes) -> None:
        path = scope["raw_path"].decode("ascii")
        if not path.startswith(CONTROL):
            query = parse_qsl(scope["query_string"].decode("ascii"), keep_blank_values=True)
            self._keep(Exchange(scope["method"], path, query, _json(asked), status, _json(answered)))


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw.strip() else None
    except ValueError:
        return None
