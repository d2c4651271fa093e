"""What an answer that is not a success means: one exception, one sentence, nothing secret.

Sources: Opsgenie docs "Response" (statuses, codes 40301 and 40302), recorded 403 bodies, go-sdk for the `errors`
map, terraform-provider-opsgenie issues 214 (422 for a malformed key) and 303 (404 "No handler found"),
opsgenie-configuration-backup issues 42 (a team's key) and 47 (the web host's pages).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from oncall_sync.errors import AuthError, NotFound, ProviderError, RateLimited, Rejected, Unreachable

PERIOD: Final = "x-ratelimit-period-in-sec"
"""Header of a 429: seconds until its rate limit has room again."""

UNSUPPORTED: Final = 40302
"""Error code of a 403: not a right that is missing, but nothing this key could ever do."""

RIGHTS: Final = "Configuration access and Read, and to make changes Create and Update and Delete"
"""What a key needs, in the words of Settings > API key management."""

_HIDDEN: Final = "[token]"
_GUESSABLE: Final = 8
_MALFORMED_KEY: Final = "key format is not valid"
_TEAM_KEY: Final = "team api key"
_NO_HANDLER: Final = ("no handler found", "find any handler")
_WRONG_PLACE: Final = (
    "the answer ({status}) is not the API's; its address is https://api.opsgenie.com or"
    " https://api.eu.opsgenie.com (a host under app.opsgenie.com is the web site)"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `body` is the parsed JSON, None without one; `is_json` tells `null` from a web page.

    Header names are in lower case.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    is_json: bool = True

    @property
    def ok(self) -> bool:
        """Return whether it is a success: 200, 201 or 202 (done later), and any other 2xx."""
        return 200 <= self.status < 300


def reasons(body: Any) -> tuple[str, ...]:
    """Return the provider's own words: `errors` field by field, else `message`; `()` if there are none."""
    if isinstance(body, str):
        return (body,) if body else ()
    if not isinstance(body, dict):
        return ()
    details = tuple(_texts(body.get("errors")))
    message = body.get("message")
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
    """Return Opsgenie's error code, if there is one."""
    found = body.get("code") if isinstance(body, dict) else None
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
        error.retry_after = number(answer, PERIOD)
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
    said = " ".join(reasons(answer.body)).lower()
    kind: type[ProviderError]
    if status == 401:
        kind, what = AuthError, "the key is not accepted (401); check the variable that token_env names"
    elif status == 422 and _MALFORMED_KEY in said:
        kind, what = AuthError, "the key does not look like one (422); check the variable that token_env names"
    elif status == 429:
        kind, what = RateLimited, "the rate limit is used up (429)"
    elif status >= 500 or status == 408:
        kind, what = Unreachable, f"the service answered {status}"
    elif not answer.is_json or status < 400:
        kind, what = Unreachable, _WRONG_PLACE.format(status=status)
    elif status == 402:
        kind, what = Rejected, "the account's plan does not include this (402)"
    elif status == 403:
        kind, what = AuthError, _right(answer.body, said)
    elif status == 404 and any(text in said for text in _NO_HANDLER):
        kind, what = Rejected, "the API does not offer this to the account, by its plan or its region (404)"
    elif status == 404:
        kind, what = NotFound, "it is not there (404)"
    else:
        return Rejected, f"could not {doing} ({status})"
    return kind, f"could not {doing}: {what}"


def _right(body: Any, said: str) -> str:
    if _TEAM_KEY in said:
        return (
            "the key is one team's (403) and does not reach the account;"
            f" use one of Settings > API key management with the rights {RIGHTS}"
        )
    if code(body) == UNSUPPORTED:
        return f"it cannot be done with a key of this kind (403), which has to have the rights {RIGHTS}"
    return f"the key lacks a right (403); it needs {RIGHTS}"
