"""Policies of PagerDuty's as hypothesis draws them, most of which Opsgenie can hold."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.properties.strategies import Data, policies


@st.composite
def moving(draw: st.DrawFn) -> Data:
    """Policies for PagerDuty; mostly, and each in its own way, without what Opsgenie cannot hold."""
    data = draw(policies())
    wild = draw(st.sampled_from(("names", "ends", "layers", "edges", "", "", "", "", "")))
    for kind in ("teams", "schedules", "services"):
        for number, one in enumerate(data[kind].values()):
            if "name" in one and (wild != "names" or kind == "services"):
                one["name"] = f"{kind} No. {number}"
    for schedule in data["schedules"].values():
        draw(turns(schedule, wild))
    return data


@st.composite
def turns(draw: st.DrawFn, schedule: Data, wild: str) -> None:
    """Give a schedule other turns, ends, hours and overrides."""
    found = schedule.get("rotations", [])
    if schedule.get("overlap") == "last_wins" and wild != "layers":
        del found[1:]
    for rotation in found:
        if "until" in rotation and wild != "ends":
            rotation["until"] = draw(st.sampled_from(("2027-02-03 04:30", "2026-12-07 00:00", "2027-03-28 02:30")))
        if "hours" in rotation and draw(st.booleans()) and len(found) == 1:
            rotation["hours"] = draw(windows(wild == "edges"))
        if draw(st.booleans()):
            rotation["every"] = "1 week"
    for one in schedule.get("overrides", ()) if found and draw(st.booleans()) else ():
        one["instead_of"] = draw(st.sampled_from(found[0]["members"]))


@st.composite
def windows(draw: st.DrawFn, wild: bool) -> list[str]:
    """Windows over midnight or not, spans over several days; at odd minutes if `wild`."""
    steps = 96 if wild else 48
    clock = st.integers(0, steps - 1).map(lambda n: f"{n * 24 // steps:02}:{n % (steps // 24) * 1440 // steps:02}")
    days = st.sampled_from(("Mon", "Tue-Thu", "Sat+Sun", "Mon-Sun", "Fri"))
    day = st.sampled_from(("Mon", "Wed", "Fri", "Sat", "Sun"))
    window = st.builds(lambda which, one, other: f"{which} {one}-{other}", days, clock, clock)
    span = st.builds(lambda a, one, b, other: f"{a} {one} - {b} {other}", day, clock, day, clock)
    found: list[str] = draw(st.lists(window | span, min_size=1, max_size=3, unique=True))
    return found
