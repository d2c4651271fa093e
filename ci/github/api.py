"""What run.sh says to GitHub: one comment on a pull request, one issue about drift; and which plan was reviewed.

    python -I api.py comment FILE CODE   write or edit the comment that begins with the marker of FILE
    python -I api.py issue FILE          open or edit the issue about drift
    python -I api.py close FILE          close it, if there is one
    python -I api.py reviewed            print `pull-request=` and `run-id=` of what was merged as this commit
    python -I api.py digest PLAN         print the digest of a saved plan
    python -I api.py pre FILE            print FILE as text that Markdown leaves alone

The standard library alone, since it runs before and beside everything else. Only what the own account wrote is
ever edited or closed: anybody can write a comment that begins with the marker, and change it again afterwards.
"""

from __future__ import annotations

import html
import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MARKER = re.compile(r"<!-- oncall-sync:(plan|drift)((?::[A-Za-z0-9._-]+)*) -->")
LONGEST = 65_000
"""GitHub takes 65,536 characters."""
PER_PAGE = 100
MOST_PAGES = 50
SECONDS = 30
PAUSES = (1.0, 3.0)
"""Before a call that may be repeated is, after an answer that says that GitHub is busy or broken."""


class Problem(Exception):
    """A sentence for whoever reads the log."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the token is for one host."""

    def redirect_request(self, *_: Any) -> None:
        return None


def setting(name: str, default: str = "") -> str:
    """Return an environment variable. Raises Problem if it is empty and has no default."""
    value = os.environ.get(name) or default
    if not value:
        raise Problem(f"{name} is not set")
    return value


def address(path: str, query: Mapping[str, object]) -> str:
    """Return the address of a call to the repository. Raises Problem if the token would travel in the open."""
    base = setting("GITHUB_API_URL", "https://api.github.com").rstrip("/")
    host = urllib.parse.urlsplit(base).hostname or ""
    if not base.startswith("https://") and host not in ("127.0.0.1", "localhost", "::1"):
        raise Problem("GITHUB_API_URL is not an https:// address")
    repository = setting("GITHUB_REPOSITORY")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise Problem("GITHUB_REPOSITORY is not OWNER/NAME")
    asked = f"?{urllib.parse.urlencode(query)}" if query else ""
    return f"{base}/repos/{repository}/{path}{asked}"


