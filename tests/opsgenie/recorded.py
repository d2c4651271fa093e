"""Payloads that others recorded of the real service; they are kept beside the checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "recorded" / "opsgenie"
SCHEDULES = (
    "schedules/demisto_by_id.json",
    "schedules/dxw_first_line_by_id.exchange.json",
    "schedules/dxw_second_line_by_id.exchange.json",
    "schedules/firehydrant_by_id.json",
    "schedules/port_2024_a.json",
    "schedules/port_2024_c.json",
)


def recorded(path: str) -> Any:
    """The data of a recorded answer; skips the test where there are no recordings."""
    if not (RECORDED / path).exists():
        pytest.skip("the recorded payloads are not beside this checkout")
    whole = json.loads((RECORDED / path).read_text(encoding="utf-8"))
    body = whole["response"]["body"] if "response" in whole else whole
    return body.get("data", body)
