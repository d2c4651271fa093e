"""oncall.yaml: whose policies these are, where they lie, and which providers there are.

The file comes with pull requests, so nothing in it is trusted with a token: it names the environment variable that
holds one, from a short list of names, and the address that gets it, from a short list of hosts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from oncall_sync.errors import PolicyErrors, Problem
from oncall_sync.model import Source

from .api_urls import VENDOR_HOSTS, capitals, url_from_environment, url_from_file, variable
from .files import read_inside, shown_name
from .reading import Document, read
from .rules_file import RulesFile, is_below, named_files
from .wording import WordError, did_you_mean, kind_of, shown, word

KEYS: Final = ("workspace", "policies", "rules", "providers")
PROVIDER_KEYS: Final = ("kind", "token_env", "region", "api_url", "managed")
REGIONS: Final = ("us", "eu")
RESERVED: Final = "none"
DEFAULT_FOLDER: Final = "policies"
DEFAULT_TOKENS: Final = {"opsgenie": "OPSGENIE_API_KEY"}
OURS: Final = "ONCALL_SYNC_"  # the tool's own variables: the address of a webhook is as good as a key
EXAMPLE: Final = "workspace: acme, policies: policies, providers: {pagerduty: {token_env: PAGERDUTY_TOKEN}}"

_WORKSPACE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_SECRETS: Final = re.compile(r"(?:.*_)?(?:token|key|apikey|secret|password|credentials?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """One entry under `providers`.

    Attributes:
        name: what policies call it; `kind` is which adapter it takes.
        token_env: the environment variable that holds the token; the token itself is never here.
        region: `us` or `eu`.
        api_url: where the API is, if not at the vendor's usual address: scheme, host and port.
        managed: it is read even if no policy uses it.
        options: the keys that only its adapter knows, unchecked.
        source: where it stands.
    """

    name: str
    kind: str
    token_env: str
    region: str = "us"
    api_url: str | None = None
    managed: bool = False
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    source: Source = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole of oncall.yaml, checked.

    Attributes:
        root: its folder, resolved; nothing outside it is ever read.
        file: its name, fit for printing.
        workspace: the scope of ownership at the providers.
        policies: the policies folder, relative to `root`.
        providers: in the order of the file.
        policies_source: where `policies` stands, or the file's beginning.
        rules: the files with the organisation's own rules.
    """

    root: Path
    file: str
    workspace: str
    policies: str
    providers: tuple[ProviderConfig, ...]
    policies_source: Source = field(compare=False)
    rules: tuple[RulesFile, ...] = ()


def load_config(path: Path, environ: Mapping[str, str]) -> Config:
    """Read oncall.yaml; of the environment, only the addresses that override its own (`PAGERDUTY_API_URL`).

    Raises:
        PolicyErrors: with everything that is wrong.
    """
    root = path.parent.resolve()
    name = shown_name(root, root / path.name)
    document, problems = _document(root, path, name)
    if document is None:
        raise PolicyErrors(problems)
    reader = _Reader(document, environ)
    reader.problems += problems
    config = reader.config(root)
    if reader.problems:
        raise PolicyErrors(reader.problems)
    return config


def _document(root: Path, path: Path, name: str) -> tuple[Document | None, list[Problem]]:
    place = root / path.name
    try:
        missing = not place.is_symlink() and not place.exists()
    except OSError:  # a name that no file system takes
        missing = True
    if missing:
        return None, [Problem(name, 0, 0, f"not found; write one: {EXAMPLE}")]
    content, problem = read_inside(root, place)
    if content is None:
        return None, [Problem(name, 0, 0, problem)]
    return read(content, name)


