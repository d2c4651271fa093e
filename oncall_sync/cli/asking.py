"""What `who` and `shifts` do alike: from options to a view of the policies or of what is live."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from oncall_sync.errors import UsageError
from oncall_sync.model import Ref
from oncall_sync.provider import Provider
from oncall_sync.run.accounts import choose, connected
from oncall_sync.run.asking import View, live_view, policy_view, with_swaps
from oncall_sync.run.requests import Request

from .common import Common, load
from .progress import progress_bar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """One view, and the provider behind it if it is live."""

    view: View
    provider: Provider | None = None

    def swapped(self, schedules: Iterable[Ref], since: datetime, until: datetime) -> View:
        """Return the view with the swaps on some schedules within a span."""
        return with_swaps(self.view, self.provider, schedules, since, until) if self.provider else self.view


@contextmanager
def sources(options: Common, origin: str) -> Iterator[list[Source]]:
    """Yield what `--from policies` or `--from live` is about. Raises PolicyErrors, AuthError, ProviderError."""
    config, policies, _ = load(options)
    if origin == "policies":
        yield [Source(policy_view(config, policies))]
        return
    choice = choose(config, policies)
    request = Request(
        workspace=config.workspace,
        policies=policies,
        kinds={entry.name: entry.kind for entry in choice.read},
        root=config.root,
        now=options.now(),
    )
    with connected(choice.read, os.environ) as providers, progress_bar() as progress:
        yield [Source(live_view(request, provider, progress), provider) for provider in providers.values()]


def first(found: list[Source], pick: Callable[[View], T]) -> tuple[Source, T]:
    """Return the first source that has what is picked. Raises UsageError if none has, as the last one told."""
    problem = UsageError("no provider was read: none is used by the policies")
    for source in found:
        try:
            return source, pick(source.view)
        except UsageError as error:
            problem = error
    raise problem
