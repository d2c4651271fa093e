from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from oncall_sync.errors import Problem
from oncall_sync.model import Source
from oncall_sync.policy import files
from oncall_sync.policy.files import content_digest, gather, read_inside, shown_name

DECLARED = Source("oncall.yaml", 2, 1)


def put(root: Path, tree: dict[str, str]) -> Path:
    for name, text in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def names(root: Path, folder: str = "policies") -> list[str]:
    documents, problems = gather(root, folder, DECLARED)
    assert problems == []
    return [document.file for document in documents]


def problems_of(root: Path, folder: str = "policies") -> list[Problem]:
    return gather(root, folder, DECLARED)[1]


def test_files_at_any_depth_in_the_order_of_their_names(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "policies/b.yml": "b: 1",
            "policies/a.yaml": "a: 1",
            "policies/deep/er/c.YAML": "c: 1",
            "policies/a/z.yaml": "",
            "policies/readme.md": "not: read",
            "policies/.hidden.yaml": "x: 1",
            "policies/.git/config.yaml": "x: 1",
            "policies/folder.yaml/d.yaml": "d: 1",
            "other.yaml": "x: 1",
        },
    )
    found = ["a.yaml", "a/z.yaml", "b.yml", "deep/er/c.YAML", "folder.yaml/d.yaml"]
    assert names(tmp_path) == [f"policies/{name}" for name in found]


def test_no_file_is_no_problem_here(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    assert gather(tmp_path, "policies", DECLARED) == ([], [])
    assert len(content_digest([])) == 64


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        ("policies", "'policies' is not there"),
        ("file", "is a file"),
        ("out", "leaves the folder"),
        ("a\0b", "cannot"),
    ],
)
def test_a_policies_folder_that_cannot_be_used(tmp_path: Path, folder: str, says: str) -> None:
    root = put(tmp_path / "root", {"file": ""})
    (root / "out").symlink_to(tmp_path)
    (problem,) = problems_of(root, folder)
    assert (problem.file, problem.line, problem.column) == ("oncall.yaml", 2, 1)
    assert says in problem.message
    assert problem.message.isprintable()


def test_links_that_leave_are_problems_and_links_inside_are_not(tmp_path: Path) -> None:
    root = put(
        tmp_path / "root", {"policies/a.yaml": "a: 1", "shared/s.yaml": "s: 1", "shared/sub/t.yaml": "t: 1"}
    )
    put(tmp_path, {"secret.yaml": "s: 1", "outside/x.yaml": "x: 1"})
    policies = root / "policies"
    (policies / "b.yaml").symlink_to(tmp_path / "secret.yaml")
    (policies / "c").symlink_to(tmp_path / "outside")
    (policies / "d.yaml").symlink_to("../../secret.yaml")
    (policies / "e.yaml").symlink_to("../shared/s.yaml")
    (policies / "f").symlink_to("../shared/sub")
    (policies / "g.yaml").symlink_to("nowhere.yaml")
    (policies / "h.yaml").symlink_to("h.yaml")
    (policies / "i.txt").symlink_to(tmp_path / "secret.yaml")
    documents, problems = gather(root, "policies", DECLARED)
    assert [d.file for d in documents] == ["policies/a.yaml", "policies/e.yaml", "policies/f/t.yaml"]
    assert [p.file for p in problems] == [
        f"policies/{name}" for name in ("b.yaml", "c", "d.yaml", "g.yaml", "h.yaml")
    ]
    leaves, there, itself = "leaves the folder", "not there", "back to itself"
    for problem, says in zip(problems, (leaves, leaves, leaves, there, itself), strict=True):
        assert says in problem.message
        assert problem.line == 0


def test_two_names_of_one_file_or_folder_are_read_once(tmp_path: Path) -> None:
    put(tmp_path, {"policies/a.yaml": "a: 1", "policies/z/b.yaml": "b: 1"})
    (tmp_path / "policies/0.yaml").symlink_to("a.yaml")
    (tmp_path / "policies/y").symlink_to("z")
    (tmp_path / "policies/z/loop").symlink_to("..")
    assert names(tmp_path) == ["policies/0.yaml", "policies/y/b.yaml"]


def test_a_root_that_is_itself_behind_a_link(tmp_path: Path) -> None:
    put(tmp_path / "real", {"policies/a.yaml": "a: 1"})
    (tmp_path / "link").symlink_to("real")
    assert names(tmp_path / "link") == ["policies/a.yaml"]


