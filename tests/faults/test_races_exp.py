from __future__ import annotations
from pathlib import Path
import pytest
from oncall_sync.model import Call, Outcome
from oncall_sync.provider import Provider
from oncall_sync.run.sending import Sender
from tests.contract.harness import House
from .story import SCENARIOS, WAIVED, Scenario, inventory
from .test_matrix import house, without_faults, converges


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
@pytest.mark.parametrize("when", ["before", "after"])
def test_race(house: House, scenario: Scenario, when: str, tmp_path: Path, monkeypatch):
    count, there, rings = without_faults(house, scenario)
    send = Sender.send
    problems = []
    for write in range(1, count + 1):
        scenario.begin(house)
        state = {"n": 0, "inner": False}
        res = {}

        def other():
            state["inner"] = True
            (tmp_path / "elsewhere").mkdir(exist_ok=True)
            with pytest.MonkeyPatch.context() as p:
                p.setenv("XDG_RUNTIME_DIR", str(tmp_path / "elsewhere"))
                res["b"] = house.apply(*WAIVED)
            state["inner"] = False

        def sending(self, provider: Provider, call: Call, *, fresh: bool) -> Outcome:
            if state["inner"]:
                return send(self, provider, call, fresh=fresh)
            state["n"] += 1
            mine = state["n"]
            if mine == write and when == "before":
                other()
            out = send(self, provider, call, fresh=fresh)
            if mine == write and when == "after":
                other()
            return out

        with pytest.MonkeyPatch.context() as p:
            p.setattr(Sender, "send", sending)
            a = house.apply(*WAIVED)
        told = f"{write}/{count} {when}"
        b = res["b"]
        import sys

        line = f"== {told}: A {a.code} B {b.code}"
        third = house.apply(*WAIVED)
        empty = house.sync("plan", "--exit-code")
        inv = inventory(house)
        line += f" third {third.code} plan {empty.code} inv {'same' if inv == there else 'DIFF'} rings {'same' if house.rings() == rings else 'DIFF'}"
        problems.append(line)
        for r, n in ((a, "A"), (b, "B")):
            if r.code:
                problems.append(
                    f"   {n}: "
                    + "\n      ".join(
                        x
                        for x in (r.out + r.err).splitlines()
                        if "failed" in x or "not att" in x or "not ver" in x or "other" in x
                    )[:900]
                )
        if third.code or empty.code or inv != there:
            problems.append("   3: " + third.out[-1500:] + third.err + empty.out[-800:])
    Path(f"/tmp/h5/race-{house.kind}-{scenario.name}-{when}.txt").write_text("\n".join(problems))
