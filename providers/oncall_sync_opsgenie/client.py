"""The transport: the only module that knows opsgenie_sdk, and through it the only one that speaks HTTP.

The SDK is used for authentication and headers, by `ApiClient.call_api`. It would repeat a POST whose answer was
lost, wait for ever on a silent host and ignore what a 429 says; so its retries are off, every request has a
timeout, and patience is ours: reads are repeated within budgets, writes never.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from oncall_sync.errors import AuthError, ProviderError, RateLimited, Unreachable

from .answers import Answer, failure
from .pace import WAIT_BUDGET_SECONDS, Pace, domain, windows
from .tap import Response, Tap, ca_bundle, no_answer, proxy_for, untouched

if TYPE_CHECKING:
    from tenacity import RetryCallState

WORKERS: Final = 6
"""Requests at a time; also how many connections are kept."""
CONNECT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 22
"""Both go to the SDK as a pair: a float it would drop without a word, and then wait for ever."""
GIVE_UP_SECONDS: Final = 28.0
"""A read that fails after so long without a success is the last: a dead host is given up within 60 seconds."""
STILL_DOWN_SECONDS: Final = 1.0
"""So long after that, other reads of the same moment do not even try."""
MOST_FAILURES: Final = 5
PAGE: Final = 100
"""The most that the API allows."""
LIMITS_PATH: Final = "/v2/request-limits/"
"""Not in the API's description; opsgenie-configuration-backup uses it, with this slash."""


class _Again(Exception):
    """A read may be repeated; `error` is what to raise if it is not, `limited` says that it is only early."""

    def __init__(self, error: ProviderError, *, limited: bool = False) -> None:
        super().__init__()
        self.error = error
        self.limited = limited


class Client:
    """Requests to one account. Safe to use from several threads.

    A path begins with the version ("/v2/teams"), may carry a query, and is sent as it is: whoever writes it
    quotes what is in it.
    """

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
        self._asked_for_limits = False
        self._api, self._tap = _sdk(provider, self._token, self.url)

    def close(self) -> None:
        """Give back connections."""
        self._tap.clear()

    def discover_limits(self) -> None:
        """Ask once for the account's rate limits and keep to them; without an answer the pace adapts.

        Never raises ProviderError: many keys may not ask (403), and the next read says what else is wrong.
        """
        with self._lock:
            if self._asked_for_limits:
                return
            self._asked_for_limits = True
        try:
            body = self._get_once(LIMITS_PATH, "read the rate limits")
        except (_Again, ProviderError):
            return
        self.pace.learn(windows(body))

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
            return retrying(self._get_once, _with_query(path, params), doing)
        except _Again as again:
            raise again.error from None

    def pages(
        self, path: str, doing: str, params: Mapping[str, Any] | None = None
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the pages of a list, until `totalCount` is reached and no `paging.next` is left.

        A page may be shorter than asked for without being the last. `paging.next` is never followed: it is a
        whole address, and the key goes to one host only. Raises ProviderError, also for a list that ends early
        or repeats itself: half a list is worse than none.
        """
        count = 0
        before: list[dict[str, Any]] = []
        while True:
            body = self.get(path, doing, {**(params or {}), "limit": PAGE, "offset": count})
            found = _items(self._provider, body, doing)
            if found and found == before:
                raise Unreachable(self._provider, f"could not {doing}: the same page came twice")
            yield found
            count += len(found)
            total, following = _announced(body)
            if count >= total and (not following or not found):
                return
            if not found:
                raise Unreachable(self._provider, f"could not {doing}: only {count} of {total} came")
            before = found

    def send(self, method: str, path: str, doing: str, body: Mapping[str, Any] | None) -> Answer:
        """Send a request that writes, exactly once, and return its successful answer. Raises ProviderError.

        The answer's body may be None or not JSON: that does not undo a success.
        """
        sent_at = self.pace.hold_back(domain(method, path))
        answer = self._once(method, path, doing, sent_at, body)
        if not answer.ok:
            raise failure(self._provider, doing, answer, self._token)
        return answer

    def _get_once(self, path: str, doing: str) -> dict[str, Any]:
        began = self.pace.hold_back(domain("GET", path))
        if began < self._down_until:
            raise Unreachable(self._provider, f"could not {doing}: {no_answer(None, self.url)}")
        try:
            answer = self._once("GET", path, doing, began)
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
        self, method: str, path: str, doing: str, sent_at: float, body: Mapping[str, Any] | None = None
    ) -> Answer:
        if not path.startswith("/"):
            raise ValueError(f"{path!r} would be part of the host's name")
        unsent = self._call(method, path, body)
        outcome = self._tap.outcome
        if outcome is None and unsent is not None:
            raise unsent
        if outcome is None or isinstance(outcome, Exception):
            raise Unreachable(self._provider, f"could not {doing}: {no_answer(outcome, self.url)}")
        answer = _answer(outcome)
        self.pace.heed(domain(method, path), answer, sent_at)
        return answer

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> Exception | None:
        """Let the SDK send; what it makes of the answer is of no use, the tap has the answer itself."""
        self._tap.open()
        try:
            self._api.call_api(
                path,
                method,
                header_params={"Accept": "application/json"},
                body=None if body is None else dict(body),
                auth_settings=["GenieKey"],
                _request_timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            )
        except Exception as error:
            return error
        return None

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


def _sdk(provider: str, token: str, url: str) -> tuple[Any, Tap]:
    if not url.startswith(("https://", "http://")):
        raise Unreachable(provider, f"{url!r} is no address; it begins with https://")
    with untouched():
        import opsgenie_sdk

        settings = opsgenie_sdk.Configuration()
    # Every Configuration is a copy that shares these two with all others: new ones, or accounts swap keys.
    settings.api_key = {"Authorization": token}
    settings.api_key_prefix = {"Authorization": "GenieKey"}
    settings.host = url
    settings.retry_enabled = False
    settings.retry_http_response = []
    settings.connection_pool_maxsize = WORKERS
    settings.verify_ssl, settings.ssl_ca_cert = True, ca_bundle()
    proxy = proxy_for(url)
    settings.proxy, settings.proxy_headers = (proxy.url, proxy.headers) if proxy else (None, None)
    logging.getLogger("opsgenie_sdk.rest").setLevel(logging.INFO)  # else it logs bodies, with integrations' keys
    try:
        api = opsgenie_sdk.ApiClient(settings)
    except ValueError:
        raise Unreachable(provider, "the proxy that the environment names is no http:// address") from None
    api.rest_client.pool_manager = Tap(api.rest_client.pool_manager)
    return api, api.rest_client.pool_manager


def _with_query(path: str, params: Mapping[str, Any] | None) -> str:
    if not params:
        return path
    values = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
    return f"{path}{'&' if '?' in path else '?'}{urlencode(values, quote_via=quote)}"


def _answer(response: Response) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    if not response.data.strip():
        return Answer(response.status, headers)
    try:
        return Answer(response.status, headers, json.loads(response.data))
    except (ValueError, RecursionError):
        return Answer(response.status, headers, is_json=False)


def _items(provider: str, body: Mapping[str, Any], doing: str) -> list[dict[str, Any]]:
    found = body.get("data")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unreachable(provider, f"could not {doing}: the answer is not the API's")
    return found


def _announced(body: Mapping[str, Any]) -> tuple[int, bool]:
    total, paging = body.get("totalCount"), body.get("paging")
    known = isinstance(total, int) and not isinstance(total, bool)
    return int(total) if known and total else 0, isinstance(paging, dict) and bool(paging.get("next"))
