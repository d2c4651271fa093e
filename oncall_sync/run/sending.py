"""Sending one call so that it takes effect once, or saying why it did not.

What may be sent again: anything after a 429 (the provider did not do it); a PUT or DELETE after a lost connection
or a 5xx (doing it twice is doing it once); anything that answers 404 because what it names was made moments ago.
A POST whose answer was lost is never repeated: the next run finds what it made by its mark.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tenacity import RetryCallState, Retrying, stop_after_attempt, stop_after_delay, wait_exponential

from oncall_sync.errors import NotFound, ProviderError, RateLimited, Unreachable
from oncall_sync.model import Call, Outcome
from oncall_sync.provider import Provider

BUDGET_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 20.0
MOST_ATTEMPTS = 8  # with these waits, about as long as the budget
_backoff = wait_exponential(multiplier=0.5, max=LONGEST_WAIT_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """How calls are sent: `sleep` waits seconds, `say` tells a person of each wait, `budget` bounds a call."""

    sleep: Callable[[float], None]
    say: Callable[[str], None]
    budget: float = BUDGET_SECONDS

    def send(self, provider: Provider, call: Call, *, fresh: bool) -> Outcome:
        """Perform a call. `fresh` says that it names something made in this run. Raises ProviderError."""
        sent = 0

        def attempt() -> Outcome:
            nonlocal sent
            sent += 1
            try:
                return provider.perform(call)
            except NotFound:
                if call.method == "DELETE" and (sent > 1 or not fresh):
                    return Outcome(status=404)  # gone already: that is what was wanted
                raise

        retrying = Retrying(
            retry=lambda state: _again(state, call, fresh=fresh),
            wait=_wait,
            stop=stop_after_delay(self.budget) | stop_after_attempt(MOST_ATTEMPTS),
            sleep=self.sleep,
            before_sleep=self._tell(call),
            reraise=True,
        )
        return retrying(attempt)

    def _tell(self, call: Call) -> Callable[[RetryCallState], None]:
        def tell(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            seconds = state.next_action.sleep if state.next_action else 0
            self.say(f"{call.says}: {error}; trying again in {seconds:.0f} s")

        return tell


def _again(state: RetryCallState, call: Call, *, fresh: bool) -> bool:
    error = state.outcome.exception() if state.outcome else None
    match error:
        case RateLimited():
            return True
        case Unreachable():
            return call.method != "POST"
        case NotFound():
            return fresh
        case _:
            return False


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return error.retry_after
    return _backoff(state)


def lost(error: ProviderError, call: Call) -> bool:
    """Return whether a call may have taken effect although it failed."""
    return isinstance(error, Unreachable) and call.method == "POST"