class _Reader:
    """Takes values out of one document and notes what is wrong, key by key."""

    def __init__(self, document: Document, environ: Mapping[str, str]) -> None:
        self.document = document
        self.environ = environ
        self.problems: list[Problem] = []

    def config(self, root: Path) -> Config:
        data = self.document.data
        for key in data:
            if key not in KEYS:
                known = ", ".join(KEYS)
                self._key((key,), f"unknown key {shown(key)}{did_you_mean(key, KEYS)}: write {known}")
        rules, wrong = named_files(self.document)
        self.problems += wrong
        return Config(
            root=root,
            file=self.document.file,
            workspace=self._workspace(data),
            policies=self._folder(data),
            providers=self._providers(data.get("providers")),
            policies_source=self.document.where_key(("policies",)),
            rules=rules,
        )

    def _workspace(self, data: Mapping[str, Any]) -> str:
        if "workspace" not in data:
            self._value((), "no workspace: write one, as in workspace: acme")
            return ""
        name = self._word(("workspace",), data["workspace"], "a name such as acme")
        if name and not _WORKSPACE.fullmatch(name):
            self._value(
                ("workspace",),
                f"{shown(name)} cannot name a workspace: write up to 40 of a-z, 0-9 and - (not first), as acme",
            )
        return name

    def _folder(self, data: Mapping[str, Any]) -> str:
        if "policies" not in data:
            return DEFAULT_FOLDER
        text = self._word(("policies",), data["policies"], "the name of a folder, such as policies")
        if not text:
            return DEFAULT_FOLDER
        path = PurePosixPath(text)
        if not is_below(text):
            self._value(
                ("policies",), f"{shown(text)} is not a folder below this file: write one, such as policies"
            )
        elif not path.parts:
            self._value(("policies",), "policies need a folder of their own: write one, such as policies")
        return path.as_posix()

    def _providers(self, value: Any) -> tuple[ProviderConfig, ...]:
        if value is None:
            return ()
        if not isinstance(value, dict):
            self._value(
                ("providers",),
                f"providers are {kind_of(value)} here: write providers: {{pagerduty: {{kind: pagerduty}}}}",
            )
            return ()
        return tuple(self._provider(name, entry) for name, entry in value.items())

    def _provider(self, name: str, entry: Any) -> ProviderConfig:
        at = ("providers", name)
        if name == RESERVED:
            self._key(at, "none is the word for no provider at all: give this one another name")
        elif not _NAME.fullmatch(name):
            self._key(
                at, f"{shown(name)} cannot name a provider: write up to 40 of a-z, 0-9, _ and -, as pagerduty-eu"
            )
        if entry is None:
            entry = {}
        elif not isinstance(entry, dict):
            self._value(at, f"a provider is {kind_of(entry)} here: write {{kind: pagerduty}}")
            entry = {}
        options = {key: each for key, each in entry.items() if key not in PROVIDER_KEYS}
        for key in options:
            if _SECRETS.fullmatch(key):
                self._key(
                    (*at, key),
                    f"{shown(key)} does not belong in a file: put it into an environment variable, and that "
                    "one's name into token_env",
                )
        kind = self._kind(name, entry)
        return ProviderConfig(
            name=name,
            kind=kind,
            token_env=self._token_env(at, kind, entry),
            region=self._region(at, entry),
            api_url=self._api_url(at, kind, entry),
            managed=self._managed(at, entry),
            options=options,
            source=self.document.where_key(at),
        )

    def _kind(self, name: str, entry: Mapping[str, Any]) -> str:
        known = ", ".join(VENDOR_HOSTS)
        if "kind" not in entry:
            if name not in VENDOR_HOSTS:
                self._key(
                    ("providers", name), f"no kind: write one, as in {{kind: pagerduty}} (known are {known})"
                )
            return name
        at = ("providers", name, "kind")
        kind = self._word(at, entry["kind"], f"one of {known}")
        if kind and not _NAME.fullmatch(kind):
            self._value(at, f"{shown(kind)} is not a kind{did_you_mean(kind, VENDOR_HOSTS)}: write one of {known}")
            return ""
        return kind

    def _token_env(self, at: tuple[str, ...], kind: str, entry: Mapping[str, Any]) -> str:
        prefix = capitals(kind)
        default = DEFAULT_TOKENS.get(kind, f"{prefix}_TOKEN")
        if "token_env" not in entry or not kind:
            return default
        place = (*at, "token_env")
        value = self._word(place, entry["token_env"], f"the name of an environment variable, such as {default}")
        # The value is never shown: it may be a token, by mistake.
        if value and not _VARIABLE.fullmatch(value):
            self._value(place, f"this is not the name of an environment variable: write one, such as {default}")
        elif value and (not value.startswith((prefix, "ONCALL_")) or value.startswith(OURS)):
            allowed = f"a file may name only variables that begin with {prefix} or ONCALL_ (not {OURS})"
            self._value(place, f"{allowed}: write {default}")
        else:
            return value
        return default

    def _region(self, at: tuple[str, ...], entry: Mapping[str, Any]) -> str:
        value = entry.get("region", "us")
        if value not in REGIONS:
            text = shown(value) if isinstance(value, str) else kind_of(value)
            self._value((*at, "region"), f"the region is {text}: write us or eu")
            return "us"
        return str(value)

    def _api_url(self, at: tuple[str, ...], kind: str, entry: Mapping[str, Any]) -> str | None:
        url = None
        try:
            if entry.get("api_url") is not None:
                url = url_from_file(kind, word(entry["api_url"], "an address such as https://api.pagerduty.com"))
        except WordError as error:
            self._value((*at, "api_url"), str(error))
        try:
            if kind and self.environ.get(variable(kind)):
                url = url_from_environment(self.environ[variable(kind)])
        except WordError as error:
            self._key(at, f"{variable(kind)} in the environment: {error}")
        return url

    def _managed(self, at: tuple[str, ...], entry: Mapping[str, Any]) -> bool:
        value = entry.get("managed", False)
        if not isinstance(value, bool):
            self._value((*at, "managed"), f"managed is {kind_of(value)} here: write true or false")
            return False
        return value

    def _word(self, at: tuple[str, ...], value: Any, wanted: str) -> str:
        try:
            return word(value, wanted)
        except WordError as error:
            self._value(at, str(error))
            return ""

    def _value(self, at: tuple[str, ...], message: str) -> None:
        self._say(self.document.where(at), message)

    def _key(self, at: tuple[str, ...], message: str) -> None:
        self._say(self.document.where_key(at), message)

    def _say(self, source: Source, message: str) -> None:
        self.problems.append(Problem(source.file, source.line, source.column, message))
