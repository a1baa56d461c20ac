"""The index re-reads what changed, survives what is done to it, and leads imports to files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import codegen_tasks.context.index as index_module
from codegen_tasks.context.index import Import, Index, open_index, remove_old


def write(root: Path, files: dict[str, str]) -> list[str]:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


def names(index: Index) -> dict[str, list[str]]:
    return {path: [d.name for d in index.outlines([row])[row].definitions] for path, row in sorted(index.rows.items())}


def users(index: Index, name: str) -> list[str]:
    return sorted(index.paths[row] for row in index.names([name])[name][0])


def test_a_change_is_seen_and_what_was_there_before_is_found_again(tmp_path: Path) -> None:
    root, at = tmp_path / "repo", tmp_path / "index.sqlite"
    paths = write(root, {"a.py": "def one(): pass\n", "b.py": "from a import one\none()\n"})
    assert names(open_index(root, paths, at)) == {"a.py": ["one"], "b.py": []}
    write(root, {"a.py": "def two(): one\n"})
    assert names(open_index(root, paths, at)) == {"a.py": ["two"], "b.py": []}
    write(root, {"a.py": "def one(): pass\n"})
    again = open_index(root, paths, at)
    assert (names(again), users(again, "one"), users(again, "two")) == (
        {"a.py": ["one"], "b.py": []},
        ["a.py", "b.py"],
        [],
    )


def test_what_another_process_adds_later_is_not_seen(tmp_path: Path) -> None:
    root, at = tmp_path / "repo", tmp_path / "index.sqlite"
    paths = write(root, {"a.py": "def one(): pass\n", "b.py": "from a import one\none()\n"})
    ours = open_index(root, paths, at)
    open_index(root, write(root, {"c.py": "one()\n"}), at)
    assert users(ours, "one") == ["a.py", "b.py"]


def test_an_index_that_is_made_in_parts_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "repo"
    paths = write(root, {f"f{i}.py": f"def name_{i}(): name_{i // 2}()\n" for i in range(7)})
    whole = open_index(root, paths, tmp_path / "whole.sqlite")
    monkeypatch.setattr(index_module, "_AT_ONCE", 2)
    parts = open_index(root, paths, tmp_path / "parts.sqlite")
    assert names(parts) == names(whole)
    assert [users(parts, f"name_{i}") for i in range(7)] == [users(whole, f"name_{i}") for i in range(7)]


def test_central_files_are_those_of_today(tmp_path: Path) -> None:
    root, at = tmp_path / "repo", tmp_path / "index.sqlite"
    users_ = {f"u{i}.py": "make_order()\n" for i in range(4)}
    paths = write(root, {"a.py": "def make_order(): pass\n", **users_})
    assert open_index(root, paths, at).central(9, 9) == [("a.py", ["make_order"])]
    (root / "a.py").rename(root / "b.py")
    assert open_index(root, ["b.py", *users_], at).central(9, 9) == [("b.py", ["make_order"])]


def test_an_edit_that_keeps_size_and_time_is_seen(tmp_path: Path) -> None:
    root, at = tmp_path / "repo", tmp_path / "index.sqlite"
    paths = write(root, {"a.py": "def one(): pass\n"})
    os.utime(root / "a.py", ns=(10**18, 10**18))
    open_index(root, paths, at)
    write(root, {"a.py": "def two(): pass\n"})
    os.utime(root / "a.py", ns=(10**18, 10**18))
    assert names(open_index(root, paths, at)) == {"a.py": ["two"]}


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_index_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    root, at = tmp_path / "repo", tmp_path / "index.sqlite"
    paths = write(root, {"a.py": "def one(): pass\n"})
    open_index(root, paths, at).close()
    at.write_bytes(damage)
    assert names(open_index(root, paths, at)) == {"a.py": ["one"]}


def test_an_index_cut_in_its_middle_is_made_anew(tmp_path: Path) -> None:
    root, at = tmp_path / "repo", tmp_path / "index.sqlite"
    paths = write(root, {f"m{i}.py": f"def f{i}(): pass\n" * 30 for i in range(80)})
    before = names(open_index(root, paths, at))
    for ending in ("-wal", "-shm"):
        at.with_name(at.name + ending).unlink(missing_ok=True)
    at.write_bytes(at.read_bytes()[: at.stat().st_size // 2])
    assert names(open_index(root, paths, at)) == before


def test_several_processes_may_make_it_at_once(tmp_path: Path) -> None:
    root, at = tmp_path / "repo", tmp_path / "index.sqlite"
    paths = write(root, {f"m{i}.py": f"def f{i}(): m{i}\n" for i in range(60)})
    code = (
        "import sys; from pathlib import Path; from codegen_tasks.context.index import open_index\n"
        "index = open_index(Path(sys.argv[1]), sys.argv[3:], Path(sys.argv[2]))\n"
        "print(len(index.rows), sum(len(o.definitions) for o in index.outlines(index.rows.values()).values()))"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(root), str(at), *paths], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [run.communicate()[0] for run in runs] == ["60 60\n"] * 4


def test_many_files_are_read_by_two_processes_to_the_same_end(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    paths = write(root, {f"m{i}.py": f"def f{i}(): m{i}\n" for i in range(320)})
    index = open_index(root, paths, None)
    assert names(index) == {f"m{i}.py": [f"f{i}"] for i in sorted(range(320), key=lambda i: f"m{i}.py")}


def test_what_is_no_plain_file_is_left_out(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    write(root, {"a.py": "def one(): pass\n"})
    (root / "loop.py").symlink_to("loop.py")
    (root / "link.py").symlink_to("a.py")
    os.mkfifo(root / "pipe.py")
    (root / "dir.py").mkdir()
    listed = ["a.py", "dir.py", "gone.py", "link.py", "loop.py", "pipe.py"]
    assert names(open_index(root, listed, None)) == {"a.py": ["one"]}


RESOLVED = [
    ("a.py", Import("pkg.mod", ("x",)), ["src/pkg/mod.py"]),
    ("src/pkg/mod.py", Import(".other"), ["src/pkg/other.py"]),
    ("src/pkg/mod.py", Import(".", ("other",)), ["src/pkg/__init__.py", "src/pkg/other.py"]),
    ("src/pkg/mod.py", Import("json"), []),
    ("tests/test_a.py", Import("shared", ("x",)), ["tests/shared.py"]),
    ("web/app.ts", Import("./lib/thing.js"), ["web/lib/thing.ts"]),
    ("web/app.ts", Import("./lib"), ["web/lib/index.ts"]),
    ("web/app.ts", Import("@acme/kit"), ["kit/src/index.ts"]),
    ("web/app.ts", Import("react"), []),
    ("cmd/main.go", Import("example.com/m/store"), ["store/store.go"]),
    ("cmd/main.go", Import("fmt"), []),
    ("java/A.java", Import("com.acme.Tool"), ["java/com/acme/Tool.java"]),
    ("c/a.c", Import("tool.h"), ["c/include/tool.h"]),
]


@pytest.mark.parametrize(("path", "found", "files"), RESOLVED, ids=lambda v: v if isinstance(v, str) else None)
def test_imports_lead_to_files(tmp_path: Path, path: str, found: Import, files: list[str]) -> None:
    code = (
        "a.py src/pkg/__init__.py src/pkg/mod.py src/pkg/other.py tests/shared.py tests/test_a.py web/app.ts "
        "web/lib/thing.ts web/lib/index.ts kit/src/index.ts cmd/main.go store/store.go store/store_test.go "
        "java/A.java java/com/acme/Tool.java c/a.c c/include/tool.h"
    )
    listed = write(
        tmp_path,
        {
            **dict.fromkeys(code.split(), ""),
            "go.mod": "module example.com/m\n",
            "kit/package.json": '{"name": "@acme/kit"}',
        },
    )
    index = open_index(tmp_path, listed, None)
    assert sorted(index.resolver.resolve(path, found)) == files


def test_indexes_that_nobody_uses_are_removed(tmp_path: Path) -> None:
    now, used = 1_700_000_000, tmp_path / "used.sqlite"
    for number in range(203):
        (tmp_path / f"{number}.sqlite").touch()
        os.utime(tmp_path / f"{number}.sqlite", (now, now))
    remove_old(_made(used))
    assert [at.name for at in tmp_path.iterdir()] == ["used.sqlite"]
    for number in range(203):
        at = _made(tmp_path / f"{number:03}.sqlite")
        _made(at.with_name(f"{at.name}-wal"))
        os.utime(at, (at.stat().st_mtime - number,) * 2)
    remove_old(used)
    left = {at.name for at in tmp_path.iterdir()}
    assert left == {"used.sqlite", *(f"{n:03}.sqlite{end}" for n in range(199) for end in ("", "-wal"))}


def _made(path: Path) -> Path:
    path.touch()
    return path
