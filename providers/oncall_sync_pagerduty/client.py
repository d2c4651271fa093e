"""The transport: the only module that knows pdpyras, and through it the only one that speaks HTTP.

pdpyras is used for authentication and headers alone. It would repeat a POST whose answer was lost, wait for ever
on 429 and ignore `ratelimit-reset`; so it makes one attempt per request, and patience is ours: reads are repeated
within budgets, writes never.
"""

from __future__ import annotations

import logging
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from oncall_sync.errors import AuthError, ProviderError, RateLimited, Unreachable

from .answers import Answer, failure
from .pace import WAIT_BUDGET_SECONDS, Pace

if TYPE_CHECKING:
    from tenacity import RetryCallState

WORKERS: Final = 6
"""Requests at a time. PagerDuty asks for one at a time per token; a few are far from its limit of 960 a minute."""
CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 22.0
GIVE_UP_SECONDS: Final = 28.0
"""A read that fails after so long without a success is the last: a dead host is given up within 60 seconds."""
STILL_DOWN_SECONDS: Final = 1.0
"""So long after that, other reads of the same moment do not even try."""
MOST_FAILURES: Final = 5
PAGE: Final = 100
LAST_RECORD: Final = 10_000
"""Offset pagination ends here, with a 400."""


class Response(Protocol):
    """The part of a `requests.Response` that is used here."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """Return the parsed body."""
        ...


class _Again(Exception):
    """A read may be repeated; `error` is what to raise if it is not, `limited` says that it is only early."""

    def __init__(self, error: ProviderError, *, limited: bool = False) -> None:
        super().__init__()
        self.error = error
        self.limited = limited


class Client:
    """Requests to one account. Safe to use from several threads."""

    def __init__(
        self,
        provider: str,
        token: str | None,
        url: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provider = provider
        self._token = _checked(provider, token)
        self.url = url.rstrip("/")
        self._sleep = sleep
        self._clock = clock
        self.pace = Pace(sleep, clock)
        self._lock = threading.Lock()
        self._down_since: float | None = None
        self._down_until = 0.0
        self._session = _session(self._token, self.url)

    def close(self) -> None:
        """Give back connections."""
        self._session.close()

    def get(self, path: str, doing: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the JSON object at `path`; repeats what is safe to repeat. Raises ProviderError."""
        from tenacity import Retrying, retry_if_exception_type, wait_exponential

        backoff = wait_exponential(multiplier=0.5, max=8)
        retrying = Retrying(
            retry=retry_if_exception_type(_Again),
            wait=lambda state: 0.0 if _limited(state) else backoff(state),
            stop=self._stop(),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(self._get_once, path, doing, params)
        except _Again as again:
            raise again.error from None

    def pages(
        self, path: str, key: str, params: Mapping[str, Any] | None = None, limit: int = PAGE
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the pages of a list with offset pagination. Raises ProviderError."""
        offset = 0
        while True:
            asked = {**(params or {}), "limit": limit, "offset": offset}
            body = self.get(path, f"read {key.replace('_', ' ')}", asked)
            yield _items(self._provider, body, key)
            if not body.get("more"):
                return
            offset += limit
            if offset + limit > LAST_RECORD:
                message = f"has more than {LAST_RECORD} {key.replace('_', ' ')}, which its API cannot list"
                raise ProviderError(self._provider, message)

    def cursor_pages(self, path: str, key: str) -> Iterator[list[dict[str, Any]]]:
        """Yield the pages of a list that is continued `after` a cursor. Raises ProviderError."""
        after: str | None = None
        while True:
            asked = {"limit": PAGE} | ({"after": after} if after else {})
            body = self.get(path, f"read {key.replace('_', ' ')}", asked)
            found = _items(self._provider, body, key)
            yield found
            before, after = after, body.get("after")
            if not after or after == before or not found:
                return

    def send(self, method: str, path: str, doing: str, body: Mapping[str, Any] | None) -> Answer:
        """Send a request that writes, exactly once, and return its successful answer. Raises ProviderError."""
        self.pace.hold_back()
        answer = self._once(method, path, doing, body=body)
        if not answer.ok:
            raise failure(self._provider, doing, answer, self._token)
        return answer

    def _get_once(self, path: str, doing: str, params: Mapping[str, Any] | None) -> dict[str, Any]:
        self.pace.hold_back()
        began = self._clock()
        if began < self._down_until:
            raise Unreachable(self._provider, f"could not {doing}: no answer from {self.url}")
        try:
            answer = self._once("GET", path, doing, params=params)
        except Unreachable as error:
            self._fell(began)
            raise _Again(error) from None
        if answer.status == 429:
            message = f"could not {doing}: the rate limit still holds after {WAIT_BUDGET_SECONDS:.0f} s of waiting"
            raise _Again(RateLimited(self._provider, message, status=429), limited=True)
        if answer.status >= 500 or answer.status == 408:
            self._fell(began)
            raise _Again(failure(self._provider, doing, answer, self._token))
        with self._lock:
            self._down_since = None
        if not answer.ok or not answer.is_json or not isinstance(answer.body, dict):
            odd = answer if not answer.ok else Answer(answer.status, is_json=False)
            raise failure(self._provider, doing, odd, self._token)
        return answer.body

    def _once(
        self,
        method: str,
        path: str,
        doing: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        import pdpyras

        sent = {} if body is None else {"json": body}
        try:
            response = self._session.request(
                method, path, params=dict(params or {}), allow_redirects=False, **sent
            )
        except pdpyras.PDClientError as error:
            response = error.response  # a 401 is raised with its answer
            if response is None:
                raise Unreachable(self._provider, f"could not {doing}: no answer from {self.url}") from None
        answer = _answer(response)
        self.pace.heed(answer)
        return answer

    def _fell(self, began: float) -> None:
        with self._lock:
            self._down_since = began if self._down_since is None else self._down_since
            if self._given_up():
                self._down_until = self._clock() + STILL_DOWN_SECONDS

    def _given_up(self) -> bool:
        since = self._down_since
        return since is not None and self._clock() - since >= GIVE_UP_SECONDS

    def _stop(self) -> Callable[[RetryCallState], bool]:
        failures = 0

        def stop(state: RetryCallState) -> bool:
            nonlocal failures
            if _limited(state):
                return self.pace.spent
            failures += 1
            return failures >= MOST_FAILURES or self._given_up()

        return stop


def _limited(state: RetryCallState) -> bool:
    again = state.outcome.exception() if state.outcome else None
    return isinstance(again, _Again) and again.limited


def _checked(provider: str, token: str | None) -> str:
    if not token:
        raise AuthError(provider, "there is no token; set the variable that token_env names")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise AuthError(provider, "the token holds characters that no token has; was it copied whole?")
    return token


def _session(token: str, url: str) -> Any:
    with warnings.catch_warnings():
        # The library announces its own end on import. It is kept behind this one module until it is replaced.
        warnings.filterwarnings("ignore", message=".*pdpyras.*deprecated", category=UserWarning)
        import pdpyras
    from requests.adapters import HTTPAdapter

    logging.getLogger("pdpyras").addHandler(logging.NullHandler())
    session = pdpyras.APISession(token)
    session.url = url
    session.timeout = (CONNECT_SECONDS, ANSWER_SECONDS)
    session.max_network_attempts = 0
    session.retry = {429: 1}
    session.max_http_attempts = -1  # together: every answer is returned as it comes, also a 429
    session.auth = _as_it_is  # else a ~/.netrc would replace the token
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=WORKERS, max_retries=0))
    return session


def _as_it_is(request: Any) -> Any:
    return request


def _answer(response: Response) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    if not response.content.strip():
        return Answer(response.status_code, headers)
    try:
        return Answer(response.status_code, headers, response.json())
    except (ValueError, RecursionError):
        return Answer(response.status_code, headers, is_json=False)


def _items(provider: str, body: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = body.get(key)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        message = f"could not read {key.replace('_', ' ')}: the answer is not the API's"
        raise Unreachable(provider, message)
    return found
