"""The error answers of the REST API, as one exception. `took` and `requestId` are the app's to add.

Source: Opsgenie docs "Response" for statuses and codes, recorded bodies for shapes, go-sdk for `errors`.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from oncall_sync_sandbox.http import Refusal

NO_RIGHT: Final = 40301
UNSUPPORTED: Final = 40302
UNPROCESSABLE: Final = "Request body is not processable. Please check the errors."


def refuse(status: int, message: str, code: int | None = None, errors: Mapping[str, str] | None = None) -> Refusal:
    """An error in the vendor's shape; `code` and `errors` are left out when there are none."""
    body: dict[str, Any] = {"message": message}
    if code is not None:
        body["code"] = code
    if errors:
        body["errors"] = dict(errors)
    return Refusal(status, body)


def not_found(what: str, key: str) -> Refusal:
    """404 for `Team` and the like under an id, a name or an alias."""
    return refuse(404, f"{what} with id [{key}] does not exist.")


def no_handler() -> Refusal:
    """404 for a path the API does not have."""
    return refuse(404, "Could not find any handler that serves this resource. Please check the api documentation.")


def unprocessable(message: str) -> Refusal:
    """422 whose message says it all."""
    return refuse(422, message)


def invalid(message: str = UNPROCESSABLE, errors: Mapping[str, str] | None = None) -> Refusal:
    """422 with a reason for each field."""
    return refuse(422, message, errors=errors)


def conflict(what: str, name: str, field: str = "name") -> Refusal:
    """409: the name is taken (docs: "Escalation with [name] [x] already exists.")."""
    return refuse(409, f"{what} with [{field}] [{name}] already exists.")


def in_use(what: str, name: str, by: Iterable[str]) -> Refusal:
    """428: other objects refer to it; `by` says which."""
    return refuse(428, f"{what} [{name}] is used by {', '.join(by)}. It can not be deleted.")


def forbidden(message: str, code: int = NO_RIGHT) -> Refusal:
    """403: 40301 is a right the key lacks, 40302 something that cannot be done at all."""
    return refuse(403, message, code)


class Faults:
    """Collects what is wrong with the fields of a body, by field; `end()` refuses with all of it (422)."""

    def __init__(self) -> None:
        self._errors: dict[str, str] = {}

    def add(self, field: str, reason: str) -> None:
        """One fault; the first of a field stays."""
        self._errors.setdefault(field, reason)

    def text(
        self,
        body: Mapping[str, Any],
        field: str,
        most: int,
        *,
        required: bool = False,
        pattern: re.Pattern[str] | None = None,
    ) -> None:
        """A string, if there is one, of at most so many characters that all fit the pattern."""
        value = body.get(field)
        if value is None or value == "":
            if required:
                self.add(field, f"{field} can not be empty.")
        elif not isinstance(value, str):
            self.add(field, f"{field} should be a text.")
        elif len(value) > most:
            self.add(field, f"{field} can not be longer than {most} characters.")
        elif pattern is not None and not pattern.fullmatch(value):
            self.add(field, f"{field} contains characters that are not allowed.")

    def whole(self, body: Mapping[str, Any], field: str, least: int, most: int | None = None) -> None:
        """A whole number in bounds, if there is one."""
        value = body.get(field)
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int) or value < least or (most or value) < value:
            self.add(field, f"{field} should be a number from {least}{'' if most is None else f' to {most}'}.")

    def choice(self, body: Mapping[str, Any], field: str, values: Collection[str]) -> None:
        """One of a few strings."""
        if not isinstance(body.get(field), str) or body[field] not in values:
            self.add(field, f"{field} should be one of [{', '.join(values)}].")

    def flag(self, body: Mapping[str, Any], field: str) -> None:
        """True or false, if there is one."""
        if not isinstance(body.get(field, False), bool):
            self.add(field, f"{field} should be true or false.")

    def strings(self, body: Mapping[str, Any], field: str) -> None:
        """A list of strings, if there is one."""
        value = body.get(field, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.add(field, f"{field} should be a list of texts.")

    def end(self) -> None:
        """Refuses if anything was added."""
        if self._errors:
            raise invalid(errors=self._errors)


__all__ = [
    "NO_RIGHT",
    "UNPROCESSABLE",
    "UNSUPPORTED",
    "Faults",
    "Refusal",
    "conflict",
    "forbidden",
    "in_use",
    "invalid",
    "no_handler",
    "not_found",
    "refuse",
    "unprocessable",
]
