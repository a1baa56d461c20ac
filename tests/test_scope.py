"""Whatever a reply wants beyond the plan is named with its true reason, kept apart, and accepted or rejected."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codegen_tasks.plan import parse_files, with_entries
from codegen_tasks.sarif import make_sarif
from codegen_tasks.signals import Amendment, Refused, Scope
from tests.peer import Peer, Refuse, Say, write_all
from tests.workshop import Workshop, tree

INSIDE = "is not in the plan"
WHOLE, BLOCK = "whole", "search_replace"
HOSTILE = {
    "../x.py": "not a path inside",
    "../../x.py": "not a path inside",
    "src/../../x.py": "not a path inside",
    "src/../x.py": "not a path inside",
    "/etc/x.py": "not a path inside",
    "/x.py": "not a path inside",
    "//server/x.py": "not a path inside",
    "src//x.py": "not a path inside",
    ".git/config": "not a path inside",
    ".git/hooks/pre-commit": "not a path inside",
    "src/.git/x.py": "not a path inside",
    ".git": "not a path inside",
    ".GIT/config": "lies in .git",
    "src/.Git/x.py": "lies in .git",
    "git~1/config": "lies in .git",
    ".git./x.py": "lies in .git",
    ".git /x.py": "lies in .git",
    ".g\u200bit/x.py": "not a path inside",
    "~/x.py": "is absolute",
    "con.py": "reserved device name",
    "src/NUL": "reserved device name",
    "src/com1.txt": "reserved device name",
    "lpt9": "reserved device name",
    "src/x.": "ends with a dot or a blank",
    "A.py": "the same file as",
    "a.PY": "the same file as",
    "SRC/old.py": "differs from",
    "src/OLD.py": "differs from",
    "src/e\u0301.py": "differs from",
    "a.py/x.py": "is a file and also a folder",
    "link/x.py": "symbolic link",
    "src/old.py/x.py": "lies under the file",
    "src": "is a folder",
    "task/plan.md": "is the task's own",
    "task/plan.files.json": "is the task's own",
    "task/codegen.yaml": "is the task's own",
    "task/dodo.py": "is the task's own",
    "task/code/files/a.py": "is the task's own",
    "task/code/ready.json": "is the task's own",
    "task/.codegen/store/x": "is the task's own",
    "TASK/plan.md": "differs from",
    ".env": "looks like a secret",
    "src/id_rsa": "looks like a secret",
    "build.log": "is ignored",
    "x" * 250 + ".py": "longer than",
}


def said_in(name: str, path: str) -> str:
    """A reply in a format that writes two lines to a path, behind the planned file."""
    text = {
        "whole": f"{path}\n```\nx = 1\n```\n",
        "json": json.dumps([{"path": path, "content": "x = 1\n"}]),
        "udiff": f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x = 1\n",
        "patch": f"*** Begin Patch\n*** Add File: {path}\n+x = 1\n*** End Patch\n",
    }
    return text[name]


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with Peer() as peer:
        yield peer


@pytest.fixture
def shop(tmp_path: Path, peer: Peer) -> Workshop:
    files = {"src/old.py": "old = 1\n", "src/\u00e9.py": "e = 1\n", ".gitignore": "*.log\n", "README.md": "hi\n"}
    shop = Workshop(tmp_path / "repo", files)
    (shop.root / "link").symlink_to(shop.root / "src")
    shop.plan("# Plan\n\nDo it, with `src/extra.py`.\n", ["a.py", "b.py"])
    shop.models(peer.url)
    peer.requests.clear()
    peer.rule = write_all
    return shop


def stray(peer: Peer, *parts: str) -> None:
    """From now on a.py's reply has these parts more."""

    def rule(question: Any) -> Say:
        more = "\n".join(parts) if "a.py" in question.paths else ""
        return Say(f"{write_all(question).text}\n{more}")

    peer.rule = rule


def refused(shop: Workshop) -> dict[str, dict[str, Any]]:
    run = shop.doit("codegen")
    assert run.returncode == 10, run.stdout + run.stderr
    return {entry["path"]: entry for entry in shop.read("scope.json")["refused"]}


