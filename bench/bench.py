"""Figures, printed and never asserted: machines differ, and a noisy one should not fail a build.

CPU seconds are user + system of the whole process, the median of five runs.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from oncall_sync_pagerduty.sandbox import Options, Running

PROGRAM = str(Path(sys.executable).with_name("oncall-sync"))
RUNS = 5


def measured(arguments: Sequence[str], folder: Path, **environ: str) -> tuple[float, float]:
    """Return the median CPU and wall seconds of a command."""
    cpu, wall = [], []
    for _ in range(RUNS):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(  # noqa: S603
            [PROGRAM, *arguments],
            cwd=folder,
            env={**os.environ, **environ},
            check=False,
            stdout=subprocess.DEVNULL,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall.append(time.perf_counter() - start)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(cpu), statistics.median(wall)


def policies(folder: Path, *, services: int, policies_: int, schedules: int, people: int) -> dict[str, object]:
    """Write an account of that size as policies, and return a seed with its people."""
    users = {f"user{n}": f"user{n}@example.com" for n in range(people)}
    lines = ["provider: pagerduty", "time_zone: Europe/Vienna", "users:"]
    lines += [f"  {key}: {{email: {email}}}" for key, email in users.items()]
    lines.append("schedules:")
    for n in range(schedules):
        members = ", ".join(f"user{(n + k) % people}" for k in range(4))
        turns = f"members: [{members}], start: 2026-01-05 09:00, every: 1 week"
        lines += [f"  schedule-{n}:", "    overlap: last_wins", "    rotations:"]
        lines += [f"      - {{{turns}}}", f"      - {{{turns}, hours: Mon-Fri 09:00-18:00}}"]
    lines.append("escalation_policies:")
    for n in range(policies_):
        lines += [
            f"  policy-{n}:",
            f"    levels: [{{notify: {{schedule: schedule-{n % schedules}}}, escalate_after: 15m}}]",
        ]
    lines.append("services:")
    urgency = "{support_hours: Mon-Fri 09:00-18:00, during: high, outside: low}"
    for n in range(services):
        lines += [f"  service-{n}:", f"    escalation_policy: policy-{n % policies_}", f"    urgency: {urgency}"]
    (folder / "policies").mkdir(parents=True)
    (folder / "policies" / "all.yaml").write_text("\n".join(lines) + "\n")
    (folder / "oncall.yaml").write_text("workspace: bench\npolicies: policies\nproviders: {pagerduty: {}}\n")
    return {"users": {key: {"email": email, "name": key} for key, email in users.items()}}


def requests(url: str) -> int:
    """Return how many calls the sandbox has served since its log was last emptied."""
    with urllib.request.urlopen(f"{url}/__sandbox__/requests") as answer:  # noqa: S310
        return len(json.load(answer))


def post(url: str, path: str, body: object) -> None:
    """Tell the sandbox something."""
    data, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(url + path, data, headers)).close()  # noqa: S310


def main() -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        cpu, _ = measured(["--help"], root)
        print(f"oncall-sync --help                            {cpu:6.2f} s CPU")
        policies(root / "thousand", services=1000, policies_=200, schedules=100, people=50)
        cpu, _ = measured(["validate"], root / "thousand")
        print(f"validate, 1,000 services                      {cpu:6.2f} s CPU")
        folder = root / "account"
        seed = policies(folder, services=200, policies_=200, schedules=100, people=20)
        with Running(Options(seed=seed)) as server:
            environ = {"PAGERDUTY_API_URL": server.url, "PAGERDUTY_TOKEN": "bench"}
            start = time.perf_counter()
            subprocess.run(  # noqa: S603
                [PROGRAM, "apply", "--yes"],
                cwd=folder,
                env={**os.environ, **environ},
                check=True,
                stdout=subprocess.DEVNULL,
            )
            print(f"apply, 500 new objects                        {time.perf_counter() - start:6.2f} s wall")
            for latency in (0, 50):
                post(server.url, "/__sandbox__/latency", {"ms": latency})
                post(server.url, "/__sandbox__/reset", {"what": "log"})
                cpu, wall = measured(["plan"], folder, **environ)
                count = requests(server.url) / RUNS
                label = f"plan, 500 objects, nothing to do, {latency} ms"
                print(f"{label:45} {wall:6.2f} s wall, {cpu:.2f} s CPU, {count:.0f} requests")


if __name__ == "__main__":
    main()
