"""In which order changes are made, so that no name is asked for while something else still has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from oncall_sync.model import Change, Ref
from oncall_sync.model.meantime import BEING_DELETED, BEING_RENAMED, for_the_meantime
from oncall_sync.plan.marks import split


def in_order_of_names(changes: Sequence[Change]) -> list[Change]:
    """Return changes so that a name is given up before it is taken: providers want names unique.

    Where names go round in a circle, one change comes twice: first under a name for the meantime. So does what is
    deleted last and has a name that something else is to have.
    """
    held = {(c.ref.kind, c.live.resource.name): c for c in changes if c.live is not None}
    out: list[Change] = []
    begun: set[Ref] = set()
    placed: set[Ref] = set()

    def place(change: Change) -> None:
        if change.ref in begun:
            return
        begun.add(change.ref)
        holder = held.get((change.ref.kind, change.name))
        if holder is not None and holder.ref not in (change.ref, *placed):
            if holder.action == "delete" or holder.ref in begun:
                out.append(_out_of_the_way(holder))
            else:
                place(holder)
        out.append(change)
        placed.add(change.ref)

    for change in changes:
        place(change)
    return out


def _out_of_the_way(holder: Change) -> Change:
    """Return a change that renames an object for the meantime: until it is renamed for good, or deleted.

    Nothing but the name changes: the rest of what is to change is sent once, with the name for good.
    """
    live = holder.live
    if live is None:
        raise ValueError(f"{holder.ref} is not there, so it holds no name")
    name = for_the_meantime(live.resource.name, BEING_DELETED if holder.action == "delete" else BEING_RENAMED)
    text, _ = split(live.resource.description if isinstance(live.resource.description, str) else None)
    meantime = replace(live.resource, ref=holder.ref, name=name, description=text)
    return replace(holder, action="rename", wanted=meantime, name=name)