def ready(shop: Workshop, peer: Peer) -> int:
    before = len(peer.requests)
    run = shop.doit("codegen")
    assert run.returncode == 0, run.stdout + run.stderr
    assert not any(shop.code(name).exists() for name in ("scope.json", "scope.sarif", "quarantine"))
    return len(peer.requests) - before


@pytest.mark.parametrize("name", ["whole", "json", "udiff", "patch"])
def test_nothing_hostile_gets_out_and_each_is_named(tmp_path: Path, shop: Workshop, peer: Peer, name: str) -> None:
    stray(peer, *(said_in(name, path) for path in HOSTILE if "\u200b" not in path))
    (tmp_path / "repo/build.log").write_text("x\n")
    before = {path for path in tree(tmp_path) if not path.startswith("repo/task/")}
    found = refused(shop)
    assert {path for path in tree(tmp_path) if not path.startswith("repo/task/")} == before
    assert set(shop.files()) == {"a.py", "b.py"}
    told = {path: found[path]["reason"] for path in HOSTILE if path in found}
    assert {path: reason for path, reason in told.items() if HOSTILE[path] not in reason} == {}
    assert len(told) >= 40
    assert shop.read("scope.json")["amendment"] == []
    kept = [entry["quarantine"] for entry in found.values() if entry["quarantine"]]
    assert all(place.startswith("code/quarantine/") for place in kept)
    assert len(set(kept)) == len(kept)


def test_a_new_file_is_accepted_without_a_call(shop: Workshop, peer: Peer) -> None:
    stray(peer, said_in("whole", "src/extra.py"), said_in("whole", "src/more.py"))
    found = refused(shop)
    entry = found["src/extra.py"]
    assert (entry["operation"], entry["unit"], entry["model"]) == ("create", "a.py", "hosted_vllm/m")
    listed = shop.doit("scope")
    assert listed.returncode == 0
    assert all(word in listed.stdout for word in ("src/extra.py", "src/more.py", "code/quarantine/src/extra.py"))
    assert "`doit scope accept PATH…`" in listed.stdout.splitlines()[-1]
    assert shop.code("failure.json").exists()
    assert shop.doit("scope", "accept", "src/extra.py").returncode == 0
    assert set(refused(shop)) == {"src/more.py"}
    assert shop.doit("scope", "reject", "src/more.py").returncode == 0
    assert ready(shop, peer) == 0
    assert (set(shop.files()), shop.files()["src/extra.py"]) == ({"a.py", "b.py", "src/extra.py"}, b"x = 1\n")
    codes = {(entry["code"], entry["path"]) for entry in shop.read("ready.json")["diagnostics"]}
    assert ("rejected", "src/more.py") in codes
    assert len(peer.requests) == 3  # a.py's model was told once


def test_a_path_that_several_units_want_is_listed_once(shop: Workshop, peer: Peer) -> None:
    peer.rule = lambda question: Say(f"{write_all(question).text}\n{said_in(WHOLE, 'src/extra.py')}")
    refused(shop)
    assert shop.doit("scope").stdout.splitlines()[1:4] == [
        "create  src/extra.py",
        "        by a.py, b.py (hosted_vllm/m): not in the plan",
        "        see code/quarantine/src/extra.py",
    ]


@pytest.mark.parametrize("whole_plan", [False, True])
def test_an_edit_and_a_deletion_are_accepted_without_a_call(shop: Workshop, peer: Peer, whole_plan: bool) -> None:
    if whole_plan:
        shop.models(peer.url, more="generate: {unit: plan}\n")
    edit = "README.md\n<<<<<<< SEARCH\nhi\n=======\nho\n>>>>>>> REPLACE\n"
    gone = "" if whole_plan else "--- a/src/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-old = 1\n"
    stray(peer, edit, gone)
    found = refused(shop)
    assert found["README.md"]["operation"] == "update"
    asked = len(peer.requests)
    assert shop.doit("scope", "accept", *found).returncode == 0
    assert ready(shop, peer) == 0
    ops = {entry["path"]: entry["op"] for entry in shop.read("ready.json")["files"]}
    assert ops["README.md"] == "update"
    assert ops.get("src/old.py") == (None if whole_plan else "delete")
    assert shop.files()["README.md"] == b"ho\n"
    assert len(peer.requests) == asked


