"""apply and unapply, by the real command line."""

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen_tasks.diff import make_patch
from codegen_tasks.records import Blob, FileChange, digest
from tests.peer import Peer, Question, Say, write_all
from tests.program import Program
from tests.workshop import LEAN, Workshop, fingerprint, git

ENTRIES = [
    {"path": "src/a.py", "intent": "update"},
    {"path": "new/b.py", "intent": "create"},
    {"path": "gone.txt", "intent": "delete"},
]


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[tuple[Workshop, Peer]]:
    """A task directory with a ready diff."""
    shop = Workshop(tmp_path / "repo", {"src/a.py": "a = 1\n", "gone.txt": "bye\n", "other.txt": "o\n"})
    (shop.root / "src/a.py").chmod(0o755)
    git(shop.root, "commit", "-aqm", "executable")
    shop.plan("# Plan\n\nDo it.\n", ENTRIES)
    with Peer(write_all) as peer:
        shop.models(peer.url)
        assert shop.doit("codegen").returncode == 0
        yield shop, peer


def test_apply_needs_a_yes(ready: tuple[Workshop, Peer]) -> None:
    shop, _ = ready
    before = fingerprint(shop.root, shop.task)
    run = shop.doit("apply")
    assert (run.returncode, "--yes" in run.stdout) == (78, True)
    assert shop.code("ready.json").exists()
    assert fingerprint(shop.root, shop.task) == before


def test_there_and_back(ready: tuple[Workshop, Peer]) -> None:
    shop, peer = ready
    index = git(shop.root, "ls-files", "-s")
    asked = len(peer.requests)
    assert shop.doit("apply", "--yes").returncode == 0
    assert (shop.root / "src/a.py").read_bytes() == shop.files()["src/a.py"]
    assert (shop.root / "src/a.py").stat().st_mode & 0o777 == 0o755
    assert (shop.root / "new/b.py").read_bytes() == shop.files()["new/b.py"]
    assert not (shop.root / "gone.txt").exists()
    assert shop.doit("codegen").returncode == 0
    assert shop.read("ready.json")["applied"] is True
    assert shop.doit("apply", "--yes").returncode == 0
    assert shop.doit("unapply", "--yes").returncode == 0
    assert (shop.root / "src/a.py").read_text() == "a = 1\n"
    assert not (shop.root / "new").exists()
    assert (shop.root / "gone.txt").read_text() == "bye\n"
    assert shop.doit("codegen").returncode == 0
    assert shop.read("ready.json")["applied"] is False
    assert git(shop.root, "ls-files", "-s") == index
    assert git(shop.root, "status", "--porcelain") == "?? task/\n"
    assert len(peer.requests) == asked


def test_a_moved_pre_image_is_named_and_nothing_written(ready: tuple[Workshop, Peer]) -> None:
    shop, _ = ready
    shop.put("gone.txt", "changed\n")
    before = fingerprint(shop.root, shop.task)
    run = shop.doit("apply", "--yes")
    assert run.returncode == 16
    assert shop.read("failure.json")["kind"] == "base_moved"
    assert "gone.txt" in shop.read("failure.json")["failures"][0]["message"]
    assert fingerprint(shop.root, shop.task) == before


def test_a_partly_applied_diff_works_file_by_file(ready: tuple[Workshop, Peer]) -> None:
    shop, peer = ready
    asked = len(peer.requests)
    shop.put("src/a.py", shop.files()["src/a.py"])
    assert shop.doit("codegen").returncode == 0
    assert b"src/a.py" not in shop.code("diff.patch").read_bytes()
    assert shop.read("ready.json")["applied"] is False
    assert shop.doit("apply", "--yes").returncode == 0
    assert shop.doit("codegen").returncode == 0
    assert shop.read("ready.json")["applied"] is True
    assert len(peer.requests) == asked


