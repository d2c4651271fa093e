"""What was accepted, as JSON."""

from __future__ import annotations

import json
from typing import Any

from oncall_sync.plan.plan import place
from oncall_sync.run.accept_told import Acceptance


def accept_json(found: Acceptance) -> str:
    """Return all of it as JSON text: `accepted`, `left` and `follows`; ends with a newline."""
    data: dict[str, Any] = {
        "accepted": [
            {
                "provider": one.provider,
                "ref": str(one.ref),
                "name": one.name,
                "fields": list(one.fields),
                "changes": [
                    {"file": hunk.file, "line": hunk.line, "diff": list(hunk.lines)} for hunk in one.hunks
                ],
                "users": list(one.people),
                "pending": list(one.pending),
            }
            for one in found.accepted
        ],
        "left": [
            {
                "provider": one.provider,
                "ref": str(one.ref),
                "name": one.name,
                "reason": one.reason,
                "source": place(one.source),
            }
            for one in found.left
        ],
        "follows": [{"ref": str(ref), "because_of": str(by)} for ref, by in sorted(found.follows.items())],
    }
    return json.dumps(data, indent=2) + "\n"
