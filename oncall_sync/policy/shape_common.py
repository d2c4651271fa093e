"""The shape of what every resource may say of itself."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from oncall_sync.model import ABSENT, Maybe

from .shape_base import Blocked
from .shape_values import CLEARABLE_TEXT, FLAG, TEXT, reference


class Declared(Blocked):
    """A team, schedule, escalation policy or service."""

    name: Annotated[str | None, TEXT] = Field(
        None, description="what people see at the provider; the key, unless said"
    )
    description: Annotated[Maybe[str | None], CLEARABLE_TEXT] = Field(
        ABSENT, description="free text; the ownership mark is added behind it"
    )
    provider: Annotated[str | None, TEXT] = Field(
        None,
        description="a provider of oncall.yaml, or none: planned, but never sent; the file's, unless said",
    )
    team: Annotated[Maybe[str | None], reference("team", clear=True)] = Field(
        ABSENT, description="the owner: the key of a team; the file's, unless said"
    )
    external: Annotated[bool, FLAG] = Field(
        default=False,
        description="it exists at the provider and belongs to somebody else: referred to, never written",
    )
    protected: Annotated[bool, FLAG] = Field(default=False, description="never deleted, not even with a waiver")
    was: Annotated[str | None, TEXT] = Field(None, description="the key it had before, for one apply")
