"""What a reviewer found by trying to break the promises: nothing is lost, nothing leaks, no signal lies."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peer import Action, Peer, Question, Refuse, Say, write_all
from tests.workshop import Workshop, git, tree

PATHS = ["a.py", "b.py"]


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer(write_all) as peer:
        yield peer


@pytest.fixture
def shop(tmp_path: Path, peer: Peer) -> Workshop:
    shop = Workshop(tmp_path / "repo", {"a.py": "a = 1\n", "README.md": "hi\n", ".gitignore": ".env\n"})
    shop.plan("# Plan\n\nDo it.\n", PATHS)
    shop.models(peer.url)
    return shop


def ready(shop: Workshop, *args: str) -> None:
    run = shop.doit(*args)
    assert run.returncode == 0, run.stdout + run.stderr
    assert shop.code("ready.json").exists()


@pytest.mark.parametrize("mark", [b"*.o\n", None])
def test_a_code_folder_with_a_gitignore_of_its_own_is_left_alone(tmp_path: Path, mark: bytes | None) -> None:
    files: dict[str, str | bytes] = {"code/context/mine.py": "m\n", "code/files/f.py": "f\n"}
    shop = Workshop(tmp_path, files | ({"code/.gitignore": mark} if mark else {}), task=".")
    shop.plan("# Plan\n\nDo it.\n", ["a.py"])
    for args in (["codegen"], ["clean"], ["codegen"], ["clean"], ["redo"]):
        assert shop.doit(*args).returncode == 78, args
    assert git(tmp_path, "status", "--porcelain", "--", "code") == ""


def test_a_link_in_context_is_not_followed(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("outside\n")
    shop.put(".env", "KEY=secret\n")
    for target in (tmp_path / "outside.txt", Path(".env")):
        (shop.root / "l.txt").unlink(missing_ok=True)
        (shop.root / "l.txt").symlink_to(target)
        shop.plan("# Plan\n\nDo it.\n", [{"path": "a.py", "context": ["l.txt"]}])
        assert shop.doit("codegen").returncode == 65


def test_a_link_in_code_files_is_made_a_file_again(shop: Workshop, tmp_path: Path) -> None:
    ready(shop)
    (tmp_path / "outside.txt").write_text("outside\n")
    want = shop.files()
    shop.code("files/a.py").unlink()
    shop.code("files/a.py").symlink_to(tmp_path / "outside.txt")
    ready(shop)
    assert not shop.code("files/a.py").is_symlink()
    assert shop.files() == want
    assert (tmp_path / "outside.txt").read_text() == "outside\n"


def test_a_known_hand_edit_is_archived_when_its_file_leaves_the_plan(shop: Workshop) -> None:
    ready(shop)
    shop.code("files/b.py").write_text("mine\n")
    ready(shop)
    shop.plan("# Plan\n\nDo it.\n", PATHS[:1])
    ready(shop)
    assert tree(shop.code("archive")) == {"0001/files/b.py": b"mine\n"}


def test_redo_after_an_edit_of_the_plan_archives_all_of_it(shop: Workshop) -> None:
    ready(shop)
    want = {f"files/{path}": data for path, data in shop.files().items()}
    shop.code("notes.md").write_text("a person's own\n")
    shop.plan("# Plan\n\nDo it.\n", PATHS[1:])
    for args in (["estimate"], ["apply"], ["redo", "nope.py"]):
        shop.doit(*args)
        assert shop.code("ready.json").exists(), args
    ready(shop, "redo")
    kept = tree(shop.code("archive/0001"))
    assert {path: data for path, data in kept.items() if path.startswith("files/")} == want
    assert {"ready.json", "diff.patch", "manifest.json", "notes.md"} <= set(kept)


def test_redo_takes_no_variable_for_nothing(shop: Workshop, peer: Peer) -> None:
    shop.plan("# Plan\n\nDo it.\n", ["x=y.py", "b.py"])
    ready(shop)
    asked = len(peer.requests)
    assert shop.doit("redo", "x=y.py").returncode == 65
    assert len(peer.requests) == asked
    ready(shop, "redo", "x%3Dy.py", "--note=a=b")
    assert [question.paths for question in peer.requests[asked:]] == [("x=y.py",)]
    assert "a=b" in peer.requests[-1].texts[-1]


def test_names_that_are_not_utf8_stop_nothing(shop: Workshop) -> None:
    with open(os.fsencode(shop.root) + b"/\xff.txt", "wb") as file:
        file.write(b"x")
    git(shop.root, "add", "-A", ":!task")
    ready(shop)
    with open(os.fsencode(shop.code("files")) + b"/\xfe.txt", "wb") as file:
        file.write(b"x")
    ready(shop)


def test_scope_is_judged_beside_other_failures(shop: Workshop, peer: Peer) -> None:
    def stray(question: Question) -> Action:
        if "b.py" in question.paths:
            return Refuse(401, "bad key", "invalid_request_error")
        return Say(write_all(question).text + "\nextra.py\n```\n```\n")

    peer.rule = stray
    run = shop.doit("codegen")
    assert run.returncode == 10
    assert {failure["kind"] for failure in shop.read("failure.json")["failures"]} == {
        "scope_mismatch",
        "provider_refused",
    }
    (entry,) = shop.read("scope.json")["amendment"]
    peer.rule = write_all
    shop.plan("# Plan\n\nDo it.\n", [*PATHS, entry])
    ready(shop)
    assert shop.files()["extra.py"] == b""
    shop.code("files/extra.py").unlink()
    ready(shop)
    assert shop.files()["extra.py"] == b""


def test_an_amendment_can_be_merged(shop: Workshop, peer: Peer) -> None:
    (shop.root / "link").symlink_to(shop.root)
    strays = ["zz.py", "A.py", "task/plan.md", "link/u.py", ".env"]
    blocks = "".join(f"\n{path}\n```\nstray = 1\n```\n" for path in strays)
    peer.rule = lambda question: Say(
        write_all(question).text + blocks.replace("stray = 1", f"stray = {question.paths!r}")
    )
    assert shop.doit("codegen").returncode == 10
    scope = shop.read("scope.json")
    assert [entry["path"] for entry in scope["amendment"]] == ["zz.py"]
    assert len({entry["quarantine"] for entry in scope["refused"]}) == 10
    shop.plan("# Plan\n\nDo it.\n", [*PATHS, *scope["amendment"]])
    assert shop.doit("codegen").returncode == 10


@pytest.mark.parametrize("strays", [("q", "q/y"), ("q/y", "q"), ("lib/u.py", "lib/u.py/x/y", "lib/v.py"), ("b.py/x",)])
def test_paths_that_contain_each_other_have_no_amendment(shop: Workshop, peer: Peer, strays: tuple[str, ...]) -> None:
    blocks = "".join(f'\n<file path="{path}">\nstray\n</file>\n' for path in strays)
    peer.rule = lambda question: Say(write_all(question).text + blocks)
    assert shop.doit("codegen").returncode == 10
    scope = shop.read("scope.json")
    assert {entry["path"] for entry in scope["refused"]} == set(strays)
    assert [entry["path"] for entry in scope["amendment"]] == [path for path in strays if path == "lib/v.py"]


EDITS_BESIDE = {
    "udiff": "--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-hi\n+ho\n",
    "search_replace": "README.md\n<<<<<<< SEARCH\nhi\n=======\nho\n>>>>>>> REPLACE\n",
    "patch": "*** Begin Patch\n*** Update File: README.md\n@@\n-hi\n+ho\n*** End Patch\n",
    "call": '```json\n{"path": "README.md", "old_string": "hi", "new_string": "ho"}\n```\n',
}


@pytest.mark.parametrize("part", EDITS_BESIDE.values(), ids=EDITS_BESIDE)
def test_an_amendment_holds_what_an_edit_makes_of_the_file(shop: Workshop, peer: Peer, part: str) -> None:
    peer.rule = lambda question: Say(write_all(question).text + "\n" + part)
    shop.plan("# Plan\n\nDo it.\n", ["a.py"])
    assert shop.doit("codegen").returncode == 10
    assert shop.code("quarantine/README.md").read_bytes() == b"ho\n"
    (entry,) = shop.read("scope.json")["amendment"]
    peer.rule = write_all
    asked = len(peer.requests)
    shop.plan("# Plan\n\nDo it.\n", ["a.py", entry])
    ready(shop)
    assert shop.files()["README.md"] == b"ho\n"
    assert len(peer.requests) == asked


@pytest.mark.parametrize("path", ["gone.md", ".env", "README.md"])
def test_an_edit_that_cannot_be_applied_or_seen_has_no_amendment(shop: Workshop, peer: Peer, path: str) -> None:
    shop.put(".env", "x\n")
    part = f"{path}\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n"
    peer.rule = lambda question: Say(write_all(question).text + "\n" + part)
    shop.plan("# Plan\n\nDo it.\n", ["a.py"])
    assert shop.doit("codegen").returncode == 10
    (refused,) = shop.read("scope.json")["refused"]
    assert (refused["path"], refused["sha256"], shop.read("scope.json")["amendment"]) == (path, None, [])


def test_exit_0_means_ready(shop: Workshop) -> None:
    assert shop.doit("run", "-s", "codegen").returncode != 0
    ready(shop)
    shop.doit("ignore", "ready")
    shop.plan("# Plan\n\nDo it otherwise.\n", PATHS)
    run = shop.doit("codegen")
    assert (run.returncode == 0) == shop.code("ready.json").exists()


def test_a_lost_mark_of_our_own_folder_is_written_again(shop: Workshop) -> None:
    ready(shop)
    shop.code(".gitignore").unlink()
    ready(shop)
    assert shop.code(".gitignore").read_text() == "*\n"
    assert git(shop.root, "status", "--porcelain", "task/code", "task/.codegen", "task/__pycache__") == ""


def test_an_old_tree_with_an_old_plan_asks_nobody(shop: Workshop, peer: Peer) -> None:
    texts = [f"# Plan\n\nDo it, turn {i}.\n" for i in range(2)]
    peer.rule = lambda question: Say(
        "\n".join(f"{path}\n```\nvalue = {'turn 1' in question.texts[0]}\n```" for path in question.paths)
    )
    trees = []
    for text in texts:
        shop.plan(text, PATHS)
        ready(shop)
        git(shop.root, "apply", str(shop.code("diff.patch")))
        ready(shop)
        trees.append({path: (shop.root / path).read_bytes() for path in PATHS})
    asked = len(peer.requests)
    for path, data in trees[0].items():
        shop.put(path, data)
    shop.plan(texts[0], PATHS)
    ready(shop)
    assert len(peer.requests) == asked


def test_a_terminal_that_cannot_show_a_name(shop: Workshop) -> None:
    shop.plan("# Plan\n\nDo it.\n", ["grün.py"])
    run = shop.doit("codegen", env={"PYTHONIOENCODING": "ascii"})
    assert run.returncode == 0, run.stdout + run.stderr
