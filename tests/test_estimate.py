"""`doit estimate` names exactly the units that are asked afterwards, and asks nobody."""

import json
import random
from pathlib import Path

import jsonschema
import pytest

from codegen_tasks.schemas import make_schemas
from tests.peer import Peer, write_all
from tests.workshop import Workshop


def edited(turn: int) -> tuple[str, list[dict[str, object]]]:
    """A plan of ten files with a chain of dependencies, of which some sections and entries change from turn to turn."""
    change = random.Random(turn)
    paths = [f"src/f{i}.py" for i in range(10)]
    text = "# Plan\n\n" + "".join(f"## `{path}`\n\nWrite {change.randrange(3)}.\n\n" for path in paths)
    entries: list[dict[str, object]] = [{"path": path, "notes": str(change.randrange(2))} for path in paths]
    entries[9]["depends_on"] = [paths[0], paths[5]]
    return text, entries


@pytest.mark.parametrize("turns", [5])
def test_the_units_named_are_those_asked(tmp_path: Path, turns: int) -> None:
    shop = Workshop(tmp_path, {"README.md": "hi\n"})
    with Peer(write_all) as peer:
        shop.models(peer.url)
        for turn in range(turns):
            shop.plan(*edited(turn))
            before = len(peer.requests)
            assert shop.doit("estimate").returncode == 0
            assert len(peer.requests) == before
            found = shop.read("estimate.json")
            assert shop.doit("codegen").returncode == 0
            asked = {path for question in peer.requests[before:] for path in question.paths}
            named = {unit["unit"] for unit in found["units"] if not unit["stored"]}
            assert asked <= named
            assert named - asked <= {"src/f9.py"}  # what it depends on came out the same, which nobody could know
        jsonschema.validate(found, json.loads(make_schemas()["estimate.json.schema.json"]))
        assert shop.doit("estimate").returncode == 0
        assert {unit["stored"] for unit in shop.read("estimate.json")["units"]} == {True}
        assert shop.code("ready.json").exists()


def test_offline_nobody_is_asked_for_what_is_missing(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, {"README.md": "hi\n"})
    shop.plan("# Plan\n\n## `a.py`\n\nWrite.\n", [{"path": "a.py"}])
    shop.models("http://127.0.0.1:1/v1", more="store: {offline: true}\n")
    run = shop.doit("estimate")
    assert run.returncode == 0
    assert "nobody: missing, and offline" in run.stdout
    assert "0 asked, 0 stored, 1 missing" in run.stdout
    found = shop.read("estimate.json")
    nothing = {"input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0}
    assert (found["asked"], found["stored"], found["worst"]) == (0, 0, nothing)
    assert [(unit["unit"], unit["model"], unit["stored"]) for unit in found["units"]] == [("a.py", "", False)]