def test_a_rejection_holds_for_the_reply_and_no_longer(shop: Workshop, peer: Peer) -> None:
    stray(peer, said_in("whole", "../out.py"), said_in("whole", "src/extra.py"))
    found = refused(shop)
    assert set(found) == {"../out.py", "src/extra.py"}
    assert shop.doit("scope", "accept", "../out.py").returncode == 65
    assert shop.doit("scope", "reject", *found).returncode == 0
    assert ready(shop, peer) == 0
    first = shop.outputs()
    (shop.task / ".codegen/doit.json").unlink()
    assert ready(shop, peer) == 0
    assert shop.outputs() == first
    stray(peer, said_in("whole", "src/extra.py"), "x")
    assert shop.doit("redo", "--note", "again").returncode == 10
    assert [entry["path"] for entry in shop.read("scope.json")["refused"]] == ["src/extra.py"]


@pytest.mark.parametrize("words", [["accept"], ["reject"], ["accept", "a.py"], ["reject", "nope.py"], ["drop", "x"]])
def test_what_cannot_be_done_changes_nothing(shop: Workshop, peer: Peer, words: list[str]) -> None:
    stray(peer, said_in("whole", "src/extra.py"))
    refused(shop)
    before, plan = shop.outputs(), (shop.task / "plan.files.json").read_bytes()
    assert shop.doit("scope", *words).returncode == 65
    assert shop.outputs() == before
    assert (shop.task / "plan.files.json").read_bytes() == plan


def test_a_path_with_signs_of_doit(shop: Workshop, peer: Peer) -> None:
    stray(peer, said_in("whole", "src/x=1.py"))
    refused(shop)
    assert shop.doit("scope", "accept", "src/x%3D1.py").returncode == 0
    assert ready(shop, peer) == 0
    assert "src/x=1.py" in shop.files()


