"""Telling a webhook. Its address is a secret: it comes from the environment only, and is never shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from oncall_sync.errors import SyncError, UsageError
from oncall_sync.policy.api_urls import url_from_environment
from oncall_sync.policy.wording import WordError

VARIABLE: Final = "ONCALL_SYNC_WEBHOOK"
TIMEOUT_SECONDS: Final = (5.0, 10.0)
"""To connect, and to answer."""


def webhook(environ: Mapping[str, str]) -> str:
    """Return the address of the webhook: https, or http to this machine. Raises UsageError."""
    text = environ.get(VARIABLE, "").strip()
    if not text:
        raise UsageError(f"--notify: set the environment variable {VARIABLE} to the address of a webhook")
    try:
        return url_from_environment(text)
    except WordError:
        message = "is no address that a webhook may have: https://…, without a query, or http:// to this machine"
        raise UsageError(f"--notify: the value of {VARIABLE} {message}") from None


def post(address: str, payload: Mapping[str, Any]) -> None:
    """Post a message once, and follow no redirect. Raises SyncError; the address is in no message."""
    import requests

    try:
        answer = requests.post(
            address,
            json=payload,
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
            auth=_as_it_is,  # else a ~/.netrc would add a password
        )
    except requests.RequestException as error:
        raise SyncError(f"--notify: no answer from the webhook ({type(error).__name__})") from None
    if not 200 <= answer.status_code < 300:
        raise SyncError(f"--notify: the webhook answered {answer.status_code}; nobody was told")


def _as_it_is(request: Any) -> Any:
    return request
