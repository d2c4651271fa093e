"""Every row of the table that says what to do with what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from oncall_sync.model import ABSENT, Integration, Level, Live, Member, Ref, Schedule, Service
from oncall_sync.plan.diff import decide
from oncall_sync.plan.marks import Mark, join, split
from tests.plan.world import NOW, WEEK, World, policy, rotation, rules, schedule, service, team, told, user


def everything() -> tuple[object, ...]:
    return (team("ops", "anna", "ben"), schedule(), policy(), service())


def test_created_in_order_of_need_and_then_nothing_to_do() -> None:
    world = World()
    assert told(world.apply(*everything())) == [  # type: ignore[arg-type]
        "create team.ops new",
        "create schedule.duty new",
        "create escalation_policy.chain new",
        "create service.alerts new",
    ]
    assert told(world.plan(*everything())) == []  # type: ignore[arg-type]


def test_pending_yaml_changed() -> None:
    world = World()
    world.apply(schedule())
    decision = world.apply(schedule("duty", rotation("anna", "carla", "ben")))
    assert told(decision) == ["update schedule.duty pending"]
    assert decision.changes[0].fields[0].before == ["anna", "ben", "carla"]
    assert decision.changes[0].fields[0].after == ["anna", "carla", "ben"]
    assert told(world.plan(schedule("duty", rotation("anna", "carla", "ben")))) == []


def test_drift_changed_at_the_provider() -> None:
    world = World()
    world.apply(schedule(), policy())
    world.edit("chain", repeat=7)
    decision = world.apply(schedule(), policy())
    assert told(decision) == ["update escalation_policy.chain drift"]
    assert [(f.path, f.before, f.after) for f in decision.changes[0].fields] == [("repeat", 7, 1)]
    assert told(world.plan(schedule(), policy())) == []


def test_both_changed_here_and_there() -> None:
    world = World()
    world.apply(schedule(), policy())
    world.edit("chain", repeat=7)
    assert told(world.plan(schedule(), replace(policy(), repeat=3))) == ["update escalation_policy.chain both"]


def test_live_equals_policies_though_the_mark_is_old() -> None:
    world = World()
    world.apply(schedule(), policy())
    world.edit("chain", repeat=7)
    assert told(world.plan(schedule(), replace(policy(), repeat=7))) == []


def test_marks_are_refreshed_when_that_is_asked_for() -> None:
    world = World()
    world.apply(schedule(), policy())
    world.edit("chain", repeat=7)
    followed = replace(policy(), repeat=7)
    side = replace(world.side(schedule(), followed), refresh_marks=True)
    assert told(decide(side)) == ["update escalation_policy.chain both"]
    assert [f.path for f in decide(side).changes[0].fields] == ["mark"]


def test_a_rotation_alone_may_be_renamed() -> None:
    world = World()
    world.apply(schedule())
    named = schedule("duty", rotation("anna", "ben", "carla", name="days"))
    assert told(world.apply(named)) == ["update schedule.duty pending"]
    live = world.live("duty")
    assert isinstance(live, Schedule)
    assert [r.name for r in live.rotations] == ["days"]
    assert told(world.plan(named)) == []
    assert told(world.plan(schedule())) == []


def test_an_unknown_mark_version_is_a_plain_difference() -> None:
    world = World()
    world.apply(schedule(), policy())
    _, mark = split(str(world.live("chain").description))
    assert mark
    world.edit("chain", description=str(replace(mark, version="v2")), repeat=7)
    assert told(world.plan(schedule(), policy())) == ["update escalation_policy.chain pending"]


def test_ours_and_no_longer_declared_is_deleted_last_things_first() -> None:
    world = World()
    world.apply(*everything())  # type: ignore[arg-type]
    decision = world.apply(team("ops", "anna", "ben"))
    assert told(decision) == [
        "delete service.alerts pending",
        "delete escalation_policy.chain pending",
        "delete schedule.duty pending",
    ]
    assert told(world.plan(team("ops", "anna", "ben"))) == []


def test_a_new_key_with_the_old_name_is_the_same_object() -> None:
    world = World()
    world.apply(schedule("duty"))
    renamed = replace(schedule("watch"), name="duty")
    assert told(world.apply(renamed)) == ["rename schedule.watch pending"]
    assert told(world.plan(renamed)) == []
    assert len(world.objects) == 1


def test_was_keeps_the_object_through_a_new_key_and_a_new_name() -> None:
    world = World()
    world.apply(schedule("duty"))
    before = dict(world.objects)
    decision = world.apply(schedule("watch", was="duty"))
    assert told(decision) == ["rename schedule.watch pending"]
    assert world.objects.keys() == before.keys()
    assert told(world.plan(schedule("watch"))) == []


def test_a_renamed_object_keeps_its_id_and_its_dependents_do_not_change() -> None:
    world = World()
    world.apply(schedule(), policy())
    assert told(world.apply(replace(schedule(), name="Daily duty"), policy())) == ["rename schedule.duty pending"]
    assert told(world.plan(replace(schedule(), name="Daily duty"), policy())) == []
    # What refers to it was not touched, so a later edit of that is not mistaken for somebody else's.
    later = world.plan(replace(schedule(), name="Daily duty"), replace(policy(), repeat=4))
    assert told(later) == ["update escalation_policy.chain pending"]


def test_another_workspace_is_never_touched() -> None:
    world = World()
    world.apply(schedule(), workspace="others")
    assert told(world.plan()) == []
    decision = world.plan(schedule())
    assert told(decision) == []
    assert rules(decision) == ["foreign-owner"]
    assert "'others'" in decision.findings[0].message


def test_no_mark_and_not_declared_is_left_alone_and_counted() -> None:
    world = World()
    world.apply(schedule())
    world.edit("duty", description="made by hand")
    decision = world.plan()
    assert told(decision) == []
    assert decision.bindings.unmanaged == 1


def test_no_mark_and_the_same_name_is_adopted() -> None:
    world = World()
    world.apply(schedule())
    world.edit("duty", description="made by hand")
    decision = world.apply(schedule())
    assert told(decision) == ["adopt schedule.duty pending"]
    assert rules(decision) == []
    text, mark = split(str(world.live("duty").description))
    assert text == "made by hand"
    assert mark
    assert mark.ref == Ref("schedule", "duty")
    assert told(world.plan(schedule())) == []


def test_an_adoption_that_would_ring_differently_is_risky() -> None:
    world = World()
    world.apply(schedule())
    world.edit("duty", description="")
    decision = world.plan(schedule("duty", rotation("david")))
    assert told(decision) == ["adopt schedule.duty pending"]
    assert rules(decision) == ["risky-adoption"]


def test_an_adoption_from_another_tool_is_risky() -> None:
    world = World()
    world.apply(schedule())
    world.edit("duty", description="Managed by Terraform")
    assert rules(world.plan(schedule())) == ["risky-adoption"]


def test_an_adoption_pairs_the_rotations_that_are_there() -> None:
    world = World()
    world.apply(schedule("duty", rotation("anna", "ben", name="Layer 1")))
    world.edit("duty", description="")
    decision = world.apply(schedule("duty", rotation("anna", "carla")))
    live = world.live("duty")
    assert isinstance(live, Schedule)
    assert len(live.rotations) == 1
    assert told(decision) == ["adopt schedule.duty pending"]


def test_two_objects_with_one_mark_are_refused_and_both_named() -> None:
    world = World()
    world.apply(schedule())
    live = next(iter(world.objects.values()))
    twin = replace(live.resource, ref=Ref("schedule", "X9", remote=True), name="duty (copy)")
    world.objects["X9"] = Live(remote_id="X9", resource=twin)
    decision = world.plan(schedule())
    assert told(decision) == []
    assert rules(decision) == ["doubled-mark"]
    assert "'duty'" in decision.findings[0].message
    assert "'duty (copy)'" in decision.findings[0].message
    assert told(world.plan()) == []
    assert rules(world.plan()) == ["doubled-mark"]


def test_two_candidates_to_adopt_are_refused() -> None:
    world = World()
    for number in (1, 2):
        there = replace(schedule(), ref=Ref("schedule", f"X{number}", remote=True), description="", rotations=())
        world.objects[f"X{number}"] = Live(remote_id=f"X{number}", resource=there)
    decision = world.plan(schedule())
    assert told(decision) == []
    assert rules(decision) == ["two-candidates"]


def test_external_is_referred_to_and_never_written() -> None:
    world = World()
    world.apply(schedule())
    world.edit("duty", description="theirs")
    external = schedule("duty", external=True, rotations=())
    decision = world.apply(external, policy())
    assert told(decision) == ["create escalation_policy.chain new"]
    assert told(world.plan(external, policy())) == []


def test_external_must_exist_exactly_once() -> None:
    decision = World().plan(schedule("duty", external=True), policy())
    assert told(decision) == []
    assert rules(decision) == ["external-missing", "needs-refused"]


def test_a_missing_user_stops_what_names_that_person_and_nothing_else() -> None:
    world = World()
    decision = world.plan(schedule("duty", rotation("anna", "ben")), schedule("other", rotation("ghost")))
    assert told(decision) == ["create schedule.duty new", "create schedule.other new"]
    side = world.side(
        schedule("duty", rotation("anna")), schedule("other", rotation("ghost")), policy("p", ("other",))
    )
    decision = decide(replace(side, users=(*side.users, user("ghost"))))
    assert told(decision) == ["create schedule.duty new"]
    assert rules(decision) == ["needs-refused", "user-missing"]
    assert "ghost@example.com" in decision.findings[0].message


def test_absent_keys_are_left_as_they_are() -> None:
    world = World()
    world.apply(schedule(), policy(), service())
    world.edit("alerts", acknowledge_within=timedelta(minutes=5))
    quiet = service("alerts", acknowledge_within=ABSENT, integrations=ABSENT, urgency=ABSENT)
    assert told(world.plan(schedule(), policy(), quiet)) == []


def test_none_clears() -> None:
    world = World()
    world.apply(schedule(), policy(), service())
    decision = world.plan(schedule(), policy(), service("alerts", acknowledge_within=None))
    assert [(f.path, f.before, f.after) for f in decision.changes[0].fields] == [
        ("acknowledge_within", "30m", None)
    ]


def test_implicit_members_are_never_removed() -> None:
    world = World()
    world.apply(team("ops", "anna"))
    remote_id, live = next(iter(world.objects.items()))
    there = Member(Ref("user", "U-ben", remote=True), "responder")
    world.edit("ops", members=(*live.resource.members, there))  # type: ignore[attr-defined]
    assert told(world.plan(team("ops", "anna"))) == ["update team.ops drift"]
    world.implicit = frozenset({(remote_id, "U-ben")})
    calls = replace(policy("chain", ()), levels=(Level((Ref("user", "ben"),)),), team=Ref("team", "ops"))
    assert "update team.ops" not in " ".join(told(world.plan(team("ops", "anna"), calls)))
    # Another role is asked for, so this is a change.
    assert "update team.ops pending" in told(world.plan(team("ops", "anna", "ben"), calls))
    # Nobody calls ben any more once this plan is applied: nothing keeps him in the team.
    assert told(world.plan(team("ops", "anna"))) == ["update team.ops pending"]


def test_a_team_made_without_members_is_not_drift_when_people_join() -> None:
    world = World()
    world.apply(team("ops"))
    world.edit("ops", members=(Member(Ref("user", "U-ben", remote=True), "responder"),))
    assert told(world.plan(team("ops"))) == []
    assert told(world.plan(team("ops", description="new"))) == ["update team.ops pending"]
    assert told(world.apply(team("ops", "anna"))) == ["update team.ops pending"]
    assert told(world.plan(team("ops"))) == []


def test_a_child_we_put_there_goes_when_it_is_no_longer_declared() -> None:
    world = World()
    two = (
        Integration(name="monitoring", form="events", accept_from=()),
        Integration(name="mail", form="email", email="x", accept_from=()),
    )
    world.apply(schedule(), policy(), service("alerts", integrations=two))
    decision = world.apply(schedule(), policy(), service())
    assert rules(decision) == []
    live = world.live("alerts")
    assert isinstance(live, Service)
    assert [i.name for i in live.integrations or ()] == ["monitoring"]  # type: ignore[union-attr]


def test_a_child_somebody_else_put_there_stays_and_is_told() -> None:
    world = World()
    world.apply(schedule(), policy(), service())
    theirs = Integration(name="theirs", form="events", accept_from=())
    ours = service().integrations
    world.edit("alerts", integrations=(*ours, theirs))  # type: ignore[misc]
    for declared in (service(), service("alerts", acknowledge_within=None), service()):
        decision = world.apply(schedule(), policy(), declared)
        assert rules(decision) == ["kept-child"]
        live = world.live("alerts")
        assert isinstance(live, Service)
        assert "theirs" in [i.name for i in live.integrations or ()]  # type: ignore[union-attr]
    gone = world.apply(schedule(), policy(), service("alerts", integrations=()))
    live = world.live("alerts")
    assert isinstance(live, Service)
    assert [i.name for i in live.integrations or ()] == ["theirs"]  # type: ignore[union-attr]
    assert told(gone) == ["update service.alerts pending"]


def test_a_rotation_somebody_else_put_there_stays_where_it_was() -> None:
    world = World()
    world.apply(schedule())
    live = world.live("duty")
    assert isinstance(live, Schedule)
    night = replace(live.rotations[0], members=live.rotations[0].members[:1], name="Night")
    world.edit("duty", rotations=(night, *live.rotations))
    decision = world.apply(schedule("duty", rotation("anna", "ben", "david")))
    assert rules(decision) == ["kept-child"]
    after = world.live("duty")
    assert isinstance(after, Schedule)
    assert [r.name for r in after.rotations] == ["Night", "Layer 1"]


def test_time_alone_is_nobodys_change() -> None:
    world = World()
    future = replace(rotation("anna", "ben", start=(NOW + 2 * WEEK).replace(tzinfo=None)), name="Layer 1")
    ending = replace(rotation("carla"), until=(NOW + WEEK).replace(tzinfo=None), name="Old")
    declared = schedule("duty", ending, future)
    world.apply(declared)
    for weeks in (0, 1, 2, 3, 60):
        now = NOW + weeks * WEEK
        assert told(world.plan(declared, now=now)) == []
        changed = world.plan(replace(declared, name="other", time_zone="Europe/Vienna"), now=now)
        assert [c.why for c in changed.changes] == ["pending"]


def test_another_anchor_of_the_same_phase_is_no_change() -> None:
    world = World()
    world.apply(schedule())
    turned = rotation("ben", "carla", "anna", start=rotation("anna").start + WEEK)
    assert told(world.plan(schedule("duty", turned))) == []


def test_a_description_is_cut_in_front_of_the_mark_and_that_is_told() -> None:
    world = World()
    decision = world.apply(schedule("duty", description="x" * 2000))
    assert rules(decision) == ["description-cut"]
    assert told(world.plan(schedule("duty", description="x" * 2000))) == []
    assert len(str(world.live("duty").description)) <= 1024
    assert join("", Mark("acme", Ref("schedule", "duty"), "0" * 8), 99) == str(
        Mark("acme", Ref("schedule", "duty"), "0" * 8)
    )