def test_who_needs_it_and_what_is_near(shop: Workshop, peer: Peer) -> None:
    shop.plan("# Plan\n\nDo it.\n", ["src/main.py", "src/helpers.py"])
    says = "src/main.py\n```\nfrom src.helper import x\n```\nsrc/helper.py\n```\nx = 1\n```\n"
    peer.rule = lambda question: Say(says) if "src/main.py" in question.paths else write_all(question)
    entry = refused(shop)["src/helper.py"]
    assert (entry["needed_by"], entry["nearest"]) == (["src/main.py"], "src/helpers.py")
    (result,) = json.loads(shop.code("scope.sarif").read_bytes())["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "src/helper.py"
    assert (result["ruleId"], result["properties"]) == ("unplanned", entry)


ENTRY = {"path": "n.py", "intent": "create_or_update", "adopt": f"sha256:{'0' * 64}"}
ONE_LINE = '{"path": "n.py", "intent": "create_or_update", "adopt": "sha256:' + "0" * 64 + '"}'
TEXTS = {
    "a list": ('["a.py", "b.py"]', '["a.py", "b.py", NEW]'),
    "one in a list": ('["a.py"]\n', '["a.py", NEW]\n'),
    "lines": ('[\n  "a.py",\n  "b.py"\n]\n', '[\n  "a.py",\n  "b.py",\n  NEW\n]\n'),
    "one on a line": ('[\n\t"a.py"\n]', '[\n\t"a.py",\n\tNEW\n]'),
    "CRLF": ('[\r\n  "a.py"\r\n]\r\n', '[\r\n  "a.py",\r\n  NEW\r\n]\r\n'),
    "files": (
        '{"_comment": "]", "files" : [ "a.py" ], "x": [1]}',
        '{"_comment": "]", "files" : [ "a.py", NEW ], "x": [1]}',
    ),
    "file_plan": (
        '{"x": {"files": []},\n "file_plan": [{"path": "a]"}]}',
        '{"x": {"files": []},\n "file_plan": [{"path": "a]"}, NEW]}',
    ),
}


@pytest.mark.parametrize("case", TEXTS)
def test_an_entry_is_merged_and_all_else_stays(case: str) -> None:
    before, after = TEXTS[case]
    assert with_entries(before, [ENTRY]) == after.replace("NEW", ONE_LINE)
    twice = with_entries(before, [ENTRY, {**ENTRY, "path": "m.py"}])
    assert [file.path for file in parse_files(twice.encode())][-2:] == ["n.py", "m.py"]


@pytest.mark.parametrize("indent", [1, 2, 4, "\t"])
def test_an_entry_is_laid_out_as_those_before(indent: Any) -> None:
    plan = {"note": "x", "files": [{"path": "a.py", "summary": "y"}, {"path": "b.py"}]}
    merged = {"note": "x", "files": [*plan["files"], ENTRY]}
    assert with_entries(json.dumps(plan, indent=indent), [ENTRY]) == json.dumps(merged, indent=indent)


def test_sarif_has_what_2_1_0_requires() -> None:
    entries = (
        Refused("src/a b.py", "a.py", "not in the plan", None, None),
        Refused("é.py", "a.py", "x", "0" * 64, "q"),
    )
    log = json.loads(make_sarif(Scope("codegen.scope/1", entries, (Amendment("é.py", "delete"),))))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    driver, results = log["runs"][0]["tool"]["driver"], log["runs"][0]["results"]
    assert driver["name"] == "codegen-tasks"
    assert {result["ruleId"] for result in results} <= {rule["id"] for rule in driver["rules"]}
    assert [result["ruleId"] for result in results] == ["unwritable", "unplanned"]
    assert all(result["message"]["text"] and result["level"] == "error" for result in results)
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
    assert uris == ["src/a%20b.py", "%C3%A9.py"]


def block(path: str, before: str, after: str) -> str:
    return f"{path}\n<<<<<<< SEARCH\n{before}=======\n{after}>>>>>>> REPLACE\n"


INTENTS = {
    "left out": ("", 11, "missing_outputs", "has no content for"),
    "deleted": (
        "--- a/src/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-old = 1\n",
        11,
        "missing_outputs",
        "has no content for",
    ),
    "emptied by an edit": (block("src/old.py", "old = 1\n", ""), 11, "missing_outputs", "the reply empties files"),
    "emptied as a whole": ("src/old.py\n```\n```\n", 15, "edit_failed", "block is empty"),
    "left as it is": ("src/old.py\n```\nold = 1\n```\n", 0, "", ""),
    "said to stay": ("src/old.py (unchanged)\n", 0, "", ""),
}


@pytest.mark.parametrize("case", INTENTS)
def test_what_is_to_be_updated_must_be(shop: Workshop, peer: Peer, case: str) -> None:
    said, code, kind, words = INTENTS[case]
    shop.plan(
        "# Plan\n\nDo it.\n", [{"path": "src/old.py", "intent": "update", "group": "g"}, {"path": "a.py", "group": "g"}]
    )
    shop.models(peer.url, more="generate: {repairs: 0}\n")
    peer.rule = lambda _: Say(f"a.py\n```\na = 1\n```\n\n{said}")
    run = shop.doit("codegen")
    assert run.returncode == code, run.stdout
    if code:
        (failure,) = shop.read("failure.json")["failures"]
        assert (failure["kind"], words in failure["message"]) == (kind, True)
    else:
        found = {(note["severity"], note["code"], note["path"]) for note in shop.read("ready.json")["diagnostics"]}
        assert ("warning", "not_updated", "src/old.py") in found


def straying(*after: str) -> Any:
    """A rule: a.py's first reply has a file more, what it says once it was told so is `after`, the last for ever."""

    def rule(question: Any) -> Say:
        said = write_all(question).text
        told = sum("left out" in text for text in question.texts)
        if "a.py" not in question.paths:
            return Say(said)
        return Say(after[min(told, len(after)) - 1] if told else said + said_in("whole", "src/extra.py"))

    return rule


def test_a_model_that_strays_is_told_so_and_may_take_it_back(shop: Workshop, peer: Peer) -> None:
    shop.plan("# Plan\n\nDo it.\n", ["a.py", "b.py"])
    peer.rule = straying("DONE")
    assert ready(shop, peer) == 3
    told = peer.requests[-1].texts[-1] if "a.py" in peer.requests[-1].paths else peer.requests[-2].texts[-1]
    assert "- src/extra.py: not in the plan" in told
    assert set(shop.files()) == {"a.py", "b.py"}
    notes = {(note["code"], note["path"]) for note in shop.read("ready.json")["diagnostics"]}
    assert ("withdrawn", "src/extra.py") in notes
    first = shop.outputs()
    (shop.task / ".codegen/doit.json").unlink()
    assert ready(shop, peer) == 0
    assert shop.outputs() == first
    assert shop.doit("verify").returncode == 0
    shop.plan("# Plan\n\nDo it.\n", ["a.py", "b.py", "src/extra.py"])
    asked = len(peer.requests)
    assert ready(shop, peer) == 1
    assert {path for question in peer.requests[asked:] for path in question.paths} == {"src/extra.py"}
    assert shop.read("manifest.json")["files"][0] == json.loads(first["manifest.json"])["files"][0]


def test_what_is_changed_to_do_without_counts(shop: Workshop, peer: Peer) -> None:
    peer.rule = straying("a.py\n```\nalone = 1\n```\n")
    assert ready(shop, peer) == 3
    assert shop.files()["a.py"] == b"alone = 1\n"


@pytest.mark.parametrize("then", ["src/extra.py\n```\ny = 2\n```\na.py\n```\nchanged\n```\n", "../x\n```\ny\n```\n"])
def test_who_insists_gets_what_was_said_first(shop: Workshop, peer: Peer, then: str) -> None:
    peer.rule = straying(then)
    found = refused(shop)
    assert (set(found), len(peer.requests)) == ({"src/extra.py"}, 3)
    first = shop.files()
    assert b"changed" not in first["a.py"]
    assert shop.code("quarantine/src/extra.py").read_bytes() == b"x = 1\n"
    (shop.task / ".codegen/doit.json").unlink()
    refused(shop)
    assert len(peer.requests) == 3
    assert shop.doit("scope", "accept", "src/extra.py").returncode == 0
    (shop.task / ".codegen/doit.json").unlink()
    assert ready(shop, peer) == 0
    assert shop.files() == first | {"src/extra.py": b"x = 1\n"}


@pytest.mark.parametrize(
    ("then", "code"),
    [
        ("```\nDONE\n```\n", 0),
        ("**DONE.**", 0),
        ("a.py\n```\nDONE\n```\n", 10),
        ("Nothing must change.\n\n```text\nDONE\n```\n", 10),
        ("a.py\n```\nz = 3\n```\n\n~~~\nDONE.\n~~~\n", 10),
    ],
)
def test_the_word_that_nothing_must_change_is_no_content(shop: Workshop, peer: Peer, then: str, code: int) -> None:
    shop.plan("# Plan\n\nDo it.\n", ["a.py"])
    peer.rule = straying(then)
    for _ in range(2):
        assert shop.doit("codegen").returncode == code
        assert (shop.files(), len(peer.requests)) == ({"a.py": b"# content of a.py\n"}, 2)
        (shop.task / ".codegen/doit.json").unlink()


def test_a_repair_of_what_strays_that_nobody_gives_costs_nothing(shop: Workshop, peer: Peer) -> None:
    says = straying("DONE")
    peer.rule = lambda question: Refuse(500) if any("left out" in text for text in question.texts) else says(question)
    assert set(refused(shop)) == {"src/extra.py"}
    assert set(shop.files()) == {"a.py", "b.py"}


@pytest.mark.parametrize("path", ["b.py", "docs/x.md"])
def test_what_is_anothers_or_allowed_is_not_complained_about(shop: Workshop, peer: Peer, path: str) -> None:
    shop.models(peer.url, more="scope: {allow: [docs/]}\n")
    stray(peer, said_in("whole", path))
    assert ready(shop, peer) == 2
