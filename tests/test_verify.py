"""`doit verify` names whatever is not as the plan and the store make it, and nothing else."""

import os
from pathlib import Path

import pytest

from tests.program import Program
from tests.workshop import Workshop, tree

ENTRIES = ["u/a.txt", {"path": "u/b.txt", "depends_on": ["u/a.txt"]}, {"path": "u/old.txt", "intent": "delete"}]
CHECK = {"commands": [{"name": "there", "run": ["test", "-e", "u/a.txt"]}], "sandbox": "none"}
STRAY = r"""
  END { printf "u/stray.txt\n```\nstray\n```\n" }
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "program")


@pytest.fixture
def shop(tmp_path: Path, program: Program) -> Workshop:
    shop = Workshop(tmp_path / "repo", {"u/a.txt": "old\n", "u/old.txt": "goes\n", "README.md": "hi\n"})
    shop.plan("# Plan\n\nDo it.\n", ENTRIES)
    (shop.task / "codegen.yaml").write_text(program.settings(check=CHECK))
    return shop


def done(shop: Workshop, *args: str) -> None:
    run = shop.doit(*args)
    assert run.returncode == 0, run.stdout + run.stderr


def differing(shop: Workshop) -> set[str]:
    """What verify names. It changes nothing."""
    before, store = tree(shop.code(".")), tree(shop.task / ".codegen/store")
    run = shop.doit("verify")
    lines = run.stdout.splitlines()
    named = {line.split()[0] for line in lines if line.startswith(("code/", ".codegen/", "generate:", "check"))}
    assert (run.returncode == 0) == (not named), run.stdout + run.stderr
    assert tree(shop.code(".")) == before
    assert {n: d for n, d in tree(shop.task / ".codegen/store").items() if "aside/" not in n}.items() <= store.items()
    assert not (shop.task / ".codegen/verify").exists()
    return named


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_flipped_byte_is_named_wherever_it_is(shop: Workshop, program: Program) -> None:
    done(shop)
    shop.code("files/u/a.txt").write_text("by hand\n")
    done(shop)
    asked = len(program.asked)
    assert differing(shop) == set()
    names = [name for name in shop.outputs() if name != ".gitignore"]
    assert {"checks.json", "diff.patch", "manifest.json", "ready.json", "files/u/a.txt"} <= set(names)
    sound = {name: shop.code(name).read_bytes() for name in names}
    for name in names:
        flip(shop.code(name))
    assert differing(shop) >= {f"code/{name}" for name in names}
    for name, data in sound.items():
        shop.code(name).write_bytes(data)
    assert differing(shop) == set()
    assert len(program.asked) == asked


@pytest.mark.parametrize("name", ["files/u/a.txt", "files/u/b.txt", "replies/u/b.txt.json", "context/u/a.txt.md"])
def test_only_what_is_wrong_is_named(shop: Workshop, name: str) -> None:
    done(shop)
    flip(shop.code(name))
    assert differing(shop) == {f"code/{name}"}
    shop.code(name).unlink()
    assert differing(shop) == {f"code/{name}"}


def test_every_kind_of_entry_of_the_store_is_looked_at(shop: Workshop) -> None:
    done(shop)
    store = shop.task / ".codegen/store"
    kinds = {name.partition("/")[0]: name for name in tree(store) if "/" in name}
    assert {"reply", "observed", "output", "pin"} <= kinds.keys()
    for name in kinds.values():
        sound = (store / name).read_bytes()
        flip(store / name)
        assert f".codegen/store/{name}" in differing(shop), name
        (store / name).write_bytes(sound)
    assert differing(shop) == set()


def test_what_nothing_makes_is_named(shop: Workshop) -> None:
    done(shop)
    shop.code("files/mine.txt").write_text("mine\n")
    shop.code("notes.md").write_text("mine\n")
    assert differing(shop) == {"code/files/mine.txt", "code/notes.md"}


def test_no_false_alarm(shop: Workshop) -> None:
    done(shop)
    for command in (["estimate"], ["review"], ["redo", "u/b.txt", "--note", "more"], ["restore", "0001"], []):
        done(shop, *command)
        assert differing(shop) == set(), command
    done(shop, "apply", "--yes")
    assert differing(shop) == set()
    done(shop)
    assert differing(shop) == set()
    os.truncate(shop.task / ".codegen/doit.json", 3)
    (shop.task / ".codegen/remarks").unlink(missing_ok=True)
    assert differing(shop) == set()


def test_a_run_that_failed_is_as_it_should_be(shop: Workshop, program: Program) -> None:
    script = program.script
    script.write_text(script.read_text().replace("  END {", '  END { if (paths[1] == "u/b.txt") exit 1; ', 1))
    assert shop.doit().returncode != 0
    assert differing(shop) == set()
    flip(shop.code("files/u/a.txt"))
    assert differing(shop) == {"code/files/u/a.txt"}


def test_what_was_refused_is_rebuilt_too(shop: Workshop, program: Program) -> None:
    script = program.script
    script.write_text(script.read_text().replace('\' "$asked"', STRAY + '\' "$asked"'))
    assert shop.doit().returncode == 10
    assert differing(shop) == set()
    for name in ("scope.json", "quarantine/u/stray.txt"):
        sound = shop.code(name).read_bytes()
        flip(shop.code(name))
        assert differing(shop) == {f"code/{name}"}
        shop.code(name).write_bytes(sound)


def test_after_clean_there_is_nothing_to_verify_and_it_says_so(shop: Workshop) -> None:
    done(shop)
    done(shop, "clean")
    run = shop.doit("verify")
    assert run.returncode == 11
    first, hint = run.stdout.splitlines()[1:3]
    assert first == "FAILED verify: missing_outputs: there is nothing to verify: code/ holds no attempt"
    assert hint == "  run `doit codegen`, or `doit restore NNNN` to put an archived attempt back"


def test_a_changed_plan_is_no_success(shop: Workshop) -> None:
    done(shop)
    shop.plan("# Plan\n\nDo more.\n", ENTRIES)
    assert {"generate:u/a.txt", "code/ready.json"} <= differing(shop)
    assert shop.code("ready.json").exists()
