"""The error answers of the REST API, as one exception with the vendor's codes and texts.

Source: PagerDuty developer docs "Errors" for codes, and recorded bodies for shapes: `errors` is a list of
sentences, an object of field to messages (code 3001), or absent when the message itself says it all.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from oncall_sync_sandbox.http import Refusal


def refuse(status: int, code: int, message: str, errors: Sequence[str] | None = None) -> Refusal:
    """An error with the vendor's code; `errors` is left out, not empty, when there is no list."""
    error: dict[str, Any] = {"message": message, "code": code}
    if errors is not None:
        error["errors"] = list(errors)
    return Refusal(status, {"error": error})


def invalid(*errors: str) -> Refusal:
    """400 code 2001 with one sentence per fault."""
    return refuse(400, 2001, "Invalid Input Provided", errors)


def invalid_schedule(errors: Mapping[str, Sequence[str]]) -> Refusal:
    """400 code 3001: the one error whose `errors` is an object of field to messages."""
    said = {field: list(sentences) for field, sentences in errors.items()}
    return Refusal(400, {"error": {"message": "Invalid Schedule", "code": 3001, "errors": said}})


def not_found() -> Refusal:
    """404 code 2100, which never has an `errors` list."""
    return refuse(404, 2100, "Not Found")


def missing_ability(name: str, *, status: int = 402) -> Refusal:
    """Code 2014: the account's plan lacks an ability (402; 403 for round robin, as the vendor does)."""
    return refuse(status, 2014, f"Account does not have the [{name}] ability")


def conflict(sentence: str, conflicts: Sequence[Mapping[str, Any]]) -> Refusal:
    """The refused delete of a user: no code, no message, but what stands in the way (recorded body)."""
    return Refusal(400, {"error": {"errors": [sentence], "conflicts": [dict(one) for one in conflicts]}})


__all__ = ["Refusal", "conflict", "invalid", "invalid_schedule", "missing_ability", "not_found", "refuse"]
