"""What differs between two sets of facts, field by field."""

from __future__ import annotations

from typing import Any

from oncall_sync.model import ABSENT, FieldChange, Rotation, Schedule, Service

from .facts import NOBODY, Facts, Label


def fields(before: Facts, after: Facts) -> tuple[FieldChange, ...]:
    """Return the fields that differ, sorted by path. Lists are one value: their order means something."""
    if before == after:
        return ()
    if not before:
        return tuple(FieldChange(key, None, value) for key, value in sorted(after.items()))
    from deepdiff import DeepDiff  # a slow import that most runs do not need

    tree = DeepDiff(before, after, view="tree", ignore_order=False)
    paths = {_to_list(node.path(output_format="list")) for nodes in tree.values() for node in nodes}
    return tuple(
        FieldChange(".".join(path), _at(before, path), _at(after, path))
        for path in sorted(paths, key=_numbers_last)
    )


def align_turns(before: Facts, after: Facts, live: Schedule, wanted: Schedule, label: Label) -> None:
    """Write both member lists of each changed rotation in the order of turns from the wanted start on.

    Facts hold members in an order that no anchor can change, which says nothing to a person. Changes its first
    two arguments in place.
    """
    twins = {rotation.name: rotation for rotation in live.rotations}
    for rotation in wanted.rotations:
        name = rotation.name or ""
        old, new = before["rotations"].get(name), after["rotations"].get(name)
        if new and not old:
            new["members"] = [_member(m, label) for m in rotation.members]
        elif old and new and old["members"] != new["members"] and name in twins:
            old["members"] = _turns_from(twins[name], rotation, label)
            new["members"] = [_member(m, label) for m in rotation.members]


def align_names(before: Facts, after: Facts, wanted: Service) -> None:
    """Write a renamed integration under its new name on both sides. Changes its first two arguments in place."""
    for integration in () if wanted.integrations is ABSENT else wanted.integrations:
        if integration.was is not None:
            before["integrations"][integration.name] = {
                **before["integrations"].pop(integration.was),
                "name": integration.was,
            }
            after["integrations"][integration.name]["name"] = integration.name


def declared_turns(made: Facts, wanted: Schedule, label: Label) -> None:
    """Write the members of new rotations in the order declared. Changes its first argument in place."""
    for rotation in wanted.rotations:
        facts = made["rotations"].get(rotation.name)
        if facts:
            facts["members"] = [_member(m, label) for m in rotation.members]


def _turns_from(live: Rotation, wanted: Rotation, label: Any) -> list[str]:
    turn = (wanted.start - live.start) // live.every
    members = [_member(m, label) for m in live.members]
    first = turn % len(members)
    return members[first:] + members[:first]


def _member(member: Any, label: Label) -> str:
    return NOBODY if member is None else label(member)


def _to_list(path: list[Any]) -> tuple[str, ...]:
    """Cut a path in front of the first list index."""
    out: list[str] = []
    for step in path:
        if not isinstance(step, str):
            break
        out.append(step)
    return tuple(out)


def _at(facts: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if not isinstance(facts, dict) or step not in facts:
            return None
        facts = facts[step]
    return facts


def _numbers_last(path: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    """Sort `levels.2` in front of `levels.10`."""
    return tuple((int(step), "") if step.isdecimal() else (0, step) for step in path)
