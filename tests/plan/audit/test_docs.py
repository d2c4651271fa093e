"""The reference of an audit names every rule, with its level, and every key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oncall_sync.plan.audit.rules import RULES
from oncall_sync.report.audit_json import as_json
from tests.report.test_audit_forms import audit

PAGE = (Path(__file__).parents[3] / "docs/reference/audit-json.md").read_text(encoding="utf-8")


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from keys(one)
    elif isinstance(value, list):
        for one in value:
            yield from keys(one)


def test_every_rule_is_explained_with_its_level() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (error|warning|note) \|", PAGE, re.MULTILINE))
    assert rows == {rule: level for rule, (level, _) in RULES.items()}


def test_every_key_is_explained() -> None:
    words = set(re.findall(r"`([a-z_]+)(?:\[\])?`", PAGE))
    assert set(keys(as_json(audit("x")))) - words == set()
