"""Sending one call so that it takes effect once, or saying why it did not.

What may be sent again: anything after a 429 (the provider did not do it); a PUT, PATCH or DELETE after a lost
connection or a 5xx (doing it twice is doing it once); anything that answers 404 because what it names was made
moments ago; a POST after a look whether it took effect. Nothing else is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tenacity import RetryCallState, Retrying, stop_after_attempt, wait_exponential

from oncall_sync.errors import NotFound, ProviderError, RateLimited, Rejected, Stopped, Unreachable
from oncall_sync.model import Call, Outcome
from oncall_sync.provider import Lookup, Provider

CALL_SECONDS = 60.0
"""How long one call may be waited for, beside the request itself."""
RUN_SECONDS = 900.0
"""How long all calls of a run may be waited for together; then what fails has failed."""
LONGEST_WAIT_SECONDS = 20.0
MOST_ATTEMPTS = 8  # with these waits, about as long as one call may take
UNSURE = "it may have been made all the same: the next plan will tell"
_backoff = wait_exponential(multiplier=0.5, max=LONGEST_WAIT_SECONDS)


@dataclass(slots=True)
class Patience:
    """How many seconds of waiting are left."""

    left: float = RUN_SECONDS

    def spend(self, seconds: float) -> None:
        """Take from what is left."""
        self.left -= seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """How calls are sent: `sleep` waits seconds (or raises Stopped), `say` tells a person of each wait."""

    sleep: Callable[[float], None]
    say: Callable[[str], None]
    patience: Patience = field(default_factory=Patience)

    def send(self, provider: Provider, call: Call, *, fresh: bool) -> Outcome:
        """Perform a call. `fresh` says that it names something made in this run. Raises ProviderError, Stopped."""
        attempt = _Attempt(provider, call, fresh)
        spent = Patience(CALL_SECONDS)

        def wait(seconds: float) -> None:
            self.sleep(seconds)
            self.patience.spend(seconds)
            spent.spend(seconds)

        retrying = Retrying(
            retry=lambda state: _again(state, attempt),
            wait=_wait,
            stop=lambda state: _too_long(state, min(spent.left, self.patience.left)),
            sleep=wait,
            before_sleep=self._tell(call),
            reraise=True,
        )
        try:
            return retrying(attempt.once)
        except Stopped as error:
            if attempt.unsure:
                raise Stopped(f"{error}; {UNSURE}") from None
            raise

    def _tell(self, call: Call) -> Callable[[RetryCallState], None]:
        def tell(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            seconds = state.next_action.sleep if state.next_action else 0
            self.say(f"{call.says}: {error}; trying again in {seconds:.0f} s")

        return tell


@dataclass(slots=True)
class _Attempt:
    """The attempts at one call."""

    provider: Provider
    call: Call
    fresh: bool
    sent: int = 0
    unsure: bool = False

    def once(self) -> Outcome:
        """Send the call, unless an earlier attempt turns out to have taken effect."""
        if self.unsure:
            found = self._made()
            if found is not None:
                return found
        self.sent += 1
        try:
            return self.provider.perform(self.call)
        except NotFound:
            if self.call.method == "DELETE" and (self.sent > 1 or not self.fresh):
                return Outcome(status=404)  # gone already: that is what was wanted
            raise
        except Unreachable:
            self.unsure = self.call.method == "POST"
            raise
        except Rejected:
            # The lists may lag: what an earlier attempt made is there, if it is what stands in the way.
            found = self._made() if self.unsure else None
            if found is None:
                raise
            return found

    def _made(self) -> Outcome | None:
        return self.provider.made(self.call) if isinstance(self.provider, Lookup) else None


def _again(state: RetryCallState, attempt: _Attempt) -> bool:
    error = state.outcome.exception() if state.outcome else None
    match error:
        case RateLimited():
            return True
        case Unreachable():
            return attempt.call.method != "POST" or isinstance(attempt.provider, Lookup)
        case NotFound():
            return attempt.fresh
        case _:
            return False


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return min(error.retry_after, CALL_SECONDS)
    return _backoff(state)


def _too_long(state: RetryCallState, left: float) -> bool:
    return left <= 0 or stop_after_attempt(MOST_ATTEMPTS)(state)


def lost(error: ProviderError, call: Call) -> bool:
    """Return whether a call may have taken effect although it failed."""
    return isinstance(error, Unreachable) and call.method == "POST"
