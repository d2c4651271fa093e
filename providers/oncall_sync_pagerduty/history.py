"""Who changed what, as PagerDuty's audit trail tells it.

Source: PagerDuty's API description ("List audit records") and its guide to the audit records API: newest first,
cursor pages, spans of 31 days at most, kept for 12 months. The trail of the whole account needs an admin's or a
global key and a plan with "Audit Trail"; that of one object only needs the right to read the object. Whether the
account's trail covers shift-based schedules is not published, so they are always asked for their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from oncall_sync.errors import ProviderError
from oncall_sync.model import History, Live, Touch, Upgrade

from .client import PAGE, Client
from .wire import PATHS, Body, instant, stamp, text_of

LONGEST_SPAN: Final = timedelta(days=30, hours=12)
"""Half a day less than is allowed, so that no rounding is refused."""
KEPT: Final = timedelta(days=365)
MOST_PAGES: Final = 50
"""How much of a busy account's trail is read: 5000 records. The newest come first."""
SHIFT_BASED: Final = "/v3/schedules"
TOKEN_END: Final = 4
"""How many characters of a token the trail has."""

_TYPES: Final = {
    "team": "teams",
    "schedule": "schedules",
    "escalation_policy": "escalation_policies",
    "service": "services",
}
_MEANS: Final[Mapping[str, str]] = {
    "browser": "in the browser",
    "oauth": "by an app (OAuth)",
    "api_token": "with an API token",
    "identity_provider": "by the identity provider",
}
_CLOSED: Final = frozenset({402, 403, 404})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """A reader of the trail: the connection, the end of our own token, people's emails by id, and which schedules
    are shift-based.
    """

    client: Client
    token_end: str
    emails: Mapping[str, str]
    shift_based: frozenset[str]

    def history(self, objects: Sequence[Live], since: datetime, until: datetime) -> History:
        """Return who changed these objects, newest first. Raises ProviderError for what is no matter of rights."""
        asked = {live.remote_id: live for live in objects}
        begin = max(since, until - KEPT)
        newer = [key for key in asked if key in self.shift_based]
        layered = {key: live for key, live in asked.items() if key not in self.shift_based}
        found, untold = self._layered(layered, begin, until)
        for key in newer:
            records, refused = self._each(f"{SHIFT_BASED}/{key}", begin, until)
            found += [one for one in records if _root(one) == key]
            untold = untold or refused
        ends = self._applying(found, asked)
        once = {str(one["id"]): one for one in found}  # a record between two spans is in both
        touches = sorted(
            (self._touch(one, ends) for one in once.values()), key=lambda touch: touch.at, reverse=True
        )
        return History(touches=tuple(touches), untold=untold)

    def _layered(
        self, asked: Mapping[str, Live], since: datetime, until: datetime
    ) -> tuple[list[Body], str | None]:
        if not asked:
            return [], None
        try:
            return self._whole(asked, since, until)
        except ProviderError as error:
            if error.status not in _CLOSED:
                raise
        found: list[Body] = []
        refused: str | None = None
        for key, live in asked.items():
            records, why = self._each(f"{PATHS[live.kind]}/{key}", since, until)
            found += [one for one in records if _root(one) == key]
            refused = refused or why
        return found, refused

    def _whole(self, asked: Mapping[str, Live], since: datetime, until: datetime) -> tuple[list[Body], str | None]:
        """Read the account's trail back to `since`, or as far as that is worth its requests."""
        types = sorted({_TYPES[live.kind] for live in asked.values()})
        found: list[Body] = []
        pages = self._pages("/audit/records", since, until, {"root_resource_types[]": types})
        for number, page in enumerate(pages, 1):
            found += [one for one in page if _root(one) in asked]
            if number == MOST_PAGES:
                return found, f"only the newest {number * PAGE} records of PagerDuty's audit trail were read"
        return found, None

    def _each(self, path: str, since: datetime, until: datetime) -> tuple[list[Body], str | None]:
        """Return one object's records, or why they cannot be had."""
        try:
            return [one for page in self._pages(f"{path}/audit/records", since, until, {}) for one in page], None
        except ProviderError as error:
            if error.status not in _CLOSED:
                raise
            return [], f"PagerDuty's audit trail is closed to this token, or not in the plan ({error.status})"

    def _pages(
        self, path: str, since: datetime, until: datetime, params: Mapping[str, Any]
    ) -> Iterator[list[Body]]:
        """Yield pages, newest first, span by span. Both libraries' own loops are broken for these paths."""
        end = until + timedelta(seconds=1)  # requests carry whole seconds, records milliseconds
        while end > since:
            begin = max(since, end - LONGEST_SPAN)
            cursor: str | None = None
            while True:
                asked = {**params, "since": stamp(begin), "until": stamp(end), "limit": PAGE}
                body = self.client.get(
                    path, "read the audit trail", asked | ({"cursor": cursor} if cursor else {})
                )
                yield list(body.get("records") or ())
                before, cursor = cursor, body.get("next_cursor")
                if not cursor or cursor == before:
                    break
            end = begin

    def _applying(self, records: Sequence[Body], asked: Mapping[str, Live]) -> frozenset[str]:
        """Return the ends of tokens that apply: ours, and those that put there the last line that is there now.

        That line is the mark, which only an apply writes. Drift is often looked for with a token that only reads.
        """
        marking = (one for one in records if _marked(one, asked[str(_root(one))]))
        ends = (_token_end(one) for one in marking)
        return frozenset({self.token_end, *(end for end in ends if end)})

    def _touch(self, record: Body, ends: frozenset[str]) -> Touch:
        method = record.get("method") or {}
        return Touch(
            remote_id=str(_root(record)),
            at=instant(record["execution_time"]),
            by=self._by(record),
            means=_MEANS.get(str(method.get("type")), "by other means"),
            action=str(record.get("action") or "update"),
            ours=_token_end(record) in ends,
            fields=_fields(record),
        )

    def _by(self, record: Body) -> str | None:
        """Return an email, a name, or None; a key's name only if it holds nothing of the key."""
        actors = record.get("actors") or ()
        actor = actors[0] if actors and isinstance(actors[0], dict) else {}
        end = (record.get("method") or {}).get("truncated_token")
        name = self.emails.get(str(actor.get("id"))) or actor.get("summary")
        if not isinstance(name, str) or not name.strip() or (end and str(end) in name):
            return None
        return name


