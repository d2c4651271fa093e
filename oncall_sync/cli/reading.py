"""What `affected` and `handoff` do alike: from `--from` to a request, and to the providers to read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from oncall_sync.model import Paging
from oncall_sync.policy.config import ProviderConfig
from oncall_sync.provider import kinds
from oncall_sync.run.accounts import choose, offline
from oncall_sync.run.requests import Request

from .common import Common, load


@dataclass(frozen=True, slots=True)
class Reading:
    """What is asked for, which providers to read for it, and how every one of them pages."""

    request: Request
    read: Sequence[ProviderConfig]
    paging: Mapping[str, Paging]


def session(options: Common, origin: str | None, horizon: timedelta) -> Reading:
    """Return what `--from` means; without it, the providers whose token is set are read. Raises PolicyErrors."""
    config, policies, _ = load(options)
    choice = choose(config, policies)
    read, not_read = list(choice.read), dict(choice.not_read)
    if origin == "policies":
        not_read |= {entry.name: "only the policies were asked" for entry in read}
        read = []
    elif origin is None:
        unset = [entry for entry in read if not os.environ.get(entry.token_env, "").strip()]
        not_read |= {entry.name: f"{entry.token_env} is not set" for entry in unset}
        read = [entry for entry in read if entry not in unset]
    there = kinds()
    request = Request(
        workspace=config.workspace,
        policies=policies,
        kinds={entry.name: entry.kind for entry in read},
        root=config.root,
        now=options.now(),
        horizon=horizon,
        not_read=not_read,
    )
    paging = {e.name: offline(e).capabilities.paging for e in config.providers if e.kind in there}
    return Reading(request, read, paging)
