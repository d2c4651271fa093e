"""Small worlds to decide about: what is declared, what is live."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from oncall_sync.model import (
    ABSENT,
    Account,
    ConstantUrgency,
    EscalationPolicy,
    Integration,
    Level,
    Live,
    Member,
    Ref,
    Resource,
    Rotation,
    Schedule,
    Service,
    Snapshot,
    Team,
    User,
)
from oncall_sync.plan.diff import Decision, Side, decide
from oncall_sync.plan.marking import marked

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
WEEK = timedelta(weeks=1)
MONDAY = datetime(2026, 1, 5, 9, 0)
LIMIT = 1024


def user(key: str) -> User:
    return User(ref=Ref("user", key), name=key, email=f"{key}@example.com")


USERS = tuple(user(key) for key in ("anna", "ben", "carla", "david"))


def rotation(*keys: str, start: datetime = MONDAY, name: str | None = None) -> Rotation:
    members = tuple(Ref("user", key) for key in keys)
    return Rotation(members=members, start=start, every=WEEK, name=name)


def schedule(key: str = "duty", *rotations: Rotation, **more: object) -> Schedule:
    turns = rotations or (rotation("anna", "ben", "carla"),)
    made = Schedule(ref=Ref("schedule", key), name=key, time_zone="Europe/Vienna", provider="pd", rotations=turns)
    return replace(made, **more)  # type: ignore[arg-type]


def policy(key: str = "chain", schedules: tuple[str, ...] = ("duty",), **more: object) -> EscalationPolicy:
    level = Level(tuple(Ref("schedule", k) for k in schedules), timedelta(minutes=15))
    made = EscalationPolicy(ref=Ref("escalation_policy", key), name=key, provider="pd", levels=(level,), repeat=1)
    return replace(made, **more)  # type: ignore[arg-type]


def service(key: str = "alerts", chain: str = "chain", **more: object) -> Service:
    made = Service(
        ref=Ref("service", key),
        name=key,
        provider="pd",
        escalation_policy=Ref("escalation_policy", chain),
        urgency=ConstantUrgency("high"),
        acknowledge_within=timedelta(minutes=30),
        resolve_after=None,
        integrations=(Integration(name="monitoring", form="events", accept_from=()),),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def team(key: str = "ops", *members: str, **more: object) -> Team:
    people = tuple(Member(Ref("user", m), "manager") for m in members) if members else ABSENT
    made = Team(ref=Ref("team", key), name=key, provider="pd", members=people)
    return replace(made, **more)  # type: ignore[arg-type]


def normalize(wanted: Resource, live: Live | None) -> Resource:
    """A provider that holds everything as it is, and names what has no name."""
    if wanted.description is ABSENT:
        wanted = replace(wanted, description="")
    if wanted.team is ABSENT:
        wanted = replace(wanted, team=None)
    if isinstance(wanted, Schedule):
        named = (
            replace(r, name=r.name or f"Layer {n}", until=None if r.until is ABSENT else r.until)
            for n, r in enumerate(wanted.rotations, 1)
        )
        return replace(wanted, rotations=tuple(named), overlap="last_wins")
    if isinstance(wanted, Service) and wanted.integrations is ABSENT:
        return replace(wanted, integrations=())
    return wanted


class World:
    """A provider in memory. `apply` does what a faithful adapter and provider would do together."""

    def __init__(self) -> None:
        self.users = tuple(
            Live(remote_id=f"U-{u.ref.key}", resource=replace(u, ref=Ref("user", f"U-{u.ref.key}", remote=True)))
            for u in USERS
        )
        self.objects: dict[str, Live] = {}
        self.implicit: frozenset[tuple[str, str]] = frozenset()
        self.made = 0

    def snapshot(self) -> Snapshot:
        return Snapshot(
            provider="pd",
            account=Account("acme", "pagerduty"),
            taken_at=NOW,
            objects=tuple(self.objects.values()),
            users=self.users,
            implicit=self.implicit,
            joins_teams=bool(self.implicit),
        )

    def side(self, *declared: Resource, now: datetime = NOW, workspace: str = "acme") -> Side:
        return Side(
            kind="pagerduty",
            workspace=workspace,
            declared=declared,
            users=USERS,
            snapshot=self.snapshot(),
            normalize=normalize,
            limits={"schedule": LIMIT},
            now=now,
        )

    def plan(self, *declared: Resource, now: datetime = NOW, workspace: str = "acme") -> Decision:
        return decide(self.side(*declared, now=now, workspace=workspace))

    def apply(self, *declared: Resource, now: datetime = NOW, workspace: str = "acme") -> Decision:
        decision = self.plan(*declared, now=now, workspace=workspace)
        ids = {ref: live.remote_id for ref, live in decision.bindings.bound.items()}
        for change in decision.changes:
            if change.action == "delete":
                del self.objects[change.remote_id or ""]
                continue
            if change.remote_id is None:
                self.made += 1
            remote_id = change.remote_id or f"X{self.made}"
            ids[change.ref] = remote_id

            def to_id(ref: Ref) -> str:
                return ref.key if ref.remote else ids[ref]

            final = marked(change, workspace, to_id, LIMIT, now).wanted
            assert final is not None
            self.put(remote_id, final, to_id)
        return decision

    def put(self, remote_id: str, resource: Resource, to_id: object) -> None:
        from oncall_sync.plan.fill import localize

        assert callable(to_id)
        there = localize(resource, lambda ref: Ref(ref.kind, to_id(ref), remote=True))
        there = replace(there, ref=Ref(resource.ref.kind, remote_id, remote=True), source=None, marks={})
        self.objects[remote_id] = Live(remote_id=remote_id, resource=there)

    def edit(self, name: str, **values: object) -> None:
        """Somebody changes something in the vendor's pages."""
        live = next(o for o in self.objects.values() if o.resource.name == name)
        resource = replace(live.resource, **values)  # type: ignore[arg-type]
        self.objects[live.remote_id] = replace(live, resource=resource)

    def live(self, name: str) -> Resource:
        return next(o.resource for o in self.objects.values() if o.resource.name == name)


def told(decision: Decision) -> list[str]:
    """Every change as `action ref why`."""
    return [f"{c.action} {c.ref} {c.why}" for c in decision.changes]


def rules(decision: Decision) -> list[str]:
    return sorted(f.rule for f in decision.findings)
