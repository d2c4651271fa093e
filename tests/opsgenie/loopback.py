"""A server on the loopback that answers as it is told, and remembers what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "1c3f5a7e-key-of-the-account"


@dataclass(frozen=True)
class Reply:
    """One answer; `lost` hangs up instead. `body` may be bytes, else it is sent as JSON."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False
    first: Callable[[], object] | None = None


@dataclass(frozen=True)
class Seen:
    """One request as it came."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class Loopback:
    """Request n gets reply n, and every later one the last reply; or what `choose` returns for it."""

    def __init__(self, *replies: Reply, choose: Callable[[Seen], Reply] | None = None) -> None:
        self.seen: list[Seen] = []
        self.replies = list(replies) or [Reply()]
        self._choose = choose
        self._lock = threading.Lock()

    def __enter__(self) -> Loopback:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # 40 ms a call

            def log_message(self, *_: Any) -> None:
                pass

            def handle_any(self) -> None:
                server.answer(self)

        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            setattr(Handler, f"do_{method}", Handler.handle_any)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def targets(self) -> list[str]:
        return [one.target for one in self.seen]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        body = handler.rfile.read(int(headers.get("content-length", 0)))
        seen = Seen(handler.command, handler.path, headers, body)
        with self._lock:
            reply = (
                self._choose(seen) if self._choose else self.replies[min(len(self.seen), len(self.replies) - 1)]
            )
            self.seen.append(seen)
        if reply.first:
            reply.first()
        if reply.lost:
            handler.close_connection = True
            return
        sent = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if reply.status != 204:
            handler.send_header("Content-Length", str(len(sent)))
        handler.end_headers()
        handler.wfile.write(b"" if reply.status == 204 else sent)
