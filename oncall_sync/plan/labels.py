"""What references are called: by people, and by fingerprints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from oncall_sync.model import Ref, Resource, Snapshot, User

from .identity import Bindings


class Labels:
    """Names for refs, for people and for fingerprints.

    Names are what is compared as well, so no two refs of a kind have one: neither two declared ones, nor a
    declared one and something else that has, for the time being, the name it is to get.
    """

    def __init__(self, declared: Iterable[Resource], snapshot: Snapshot, bindings: Bindings) -> None:
        self._declared = {r.ref: r.name for r in declared}
        self._by_id = {(live.kind, live.remote_id): ref for ref, live in bindings.bound.items()}
        self._ids = {ref: live.remote_id for ref, live in bindings.bound.items()}
        self._live = {(o.kind, o.remote_id): o for o in (*snapshot.objects, *snapshot.users)}
        self._taken = Counter((ref.kind, name) for ref, name in self._declared.items())
        self._bound_names = {(ref.kind, live.resource.name) for ref, live in bindings.bound.items()}

    def to_ref(self, ref: Ref) -> Ref:
        """Return the declared ref of a live one, if there is one."""
        return self._by_id.get((ref.kind, ref.key), ref) if ref.remote else ref

    def id(self, ref: Ref) -> str:
        """Return the id at the provider; for what is not there yet, the ref itself."""
        return ref.key if ref.remote else self._ids.get(ref, str(ref))

    def name(self, ref: Ref) -> str:
        """Return what people call it: a user's key, else a name, else an email."""
        ref = self.to_ref(ref)
        if ref.kind == "user" and not ref.remote:
            return ref.key
        if not ref.remote:
            name = self._declared.get(ref, ref.key)
            return f"{name} ({ref.key})" if self._taken[ref.kind, name] > 1 else name
        live = self._live.get((ref.kind, ref.key))
        if live is None:
            return "somebody who was deleted" if ref.kind == "user" else f"a deleted {ref.kind.replace('_', ' ')}"
        if isinstance(live.resource, User):
            return live.resource.email
        called = (ref.kind, live.resource.name)
        twin = called in self._bound_names or called in self._taken
        return f"{live.resource.name} (another of that name)" if twin else live.resource.name
