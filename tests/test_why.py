"""`doit why` names the input that makes a unit's question another one, and only that; it says what a run would ask."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codegen_tasks.files import content_digest
from codegen_tasks.pipeline.asked import Asked, AskedLog
from codegen_tasks.pipeline.question import Leaf
from codegen_tasks.pipeline.why import UnitWhy
from codegen_tasks.records import PlannedFile, Unit
from codegen_tasks.tasks.mermaid import render_graph
from tests.program import Program
from tests.workshop import Workshop, tree

PATH, OTHER, LATER = "src/a.py", "src/b.py", "src/c.py"
FILES = {
    "README.md": "hi\n",
    "src/a.py": "import lib\n\nlib.compute_tax(1)\n",
    "lib.py": "def compute_tax(x):\n    return x\n",
    "ref.txt": "one\ntwo\n",
}
SECTIONS = {"Plan": "For all.", f"`{PATH}`": "Write a.", f"`{OTHER}`": "Write b."}
ENTRIES: tuple[dict[str, Any], ...] = (
    {"path": PATH, "context": ["ref.txt"]},
    {"path": OTHER},
    {"path": LATER, "depends_on": [OTHER]},
)


def plan(shop: Workshop, sections: dict[str, str] = SECTIONS, **entry: Any) -> None:
    text = "".join(f"{'#' if name == 'Plan' else '##'} {name}\n\n{said}\n\n" for name, said in sections.items())
    shop.plan(text, [{**ENTRIES[0], **entry}, *ENTRIES[1:]])


def make(tmp_path: Path) -> tuple[Workshop, Program]:
    """A task whose three units were asked."""
    shop, program = Workshop(tmp_path / "repo", FILES), Program(tmp_path / "program")
    (shop.task / "codegen.yaml").write_text(program.settings())
    plan(shop)
    assert shop.doit("codegen").returncode == 0
    return shop, program


def why(shop: Workshop, *paths: str) -> dict[str, tuple[str, list[tuple[str, str, str]]]]:
    run = shop.doit("why", *paths, "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    return {
        unit["unit"]: (unit["state"], [(r["kind"], r["name"], r["change"]) for r in unit.get("reasons", ())])
        for unit in json.loads(run.stdout)["units"]
    }


def kept(shop: Workshop) -> dict[str, bytes]:
    """All that lies in the task, but what was parsed or looked at once, which is a hint."""
    hints = {f".codegen/{name}" for name in ("plan", "config", "true")}
    return {path: data for path, data in tree(shop.task).items() if path not in hints and "__pycache__" not in path}


def settings(shop: Workshop, program: Program, **more: Any) -> None:
    (shop.task / "codegen.yaml").write_text(program.settings(**more))


def model_setting(shop: Workshop, program: Program) -> None:
    found = json.loads(program.settings())
    found["roles"]["codegen"][0]["params"] = {"effort": "high"}
    (shop.task / "codegen.yaml").write_text(json.dumps(found))


def note(shop: Workshop, program: Program) -> None:
    answers = program.script.read_text()
    program.script.write_text("#!/bin/sh\nexit 3\n")
    assert shop.doit("redo", "--note=with care", PATH).returncode == 12
    program.script.write_text(answers)


def by_hand(shop: Workshop, _program: Program) -> None:
    shop.code(f"files/{OTHER}").write_text("# by hand\n")


Edit = Callable[[Workshop, Program], object]
OWN = f"`{PATH}`"
LEAVES: dict[str, tuple[Edit, str, list[tuple[str, str, str]]]] = {
    "section": (lambda s, _: plan(s, SECTIONS | {OWN: "More."}), PATH, [("plan section", OWN, "changed")]),
    "shared-section": (lambda s, _: plan(s, SECTIONS | {"Plan": "!"}), PATH, [("plan section", "Plan", "changed")]),
    "new-section": (
        lambda s, _: plan(s, {**SECTIONS, "Style": "Short."}),
        PATH,
        [("plan section", "Style", "new")],
    ),
    "section-gone": (
        lambda s, _: plan(s, {name: said for name, said in SECTIONS.items() if name != OWN}),
        PATH,
        [("plan section", OWN, "gone")],
    ),
    "entry": (lambda s, _: plan(s, notes="mind the tests"), PATH, [("planned file", PATH, "changed")]),
    "base": (lambda s, _: s.put(PATH, "import lib\n"), PATH, [("repository file", PATH, "changed")]),
    "context-file": (lambda s, _: s.put("ref.txt", "one\nthree\n"), PATH, [("context file", "ref.txt", "changed")]),
    "definition": (
        lambda s, _: s.put("lib.py", "def compute_tax(x, y):\n    return x\n"),
        PATH,
        [("definition shown", "lib.py: compute_tax", "changed")],
    ),
    "definition-gone": (
        lambda s, _: s.put("lib.py", "def other(x):\n    return x\n"),
        PATH,
        [("definition shown", "lib.py: compute_tax", "changed")],
    ),
    "dependency": (by_hand, LATER, [("dependency", OTHER, "changed")]),
    "setting": (
        lambda s, p: settings(s, p, context={"repo_summary": False}),
        PATH,
        [("setting", "context.repo_summary", "changed")],
    ),
    "note": (note, PATH, [("redo", "attempt", "changed"), ("redo", "note", "new")]),
    "clean": (lambda s, _: s.doit("clean"), PATH, [("redo", "attempt", "changed")]),
}


@pytest.mark.parametrize("leaf", LEAVES)
def test_each_kind_of_input_is_named_and_nothing_else(leaf: str, tmp_path: Path) -> None:
    edit, unit, reasons = LEAVES[leaf]
    shop, program = make(tmp_path)
    edit(shop, program)
    before, asked = kept(shop), len(program.asked)
    found = why(shop)
    assert found[unit] == ("asked", reasons)
    assert (len(program.asked), kept(shop)) == (asked, before)
    status = shop.doit("list", "--all", "--status").stdout.splitlines()
    stale = {line.split()[1] for line in status if line.startswith("R ")}
    assert stale & {f"context:{unit}", f"generate:{unit}"}
    assert shop.doit("codegen").returncode == 0
    named = {name for name, (state, _) in found.items() if state == "asked"}
    perhaps = {name for name, (state, _) in found.items() if state == "unless"}
    questions = program.in_order()[asked:]
    really = {name for name in (PATH, OTHER, LATER) if any(f"- {name}\n" in text for text in questions)}
    assert named <= really <= named | perhaps
    assert {state for state, _ in why(shop).values()} == {"up_to_date"}


def test_a_model_setting_is_named(tmp_path: Path) -> None:
    shop, program = make(tmp_path)
    model_setting(shop, program)
    state, reasons = why(shop, PATH)[PATH]
    assert (state, [(kind, change) for kind, _, change in reasons]) == ("asked", [("model", "changed")])


def test_nothing_changed_and_changes_taken_back_ask_nobody(tmp_path: Path) -> None:
    shop, program = make(tmp_path)
    run = shop.doit("why")
    assert (run.returncode, run.stdout.splitlines()) == (
        0,
        [f"{path}  up to date" for path in (PATH, OTHER, LATER)] + ["0 of 3 would be asked"],
    )
    plan(shop, SECTIONS | {OWN: "More."})
    assert shop.doit("codegen").returncode == 0
    asked = len(program.asked)
    plan(shop)
    assert why(shop, PATH) == {PATH: ("stored", [("plan section", OWN, "changed")])}
    assert shop.doit("codegen").returncode == 0
    assert len(program.asked) == asked
    assert why(shop, PATH) == {PATH: ("up_to_date", [])}


def test_an_input_that_leaves_the_question_the_same_asks_nobody(tmp_path: Path) -> None:
    shop, program = make(tmp_path)
    plan(shop, executable=True)
    assert why(shop, PATH) == {PATH: ("same", [("planned file", PATH, "changed")])}
    asked = len(program.asked)
    assert shop.doit("codegen").returncode == 0
    assert (len(program.asked), why(shop, PATH)) == (asked, {PATH: ("up_to_date", [])})


def test_what_hangs_on_another_answer_is_said(tmp_path: Path) -> None:
    shop, _ = make(tmp_path)
    plan(shop, SECTIONS | {f"`{OTHER}`": "More."})
    found = why(shop)
    assert found[OTHER] == ("asked", [("plan section", f"`{OTHER}`", "changed")])
    assert found[LATER] == ("unless", [("dependency", OTHER, "awaited")])
    assert found[PATH] == ("up_to_date", [])


def test_the_difference_is_shown_without_secrets(tmp_path: Path) -> None:
    shop, _ = make(tmp_path)
    token = "ghp_" + "a1B2c3D4e5" * 4
    plan(shop, SECTIONS | {OWN: f"Write a.\nThe token is {token}.\nMind the tests."})
    said = shop.doit("why", PATH).stdout
    assert "    +Mind the tests.\n" in said
    assert "    +The token is " in said
    assert token not in said


def test_a_summary_that_is_out_of_date_is_told_and_asks_nobody(tmp_path: Path) -> None:
    shop, program = make(tmp_path)
    shop.put("README.md", "Now it says much more about itself.\n")
    said = shop.doit("why").stdout
    assert f"{PATH}  up to date" in said
    assert said.endswith("0 of 3 would be asked; the repo summary of 3 is out of date; that asks nobody\n")
    asked = len(program.asked)
    assert shop.doit("codegen").returncode == 0
    assert len(program.asked) == asked


def test_it_waits_for_no_run_and_leaves_signals_alone(tmp_path: Path) -> None:
    shop, program = make(tmp_path)
    slow = tmp_path / "slow.sh"
    slow.write_text(f"#!/bin/sh\ntouch {tmp_path}/begun\nwhile [ ! -e {tmp_path}/go ]; do sleep 0.1; done\nexit 3\n")
    slow.chmod(0o755)
    before = program.settings()
    (shop.task / "codegen.yaml").write_text(before.replace(str(program.script), str(slow)))
    with shop.start("codegen") as run:
        while not (tmp_path / "begun").exists():
            assert run.poll() is None
        assert why(shop, PATH)[PATH][0] == "asked"
        assert not shop.code("failure.json").exists()
        (tmp_path / "go").touch()
        run.communicate()
    assert shop.read("failure.json")["kind"] == "provider_error"
    assert why(shop, PATH)[PATH][0] == "asked"
    assert shop.read("failure.json")["kind"] == "provider_error"


def test_what_it_cannot_tell_ends_with_the_contracts_code(tmp_path: Path) -> None:
    shop, _ = make(tmp_path)
    run = shop.doit("why", "src/aa.py")
    assert (run.returncode, "do you mean 'src/a.py'?" in run.stdout) == (65, True)
    (shop.task / "plan.files.json").write_text("[")
    run = shop.doit("why")
    assert (run.returncode, "bad_plan" in run.stdout, shop.code("ready.json").exists()) == (65, True, True)


def test_a_lost_log_is_said_and_costs_nothing(tmp_path: Path) -> None:
    shop, program = make(tmp_path)
    (shop.task / ".codegen/asked").unlink()
    assert why(shop, PATH) == {PATH: ("same", [("reply", "", "unknown")])}
    assert len(program.asked) == 3


def asked(unit: str, request: str) -> Asked:
    return Asked(unit, request, (Leaf("plan section", "A", content_digest(request.encode()) * 2),))


@pytest.mark.parametrize("cut", [1, 20, 60, 100])
def test_a_torn_log_loses_a_line_and_no_more(cut: int, tmp_path: Path) -> None:
    log = AskedLog(tmp_path / "asked")
    for request in ("one", "two"):
        log.note(asked("a", request), {})
        log.accept("a", request)
    data = (tmp_path / "asked").read_bytes()
    (tmp_path / "asked").write_bytes(data[:-cut])
    AskedLog(tmp_path / "asked").accept("a", "one")
    assert AskedLog(tmp_path / "asked").read().of("a") == asked("a", "one")


def test_the_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    for turn in range(300):
        log = AskedLog(tmp_path / "asked")
        note = asked("a", str(turn))
        log.note(note, {note.leaves[0].digest: f"text {turn}"})
        log.accept("a", str(turn))
    assert len((tmp_path / "asked").read_bytes().splitlines()) < 600
    found = log.read()
    assert found.of("a") == note
    assert found.text(note.leaves[0]) == "text 299"


def test_the_graph_shows_what_a_run_would_ask(tmp_path: Path) -> None:
    shop, _ = make(tmp_path)
    plan(shop, SECTIONS | {f"`{OTHER}`": "More."})
    run = shop.doit("graph")
    assert (run.returncode, run.stdout.splitlines()) == (
        0,
        [
            "flowchart LR",
            f'    u0["{PATH}"]:::clean',
            f'    u1["{OTHER}<br>would be asked"]:::stale',
            f'    u2["{LATER}<br>would be asked, unless what it needs comes out as it was"]:::perhaps',
            "    u1 --> u2",
            "    classDef clean fill:#e6f4ea,stroke:#2f855a",
            "    classDef stale fill:#fde2e2,stroke:#c53030",
            "    classDef perhaps fill:#fef3c7,stroke:#b7791f",
        ],
    )


@pytest.mark.parametrize("name", ['a "b".py', "a[1].py", "#1;.py", "<b>.py", "a|b.py"])
def test_odd_names_do_not_end_a_label(name: str) -> None:
    unit = Unit(name, (PlannedFile(name),))
    label = list(render_graph([unit], [UnitWhy(name, (name,), "asked")]))[1]
    inner = label.removeprefix('    u0["').removesuffix('<br>would be asked"]:::stale')
    assert re.fullmatch(r"(?:[^\"#<>|\[\]]|#[0-9]+;)*", inner)
