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
import tracemalloc
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from oncall_sync.model import ConstantUrgency, EscalationPolicy, Level, Ref, Rotation, Schedule, Service
from oncall_sync.plan.impact import impact
from oncall_sync.rota.hours import DAY, merge
from oncall_sync.rota.scene import Scene
from oncall_sync.rota.shifts import shifts
from oncall_sync_pagerduty.sandbox import Options, Running

PROGRAM = str(Path(sys.executable).with_name("oncall-sync"))
RUNS = 5
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


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


def rota(number: int) -> Schedule:
    """Return a schedule of two layers: nights and weekends for weekly turns, office hours for daily ones."""
    members = tuple(Ref("user", f"user{(number + k) % 50}") for k in range(4))
    office = merge((day * DAY + 9 * 60, day * DAY + 18 * 60) for day in range(5))
    start = datetime(2026, 1, 5, 9)  # noqa: DTZ001 - wall clock
    week = Rotation(members=members, start=start, every=timedelta(weeks=1))
    day = Rotation(members=members[::-1], start=start, every=timedelta(days=1), hours=office)
    ref, zone = Ref("schedule", f"s{number}"), ("Europe/Vienna", "America/Chicago", "Asia/Kolkata")[number % 3]
    return Schedule(ref=ref, name=ref.key, time_zone=zone, rotations=(week, day), overlap="last_wins")


def account(size: int) -> Scene:
    """Return as many services as schedules, each with a policy of its own."""
    schedules = [rota(number) for number in range(size)]
    chains = [Ref("escalation_policy", s.name) for s in schedules]
    levels = [(Level((s.ref,), timedelta(minutes=15)), Level((Ref("user", "lead"),))) for s in schedules]
    named = list(zip(schedules, chains, levels, strict=True))
    services = [
        Service(ref=Ref("service", s.name), name=s.name, escalation_policy=c, urgency=ConstantUrgency("high"))
        for s, c, _ in named
    ]
    return Scene(
        services={one.ref: one for one in services},
        policies={c: EscalationPolicy(ref=c, name=s.name, levels=rungs, repeat=1) for s, c, rungs in named},
        schedules={one.ref: one for one in schedules},
    )


def timed(work: Callable[[], object]) -> float:
    """Return the median CPU seconds of something done in this process."""
    taken = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def peak(schedule: Schedule, years: int) -> int:
    """Return the most memory, in bytes, that rendering takes while its shifts are read one by one."""
    tracemalloc.start()
    for _ in shifts(schedule, NOW, NOW + timedelta(days=365 * years)):
        pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def engine() -> None:
    """Print what exact time costs, without any provider."""
    there = account(1000)
    year = NOW + timedelta(days=365)
    cpu = timed(lambda: [sum(1 for _ in shifts(one, NOW, year)) for one in there.schedules.values()])
    print(f"shifts of 1,000 schedules over a year         {cpu:6.2f} s CPU")
    changed = rota(500)
    changed = replace(changed, rotations=(changed.rotations[0],))
    after = replace(there, schedules={**there.schedules, changed.ref: changed})
    pages = len(impact(there, after, NOW, NOW + timedelta(days=28)).pages)
    cpu = timed(lambda: impact(there, after, NOW, NOW + timedelta(days=28)))
    print(f"impact, one schedule of 1,000, 28 days        {cpu:6.2f} s CPU, {pages} spans")
    peak(rota(0), 10)  # offsets are looked up once per zone and week, and kept for the process, within a bound
    sizes = [peak(rota(0), years) / 1024 for years in (1, 10)]
    print(f"memory of shifts over 1 and 10 years          {sizes[0]:6.0f} KiB and {sizes[1]:.0f} KiB")


def main() -> None:
    """Print every figure."""
    engine()
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
