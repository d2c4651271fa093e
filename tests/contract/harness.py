"""What the contract needs of a provider: its sandbox, a folder of policies, and the command line between them."""

from __future__ import annotations

import atexit
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from oncall_sync.cli.main import run
from oncall_sync.model import Call, Change, Outcome, Ref, Resource
from oncall_sync.provider import Provider, ProviderSettings, adapter
from oncall_sync.run.sending import Sender

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PEOPLE = ("anna", "ben", "carla", "david", "eve", "lead")
TOKEN = "y_NbAkKc66ryYTWUXYEu"
CONTROLS = requests.Session()
"""For the sandboxes' controls, which are asked after every single write; a connection may have ended meanwhile."""
CONTROLS.mount("http://", HTTPAdapter(max_retries=Retry(total=2, backoff_factor=0, allowed_methods=None)))
Policy = dict[str, Any]


_IDLE: dict[str, list[Any]] = {}
"""Sandboxes that wait for the next test: to stop one takes a tenth of a second, to empty it none."""


@contextmanager
def sandbox(kind: str, **options: Any) -> Iterator[Any]:
    """Yield a sandbox as new with people in it; `options` are those of its `Options`."""
    module = import_module(f"oncall_sync_{kind}.sandbox")
    users = {name: {"email": f"{name}@example.com", "name": name.title()} for name in PEOPLE}
    made = module.Running(module.Options(**{"seed": {"users": users}, "now": NOW, **options}))
    if options.keys() - {"seed"}:
        with made:
            yield made
        return
    idle = _IDLE.setdefault(json.dumps([kind, options], sort_keys=True, default=str), [])
    server = idle.pop() if idle else _started(made)
    try:
        yield server
    finally:
        CONTROLS.post(f"{server.url}/__sandbox__/reset", json={"what": "all"}, timeout=60).raise_for_status()
        idle.append(server)


def _started(made: Any) -> Any:
    atexit.register(made.__exit__, None, None, None)
    return made.__enter__()


@dataclass(frozen=True)
class Sandboxes:
    """Sandboxes until the end of a test, whose addresses a fixture can return."""

    until: ExitStack

    def url(self, kind: str) -> str:
        """Return the address of a sandbox that is as new."""
        url: str = self.until.enter_context(sandbox(kind)).url
        return url


@dataclass
class Result:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class House:
    """One provider's sandbox and one workspace."""

    kind: str
    url: str
    folder: Path
    workspace: str = "acme"
    capsys: pytest.CaptureFixture[str] | None = None
    now: datetime = NOW

    @classmethod
    @contextmanager
    def opened(cls, kind: str, folder: Path, **options: Any) -> Iterator[House]:
        """Open a sandbox of its own, with people in it; `options` are those of its `Options`."""
        with sandbox(kind, **options) as server:
            yield cls(kind, server.url, folder)

    def beside(self, workspace: str) -> House:
        """Return the same account as another workspace has it."""
        folder = self.folder.parent / workspace
        folder.mkdir(exist_ok=True)
        return House(self.kind, self.url, folder, workspace, self.capsys)

    def declare(self, policy: Mapping[str, Any]) -> None:
        """Write the policies, all in one file."""
        entry = {"kind": self.kind, "token_env": "ONCALL_CONTRACT_TOKEN"}
        config = {"workspace": self.workspace, "policies": "policies", "providers": {self.kind: entry}}
        (self.folder / "policies").mkdir(parents=True, exist_ok=True)
        (self.folder / "oncall.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        text = yaml.safe_dump({"provider": self.kind, **policy}, sort_keys=False)
        (self.folder / "policies" / "all.yaml").write_text(text, encoding="utf-8")

    def sync(self, *words: str) -> Result:
        """Run a command at the sandbox's hour."""
        assert self.capsys is not None
        self.capsys.readouterr()
        config = ["--config", str(self.folder / "oncall.yaml")]
        code = run([words[0], *config, *words[1:], "--now", self.now.isoformat()])
        shown = self.capsys.readouterr()
        return Result(code, shown.out, shown.err)

    def plan(self) -> dict[str, str]:
        """Return what a plan would do, as actions by ref."""
        result = self.sync("plan", "--format", "json")
        assert result.code == 0, result.err
        return {change["ref"]: change["action"] for change in result.json["changes"]}

    def apply(self, *words: str) -> Result:
        return self.sync("apply", "--yes", *words)

    def control(self, name: str, body: Any = None) -> Any:
        """Speak to the sandbox's own controls."""
        method = "GET" if body is None else "POST"
        answer = CONTROLS.request(method, f"{self.url}/__sandbox__/{name}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def writes(self) -> list[str]:
        """Return every writing request since the last look, as `METHOD path`, and forget them."""
        found = [f"{r['method']} {r['path']}" for r in self.control("requests") if r["method"] != "GET"]
        self.control("reset", {"what": "log"})
        return found

    def rings(self, at: datetime = NOW) -> dict[str, list[str]]:
        found: dict[str, list[str]] = self.control(f"rings?at={at.strftime('%Y-%m-%dT%H:%M:%SZ')}")
        return found

    def provider(self) -> Provider:
        """Return the adapter itself, for what the command line would not do."""
        settings = ProviderSettings(name=self.kind, kind=self.kind, token=TOKEN, api_url=self.url)
        return adapter(self.kind)(settings)


@contextmanager
def watched(house: House, step: str) -> Iterator[None]:
    """Look at who rings after every single write: whoever has somebody before and after always has."""
    seen: list[dict[str, list[str]]] = []
    send = Sender.send

    def looking(self: Sender, provider: Provider, call: Call, *, fresh: bool) -> Outcome:
        try:
            return send(self, provider, call, fresh=fresh)
        finally:
            seen.append(house.rings())

    before = house.rings()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sender, "send", looking)
        yield
    after = house.rings()
    for number, rings in enumerate(seen, 1):
        silent = [name for name in before if before[name] and after.get(name) and not rings.get(name)]
        assert not silent, f"{step}: {', '.join(silent)} rang nobody after write {number}"


def by_hand(house: House, resource: Resource) -> None:
    """Make something as a person would: without a mark."""
    provider = house.provider()
    try:
        snapshot = provider.read(NOW, lambda *_: None)
        people = {o.resource.name.casefold(): o.remote_id for o in snapshot.users}
        made = {(o.kind, o.resource.name): o.remote_id for o in snapshot.objects}

        def known(ref: Ref) -> str:
            return people[ref.key] if ref.kind == "user" else made[ref.kind, ref.key]

        wanted = provider.normalize(resource, None)
        change = Change(provider=house.kind, ref=resource.ref, action="create", name=wanted.name, wanted=wanted)
        ids: dict[Ref, str] = _Ids(known)
        for call in provider.calls(change, ids):
            outcome = provider.perform(call)
            if call.makes is not None and outcome.remote_id is not None:
                ids[call.makes] = outcome.remote_id
    finally:
        provider.close()


class _Ids(dict[Ref, str]):
    """Ids that are looked up as they are asked for."""

    def __init__(self, known: Any) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, ref: Ref) -> str:
        found: str = self._known(ref)
        return found

    def get(self, ref: Ref, default: Any = None) -> Any:
        return self[ref]
