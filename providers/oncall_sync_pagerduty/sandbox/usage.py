"""Who uses what: the references that keep an object from being deleted, and whom a policy pages."""

from collections.abc import Iterator

from oncall_sync_sandbox.store import Thing

from .account import Account
from .times import instant


def live_layers(account: Account, schedule: Thing) -> list[Thing]:
    """The layers that have not ended, Layer 1 first."""
    now = account.now()
    return [layer for layer in schedule["layers"] if layer["end"] is None or instant(layer["end"]) > now]


def schedule_users(account: Account, schedule: Thing) -> list[str]:
    """The users of the live layers, each once."""
    return list(
        dict.fromkeys(one["user"]["id"] for layer in live_layers(account, schedule) for one in layer["users"])
    )


def targets(policy: Thing) -> Iterator[tuple[str, str]]:
    """Every target of a policy as (kind, id)."""
    for rule in policy["rules"]:
        for target in rule["targets"]:
            yield target["kind"], target["id"]


def paged_users(account: Account, policy: Thing) -> list[str]:
    """Everybody a policy can page: its users, and those of its schedules' live layers."""
    found: dict[str, None] = {}
    for kind, key in targets(policy):
        if kind == "users":
            found[key] = None
        elif (schedule := account.store.get(kind, key)) is not None:
            found.update(dict.fromkeys(schedule_users(account, schedule)))
    return list(found)


def policies_targeting(account: Account, kind: str, key: str) -> list[Thing]:
    """The policies that have it as a target."""
    return account.store.index("escalation_policies", "targets", lambda one: tuple(dict.fromkeys(targets(one))))[
        kind, key
    ]


def policies_of_user(account: Account, user: str) -> list[Thing]:
    """The policies that name the user directly."""
    return policies_targeting(account, "users", user)


def schedules_of_user(account: Account, user: str) -> list[Thing]:
    """The schedules on whose live layers the user is."""
    return [one for one in account.store.all("schedules") if user in schedule_users(account, one)]


def services_of(account: Account, policy: str) -> list[Thing]:
    """The services that page by this policy."""
    return account.store.index("services", "policy", lambda one: one["policy"])[policy]


def policies_of_team(account: Account, team: str) -> list[Thing]:
    """The policies a team has."""
    return account.store.index("escalation_policies", "team", lambda one: tuple(one["teams"]))[team]


def schedules_of_team(account: Account, team: str) -> list[Thing]:
    """The schedules a team has."""
    return account.store.index("schedules", "team", lambda one: tuple(one["teams"]))[team]


def open_incidents(account: Account) -> Iterator[Thing]:
    """Incidents that are triggered or acknowledged."""
    return (one for one in account.store.all("incidents") if one["status"] != "resolved")