def call(method: str, path: str, body: object = None, **query: object) -> Any:
    """Make a call and return its JSON; what may be made twice is tried again. Raises Problem."""
    token = os.environ.get("SYNC_GITHUB_TOKEN")
    if not token:
        raise Problem("there is no token for GitHub: pass `token`")
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "User-Agent": "oncall-sync-action",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address(path, query), data, headers, method=method)  # noqa: S310  # see address
    pauses = [*PAUSES] if method != "POST" else []
    while True:
        try:
            with urllib.request.build_opener(_Stay).open(request, timeout=SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code < 500 or not pauses:
                raise Problem(f"{method} {path}: {refusal(error.code)}") from error
        except (OSError, ValueError) as error:
            if not pauses:
                raise Problem(f"{method} {path}: no answer from GitHub ({type(error).__name__})") from error
        time.sleep(pauses.pop(0))


def refusal(status: int) -> str:
    """Return what a status means here, and what to do."""
    hints = {
        401: "the token is not valid",
        403: "the token may not do this; see `permissions:` in the workflow",
        404: "not there, or the token may not see it; see `permissions:` in the workflow",
        410: "switched off in this repository",
    }
    return f"GitHub answered {status}" + (f": {hints[status]}" if status in hints else "")


def pages(path: str, key: str = "", **query: object) -> Iterator[dict[str, Any]]:
    """Yield every item of a list, page by page; `key` is where an answer keeps them if it is no list itself."""
    for page in range(1, MOST_PAGES + 1):
        answer = call("GET", path, per_page=PER_PAGE, page=page, **query)
        items = answer.get(key, []) if key else answer
        yield from items
        if len(items) < PER_PAGE:
            return


def marker(text: str | None) -> str:
    """Return the hidden first line of a text, `""` if it has none."""
    found = MARKER.match(text or "")
    return found[0] if found else ""


def own(item: Mapping[str, Any]) -> bool:
    """Return whether the account that we speak as wrote this."""
    author = (item.get("user") or {}).get("login")
    return bool(author) and author == setting("SYNC_AUTHOR", "github-actions[bot]")


def among(found: list[dict[str, Any]], wanted: str, kind: str) -> list[dict[str, Any]]:
    """Return what carries our marker; else the only one that may be ours, because a workspace was not known."""
    exact = [item for item in found if marker(item["body"]) == wanted]
    if exact:
        return exact
    bare = f"<!-- oncall-sync:{kind} -->"
    maybe = [item for item in found if wanted == bare or marker(item["body"]) == bare]
    return maybe if len(maybe) == 1 else []


def body_of(path: Path, kind: str, otherwise: str = "") -> str:
    """Return what a file holds as a body that GitHub takes, beginning with a marker."""
    text = path.read_text(encoding="utf-8").strip() or otherwise
    if not marker(text).startswith(f"<!-- oncall-sync:{kind}"):
        text = f"<!-- oncall-sync:{kind} -->\n\n{text}"
    if len(text.encode("utf-16-le")) // 2 <= LONGEST:
        return text
    lines, room = [], LONGEST - 200
    for line in text.splitlines():
        room -= len(line.encode("utf-16-le")) // 2 + 1
        if room < 0:
            break
        lines.append(line)
    return "\n".join([*lines, "", "_The rest does not fit; the log of the run has it._"])


def run_link() -> str:
    """Return a link to the run that this is."""
    server = setting("GITHUB_SERVER_URL", "https://github.com")
    return f"[log]({server}/{setting('GITHUB_REPOSITORY')}/actions/runs/{int(setting('GITHUB_RUN_ID', '0'))})"


def comment(file: str, code: str) -> None:
    """Write what a plan says on the pull request, into the comment of the last time if there is one."""
    number = int(setting("SYNC_PULL_REQUEST"))
    lost = f"**No plan could be made: `oncall-sync plan` ended with {int(code)}.** The log says why."
    body = f"{body_of(Path(file), 'plan', lost)}\n\n{run_link()}\n"
    listed = pages(f"issues/{number}/comments")
    mine = among([c for c in listed if own(c) and marker(c["body"])], marker(body), "plan")
    if mine:
        call("PATCH", f"issues/comments/{int(mine[0]['id'])}", {"body": body})
    else:
        call("POST", f"issues/{number}/comments", {"body": body})


def open_issues(wanted: str) -> list[dict[str, Any]]:
    """Return our open issues about drift, oldest first."""
    listed = pages("issues", state="open", labels=setting("SYNC_LABEL", "oncall-drift"))
    mine = [i for i in listed if "pull_request" not in i and own(i) and ":drift" in marker(i["body"])]
    return sorted(among(mine, wanted, "drift"), key=lambda issue: int(issue["number"]))


def issue(file: str) -> None:
    """Say what drifted, in the one issue that is open about it; one that says the same already is left alone."""
    body = body_of(Path(file), "drift")
    workspace = marker(body).removeprefix("<!-- oncall-sync:drift").removesuffix(" -->").strip(":")
    title = f"On-call drift in {workspace}" if workspace else "On-call drift"
    found = open_issues(marker(body))
    if not found:
        label = setting("SYNC_LABEL", "oncall-drift")
        call("POST", "issues", {"title": title, "body": body, "labels": [label]})
    elif (found[0]["body"] or "").replace("\r\n", "\n").strip() != body.strip():
        call("PATCH", f"issues/{int(found[0]['number'])}", {"body": body})


def close(file: str) -> None:
    """Close what is open about drift that is gone, and say so there."""
    for found in open_issues(marker(body_of(Path(file), "drift"))):
        number = int(found["number"])
        call("PATCH", f"issues/{number}", {"state": "closed", "state_reason": "completed"})
        call("POST", f"issues/{number}/comments", {"body": f"No drift any more ({run_link()})."})


def reviewed() -> None:
    """Print the pull request that this commit merged, and the run that made the plan its reviewers saw.

    The run has to be one of the plan workflow, for the very commit that was merged, and not of a fork, which can
    upload artifacts with any name. Nothing is printed for a commit that came without a pull request.
    """
    sha, repository = setting("GITHUB_SHA"), setting("GITHUB_REPOSITORY")
    workflow = setting("SYNC_WORKFLOW", "oncall-plan.yml")
    branch = setting("GITHUB_REF_NAME")
    for pull in pages(f"commits/{sha}/pulls"):
        source = ((pull["head"] or {}).get("repo") or {}).get("full_name")
        merged = pull.get("merged_at") and pull.get("merge_commit_sha") == sha and pull["base"]["ref"] == branch
        if not merged:
            continue
        say(f"pull-request={int(pull['number'])}")
        if source == repository and (run := _run(workflow, str(pull["head"]["sha"]), repository)):
            say(f"run-id={run}")
        return


def _run(workflow: str, head: str, repository: str) -> int | None:
    path = f"actions/workflows/{urllib.parse.quote(workflow, safe='')}/runs"
    asked = {"event": "pull_request", "head_sha": head, "status": "success"}
    runs = [
        int(run["id"])
        for run in pages(path, "workflow_runs", **asked)
        if run["event"] == "pull_request"
        and run["head_sha"] == head
        and run["conclusion"] == "success"
        and (run.get("head_repository") or {}).get("full_name") == repository
    ]
    name = setting("SYNC_ARTIFACT", "oncall-plan")
    for run in sorted(runs, reverse=True):
        kept = pages(f"actions/runs/{run}/artifacts", "artifacts", name=name)
        if any(one["name"] == name and not one["expired"] for one in kept):
            return run
    return None


def digest(file: str) -> None:
    """Print the digest of a saved plan; nothing if it has none."""
    found = str(json.loads(Path(file).read_text(encoding="utf-8")).get("digest"))
    if re.fullmatch(r"sha256:[0-9a-f]{64}", found):
        say(found)


def pre(file: str) -> None:
    """Print a text as HTML that shows it as it is."""
    text = Path(file).read_text(encoding="utf-8")
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… the log has the rest"
    say(f"<pre>{html.escape(cut.strip())}</pre>\n")


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def main(words: list[str]) -> int:
    """Run one of the commands above; return 1 after a Problem, which is told as an annotation."""
    known = {f.__name__: f for f in (comment, issue, close, reviewed, digest, pre)}
    try:
        known[words[0]](*words[1:])
    except Problem as problem:
        told = str(problem).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        sys.stderr.write(f"::error title=oncall-sync::{words[0]}: {told}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
