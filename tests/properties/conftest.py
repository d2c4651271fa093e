"""One account for all generated policies: emptied between examples, driven through the command line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from oncall_sync.cli.main import run
from oncall_sync.plan.guards import GUARDS
from oncall_sync.run.converge import verify
from oncall_sync_pagerduty.sandbox import Options, Running
from tests.conftest import NOW
from tests.properties.strategies import PEOPLE, as_yaml

CONFIG = "workspace: acme\nproviders: {pagerduty: {kind: pagerduty, token_env: PAGERDUTY_TOKEN}}\n"
SEED = {
    "subdomain": "acme",
    "users": {name: {"email": f"{name}@example.com", "name": name} for name in (*PEOPLE, "stranger")},
}
WAIVED = [word for rule in GUARDS for word in ("--waive", f"{rule}=meant")]


@dataclass
class Ground:
    """A sandbox and a folder beside it."""

    url: str
    folder: Path
    session: requests.Session

    def begin(self, *files: Mapping[str, Any]) -> None:
        """Empty the account and write policies."""
        self.call("POST", "/__sandbox__/reset", {"what": "all"})
        self.write(*files)

    def write(self, *files: Mapping[str, Any]) -> None:
        """Replace all policies."""
        policies = self.folder / "policies"
        policies.mkdir(exist_ok=True)
        for path in policies.iterdir():
            path.unlink()
        for number, data in enumerate(files):
            text = as_yaml(data)
            (policies / f"{number}.yaml").write_text(text)

    def sync(self, *words: str) -> tuple[int, str]:
        """Run a command; returns its exit code and what it wrote to stdout."""
        out, err = io.StringIO(), io.StringIO()
        where = ["--config", str(self.folder / "oncall.yaml"), "--now", NOW.isoformat()]
        with redirect_stdout(out), redirect_stderr(err):
            code = run([*words, *where])
        assert code not in (1, 4), err.getvalue()
        return code, out.getvalue()

    def plan(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        _, out = self.sync("plan", "--format", "json")
        found: dict[str, Any] = json.loads(out)
        return found

    def apply(self) -> None:
        """Make it so; nothing may be left."""
        code, out = self.sync("apply", "--yes", "--max-deletes", "99", *WAIVED)
        assert code == 0, out

    def nothing_to_do(self) -> None:
        """The second plan is empty, and the second apply sends nothing that writes."""
        code, out = self.sync("plan", "--exit-code")
        assert code == 0, out
        self.call("POST", "/__sandbox__/reset", {"what": "log"})
        self.apply()
        assert {one["method"] for one in self.call("GET", "/__sandbox__/requests")} == {"GET"}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Speak to the vendor's API beside the tool."""
        answer = self.session.request(method, self.url + path, json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def all(self, kind: str) -> Sequence[dict[str, Any]]:
        """Return everything of a kind (`services`), in full."""
        singular = "escalation_policy" if kind == "escalation_policies" else kind[:-1]
        listed = self.call("GET", f"/{kind}?limit=100")[kind]
        return [self.call("GET", f"/{kind}/{one['id']}?time_zone=UTC")[singular] for one in listed]

    def rings(self) -> dict[str, list[tuple[str, str, str]]]:
        """Return who is on call for the next four weeks, by schedule, as the vendor renders it."""
        span = f"since={NOW:%Y-%m-%dT%H:%MZ}&until={NOW + timedelta(days=28):%Y-%m-%dT%H:%MZ}&time_zone=UTC"
        found: dict[str, list[tuple[str, str, str]]] = {}
        for one in self.call("GET", "/schedules?limit=100")["schedules"]:
            body = self.call("GET", f"/schedules/{one['id']}?{span}")["schedule"]
            entries = body["final_schedule"]["rendered_schedule_entries"]
            found[one["name"]] = [(e["start"], e["end"], e["user"]["summary"]) for e in entries]
        return found


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("properties")
    (folder / "oncall.yaml").write_text(CONFIG)
    with (
        Running(Options(seed=SEED, now=NOW)) as server,
        requests.Session() as session,
        pytest.MonkeyPatch.context() as patch,
    ):
        session.headers.update({"Authorization": "Token token=other", "From": "lead@example.com"})
        patch.setenv("PAGERDUTY_API_URL", server.url)
        patch.setenv("PAGERDUTY_TOKEN", "y_NbAkKc66ryYTWUXYEu")
        patch.setenv("ONCALL_SYNC_DEBUG", "1")
        patch.setitem(verify.__kwdefaults__, "patience", 0.0)  # the sandbox's lists do not lag
        patch.setattr("oncall_sync.plan.impact.BEYOND", timedelta(days=1))  # nor does anybody look far ahead
        yield Ground(server.url, folder, session)
