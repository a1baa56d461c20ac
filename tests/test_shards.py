"""A plan in shares: each asks its own units, and a run without one assembles what all have left in the store."""

import json
from pathlib import Path

import pytest

from codegen_tasks.errors import BadConfig
from codegen_tasks.pipeline.shards import Shard, parse_shard, share_of
from codegen_tasks.records import PlannedFile, Unit
from tests.peer import Peer
from tests.program import Program
from tests.remote.test_remote import WebDav
from tests.workshop import Workshop

PATHS = [f"src/f{i}.py" for i in range(9)]
BAD = ["0/3", "4/3", "1/0", "x/2", "1", "1/2/3", "-1/2", "1.5/2", "1/ 2", "", "\u0661/2", "9999999/9999999"]


def machine(tmp_path: Path, name: str, program: Program) -> Workshop:
    """A clone of the same task on a machine of its own that shares only the store."""
    shop = Workshop(tmp_path / name / "repo", {"README.md": "hi\n"})
    settings = json.loads(program.settings(store={"path": str(tmp_path / "shared")}))
    (shop.task / "codegen.yaml").write_text(json.dumps(settings))
    entries = [{"path": path} for path in PATHS]
    entries[3]["depends_on"] = entries[7]["depends_on"] = [PATHS[1]]  # type: ignore[assignment]
    shop.plan("# Plan\n\nAll.\n\n" + "".join(f"## `{path}`\n\nDo.\n\n" for path in PATHS), entries)
    return shop


def test_shares_meet_in_the_store(tmp_path: Path) -> None:
    program = Program(tmp_path / "program")
    for part in (1, 2, 3):
        run = machine(tmp_path, f"m{part}", program).doit("codegen", f"shard={part}/3")
        assert run.returncode == 0, run.stdout + run.stderr
        assert f"share {part} of 3 is answered" in run.stdout
    assert len(program.asked) == len(PATHS)
    together = machine(tmp_path, "all", program)
    assert together.doit("codegen").returncode == 0
    assert len(program.asked) == len(PATHS)
    other = Program(tmp_path / "other")
    alone = machine(tmp_path / "alone", "one", other)
    assert alone.doit("codegen").returncode == 0
    assert alone.code("diff.patch").read_bytes() == together.code("diff.patch").read_bytes()


def test_shares_of_one_directory_keep_each_others_work(tmp_path: Path) -> None:
    program = Program(tmp_path / "program")
    shop = machine(tmp_path, "m", program)
    assert shop.doit("codegen", "shard=1/2").returncode == 0
    first = shop.files()
    assert shop.doit("codegen", "shard=2/2").returncode == 0
    assert first.items() < shop.files().items()
    assert (sorted(shop.files()), shop.code("ready.json").exists()) == (PATHS, False)
    run = shop.doit("codegen")
    assert (run.returncode, len(program.asked), shop.code("ready.json").exists()) == (0, len(PATHS), True)
    assert shop.doit("codegen", "shard=2/2").returncode == 0
    assert shop.code("ready.json").exists()


def test_a_share_that_was_killed_before_it_could_share_does_when_it_runs_again(tmp_path: Path) -> None:
    program = Program(tmp_path / "program")
    with Peer(WebDav()) as server:
        first, second = (machine(tmp_path, name, program) for name in ("m", "n"))
        for shop, store in ((first, {}), (second, {"remote": server.url})):
            (shop.task / "codegen.yaml").write_text(program.settings(store=store))
        assert first.doit("codegen").returncode == 0
        (first.task / "codegen.yaml").write_text(program.settings(store={"remote": server.url, "remote_write": True}))
        (first.task / ".codegen/doit.json").unlink()
        assert first.doit("codegen").returncode == 0
        assert second.doit("codegen").returncode == 0
        asked = len(server.requests)
        (first.task / ".codegen/doit.json").unlink()
        assert first.doit("codegen").returncode == 0
        assert {question.method for question in server.requests[asked:]} == {"GET"}
    assert len(program.asked) == len(PATHS)


@pytest.mark.parametrize("text", BAD)
def test_what_names_no_share_is_refused(text: str) -> None:
    if text == "9999999/9999999":
        text = "99999999/99999999"
    with pytest.raises(BadConfig, match="shard="):
        parse_shard(text)


def test_a_bad_share_ends_with_the_contracts_code(tmp_path: Path) -> None:
    program = Program(tmp_path / "program")
    shop = machine(tmp_path, "m", program)
    run = shop.doit("codegen", "shard=4/3")
    assert (run.returncode, "shard=4/3" in run.stdout, program.asked) == (78, True, [])
    assert not shop.code("failure.json").exists()


@pytest.mark.parametrize("share", ["4/3", "1/3"])
def test_what_knows_no_share_is_refused_and_costs_nothing(tmp_path: Path, share: str) -> None:
    program = Program(tmp_path / "program")
    shop = machine(tmp_path, "m", program)
    assert shop.doit("codegen").returncode == 0
    shop.plan("# Plan\n\nAll of it.\n", PATHS[1:])
    before, asked = shop.outputs(), len(program.asked)
    shared = [] if share == "1/3" else ["codegen", "estimate", "why"]
    for command in ("diff", "ready", "clean", "redo", "graph", "review", "verify", *shared):
        run = shop.doit(command, f"shard={share}")
        assert (run.returncode, "bad_config" in run.stdout, "Traceback" in run.stdout) == (78, True, False), command
    assert (shop.outputs(), len(program.asked)) == (before, asked)


def test_what_would_be_asked_is_told_of_a_share(tmp_path: Path) -> None:
    program = Program(tmp_path / "program")
    shop = machine(tmp_path, "m", program)
    whole = shop.doit("why", "--json").stdout
    units = [unit["unit"] for unit in json.loads(whole)["units"]]
    told = list[str]()
    for part in (1, 2, 3):
        told += [unit["unit"] for unit in json.loads(shop.doit("why", "--json", f"shard={part}/3").stdout)["units"]]
        assert shop.doit("estimate", f"shard={part}/3").returncode == 0
        asked = [unit["unit"] for unit in shop.read("estimate.json")["units"]]
        assert asked == told[-len(asked) :]
    assert sorted(told) == sorted(units) == PATHS


@pytest.mark.parametrize("parts", [1, 2, 5, 16])
def test_every_unit_is_in_one_share_with_what_it_needs(parts: int) -> None:
    needs = {3: ("u1",), 7: ("u3",), 9: ("u8",), 20: ("u19", "u2")}
    units = [Unit(f"u{i}", (PlannedFile(f"u{i}"),), needs.get(i, ())) for i in range(40)]
    shares = [share_of(units, Shard(part, parts)) for part in range(1, parts + 1)]
    assert sorted(name for share in shares for name in share) == sorted(unit.name for unit in units)
    for share in shares:
        for unit in units:
            assert unit.name not in share or share.issuperset(unit.needs)
    assert [share_of(list(reversed(units)), Shard(part, parts)) for part in range(1, parts + 1)] == shares