def _token_end(record: Body) -> str | None:
    """Return the end of the token that wrote something; None if it was none."""
    method = record.get("method") or {}
    return method.get("truncated_token") if method.get("type") == "api_token" else None


def _marked(record: Body, live: Live) -> bool:
    last = _last_line(live.resource.description)
    fields = (record.get("details") or {}).get("fields") or ()
    texts = [one for one in fields if isinstance(one, dict) and one.get("name") == "description"]
    return bool(last) and any(
        _last_line(one.get("value")) == last and _last_line(one.get("before_value")) != last for one in texts
    )


def _last_line(text: Any) -> str:
    lines = text.splitlines() if isinstance(text, str) else []
    return lines[-1] if lines else ""


def _root(record: Body) -> str | None:
    root = record.get("root_resource")
    return root.get("id") if isinstance(root, dict) else None


def _fields(record: Body) -> tuple[str, ...]:
    """Return what a record says was touched, in PagerDuty's names, without values: they may be anything."""
    details = record.get("details") or {}
    named = [
        one.get("name")
        for one in details.get("fields") or ()
        if isinstance(one, dict) and ("value" not in one or one.get("value") != one.get("before_value"))
    ]
    named += [one.get("name") for one in details.get("references") or () if isinstance(one, dict)]
    part = details.get("resource") or {}
    if isinstance(part, dict) and part.get("id") not in (None, _root(record)):
        named.append(str(part.get("type") or "").removesuffix("_reference"))
    return tuple(dict.fromkeys(str(name) for name in named if name))


def upgrade(client: Client, schedule: str) -> Upgrade:
    """Return what is told of a schedule that is shift-based. Raises ProviderError.

    An upgrade keeps the id, the name and the description (PagerDuty's guide to the upgrade). One that always was
    shift-based is told in the same words: its description says whether it was ours.
    """
    body = client.get(f"{SHIFT_BASED}/{schedule}", "read a shift-based schedule")["schedule"]
    return Upgrade(
        says="was upgraded to a shift-based schedule in PagerDuty", description=text_of(body.get("description"))
    )
