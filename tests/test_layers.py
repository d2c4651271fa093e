"""The house of CONTRIBUTING.md, enforced: a module imports only from its own layer or a lower one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ["errors", "model", "rota", "policy", "plan", "provider", "run", "report", "cli"]
FOR_ADAPTERS = {"errors", "model", "rota", "provider"}
PURE = {"rota", "plan"}
IMPURE = {
    "os",
    "pathlib",
    "time",
    "random",
    "subprocess",
    "socket",
    "requests",
    "io",
    "tempfile",
    "secrets",
    "uuid",
}
GROUND = "oncall_sync_sandbox"
SANDBOXES = (
    f"providers/{GROUND}/",
    "providers/oncall_sync_pagerduty/sandbox/",
    "providers/oncall_sync_opsgenie/sandbox/",
)
ONLY_IN = {
    "yaml": ("oncall_sync/policy/",),
    "click": ("oncall_sync/cli/",),
    "pdpyras": ("providers/oncall_sync_pagerduty/client.py",),
    "opsgenie_sdk": ("providers/oncall_sync_opsgenie/client.py",),
    "starlette": SANDBOXES,
    "uvicorn": SANDBOXES,
}

FILES = sorted(p for top in ("oncall_sync", "providers") for p in (ROOT / top).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield every imported module by its absolute name, with the line."""
    package = list(path.relative_to(ROOT).with_suffix("").parts)
    if package[0] == "providers":
        package = package[1:]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level] if node.level else []
            module = ".".join([*base, *(node.module or "").split(".")]).rstrip(".")
            yield module, node.lineno
            yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)


def layer(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "oncall_sync" and len(parts) > 1 and parts[1] in LAYERS else None


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_point_down(path: Path) -> None:
    parts = path.relative_to(ROOT).parts
    own = parts[1].removesuffix(".py") if parts[0] == "oncall_sync" else None
    for module, line in imports(path):
        target = layer(module)
        where = f"{name(path)}:{line} imports {module}"
        assert not module.startswith("providers."), where
        if own in LAYERS and target:
            assert LAYERS.index(target) <= LAYERS.index(own), where
        if parts[0] == "oncall_sync":
            assert not module.startswith("oncall_sync_"), f"{where}: the core knows no vendor"
        elif "sandbox" in parts or parts[1] == GROUND:
            assert not module.startswith("oncall_sync."), f"{where}: a sandbox shares no code"
            inside = module.startswith((f"{parts[1]}.sandbox", GROUND))
            assert inside or not module.startswith("oncall_sync_"), f"{where}: a sandbox shares no code"
        else:
            assert target is None or target in FOR_ADAPTERS, where
            assert not module.startswith("oncall_sync_") or module.startswith(parts[1]), where


@pytest.mark.parametrize("path", FILES, ids=name)
def test_libraries_are_known_where_they_belong(path: Path) -> None:
    for module, line in imports(path):
        allowed = ONLY_IN.get(module.split(".")[0])
        if allowed:
            assert name(path).startswith(allowed), f"{name(path)}:{line} imports {module}"


@pytest.mark.parametrize("path", [p for p in FILES if p.relative_to(ROOT).parts[1] in PURE], ids=name)
def test_pure_layers_touch_nothing(path: Path) -> None:
    text = path.read_text()
    for module, line in imports(path):
        assert module.split(".")[0] not in IMPURE, f"{name(path)}:{line} imports {module}"
    assert "datetime.now(" not in text, f"{name(path)}: `now` is an argument"
    assert "open(" not in text, f"{name(path)}: pure layers read no files"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 300, f"{name(path)} is two rooms in one"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= 40, f"{name(path)}:{node.lineno} {node.name} has {length} lines"