def test_pipes_sockets_and_devices_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    os.mkfifo(folder / "a.yaml")
    # A socket's path has to be short.
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("b.yaml")
        assert [p.file for p in problems_of(tmp_path)] == ["policies/a.yaml", "policies/b.yaml"]
    assert all("not a regular file" in p.message for p in problems_of(tmp_path))
    assert read_inside(Path("/"), Path("/dev/zero"))[0] is None


def test_unreadable_files_and_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(
        tmp_path,
        {"policies/a.yaml": "a: 1", "policies/b/c.yaml": "c: 1", "policies/d.yaml": "", "policies/e.yaml": ""},
    )
    really_open, really_list, really_ask = Path.open, Path.iterdir, Path.is_dir

    def open_(path: Path, *args: object) -> object:
        if path.name == "a.yaml":
            raise PermissionError(13, "Permission denied")
        if path.name == "d.yaml":
            raise OSError(5, "Input/output error")
        return really_open(path, *args)  # type: ignore[call-overload]

    def list_(path: Path) -> object:
        if path.name == "b":
            raise PermissionError(13, "Permission denied")
        return really_list(path)

    def ask(path: Path) -> bool:
        if path.name == "e.yaml":
            raise PermissionError(13, "Permission denied")
        return really_ask(path)

    monkeypatch.setattr(Path, "open", open_)
    monkeypatch.setattr(Path, "iterdir", list_)
    monkeypatch.setattr(Path, "is_dir", ask)
    documents, problems = gather(tmp_path, "policies", DECLARED)
    assert [d.file for d in documents] == ["policies/e.yaml"]
    assert [(p.file, p.message.partition(":")[0]) for p in problems] == [
        ("policies/a.yaml", "no permission to read it"),
        ("policies/b", "no permission to read it"),
        ("policies/d.yaml", "cannot be read (Input/output error)"),
    ]


def test_problems_of_all_files_come_in_one_run(tmp_path: Path) -> None:
    put(tmp_path, {"policies/a.yaml": "a: 1\na: 2", "policies/b.yaml": "[", "policies/c.yaml": "c: 1"})
    documents, problems = gather(tmp_path, "policies", DECLARED)
    assert [d.file for d in documents] == ["policies/a.yaml", "policies/c.yaml"]
    assert [(p.file, p.line) for p in problems] == [("policies/a.yaml", 2), ("policies/b.yaml", 2)]


def test_hostile_names_are_shown_escaped(tmp_path: Path) -> None:
    put(tmp_path, {"policies/\x1b[31m\n.yaml": "[", "policies/a\\b.yaml": "["})
    (tmp_path / "policies" / os.fsdecode(b"\xff.yaml")).write_text("[")
    assert [p.file for p in problems_of(tmp_path)] == [
        r"policies/\udcff.yaml",
        r"policies/\x1b[31m\n.yaml",
        r"policies/a\\b.yaml",
    ]
    assert shown_name(tmp_path, tmp_path / "::error::x.yaml") == "./::error::x.yaml"
    assert shown_name(tmp_path, Path("/elsewhere/x.yaml")) == "x.yaml"


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {f"policies/{n}.yaml": "a: 1" for n in range(4)})
    monkeypatch.setattr(files, "MAX_FILES", 3)
    (problem,) = problems_of(tmp_path)
    assert "more than 3 policy files" in problem.message
    monkeypatch.setattr(files, "MAX_FILES", 4)
    monkeypatch.setattr(files, "MAX_TOTAL_BYTES", 10)
    documents, (problem,) = gather(tmp_path, "policies", DECLARED)
    assert len(documents) == 2
    assert "use fewer files" in problem.message
    assert problem.file == "oncall.yaml"
    (tmp_path / "policies/0.yaml").write_bytes(b"#" * (files.MAX_BYTES + 5))
    monkeypatch.setattr(files, "MAX_TOTAL_BYTES", 10**9)
    assert "split it" in problems_of(tmp_path)[0].message


def test_the_digest_is_of_names_and_content_in_no_order(tmp_path: Path) -> None:
    put(tmp_path, {"policies/a.yaml": "a: 1", "policies/b.yaml": "b: 1"})
    documents, _ = gather(tmp_path, "policies", DECLARED)
    before = content_digest(documents)
    assert before == content_digest(reversed(documents))
    (tmp_path / "policies/a.yaml").write_text("a: 1 ")
    after = content_digest(gather(tmp_path, "policies", DECLARED)[0])
    assert after != before
    (tmp_path / "policies/a.yaml").write_text("a: 1")
    (tmp_path / "policies/a.yaml").rename(tmp_path / "policies/c.yaml")
    assert content_digest(gather(tmp_path, "policies", DECLARED)[0]) not in (before, after)
