"""The plan: what would be done, as data that can be saved, approved and compared.

A plan is an approval, not an instruction: whoever applies one plans again, and goes on only if the digest is
the same. The digest covers the workspace, the accounts and the changes, and nothing that the clock, a commit or a
line number could move.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oncall_sync import __version__
from oncall_sync.errors import StalePlan, TamperedPlan
from oncall_sync.model import Change, Finding, Source

from .told import ToldImpact, instant

FORMAT_VERSION = "1.0"
TOOL = f"oncall-sync {__version__}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedProvider:
    """A provider that was read, which account it opened, and how much there is not ours to manage."""

    name: str
    kind: str
    account: str
    unmanaged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingOverride:
    """A swap that people made on a schedule that changes; it stays. Instants are aware UTC."""

    provider: str
    schedule: str
    user: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that would be done to every provider that was read, and what to know about it."""

    created_at: datetime
    expires_at: datetime
    workspace: str
    commit: str | None
    policy_sha256: str
    providers: tuple[PlannedProvider, ...]
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...] = ()
    overrides: tuple[StandingOverride, ...] = ()
    impact: ToldImpact
    not_read: Mapping[str, str] = field(default_factory=dict)
    max_deletes: int = 5
    waived: Mapping[str, str] = field(default_factory=dict)

    @property
    def summary(self) -> dict[str, int]:
        """Return how many changes of each kind there are, and how many objects are unmanaged."""
        counts = Counter(change.action for change in self.changes)
        actions = {action: counts[action] for action in ("create", "adopt", "update", "rename", "delete")}
        return {**actions, "unmanaged": sum(p.unmanaged for p in self.providers)}

    @property
    def digest(self) -> str:
        """Return `sha256:<hex>` over what makes two plans the same decision."""
        return digest(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Return the plan as JSON values, without its digest; see docs/reference for each key."""
        return {
            "format_version": FORMAT_VERSION,
            "tool": TOOL,
            "created_at": instant(self.created_at),
            "expires_at": instant(self.expires_at),
            "workspace": self.workspace,
            "policy": {"commit": self.commit, "sha256": self.policy_sha256},
            "providers": [
                {"name": p.name, "kind": p.kind, "account": p.account, "unmanaged": p.unmanaged}
                for p in self.providers
            ],
            "not_read": [{"name": name, "reason": reason} for name, reason in self.not_read.items()],
            "changes": [_change(change) for change in self.changes],
            "overrides": [
                {
                    "provider": o.provider,
                    "schedule": o.schedule,
                    "user": o.user,
                    "since": instant(o.since),
                    "until": instant(o.until),
                }
                for o in self.overrides
            ],
            "impact": self.impact.as_json(),
            "findings": [
                {"rule": f.rule, "level": f.level, "message": f.message, "source": place(f.source)}
                for f in self.findings
            ],
            "summary": self.summary,
            "max_deletes": self.max_deletes,
            "waivers": [{"rule": rule, "reason": reason} for rule, reason in sorted(self.waived.items())],
        }


def dumps(plan: Plan) -> str:
    """Return the canonical text of a plan: sorted keys, LF, a newline at the end."""
    data = {**plan.as_json(), "digest": plan.digest}
    return json.dumps({**data, "checksum": checksum(data)}, sort_keys=True, indent=2) + "\n"


def loads(text: str, now: datetime) -> Mapping[str, Any]:
    """Return a saved plan's JSON values.

    Raises TamperedPlan if it is not what `dumps` wrote, StalePlan if it has expired or was made by another major
    version.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TamperedPlan("this file is not a plan: it is not JSON; make one with `plan --out`") from error
    if not isinstance(data, dict) or not isinstance(data.get("digest"), str) or "changes" not in data:
        raise TamperedPlan("this file is not a plan: make one with `plan --out`")
    try:
        other = _majors(data["format_version"], data["tool"]) != _majors(FORMAT_VERSION, TOOL)
        fits = digest(data) == data["digest"] and checksum(data) == data["checksum"]
        expired = datetime.fromisoformat(str(data["expires_at"])) <= now
    except (KeyError, TypeError, ValueError) as error:
        raise TamperedPlan("this plan has lost parts that every plan has: plan again") from error
    if other:
        raise StalePlan("this plan was made by another major version of oncall-sync: plan again")
    if not fits:
        raise TamperedPlan("this plan was edited after it was made (its checksum does not fit): plan again")
    if expired:
        raise StalePlan(f"this plan expired at {data['expires_at']}: plan again")
    return data


def _majors(format_version: object, tool: object) -> tuple[str, str]:
    return str(format_version).partition(".")[0], str(tool).rpartition(" ")[2].partition(".")[0]


def checksum(data: Mapping[str, Any]) -> str:
    """Return `sha256:<hex>` of everything in a plan's JSON, which is what nobody may edit.

    It keeps accidents out, not a forger: who can write the file can write a sum as well.
    """
    covered = {key: value for key, value in data.items() if key != "checksum"}
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def digest(data: Mapping[str, Any]) -> str:
    """Return `sha256:<hex>` of the part of a plan's JSON that is compared."""
    covered = {
        "workspace": data["workspace"],
        "accounts": [{key: p[key] for key in ("name", "kind", "account")} for p in data["providers"]],
        "changes": [
            {key: c[key] for key in ("provider", "ref", "action", "remote_id", "fields")} for c in data["changes"]
        ],
    }
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def differences(approved: Mapping[str, Any], fresh: Mapping[str, Any]) -> list[str]:
    """Return, in words, how two plans differ in what their digests cover."""
    out: list[str] = []
    if approved["workspace"] != fresh["workspace"]:
        out.append(f"the plan is for the workspace {approved['workspace']!r}, this is {fresh['workspace']!r}")
    accounts = [{p["name"]: p["account"] for p in plan["providers"]} for plan in (approved, fresh)]
    for name in sorted({*accounts[0], *accounts[1]}):
        was, now = (a.get(name) for a in accounts)
        if was != now:
            out.append(f"{name}: the plan is for the account {was or 'none'}, this is {now or 'not read'}")
    before, after = ({(c["provider"], c["ref"]): c for c in plan["changes"]} for plan in (approved, fresh))
    for key in sorted({*before, *after}):
        out += _difference(key[1], before.get(key), after.get(key))
    return out


def _difference(ref: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> list[str]:
    if was is None or now is None:
        known, told = (was, "approved, no longer needed") if now is None else (now, "needed now, not approved")
        return [f"{known['action'] if known else ''} {ref}: {told}"]
    if was["action"] != now["action"]:
        return [f"{ref}: {was['action']} was approved, {now['action']} is needed now"]
    fields = [{f["path"]: (f["before"], f["after"]) for f in side["fields"]} for side in (was, now)]
    paths = sorted(p for p in {*fields[0], *fields[1]} if fields[0].get(p) != fields[1].get(p))
    if paths:
        return [f"{ref}: {', '.join(paths)} would change otherwise than approved"]
    return [f"{ref}: it is another object now"] if was["remote_id"] != now["remote_id"] else []


def place(source: Source | None) -> dict[str, Any] | None:
    """Return a source as JSON: file, line, column."""
    return {"file": source.file, "line": source.line, "column": source.column} if source else None


def _change(change: Change) -> dict[str, Any]:
    return {
        "provider": change.provider,
        "ref": str(change.ref),
        "action": change.action,
        "name": change.name,
        "why": change.why,
        "team": change.team,
        "remote_id": change.remote_id,
        "fields": [{"path": f.path, "before": f.before, "after": f.after} for f in change.fields],
        "source": place(change.source),
    }
