"""What stands between opsgenie_sdk and the network, because the SDK does not give back what was answered.

It parses a body before it looks at the status (a 401 with a web page becomes a JSONDecodeError, so does a 204),
it writes a key `url` into what it parsed, it names exceptions after statuses that they do not have, and its own
`last_response` is shared by all threads. So its connection pool is wrapped, and answers are taken from there.
"""

from __future__ import annotations

import http.client
import logging
import os
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from urllib3.exceptions import HTTPError, ProxyError, SSLError
from urllib3.util import make_headers

_CA_BUNDLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""Whose certificates to trust instead of certifi's: what `requests` reads, so that every provider obeys them."""


class Response(Protocol):
    """The part of a `urllib3` response that is used here."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class SentTwice(RuntimeError):
    """The SDK wants to send a request again. It never may: a POST whose answer was lost may have been done."""


class Tap:
    """Passes each request on to `pool` exactly once, without following redirects, and keeps what came of it.

    A redirect would carry the key to another host. Each thread has its own `outcome`.
    """

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._mine = threading.local()

    @property
    def outcome(self) -> Response | Exception | None:
        """What came of this thread's request: the answer, why there is none, or None if nothing was sent."""
        return getattr(self._mine, "outcome", None)

    def open(self) -> None:
        """Let this thread send one request."""
        self._mine.outcome = None
        self._mine.sent = False

    def request(self, method: str, url: str, **how: Any) -> Response:
        """Send, as the SDK asks. Raises SentTwice, or what urllib3 raises."""
        if getattr(self._mine, "sent", True):
            raise SentTwice
        self._mine.sent = True
        try:
            response: Response = self._pool.request(method, url, redirect=False, retries=False, **how)
        except (HTTPError, OSError) as error:
            self._mine.outcome = error
            raise
        self._mine.outcome = response
        return response

    def clear(self) -> None:
        """Close the connections."""
        self._pool.clear()


def no_answer(error: Exception | None, url: str) -> str:
    """Return why nothing came from `url`, as the end of a sentence: the proxy, the certificate, or silence."""
    if isinstance(error, ProxyError):
        return f"the proxy that the environment names gave no way to {url}"
    if isinstance(error, SSLError):
        return f"no trusted connection to {url}; {_CA_BUNDLES[0]} may name a file of certificates to trust"
    return f"no answer from {url}"


@contextmanager
def untouched() -> Iterator[None]:
    """Put back what the SDK changes for the whole process when it starts, and say nothing of its warnings.

    It sets the level of two loggers and the debug level of all `http.client` connections.
    """
    loggers = [logging.getLogger(name) for name in ("opsgenie_sdk", "urllib3")]
    levels = [logger.level for logger in loggers]
    debuglevel = http.client.HTTPConnection.debuglevel
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        http.client.HTTPConnection.debuglevel = debuglevel
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy's address, and the headers that name us to it."""

    url: str
    headers: Mapping[str, str]


def proxy_for(url: str) -> Proxy | None:
    """Return the proxy that the environment (`https_proxy`, `no_proxy` …) names for `url`; the SDK ignores it."""
    target = urlsplit(url)
    known = getproxies()
    found = known.get(target.scheme) or known.get("all")
    if not found or proxy_bypass(target.netloc.rpartition("@")[2]):
        return None
    found = found if "://" in found else f"http://{found}"
    parts = urlsplit(found)
    who = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
    return Proxy(found, dict(make_headers(proxy_basic_auth=who)) if who else {})


def ca_bundle() -> str | None:
    """Return the file of trusted certificates that the environment names, if there is one."""
    named = (os.environ.get(name) for name in _CA_BUNDLES)
    return next((path for path in named if path and Path(path).is_file()), None)
