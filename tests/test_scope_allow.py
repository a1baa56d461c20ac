"""scope.allow lets replies write files beyond the plan: they are outputs like any other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peer import Peer, Say, write_all
from tests.workshop import Workshop

EDIT = "docs/list.md\n<<<<<<< SEARCH\n- one\n=======\n- one\n- two\n>>>>>>> REPLACE\n"
BEYOND = {
    "a new file": ("docs/new.md\n```\nnew\n```\n", {"docs/new.md": ("create", b"new\n")}),
    "an edit": (EDIT, {"docs/list.md": ("update", b"- one\n- two\n")}),
    "a deletion": ("--- a/docs/list.md\n+++ /dev/null\n@@ -1 +0,0 @@\n-- one\n", {"docs/list.md": ("delete", None)}),
}
BEYOND["both"] = (EDIT + BEYOND["a new file"][0], BEYOND["an edit"][1] | BEYOND["a new file"][1])


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer() as peer:
        yield peer


@pytest.fixture
def shop(tmp_path: Path, peer: Peer) -> Workshop:
    shop = Workshop(tmp_path, {"README.md": "hi\n", "docs/list.md": "- one\n"})
    shop.plan("# Plan\n\nDo it.\n", ["a.py", "b.py"])
    allow(shop, peer, "[docs/]")
    return shop


def allow(shop: Workshop, peer: Peer, globs: str) -> None:
    shop.models(peer.url, more=f"scope: {{allow: {globs}}}\n")


def say_beyond(peer: Peer, part: str) -> None:
    peer.rule = lambda question: Say(write_all(question).text + ("\n" + part if question.paths == ("a.py",) else ""))


def ready(shop: Workshop, peer: Peer) -> int:
    before = len(peer.requests)
    run = shop.doit("codegen")
    assert run.returncode == 0, run.stdout + run.stderr
    return len(peer.requests) - before


@pytest.mark.parametrize("case", BEYOND)
def test_what_matches_is_let_in_at_once(shop: Workshop, peer: Peer, case: str) -> None:
    part, wanted = BEYOND[case]
    say_beyond(peer, part)
    assert ready(shop, peer) == 2
    found = {entry["path"]: entry for entry in shop.read("ready.json")["files"]}
    assert found.keys() == {"a.py", "b.py", *wanted}
    for path, (op, data) in wanted.items():
        assert (found[path]["op"], found[path]["unit"], found[path]["model"]) == (op, "a.py", found["a.py"]["model"])
        assert (found[path]["reply"], shop.files().get(path)) == (found["a.py"]["reply"], data)
        assert f" b/{path}\n".encode() in shop.code("diff.patch").read_bytes()
    assert not shop.code("scope.json").exists()
    first = shop.outputs()
    assert ready(shop, peer) == 0
    (shop.task / ".codegen/accepted").unlink()
    (shop.task / ".codegen/doit.json").unlink()
    assert ready(shop, peer) == 0
    assert shop.outputs() == first
    assert shop.doit("apply", "--yes").returncode == 0
    assert ready(shop, peer) == 0
    assert shop.read("ready.json")["applied"]
    assert shop.files() == first_files(first)


def first_files(outputs: dict[str, bytes]) -> dict[str, bytes]:
    return {path.removeprefix("files/"): data for path, data in outputs.items() if path.startswith("files/")}


BEYOND_ANY_PLAN = (
    ".env", "docs/.env", "b.py/c.md", ".git/config", "docs/.git/config", "../out.md", "docs/../../out.md",
    "/srv/out.md", "C:/out.md", "task/plan.md", "task/code/files/x.md",
)  # fmt: skip


@pytest.mark.parametrize("path", ["other/new.md", *BEYOND_ANY_PLAN])
def test_what_does_not_match_or_can_never_be_written_is_refused(shop: Workshop, peer: Peer, path: str) -> None:
    allow(shop, peer, "[docs/, .env, .git/, 'b.py/**', task/, out.md]")
    say_beyond(peer, f"{path}\n```\nnew\n```\n")
    assert shop.doit("codegen").returncode == 10
    assert len(peer.requests) == 3  # a.py's model was told once
    scope = shop.read("scope.json")
    assert [entry["path"] for entry in scope["refused"]] == [path]
    assert [entry["path"] for entry in scope["amendment"]] == [each for each in [path] if each not in BEYOND_ANY_PLAN]
    assert shop.code(scope["refused"][0]["quarantine"].removeprefix("code/")).read_bytes() == b"new\n"
    assert shop.files().keys() == {"a.py", "b.py"}
    assert not (shop.root.parent / "out.md").exists()
    peer.rule = write_all
    shop.plan("# Plan\n\nDo it, and nothing else.\n", ["a.py", "b.py"])
    assert ready(shop, peer) == 2


def test_a_file_that_is_written_no_more_goes(shop: Workshop, peer: Peer) -> None:
    say_beyond(peer, BEYOND["both"][0])
    assert ready(shop, peer) == 2
    first = shop.outputs()
    peer.rule = write_all
    shop.plan("# Plan\n\nDo less.\n", ["a.py", "b.py"])
    assert ready(shop, peer) == 2
    assert shop.files().keys() == {"a.py", "b.py"}
    shop.plan("# Plan\n\nDo it.\n", ["a.py", "b.py"])
    assert ready(shop, peer) == 0
    assert shop.outputs() == first
    allow(shop, peer, "[]")
    assert shop.doit("codegen").returncode == 10
    assert shop.files().keys() == {"a.py", "b.py"}
