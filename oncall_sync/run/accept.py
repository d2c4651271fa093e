"""Accepting drift: what people changed at a provider becomes what the policies say.

Object by object, in memory: the live value takes the place of what is written, all files are resolved again, and
the same decision as a plan's is made from them and from the account as it was read. Only that is kept for which
nothing is left to do then; files are written at the end.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from oncall_sync.errors import PolicyErrors, UsageError
from oncall_sync.model import Change, Live, Policies, Ref, Resource, User
from oncall_sync.plan.diff import Decision, Side, decide
from oncall_sync.plan.drift import Drifted, drifted
from oncall_sync.plan.marks import split
from oncall_sync.policy.book import SECTIONS
from oncall_sync.policy.config import Config
from oncall_sync.policy.writing import Unsayable
from oncall_sync.provider import Provider

from .accept_case import Case, People
from .accept_files import Files, NotEdited
from .accept_parts import accept_into
from .accept_told import Acceptance, Accepted, Left
from .drift import DriftFound
from .planning import side_of
from .requests import Request
from .validate import objections

NEVER_LIVE: Final = frozenset({"overrides", "key", "protected", "mark"})
"""Fields of a plan that nobody changed at the object: what is declared to be made, and what is in its mark."""
_SECTION: Final = {kind: section for section, kind in SECTIONS.items()}


@dataclass(slots=True)
class _Desk:
    """The policies so far, and what a plan from them would decide; `named` if refs were asked for by name."""

    request: Request
    files: Files
    policies: Policies
    decisions: dict[str, Decision]
    objected: frozenset[tuple[Ref | None, str]]
    named: bool


def accept(
    request: Request,
    config: Config,
    providers: Mapping[str, Provider],
    found: DriftFound,
    refs: Collection[str] = (),
) -> Acceptance:
    """Write what drifted into the policy files, or of it only some refs (`service.checkout`).

    Guarantees: a file is changed only where an accepted object stands, and by what is needed for a plan to have
    nothing to do for it. What cannot be accepted is left with a reason, the rest goes on. All files are written,
    or none. An object that the policies changed too, nobody can tell in what, is only taken if it is named.

    Raises:
        UsageError: one of the refs has not drifted.
        SyncError: the files changed meanwhile, or cannot be written.
    """
    _known(found.drift.drifted, refs)
    chosen = [one for one in found.drift.drifted if not refs or str(one.ref) in refs]
    desk = _Desk(
        request,
        Files.read(config, request.policies),
        request.policies,
        dict(found.decisions),
        _objected(config, request.policies),
        named=bool(refs),
    )
    out = _accepted(desk, sorted(chosen, key=_place), found.sides, providers)
    if out.accepted:
        desk.files.write()
    return out


def _accepted(
    desk: _Desk, waiting: list[Drifted], sides: Mapping[str, Side], providers: Mapping[str, Provider]
) -> Acceptance:
    """Accept what can be. What one cannot be without another (a name it still has) is tried again after it."""
    out = Acceptance()
    before = len(waiting) + 1
    while len(waiting) < before:
        before, out.left = len(waiting), []
        for one in waiting:
            try:
                _accept(desk, out, one, sides[one.provider], providers[one.provider])
            except (Unsayable, NotEdited, PolicyErrors) as error:
                out.left.append(_left(one, error))
        refused = {left.ref for left in out.left}
        waiting = [one for one in waiting if one.ref in refused]
    done = {one.ref for one in out.accepted}
    out.follows = {ref: by for ref, by in out.follows.items() if ref not in done}
    return out


def _known(there: Sequence[Drifted], refs: Collection[str]) -> None:
    drifted_refs = [str(one.ref) for one in there]
    for ref in refs:
        if ref not in drifted_refs:
            listed = ", ".join(sorted(drifted_refs)) or "nothing"
            raise UsageError(f"{ref} was not changed at the provider since the last apply (what was: {listed})")


def _place(one: Drifted) -> tuple[Any, ...]:
    """Sort by where things stand, so that what is told of lines stays true."""
    source = one.source
    return (source.file, source.line, str(one.ref)) if source else ("", 0, str(one.ref))


def _objected(config: Config, policies: Policies) -> frozenset[tuple[Ref | None, str]]:
    return frozenset((f.ref, f.message) for f in objections(config, policies) if f.rule == "cannot")


def _left(one: Drifted, error: Exception) -> Left:
    where = one.source
    reason = str(error)
    if isinstance(error, NotEdited):
        where = error.source
    elif isinstance(error, PolicyErrors):
        reason = f"with it, the policies would be wrong: {error.problems[0].message}"
    return Left(provider=one.provider, ref=one.ref, name=one.name, reason=reason, source=where)


def _accept(desk: _Desk, out: Acceptance, one: Drifted, side: Side, provider: Provider) -> None:
    decision = desk.decisions[one.provider]
    again = next((d for d in drifted(one.provider, decision, desk.request.now) if d.ref == one.ref), None)
    if one.why == "upgraded":
        raise Unsayable(f"it {one.says}; say `external: true` in the policies: it is referred to, never written")
    if again is None:
        return  # another one that was accepted before it says the same
    if not again.apart and not desk.named:
        raise Unsayable(
            "the policies changed as well since the last apply, and whose change is whose cannot be told; `drift"
            f" --accept {again.ref}` takes all of it as it is at the provider"
        )
    case = _case(desk, again, side, provider)
    accept_into(case)
    files = _edited(desk, case, again.ref)
    policies = files.policies()
    _no_objection(desk, policies, again.ref)
    request = replace(desk.request, policies=policies)
    after = decide(side_of(request, one.provider, provider, side.snapshot))
    _check(again, after)
    for ref in _changed(desk.decisions[one.provider], after):
        if ref != again.ref:
            out.follows.setdefault(ref, again.ref)
    out.accepted.append(
        Accepted(
            provider=one.provider,
            ref=one.ref,
            name=one.name,
            fields=tuple(f.path for f in again.fields),
            hunks=tuple(desk.files.hunks(files)),
            people=tuple(case.people.found),
            pending=tuple(sorted(_paths(_change_of(after, again.ref)))),
        )
    )
    desk.files, desk.policies, desk.request = files, policies, request
    desk.decisions[one.provider] = after


def _case(desk: _Desk, one: Drifted, side: Side, provider: Provider) -> Case:
    declared = desk.policies.get(one.ref)
    file = desk.files.of(_SECTION[one.ref.kind], one.ref.key)
    if not isinstance(declared, Resource) or file is None:
        raise Unsayable(
            "where it is declared was not found: the name of its file has characters that are not shown"
        )
    words = desk.files.documents[file].data[_SECTION[one.ref.kind]][one.ref.key]
    change = _change_of(desk.decisions[one.provider], one.ref)
    mixed = {f.path.partition(".")[0] for f in one.fields} & {f.path.partition(".")[0] for f in one.pending}
    if mixed:
        raise Unsayable(
            f"both the policies and somebody at the provider changed its {', '.join(sorted(mixed))}: write by hand"
            " what is to be"
        )
    return Case(
        words=dict(words) if isinstance(words, dict) else {},
        declared=declared,
        wanted=_wanted(change, declared, provider),
        live=_bare(one.live),
        fields=frozenset(f.path for f in one.fields),
        kept=one.kept,
        every_child=one.why == "drift",
        around=desk.files.around(file, desk.policies),
        policies=desk.policies,
        people=_people(desk.policies, side),
        name_of=desk.decisions[one.provider].labels.name,
        normalize=provider.normalize,
        now=desk.request.now,
    )


def _wanted(change: Change | None, declared: Resource, provider: Provider) -> Resource:
    return (
        change.wanted if change is not None and change.wanted is not None else provider.normalize(declared, None)
    )


def _bare(live: Live) -> Resource:
    text, _ = split(live.resource.description if isinstance(live.resource.description, str) else "")
    return replace(live.resource, description=text)


def _people(policies: Policies, side: Side) -> People:
    there = {live.remote_id: live.resource for live in side.snapshot.users if isinstance(live.resource, User)}
    return People(there, set(policies.users))


def _edited(desk: _Desk, case: Case, ref: Ref) -> Files:
    """Return the files with what the case says. Raises NotEdited, SyncError."""
    section = _SECTION[ref.kind]
    file = desk.files.of(section, ref.key) or ""
    files = desk.files.with_value(file, (section, ref.key), case.words)
    for (other, key), changed in case.elsewhere.items():
        place = files.of(other, key)
        if place is not None:
            files = files.with_value(place, (other, key), changed(files.documents[place].data[other][key]))
    if case.people.found:
        place = _users_file(desk, file)
        users = files.documents[place].data.get("users") or {}
        files = files.with_value(place, ("users",), {**users, **case.people.found})
    return files


def _users_file(desk: _Desk, file: str) -> str:
    """Return where new users go: into the file of what names them, else to where most users are."""
    documents = desk.files.documents
    if documents[file].data.get("users"):
        return file
    counted = {name: len(one.data.get("users") or {}) for name, one in documents.items()}
    most = max(counted, key=lambda name: (counted[name], name == file))
    return most if counted[most] else file


def _no_objection(desk: _Desk, policies: Policies, ref: Ref) -> None:
    new = _objected(desk.files.config, policies) - desk.objected
    for about, message in sorted(new, key=str):
        if about in (ref, None):
            raise Unsayable(f"{message}, so it cannot be declared")


def _check(one: Drifted, after: Decision) -> None:
    """Make sure that a plan has nothing left to do for an object but what the policies had changed before."""
    if one.ref in after.bindings.refused:
        said = next((f.message for f in after.findings if f.ref == one.ref and f.level == "error"), "")
        raise Unsayable(f"with it, the plan would refuse it: {said}")
    left = sorted(_paths(_change_of(after, one.ref)) - {f.path for f in one.pending})
    if left:
        raise Unsayable(f"policies cannot say all of it ({', '.join(left)} would still differ): write it by hand")
    if after.kept.get(one.ref, frozenset()) & one.kept:
        raise Unsayable(
            "what somebody added cannot be said so that a plan takes it for declared: write it by hand"
        )


def _changed(before: Decision, after: Decision) -> list[Ref]:
    """Return what a plan would change now and would not have before."""
    old = {change.ref: change for change in before.changes}
    return [c.ref for c in after.changes if _paths(c) - _paths(old.get(c.ref))]


def _change_of(decision: Decision, ref: Ref) -> Change | None:
    return next((change for change in decision.changes if change.ref == ref), None)


def _paths(change: Change | None) -> set[str]:
    fields = change.fields if change is not None else ()
    return {f.path for f in fields if f.path.partition(".")[0] not in NEVER_LIVE}
