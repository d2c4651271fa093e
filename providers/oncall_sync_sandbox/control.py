"""The sandbox's own controls under `/__sandbox__/`: the log, faults, latency, the clock, who rings."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from .faults import ordered

if TYPE_CHECKING:
    from .app import Sandbox

PREFIX: Final = "/__sandbox__/"


def control(sandbox: "Sandbox", method: str, name: str, query: str, raw: bytes) -> tuple[int, Any]:
    """Status and JSON answer of a control call; 400 or 404 says what was not understood."""
    try:
        body = json.loads(raw) if raw.strip() else {}
        if not isinstance(body, dict):
            raise ValueError("the body must be an object")
        answer = _answered(
            sandbox, method, name, {key: values[-1] for key, values in parse_qs(query).items()}, body
        )
    except ValueError as error:
        return 400, {"error": str(error)}
    return (404, {"error": f"no such control: {method} {PREFIX}{name}"}) if answer is None else (200, answer)


def _answered(
    sandbox: "Sandbox", method: str, name: str, query: Mapping[str, str], body: Mapping[str, Any]
) -> Any | None:
    match method, name:
        case "GET", "requests":
            return list(sandbox.log)
        case "POST", "reset":
            _reset(sandbox, body.get("what", "all"))
        case "POST", "latency":
            ms = body.get("ms")
            if not isinstance(ms, int | float) or isinstance(ms, bool) or ms < 0:
                raise ValueError("ms must be a number, 0 or more")
            sandbox.latency = timedelta(milliseconds=ms)
        case "POST", "clock":
            sandbox.clock.set(None if body.get("now") is None else _moment(body["now"]))
        case "POST", "faults":
            sandbox.faults.order(ordered(body))
        case "DELETE", "faults":
            sandbox.faults.clear()
        case "GET", "rings":
            at = _moment(query["at"]) if "at" in query else sandbox.clock.now()
            return sandbox.rings(at)
        case "POST", _:
            return sandbox.act(name, body)
        case _:
            return None
    return {"now": sandbox.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")}


def _reset(sandbox: "Sandbox", what: Any) -> None:
    if what not in {"log", "all"}:
        raise ValueError("what must be log or all")
    sandbox.log.clear()
    if what == "all":
        sandbox.start_over()


def _moment(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)  # a query's + is a blank
    except (TypeError, ValueError):
        raise ValueError(f"not a time: {text}") from None
    return moment.replace(tzinfo=moment.tzinfo or UTC)
