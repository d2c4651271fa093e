"""The few routes of GitHub's API that the action uses, over real loopback HTTP; it remembers what was asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.ci.loopback import Asked, listening

REPOSITORY = "acme/oncall"
BOT = "github-actions[bot]"
TOKEN = "ghs_16C7e42F292c6912E7710c838347Ae178B4a"


@dataclass
class GitHub:
    """One repository. `busy` holds statuses that the next calls are answered with."""

    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    artifacts: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    busy: list[int] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def written(self) -> list[str]:
        return [call for call in self.calls if not call.startswith("GET")]

    def comment(self, body: str, author: str = BOT) -> dict[str, Any]:
        made = {"id": 1000 + len(self.comments), "body": body, "user": {"login": author}}
        self.comments.append(made)
        return made

    def issue(self, body: str, author: str = BOT, **more: Any) -> dict[str, Any]:
        number = 1 + len(self.issues)
        made = {"number": number, "body": body, "user": {"login": author}, "state": "open", **more}
        self.issues.append({"labels": ["oncall-drift"], **made})
        return self.issues[-1]

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        """Return the status and the JSON of a call below the repository."""
        if method == "GET":
            listed = self.listed(path.split("/"), query)
            page = slice((int(query.get("page", 1)) - 1) * 100, int(query.get("page", 1)) * 100)
            if isinstance(listed, dict):
                return 200, {key: items[page] for key, items in listed.items()}
            return (404, {"message": "Not Found"}) if listed is None else (200, listed[page])
        match method, path.split("/"):
            case "POST", ["issues"]:
                return 201, self.issue(**body)
            case "POST", ["issues", _, "comments"]:
                return 201, self.comment(body["body"])
            case "PATCH", ["issues", "comments", number]:
                (found,) = [c for c in self.comments if c["id"] == int(number)]
            case "PATCH", ["issues", number]:
                found = self.issues[int(number) - 1]
            case _:
                return 404, {"message": "Not Found"}
        found.update(body)
        return 200, found

    def listed(self, path: list[str], query: dict[str, str]) -> Any:
        """Return all items of a list, as the API wraps them, or None."""
        match path:
            case ["issues"]:
                wanted = query["labels"], query["state"]
                return [i for i in self.issues if wanted[0] in i["labels"] and wanted[1] == i["state"]]
            case ["issues", "7", "comments"]:
                return self.comments
            case ["commits", _, "pulls"]:
                return self.pulls
            case ["actions", "workflows", "oncall-plan.yml", "runs"]:
                return {"workflow_runs": self.runs}
            case ["actions", "runs", number, "artifacts"]:
                return {"artifacts": self.artifacts.get(int(number), [])}
        return None


@contextmanager
def served() -> Iterator[GitHub]:
    """Yield a GitHub that answers until the end of the block."""
    there = GitHub()

    def answer(asked: Asked) -> tuple[int, Any]:
        there.calls.append(f"{asked.method} {asked.path.removeprefix(f'/repos/{REPOSITORY}/')}")
        found = re.fullmatch(rf"/repos/{REPOSITORY}/(.+)", asked.path)
        if there.busy:
            return there.busy.pop(0), {"message": "try later ::error::"}
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        return there.answer(asked.method, found[1] if found else "", asked.query, asked.body)

    with listening(answer) as there.url:
        yield there
