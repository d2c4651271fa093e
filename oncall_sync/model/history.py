"""Who changed what at a provider, as its audit trail tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """One change to one object. `by` is a name or an email, None where the trail does not say.

    `means` is how, in a few words (`in the browser`, `with an API token`); never any part of a token. `ours` is a
    write of the very token that asks. `fields` are the provider's own words for what changed.
    """

    remote_id: str
    at: datetime
    by: str | None
    means: str
    action: str = "update"
    ours: bool = False
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a trail tells, newest first; `untold` says in a sentence why it does not tell (all of) it."""

    touches: tuple[Touch, ...] = field(default=())
    untold: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """An object that its vendor keeps in another form now: what was done to it, as the end of a sentence that
    begins with its name, and its whole description.
    """

    says: str
    description: str | None
