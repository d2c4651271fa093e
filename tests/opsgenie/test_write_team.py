"""What is sent for teams: people come and go one at a time, and no alert falls through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_sync.model import ABSENT, Live, Member, Ref, Route, Team
from oncall_sync.rota.hours import merge
from oncall_sync_opsgenie.convert_team import MAKING, own_rules, rule_body, team_from
from oncall_sync_opsgenie.script import Script
from oncall_sync_opsgenie.wire import Body
from oncall_sync_opsgenie.write_team import team_calls
from tests.opsgenie.replay import after, said, script_for
from tests.opsgenie.test_convert_team import DEFAULT
from tests.opsgenie.test_convert_team import routes as any_route

ANNA, BEN, CARLA = (Ref("user", name) for name in ("anna", "ben", "carla"))
POLICY, LATE = Ref("escalation_policy", "first"), Ref("escalation_policy", "late")
IDS = {ANNA: "U1", BEN: "U2", CARLA: "U3", POLICY: "E1", LATE: "E2"}
PATH = "/v2/teams/T1"
OFFICE = merge([(540, 1080)])


def team(*members: Member, **more: Any) -> Team:
    plain = {"name": "Ops", "description": "mark", "team": None, "pages": POLICY, "routes": ()}
    return Team(ref=Ref("team", "T1", remote=True), members=members, **{**plain, **more})


def live(wanted: Team) -> Live:
    members = () if wanted.members is ABSENT else wanted.members
    routes = () if wanted.routes is ABSENT else wanted.routes
    body = {
        "id": "T1",
        "name": wanted.name,
        "description": wanted.description or "",
        "members": [
            {"user": {"id": IDS[one.user], "username": f"{one.user.key}@x.org"}, "role": one.role}
            for one in members
        ],
    }
    rules = [{"id": f"R{n}", "order": n, **rule_body(one, IDS)} for n, one in enumerate(routes)]
    return Live(remote_id="T1", resource=team_from(body, rules), raw={"body": body, "rules": [*rules, DEFAULT]})


def calls(wanted: Team, now: Live | None = None, **ids: str) -> Script:
    script = script_for(wanted, now, {**IDS, **{Ref("team", key): one for key, one in ids.items()}})
    team_calls(script, wanted)
    return script


def test_a_new_team_gives_up_what_came_with_it_and_pages_in_the_end() -> None:
    own = "@{team.it}"
    script = calls(team(Member(ANNA, "admin"), Member(BEN), name="Ops & Co"))
    assert said(script) == [
        (
            "make",
            "POST",
            "/v2/teams",
            {
                "name": "Ops & Co",
                "description": f"{MAKING}\n\nmark",
            },
        ),
        ("make", "PATCH", f"/v2/teams/{own}/routing-rules/default", {"notify": {"type": "none"}}),
        (
            "make",
            "DELETE",
            f"/v2/escalations/Ops%20%26%20Co_escalation?identifierType=name&ownedBy={own}",
            None,
        ),
        ("make", "DELETE", f"/v2/schedules/Ops%20%26%20Co_schedule?identifierType=name&ownedBy={own}", None),
        (
            "make",
            "PATCH",
            f"/v2/teams/{own}",
            {"members": [{"user": {"id": "U1"}, "role": "admin"}, {"user": {"id": "U2"}, "role": "user"}]},
        ),
        (
            "settle",
            "PATCH",
            f"/v2/teams/{own}/routing-rules/default",
            {"notify": {"type": "escalation", "id": "E1"}},
        ),
        ("settle", "PATCH", f"/v2/teams/{own}", {"description": "mark"}),
    ]
    assert script.calls[0].makes == Ref("team", "it")
    assert {call.depends_on for call in script.calls[1:]} == {(script.calls[0].id,)}
    assert calls(team(), it="T7").calls[-1].path == "/v2/teams/T7"


def test_a_new_team_that_pages_nobody_is_settled_at_once() -> None:
    for pages in (None, ABSENT):
        script = calls(team(pages=pages))
        assert [call.phase for call in script.calls] == ["make"] * 5
        assert said(script)[-1] == ("make", "PATCH", "/v2/teams/@{team.it}", {"description": "mark"})
    assert "members" not in (script.calls[0].body or {})


def test_a_long_description_leaves_room_for_saying_that_a_team_is_being_made() -> None:
    mark = "Managed by oncall-sync: acme/team.ops #v1:01234567"
    script = calls(team(description=f"{'x' * (998 - len(mark))}\n\n{mark}"))
    sent = str((script.calls[0].body or {})["description"])
    assert len(sent) == 1000
    assert sent.startswith(MAKING)
    assert sent.endswith(f"xx\n\n{mark}")


@pytest.mark.parametrize(
    ("notify", "neutralised"),
    [
        ({"type": "escalation", "id": "E9", "name": "Ops_escalation"}, True),
        ({"type": "none"}, False),
        ({"type": "escalation", "id": "E1", "name": "Late"}, False),
    ],
)
def test_a_team_that_was_never_finished_is_finished(notify: Body, neutralised: bool) -> None:
    for pages in (None, POLICY):
        wanted = team(pages=pages)
        found = live(wanted)
        body = {**found.raw["body"], "description": f"{MAKING}\n\nmark"}
        rules = [{**DEFAULT, "notify": notify}]
        read = team_from(body, rules)
        assert read.description == "mark"
        assert read.settings == {"opsgenie": {"leftovers": ["Ops_escalation", "Ops_schedule"]}}
        assert (read.pages is None) == (neutralised or notify["type"] == "none")
        sent = said(calls(wanted, Live(remote_id="T1", resource=read, raw={"body": body, "rules": rules})))
        rule = f"{PATH}/routing-rules/{DEFAULT['id']}"
        nobody = [("make", "PATCH", rule, {"notify": {"type": "none"}})] if neutralised else []
        assert sent[: len(nobody)] == nobody
        deletes = sent[len(nobody) : len(nobody) + 2]
        assert [(phase, method, path.partition("?")[0]) for phase, method, path, _ in deletes] == [
            ("make", "DELETE", "/v2/escalations/Ops_escalation"),
            ("make", "DELETE", "/v2/schedules/Ops_schedule"),
        ]
        assert sent[-1][1:] == ("PATCH", PATH, {"description": "mark"})


def test_nothing_is_sent_where_nothing_differs() -> None:
    before = team(Member(ANNA, "user"), routes=(Route(name="a", to=LATE, priorities=("P1",)),))
    assert calls(before, live(before)).calls == []
    absent = replace(before, members=ABSENT, pages=ABSENT, routes=ABSENT)
    assert calls(absent, live(before)).calls == []


def test_name_and_description() -> None:
    before = team()
    assert said(calls(replace(before, name="Dev", description=None), live(before))) == [
        ("make", "PATCH", PATH, {"name": "Dev", "description": ""})
    ]


def test_people_come_and_go_one_at_a_time() -> None:
    before = team(Member(ANNA, "user"), Member(BEN, "user"))
    wanted = team(Member(ANNA, "user"), Member(CARLA, "admin"))
    script = calls(wanted, live(before))
    assert said(script) == [
        ("make", "POST", f"{PATH}/members", {"user": {"id": "U3"}, "role": "admin"}),
        ("clear", "DELETE", f"{PATH}/members/U2", None),
    ]
    assert [call.says for call in script.calls] == [
        "make carla a member of team Ops",
        "take ben@x.org out of team Ops",
    ]


def test_a_role_is_changed_with_everybody_else_as_they_are() -> None:
    before = team(Member(ANNA, "user"), Member(BEN, "custom"))
    wanted = team(Member(ANNA, "admin"), Member(CARLA))
    first, *rest = said(calls(wanted, live(before)))
    assert first == (
        "make",
        "PATCH",
        PATH,
        {"members": [{"user": {"id": "U1"}, "role": "admin"}, {"user": {"id": "U2"}, "role": "custom"}]},
    )
    assert [(method, path) for _, method, path, _ in rest] == [
        ("POST", f"{PATH}/members"),
        ("DELETE", f"{PATH}/members/U2"),
    ]


def test_what_the_core_hides_from_both_sides_is_left_alone() -> None:
    found = live(team(Member(ANNA, "user"), Member(BEN, "user")))
    assert isinstance(found.resource, Team)
    hidden = replace(found, resource=replace(found.resource, members=(Member(ANNA, "user"),)))
    assert calls(team(Member(ANNA, "user")), hidden).calls == []


def test_where_the_rest_goes_is_settled_with_the_mark() -> None:
    before = team()
    wanted = team(pages=LATE, name="Dev", description="new mark")
    assert said(calls(wanted, live(before))) == [
        ("make", "PATCH", PATH, {"name": "Dev"}),
        ("settle", "PATCH", f"{PATH}/routing-rules/D", {"notify": {"type": "escalation", "id": "E2"}}),
        ("settle", "PATCH", PATH, {"description": "new mark"}),
    ]
    assert said(calls(team(pages=None), live(before)))[0][3] == {"notify": {"type": "none"}}


def route(name: str, to: Ref | None = POLICY, **more: Any) -> Route:
    return Route(name=name, to=to, **more)


def changed(before: tuple[Route, ...], wanted: tuple[Route, ...]) -> list[tuple[str, str, Any]]:
    found = said(calls(team(routes=wanted), live(team(routes=before))))
    assert all(phase == "settle" for phase, *_ in found)
    return [(method, path.removeprefix(f"{PATH}/routing-rules"), body) for _, method, path, body in found[:-1]]


def test_a_route_that_only_changes_is_patched() -> None:
    before = (route("a"), route("b", priorities=("P1",)))
    wanted = (route("a"), route("b", None, priorities=("P1",)))
    assert changed(before, wanted) == [("PATCH", "/R1", {"notify": {"type": "none"}})]


def test_a_route_whose_hours_go_is_made_anew_in_front_of_the_old_one() -> None:
    before = (route("a"), route("b", hours=OFFICE, time_zone="UTC"))
    assert changed(before, (route("a"), route("b"))) == [
        ("POST", "", {**rule_body(route("b"), IDS), "order": 1}),
        ("DELETE", "/R1", None),
    ]


def test_only_what_moves_is_made_anew() -> None:
    a, b, c = route("a"), route("b"), route("c")
    assert changed((a, b, c), (c, a, b)) == [
        ("POST", "", {**rule_body(c, IDS), "order": 0}),
        ("DELETE", "/R2", None),
    ]


def test_an_accounts_own_zone_is_not_sent() -> None:
    before = (route("a", hours=OFFICE, time_zone="Europe/Berlin"),)
    assert calls(team(routes=(route("a", hours=OFFICE),)), live(team(routes=before))).calls == []


lists = st.lists(any_route, max_size=5).map(tuple)


@given(lists, lists)
def test_any_routes_become_any_other(before: tuple[Route, ...], wanted: tuple[Route, ...]) -> None:
    found = live(team(routes=before))
    script = calls(team(routes=wanted), found)
    rules = own_rules(found.raw["rules"])
    there = after({"rules": list(rules)}, [c for c in script.calls if c.path != PATH], PATH, "rules")["rules"]
    numbered = [{**rule, "order": n} for n, rule in enumerate(there)]
    assert team_from({"id": "T1"}, numbered).routes == wanted
