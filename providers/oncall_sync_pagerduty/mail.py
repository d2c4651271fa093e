"""Mail: which senders, subjects and bodies an email integration takes, as regular expressions and back.

Source: PagerDuty's API description (Integration: email_filter_mode, email_filters).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from oncall_sync.model import ABSENT, AcceptFrom, Maybe

from .wire import Body

ALL: Final = "all-email"
ANY_RULE: Final = "or-rules-email"

_PLAIN: Final = re.compile(r"(?:[\w@-]|\\.)+")
_ALWAYS: Final = ("always", None)
Condition = tuple[str, str | None]
"""A mode (`match`, `no-match`, `always`) and its expression."""


def regex(sender: AcceptFrom) -> str:
    """Return the expression for one sender; `sender_of` turns it back."""
    if sender.form == "domain":
        return f"@{_quoted(sender.value)}$"
    if sender.form == "address":
        return f"^{_quoted(sender.value)}$"
    return sender.value


def sender_of(expression: str) -> AcceptFrom:
    """Return what an expression accepts, in the plainest form that says exactly that."""
    for form, start in (("domain", "@"), ("address", "^")):
        inner = expression[1:-1]
        if expression.startswith(start) and expression.endswith("$") and _PLAIN.fullmatch(inner):
            found = AcceptFrom(form, re.sub(r"\\(.)", r"\1", inner))  # type: ignore[arg-type]  # one of the two
            at = found.value.count("@")
            if regex(found) == expression and at == (form == "address"):
                return found
    return AcceptFrom("regex", expression)


def as_held(senders: Sequence[AcceptFrom]) -> tuple[AcceptFrom, ...]:
    """Return senders as they would be read back, sorted and each once: any of them is enough."""
    found = {sender_of(regex(one)) for one in senders}
    return tuple(sorted(found, key=lambda one: (one.form, one.value)))


def filters_body(senders: Sequence[AcceptFrom], block: Mapping[str, Any]) -> Body:
    """Return the keys of an integration that let in these senders, with the block's `subject` and `body`."""
    subject, body = _condition(block.get("subject")), _condition(block.get("body"))
    if not senders and subject == body == _ALWAYS:
        return {"email_filter_mode": ALL}
    from_: list[Condition] = [("match", regex(one)) for one in senders] or [_ALWAYS]
    filters = [{**_keys("subject", subject), **_keys("body", body), **_keys("from_email", one)} for one in from_]
    return {"email_filter_mode": ANY_RULE, "email_filters": filters}


def filters_from(integration: Mapping[str, Any]) -> tuple[Maybe[tuple[AcceptFrom, ...]], Body]:
    """Return who is let in, and the block's part of it.

    Filters that have no words here (made in PagerDuty's form) are `filters: custom`, and the senders are absent.
    """
    filters = integration.get("email_filters") or []
    mode = integration.get("email_filter_mode") or ALL
    if mode == ALL or not filters:
        return (), {}
    subjects = {_read(one, "subject") for one in filters}
    bodies = {_read(one, "body") for one in filters}
    senders = [_read(one, "from_email") for one in filters]
    plain = all(one[0] == "match" for one in senders) or senders == [_ALWAYS]
    alike = len(subjects) == len(bodies) == 1
    if not plain or not alike or (mode != ANY_RULE and len(filters) > 1):
        return ABSENT, {"filters": "custom"}
    block: Body = {}
    for key, (state, expression) in (("subject", subjects.pop()), ("body", bodies.pop())):
        if state != "always":
            block[key] = {state.replace("-", "_"): expression}
    accepted = [sender_of(expression) for _, expression in senders if expression is not None]
    return as_held(accepted), block


def _read(one: Mapping[str, Any], key: str) -> Condition:
    mode, expression = one.get(f"{key}_mode") or "always", one.get(f"{key}_regex")
    return _ALWAYS if mode == "always" or not expression else (str(mode), str(expression))


def _condition(value: Any) -> Condition:
    if isinstance(value, str):
        return "match", value
    if isinstance(value, Mapping):
        for key, mode in (("match", "match"), ("no_match", "no-match")):
            if value.get(key):
                return mode, str(value[key])
    return _ALWAYS


def _keys(name: str, condition: Condition) -> Body:
    mode, expression = condition
    return {f"{name}_mode": mode} | ({} if expression is None else {f"{name}_regex": expression})


def _quoted(text: str) -> str:
    return re.sub(r"([^\w@-])", r"\\\1", text)
