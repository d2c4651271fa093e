"""The server around the app: sockets on loopback, a thread, signals."""

import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from .app import Sandbox
from .options import Options


class _Protocol(H11Protocol):
    """HTTP/1.1 that hands its connection to the app, which must be able to drop it without an answer."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Background:
    """A sandbox served by a thread from construction until `close()`."""

    def __init__(self, make: Callable[[Options], Sandbox], options: Options) -> None:
        # Named outright: asyncio turns Nagle's algorithm off (40 ms a call) only where the protocol says TCP.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind(("127.0.0.1", options.port))
            self._socket.listen(128)
            self.app = make(options)
        except BaseException:
            self._socket.close()
            raise
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            self.app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=75,  # as servers in the field; uvicorn's 5 s end while clients think
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finishes the answers under way, stops, and lets go of the port and the file."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
        self.app.close()


def serve_until_signalled(
    make: Callable[[Options], Sandbox], options: Options, ready: Callable[[str], None]
) -> None:
    """Runs a sandbox until SIGINT or SIGTERM, then puts the handlers back as they were."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server = Background(make, options)
        try:
            ready(server.url)
            stop.wait()
        finally:
            server.close()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
