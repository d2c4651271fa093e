"""Which providers a run talks to, and how it gets to them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from oncall_sync.errors import AuthError, UsageError
from oncall_sync.model import Policies
from oncall_sync.policy.config import Config, ProviderConfig
from oncall_sync.provider import Provider, ProviderSettings, adapter, kinds

from .stopping import Stop


@dataclass(frozen=True, slots=True)
class Choice:
    """Which configured providers to read, and which not and why."""

    read: tuple[ProviderConfig, ...]
    not_read: Mapping[str, str]


def choose(config: Config, policies: Policies, asked: Sequence[str] = ()) -> Choice:
    """Return the providers to read: those that a resource uses, that are `managed: true`, or that were asked for.

    Raises UsageError for a name that oncall.yaml does not have.
    """
    known = {entry.name for entry in config.providers}
    for name in asked:
        if name not in known:
            raise UsageError(f"--provider {name}: {config.file} has no provider of that name")
    used = {resource.provider for resource in policies.resources() if resource.ref.kind != "user"}
    there = kinds()
    read: list[ProviderConfig] = []
    not_read: dict[str, str] = {}
    for entry in config.providers:
        if not (entry.name in used or entry.name in asked or entry.managed):
            not_read[entry.name] = "nothing uses it"
        elif entry.kind not in there:
            not_read[entry.name] = f"no adapter for {entry.kind} is installed"
        else:
            read.append(entry)
    return Choice(tuple(read), not_read)


def offline(entry: ProviderConfig) -> Provider:
    """Return a provider that can tell everything but what is live; it has no token."""
    return adapter(entry.kind)(_settings(entry, None))


@contextmanager
def connected(
    entries: Sequence[ProviderConfig], environ: Mapping[str, str], stop: Stop | None = None
) -> Iterator[dict[str, Provider]]:
    """Yield providers by name, each with the token that its variable holds; closes them afterwards.

    They wait with the sleep of `stop`, which Ctrl-C ends at once. Raises AuthError, before anything is sent, if a
    variable is not set.
    """
    tokens = {entry.name: environ.get(entry.token_env, "").strip() for entry in entries}
    for entry in entries:
        if not tokens[entry.name]:
            raise AuthError(entry.name, f"no token: set the environment variable {entry.token_env}")
    stop = stop or Stop(lambda _text: None)
    made = {entry.name: adapter(entry.kind)(_settings(entry, tokens[entry.name], stop.sleep)) for entry in entries}
    try:
        with stop.waking():
            yield made
    finally:
        for provider in made.values():
            provider.close()


def _settings(
    entry: ProviderConfig, token: str | None, sleep: Callable[[float], None] = time.sleep
) -> ProviderSettings:
    return ProviderSettings(
        name=entry.name,
        kind=entry.kind,
        token=token,
        region=entry.region,
        api_url=entry.api_url,
        options=entry.options,
        sleep=sleep,
    )
