"""The main job on real policies, without an account: plan, apply, plan again, an edit at the provider, plan.

Runs against the sandbox, in a temporary copy of the policies; leaves nothing behind.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAM = str(Path(sys.executable).with_name("oncall-sync"))
NOW = "2026-11-23T12:00:00Z"
BOLD, DIM, PLAIN = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if sys.stdout.isatty() else ("", "", "")


def say(text: str) -> None:
    """Print what comes next."""
    print(f"\n{BOLD}# {text}{PLAIN}", flush=True)


@contextmanager
def sandbox(folder: Path, kind: str) -> Iterator[str]:
    """Yield the address of a running sandbox of a kind, with the people of the policies in it."""
    seed = ROOT / "demo" / f"people-{kind}.yaml"
    command = [PROGRAM, "sandbox", kind, "--port", "0", "--seed", str(seed), "--now", NOW]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            line = server.stdout.readline() if server.stdout else ""
            if " at " not in line:
                sys.exit("the sandbox did not start")
            yield line.rpartition(" at ")[2].strip()
        finally:
            server.send_signal(signal.SIGINT)


def sync(folder: Path, urls: Mapping[str, str], *arguments: str) -> int:
    """Run a command the way a person would, and show both it and what it prints."""
    print(f"{DIM}$ oncall-sync {' '.join(arguments)}{PLAIN}", flush=True)
    addresses = {f"{kind.upper()}_API_URL": url for kind, url in urls.items()}
    environ = {**os.environ, **addresses, "PAGERDUTY_TOKEN": "sandbox", "OPSGENIE_API_KEY": "sandbox"}
    command = [PROGRAM, *arguments, "--now", NOW]
    return subprocess.run(command, cwd=folder, env=environ, check=False).returncode  # noqa: S603


def call(url: str, method: str, path: str, body: object = None) -> dict[str, object]:
    """Speak to the vendor's API as a person's browser would."""
    headers = {"Authorization": "Token token=x", "Content-Type": "application/json"}
    headers["X-Sandbox-Actor"] = "carla@example.com"
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url + path, data=data, method=method, headers=headers)  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        found: dict[str, object] = json.load(answer)
    return found


def swap_two_people(url: str) -> None:
    """Edit a schedule at the provider: the first two people of the daily duty change places."""
    listed = call(url, "GET", "/schedules?query=daily%20duty")["schedules"]
    assert isinstance(listed, list)  # noqa: S101
    schedule = call(url, "GET", f"/schedules/{listed[0]['id']}?time_zone=UTC")["schedule"]
    assert isinstance(schedule, dict)  # noqa: S101
    people = schedule["schedule_layers"][0]["users"]
    people[0], people[1] = people[1], people[0]
    call(url, "PUT", f"/schedules/{schedule['id']}", {"schedule": schedule})


def main() -> int:
    """Return 0 if every step did what it is there to show."""
    wrong: list[str] = []

    def expect(code: int, wanted: int, what: str) -> None:
        if code != wanted:
            wrong.append(f"{what}: exit code {code} instead of {wanted}")

    with tempfile.TemporaryDirectory(prefix="oncall-sync-demo-") as name:
        folder = Path(name)
        shutil.copy(ROOT / "oncall.yaml", folder)
        shutil.copy(ROOT / "rules.yaml", folder)
        shutil.copytree(ROOT / "policies", folder / "policies")
        with sandbox(folder, "pagerduty") as pagerduty, sandbox(folder, "opsgenie") as opsgenie:
            urls = {"pagerduty": pagerduty, "opsgenie": opsgenie}
            say("What is declared, checked offline")
            expect(sync(folder, urls, "validate"), 0, "validate")
            say("What would be made in an empty PagerDuty account and an empty Opsgenie account (local sandboxes)")
            expect(sync(folder, urls, "plan", "--exit-code"), 2, "the first plan")
            say("Make it so")
            expect(sync(folder, urls, "apply", "--yes"), 0, "apply")
            say("A second plan has nothing to do")
            expect(sync(folder, urls, "plan", "--exit-code"), 0, "the second plan")
            say("Carla swaps two people in PagerDuty's own pages; the next plan tells")
            swap_two_people(pagerduty)
            expect(sync(folder, urls, "plan", "--exit-code"), 2, "the plan after the edit")
    say("Done: the sandbox is stopped and nothing is left behind" if not wrong else "; ".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
