"""What an answer that is not a success means: one exception, one sentence, nothing secret.

Sources: PagerDuty developer docs, "Errors"; error bodies recorded from real accounts, which do not keep to them:
`errors` may be a list, an object or missing, `error` may be a string, and the body may be a web page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from oncall_sync.errors import AuthError, NotFound, ProviderError, RateLimited, Rejected, Unreachable

MISSING_ABILITY: Final = 2014
"""Error code "Missing Account Ability"; comes with 402, and with 403 as well."""

_HIDDEN: Final = "[token]"
_GUESSABLE: Final = 8
_MEANINGS: Final[Mapping[int, tuple[type[ProviderError], str]]] = {
    401: (AuthError, "the token is not accepted (401); check the variable that token_env names"),
    403: (AuthError, "the token has not the right to (403)"),
    429: (RateLimited, "the rate limit is used up (429)"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `body` is the parsed JSON, None without one; `is_json` tells `null` from a web page."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    is_json: bool = True

    @property
    def ok(self) -> bool:
        """Return whether it is a success; PUT may say 201, so any 2xx is one."""
        return 200 <= self.status < 300


def reasons(body: Any) -> tuple[str, ...]:
    """Return the provider's own words, most telling first; `()` if it said nothing that can be read."""
    error = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(error, str):
        return (error,)
    if not isinstance(error, dict):
        return ()
    details = tuple(_texts(error.get("errors")))
    message = error.get("message")
    return details or ((message,) if isinstance(message, str) and message else ())


def _texts(errors: Any) -> Iterator[str]:
    if isinstance(errors, str):
        yield errors
    elif isinstance(errors, list):
        yield from (str(one) for one in errors if one)
    elif isinstance(errors, dict):
        for name, found in errors.items():
            for text in _texts(found):
                yield f"{name}: {text}"


def code(body: Any) -> int | None:
    """Return PagerDuty's error code, if there is one."""
    error = body.get("error") if isinstance(body, dict) else None
    found = error.get("code") if isinstance(error, dict) else None
    return found if isinstance(found, int) else None


def failure(provider: str, doing: str, answer: Answer, token: str) -> ProviderError:
    """Return the error that an unsuccessful answer to `doing` ("read schedules") stands for.

    Guarantees: the token is in neither message nor reasons, even if the answer repeats it.
    """
    hide = len(token) >= _GUESSABLE  # what is shorter is part of ordinary words
    said = tuple(text.replace(token, _HIDDEN) if hide else text for text in reasons(answer.body))
    kind, message = _meaning(doing, answer)
    detail = f": {'; '.join(said)}" if said else ""
    error = kind(provider, f"{message}{detail}", status=answer.status, reasons=said)
    if isinstance(error, RateLimited):
        error.retry_after = number(answer, "ratelimit-reset")
    return error


def number(answer: Answer, header: str) -> float | None:
    """Return a header (named in lower case) as a number >= 0; None if it is not there or is none."""
    try:
        found = float(answer.headers[header])
    except (KeyError, ValueError):
        return None
    return found if math.isfinite(found) and found >= 0 else None


def _meaning(doing: str, answer: Answer) -> tuple[type[ProviderError], str]:
    status = answer.status
    kind: type[ProviderError] = Rejected
    if status == 402 or (status == 403 and code(answer.body) == MISSING_ABILITY):
        what = f"the account's plan does not include this ability ({status})"
    elif status in _MEANINGS:
        kind, what = _MEANINGS[status]
    elif not answer.is_json and status != 408:
        kind = Unreachable
        what = f"the answer ({status}) is not the API's; check the address, and that the token is whole"
    elif status == 404:
        kind, what = NotFound, "it is not there (404)"
    elif status >= 500 or status == 408 or status < 400:
        kind, what = Unreachable, f"the service answered {status}"
    else:
        return Rejected, f"could not {doing} ({status})"
    return kind, f"could not {doing}: {what}"
