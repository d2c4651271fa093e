"""How large a file may be, and that reading it is never more work than its limits allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from oncall_sync.policy import reading, yaml_tokens
from oncall_sync.policy.decoding import MAX_BYTES
from oncall_sync.policy.reading import MAX_ALIASED_NODES
from oncall_sync.policy.yaml_tokens import MAX_DEPTH, MAX_NODES
from tests.effort import growth
from tests.policy.test_reading import bad, good


def bomb(width: int, levels: int) -> bytes:
    lines = ["a: &a [" + "x," * width + "]"]
    lines += [f"{chr(98 + i)}: &{chr(98 + i)} [{f'*{chr(97 + i)},' * width}]" for i in range(levels)]
    return "\n".join(lines).encode()


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What reading a file comes to: events of the parser, and values made of them. Far too much is a failure."""
    found: Counter[str] = Counter()
    value = reading._Reader._value

    def counted(what: str) -> None:
        found[what] += 1
        assert found[what] < 1_000_000

    class Parser(yaml.CBaseLoader):
        def get_event(self) -> Any:
            counted("events")
            return super().get_event()

    def made(*args: Any) -> tuple[Any, int]:
        counted("values")
        return value(*args)

    monkeypatch.setattr(yaml, "CBaseLoader", Parser)
    monkeypatch.setattr(reading._Reader, "_value", made)
    return found


ALIASED, LARGE, DEEP = "aliases make more than", "larger than 2 MiB", "40 deep"


@pytest.mark.parametrize(
    ("content", "says", "events"),
    [
        (bomb(9, 12), ALIASED, 200),
        (bomb(1000, 6), ALIASED, 7100),
        (bomb(20_000, 1), ALIASED, 40_100),
        (bomb(5_000_000, 1), LARGE, 0),
        (b"a: &a [" + b"b" * 10_000_000 + b"]\nc: [*a, *a]", LARGE, 0),
        (b"[" * MAX_BYTES, DEEP, MAX_DEPTH + 3),
        (b"{a: " * (MAX_BYTES // 4), DEEP, 2 * MAX_DEPTH + 3),
        (b"- " * (MAX_BYTES // 2), DEEP, MAX_DEPTH + 3),
        (b"? " * (MAX_BYTES // 2), DEEP, MAX_DEPTH + 3),
        (b"a: [" + b"a," * (MAX_BYTES // 2 - 10) + b"]", "more than 200,000 values", MAX_NODES + 10),
        (b"a: " + b"1" * (MAX_BYTES - 10), "too long a number", 10),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else str(value),  # megabytes are no name
)
def test_hostile_sizes_are_given_up_early(content: bytes, says: str, events: int, work: Counter[str]) -> None:
    assert any(says in problem.message for problem in bad(content))
    assert work["events"] <= events
    assert work["values"] <= events + MAX_ALIASED_NODES + 1


def test_limits_are_where_they_say() -> None:
    flat = ", ".join(["x"] * (MAX_ALIASED_NODES - 1))
    good(f"a: &a [{flat}]\nb: *a\n")
    assert "aliases" in bad(f"a: &a [{flat}, x]\nb: *a\n")[0].message
    good("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))
    deep = bad("a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert [(p.column, "40 deep" in p.message) for p in deep] == [(MAX_DEPTH + 3, True)]
    nested = "[" * (MAX_DEPTH - 2)
    closed = "]" * (MAX_DEPTH - 2)
    assert "40 deep" in bad(f"a: &a {nested}{closed}\nb: [[*a]]\n")[0].message


def test_the_limit_of_values_is_where_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_tokens, "MAX_NODES", 100)
    good("a: [" + "a," * (100 - 5) + "]")  # which is a mapping, its key, a list, and the ends of both
    assert "more than 100 values in one file" in bad("a: [" + "a," * 100 + "]")[0].message


def many_services(number: int) -> str:
    service = "\n".join(
        f"    key{line}: {value}"
        for line, value in enumerate(["text", "30m", "{email: me, accept_from: [a, b]}"] * 7)
    )
    return "services:\n" + "".join(f"  service-{each}:\n{service}\n" for each in range(number))


def test_the_work_grows_with_the_text_and_no_faster() -> None:
    def of(number: int) -> Callable[[], object]:
        text = many_services(number)
        assert len(good(text).data["services"]) == number
        return lambda: good(text)

    assert growth(of, 25) < 4.1