def test_the_phase_runs_on_a_tree_that_is_mounted_read_only(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "repo", {"src/a.py": "a = 1\n", "gone.txt": "bye\n"}, task="../task")
    mount = f"mount --bind {shop.root} {shop.root} && mount -o remount,ro,bind {shop.root}"
    alone = ["unshare", "-m", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*alone, mount], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount in a namespace of his own")
    shop.plan("# Plan\n\nDo it.\n", ENTRIES)
    before = fingerprint(shop.root, shop.task)
    with Peer(write_all) as peer:
        shop.models(peer.url, more="repo: ../repo\n")
        script = f"{mount} && ! touch {shop.root}/x 2>/dev/null && {shlex.join(shop.command('codegen'))}"
        run = subprocess.run([*alone, script], cwd=shop.task, env=LEAN, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert shop.code("ready.json").exists()
    assert fingerprint(shop.root, shop.task) == before


def test_apply_without_a_ready_diff(ready: tuple[Workshop, Peer]) -> None:
    shop, _ = ready
    shop.code("diff.patch").write_bytes(b"damaged")
    assert shop.doit("apply", "--yes").returncode == 11
    shop.code("ready.json").unlink()
    assert shop.doit("apply", "--yes").returncode == 11
    assert (shop.root / "src/a.py").read_text() == "a = 1\n"


def test_a_damaged_journal_is_named_and_nothing_written(ready: tuple[Workshop, Peer]) -> None:
    shop, _ = ready
    assert shop.doit("apply", "--yes").returncode == 0
    (journal,) = (shop.task / ".codegen/journal").iterdir()
    journal.write_bytes(journal.read_bytes()[:-1] + b"!")
    before = fingerprint(shop.root, shop.task)
    run = shop.doit("unapply", "--yes")
    assert (run.returncode, journal.name in run.stdout) == (78, True)
    assert fingerprint(shop.root, shop.task) == before
    assert shop.code("ready.json").exists()


def test_modes_are_what_the_plan_says_and_else_as_they_were(tmp_path: Path) -> None:
    """New scripts, an old one whose mode alone changes both ways, and one that nobody speaks of."""

    def same(question: Question) -> Say:
        return Say("\n".join(f"{path}\n```sh\n#!/bin/sh\necho {path}\n```" for path in question.paths))

    shop = Workshop(
        tmp_path / "repo", {f"old/{name}": f"#!/bin/sh\necho old/{name}\n" for name in ("up.sh", "down.sh", "kept.sh")}
    )
    (shop.root / "old/down.sh").chmod(0o755)
    (shop.root / "old/kept.sh").chmod(0o755)
    git(shop.root, "commit", "-aqm", "executable")
    said = {
        "bin/run.sh": True,
        "bin/library.sh": False,
        "bin/plain.sh": None,
        "old/up.sh": True,
        "old/down.sh": False,
        "old/kept.sh": None,
    }
    shop.plan("# Plan\n\nDo it.\n", [{"path": path, "executable": mode} for path, mode in said.items()])
    wanted = {"bin/library.sh": "100644", "bin/plain.sh": "100644", "bin/run.sh": "100755"}
    wanted |= {"old/down.sh": "100644", "old/kept.sh": "100755", "old/up.sh": "100755"}
    with Peer(same) as peer:
        shop.models(peer.url, spec="format: whole")
        assert shop.doit("codegen").returncode == 0
        assert {file["path"]: file["mode"] for file in shop.read("ready.json")["files"]} == wanted
        git(shop.root, "apply", "task/code/diff.patch")
        assert {path: f"{(shop.root / path).stat().st_mode:o}" for path in wanted} == wanted
        assert shop.doit("codegen").returncode == 0
        assert shop.read("ready.json")["applied"] is True
        assert len(peer.requests) == len(said)


@pytest.mark.parametrize(
    ("path", "mode"),
    [("../evil.txt", "100644"), (".git/hooks/pre-commit", "100755"), ("unplanned.txt", "100644"),
     ("task/dodo.py", "100644"), ("/tmp/evil", "100644"), ("a.txt", "120000")],
)  # fmt: skip
def test_paths_and_modes_of_a_forged_ready_json_are_not_believed(tmp_path: Path, path: str, mode: str) -> None:
    shop = Workshop(tmp_path / "repo", {"a.txt": "base\n"})
    shop.plan("# Plan\n\nx\n", ["a.txt"])
    (shop.task / "codegen.yaml").write_text(Program(tmp_path / "program").settings())
    assert shop.doit().returncode == 0
    data = b"evil\n"
    place = shop.code("files") / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    before = None if path != "a.txt" else Blob(b"base\n")
    patch = make_patch([FileChange(path, before, Blob(data, int(mode, 8)))], 3)
    shop.code("diff.patch").write_bytes(patch)
    ready = shop.read("ready.json")
    forged = {"path": path, "op": "create", "sha256": digest(data), "bytes": len(data), "mode": mode}
    ready["files"] = [ready["files"][0] | forged]
    ready["diff"]["sha256"] = digest(patch)
    shop.code("ready.json").write_text(json.dumps(ready))
    seen = fingerprint(tmp_path, shop.task)
    run = shop.doit("apply", "--yes")
    assert (run.returncode, fingerprint(tmp_path, shop.task)) == (11, seen), run.stdout
    assert "nothing was written" in run.stdout
