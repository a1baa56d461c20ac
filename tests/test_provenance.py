"""Every added line has an author, and the statement is one that others can read."""

import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from codegen_tasks.review.patches import read_patch
from codegen_tasks.schemas import FOLDER
from tests.program import Program
from tests.workshop import Workshop


def shop_at(tmp_path: Path, *files: object) -> Workshop:
    shop = Workshop(tmp_path / "repo", {"src/a.txt": "one\ntwo\n", "old.txt": "x\n"})
    shop.plan("# Plan\n\nWrite.\n", files or ["src/a.txt", "src/b.txt", {"path": "old.txt", "intent": "delete"}])
    (shop.task / "codegen.yaml").write_text(Program(tmp_path / "program").settings())
    return shop


def statement(shop: Workshop) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shop.code("provenance.json").read_text())
    jsonschema.validate(found, json.loads((FOLDER / "provenance.json.schema.json").read_bytes()))
    return found


def authors(shop: Workshop) -> dict[tuple[str, int], str]:
    (trace,) = [p for p in statement(shop)["predicate"]["runDetails"]["byproducts"] if p["name"] == "trace"]
    return {
        (file["path"], line): talk["contributor"]["type"]
        for file in trace["annotations"]["files"]
        for talk in file["conversations"]
        for run in talk["ranges"]
        for line in range(run["start_line"], run["end_line"] + 1)
    }


def added(shop: Workshop) -> set[tuple[str, int]]:
    files = read_patch(shop.code("diff.patch").read_bytes())
    return {(f.path, line.new) for f in files for hunk in f.hunks for line in hunk.lines if line.sign == "+"}


@pytest.mark.parametrize("edit", [None, "replace", "append", "insert"])
def test_every_added_line_is_a_replys_or_a_hands(tmp_path: Path, edit: str | None) -> None:
    shop = shop_at(tmp_path)
    assert shop.doit("codegen").returncode == 0
    if edit:
        path = shop.code("files/src/b.txt")
        lines = path.read_text().split("\n")
        changed = {
            "replace": ["mine", *lines[1:]],
            "append": [*lines[:-1], "mine", ""],
            "insert": [lines[0], "mine", *lines[1:]],
        }
        path.write_text("\n".join(changed[edit]))
        assert shop.doit("codegen").returncode == 0
    found = authors(shop)
    assert set(found) == added(shop)
    assert sum(who == "human" for who in found.values()) == (1 if edit else 0)
    assert set(found.values()) <= {"ai", "human"}


def test_the_statement_names_what_it_is_about(tmp_path: Path) -> None:
    shop = shop_at(tmp_path)
    assert shop.doit("codegen").returncode == 0
    said = statement(shop)
    assert (said["_type"], said["predicateType"]) == (
        "https://in-toto.io/Statement/v1",
        "https://slsa.dev/provenance/v1",
    )
    digests = {subject["name"]: subject["digest"]["sha256"] for subject in said["subject"]}
    assert set(digests) == {"diff.patch", "files/src/a.txt", "files/src/b.txt"}
    for name, found in digests.items():
        assert found == hashlib.sha256(shop.code(name).read_bytes()).hexdigest()
    definition = said["predicate"]["buildDefinition"]
    assert set(definition) == {"buildType", "externalParameters", "internalParameters", "resolvedDependencies"}
    named = {dependency["name"]: dependency for dependency in definition["resolvedDependencies"]}
    assert len(named["base"]["digest"]["gitCommit"]) == 40
    reply = hashlib.sha256(shop.code("replies/src/a.txt.json").read_bytes()).hexdigest()
    assert named["reply/src/a.txt"]["digest"]["sha256"] == reply
    assert all(set(one) <= {"name", "digest", "annotations", "uri"} for one in named.values())
    first = shop.code("provenance.json").read_bytes()
    shop.code("provenance.json").unlink()
    assert shop.doit("codegen").returncode == 0
    assert shop.code("provenance.json").read_bytes() == first


def test_paths_are_those_of_the_patch(tmp_path: Path) -> None:
    shop = shop_at(tmp_path, "a.txt")
    (shop.root / "src" / "task").mkdir()
    inner = Workshop.at(shop.root, "src/task")
    (inner.task / "dodo.py").write_text((shop.task / "dodo.py").read_text())
    inner.plan("# Plan\n\nWrite.\n", ["a.txt"])
    (inner.task / "codegen.yaml").write_text(Program(tmp_path / "program").settings(repo=".."))
    assert inner.doit("codegen").returncode == 0
    assert {path for path, _ in authors(inner)} == {"src/a.txt"}
    assert set(authors(inner)) == added(inner)
