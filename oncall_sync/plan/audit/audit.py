"""Everything an audit says of some accounts, put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from oncall_sync.model import Finding, Ref
from oncall_sync.plan.guards import Limits, guard
from oncall_sync.rota.scene import Scene

from .chat import landings
from .findings import Whole, broken_promises, ladder_findings
from .ground import Account, Asked, Audit
from .ladder import Ladders
from .load import Loads
from .overrides import odd_overrides
from .people import People
from .rules import found
from .unused import unmanaged, unused, unused_findings
from .values import Ladder

_OF_THE_ACCOUNT = frozenset(
    {"user-missing", "doubled-mark", "two-candidates", "foreign-owner", "external-missing"}
)
"""What the decision about an account finds that is wrong with the account, whatever is to be changed."""


def audited(
    asked: Asked, workspace: str, accounts: Sequence[Account], scene: Scene, not_read: Mapping[str, str]
) -> Audit:
    """Return the audit. `scene` holds all accounts and what is declared and lives at none."""
    by_account = [(account, Ladders(account, asked.now, asked.until)) for account in accounts]
    by_service = _by_service(by_account)
    everybody = [People(asked, account, ladders) for account, ladders in by_account]
    odd = [one for account in accounts for one in odd_overrides(asked, account)]
    chat = list(landings(asked, accounts, by_service))
    loads = Loads(asked, accounts)
    findings = [
        *broken_promises(asked, Whole(scene=scene, accounts=accounts)),
        *ladder_findings(asked, by_service),
        *(finding for people in everybody for finding in people.findings()),
        *(finding for _, finding in odd),
        *(finding for _, finding in chat if finding is not None),
        *_of_accounts(asked, workspace, accounts),
        *loads.findings(),
    ]
    limits = Limits(waivers=asked.policies.waivers)
    return Audit(
        workspace=workspace,
        now=asked.now,
        since=asked.since,
        until=asked.until,
        accounts=tuple((one.provider, one.kind, one.snapshot.account.id) for one in accounts),
        not_read=not_read,
        ladders=tuple(ladder for found_ in by_service.values() for ladder in found_),
        people=tuple(row for people in everybody for row in people.rows()),
        incoming=tuple(row for people in everybody for row in people.incoming()),
        overrides=tuple(one for one, _ in odd),
        unused=() if asked.narrow else tuple(one for a in accounts for _, one in unused(asked, a)),
        unmanaged=() if asked.narrow else tuple(one for a in accounts for one in unmanaged(a, workspace)),
        chat=tuple(one for one, _ in chat),
        turns=tuple(loads.turns()),
        shares=tuple(loads.shares()),
        findings=tuple(guard([], findings, limits, asked.now)),
    )


def _by_service(by_account: Iterable[tuple[Account, Ladders]]) -> dict[Ref, list[Ladder]]:
    out: dict[Ref, list[Ladder]] = {}
    for account, ladders in by_account:
        for ref in account.services:
            listed = list(ladders.of(ref))
            if listed:
                out[ref] = listed
    return out


def _of_accounts(asked: Asked, workspace: str, accounts: Iterable[Account]) -> Iterator[Finding]:
    for account in accounts:
        if account.reach is None:
            message = f"{account.provider} does not tell how people are reached: everybody is taken to be at once"
            yield found("reach-unknown", message)
        if asked.narrow:
            continue
        yield from (one for one in account.decision.findings if one.rule in _OF_THE_ACCOUNT)
        yield from unused_findings(asked, account)
        count = sum(1 for _ in unmanaged(account, workspace))
        if count:
            several = "objects are" if count > 1 else "object is"
            message = (
                f"{account.provider}: {count} {several} not managed by this workspace; `--all` audits them too"
            )
            yield found("unmanaged", message)
