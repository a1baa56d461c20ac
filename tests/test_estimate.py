"""`doit estimate` names exactly the units that are asked afterwards, and asks nobody."""

import json
import random
from pathlib import Path

import jsonschema
import pytest

from codegen_tasks.records import digest
from codegen_tasks.schemas import make_schemas
from codegen_tasks.store import Store
from tests.peer import Peer, Question, Rule, Say, write_all
from tests.workshop import Workshop

LAST = "src/f9.py"  # depends on two others


def edited(turn: int) -> tuple[str, list[dict[str, object]]]:
    """A plan of ten files with a chain of dependencies, of which some sections and entries change from turn to turn."""
    change = random.Random(turn)
    paths = [f"src/f{i}.py" for i in range(10)]
    text = "# Plan\n\n" + "".join(f"## `{path}`\n\nWrite {change.randrange(3)}.\n\n" for path in paths)
    entries: list[dict[str, object]] = [{"path": path, "notes": str(change.randrange(2))} for path in paths]
    entries[9]["depends_on"] = [paths[0], paths[5]]
    return text, entries


def repeat_the_question(question: Question) -> Say:
    """Files that are others whenever the question is."""
    mark = digest(question.texts[-1].encode())
    return Say("".join(f"{path}\n```\n# {mark}\n```\n" for path in question.paths))


@pytest.mark.parametrize(
    ("rule", "turns", "hanging"),
    [pytest.param(write_all, 5, set(), id="same-answers"), pytest.param(repeat_the_question, 3, {LAST}, id="others")],
)
def test_the_units_named_are_those_asked(rule: Rule, turns: int, hanging: set[str], tmp_path: Path) -> None:
    shop = Workshop(tmp_path, {"README.md": "hi\n"})
    hung: set[str] = set()
    with Peer(rule) as peer:
        shop.models(peer.url)
        for turn in range(turns):
            shop.plan(*edited(turn))
            before = len(peer.requests)
            assert shop.doit("estimate").returncode == 0
            assert len(peer.requests) == before
            found = shop.read("estimate.json")
            assert shop.doit("codegen").returncode == 0
            asked = {path for question in peer.requests[before:] for path in question.paths}
            named = {unit["unit"]: unit["unless"] for unit in found["units"] if not unit["stored"]}
            perhaps = {path for path, unless in named.items() if unless}
            assert asked == set(named) - perhaps | (hanging & perhaps)
            hung |= perhaps
            assert all(set(unless) <= asked for unless in named.values())
            assert (found["asked"], found["conditional"]) == (len(named), len(perhaps))
        assert hung == {LAST}
        jsonschema.validate(found, json.loads(make_schemas()["estimate.json.schema.json"]))
        assert shop.doit("estimate").returncode == 0
        assert {unit["stored"] for unit in shop.read("estimate.json")["units"]} == {True}
        assert shop.code("ready.json").exists()


def test_what_stands_there_already_is_known(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, {"README.md": "hi\n"})
    content = b"# adopted\n"
    Store(shop.task / ".codegen/store").put("blob", digest(content), content)
    adopted = {"path": "a.py", "adopt": f"sha256:{digest(content)}"}
    shop.plan("# Plan\n\nWrite.\n", [adopted, {"path": "b.py"}, {"path": "c.py", "depends_on": ["a.py", "b.py"]}])
    with Peer() as peer:
        shop.models(peer.url)
        assert shop.doit("codegen").returncode == 0
        shop.code("files/b.py").write_text("# by hand\n")
        first = shop.doit("estimate").stdout
        assert shop.doit("codegen").returncode == 0
        assert [question.paths for question in peer.requests] == [("b.py",), ("c.py",), ("c.py",)]
        second = shop.doit("estimate").stdout
    assert ("1 asked, 1 stored" in first, "0 asked, 2 stored" in second) == (True, True)


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


@pytest.mark.parametrize(
    ("limit", "refused"),
    [
        pytest.param("0.0001", ["a.py", "b.py"], id="none-may-be-asked"),
        pytest.param("0.0052", ["b.py"], id="one-may-be-asked"),
        pytest.param("5", [], id="all-may-be-asked"),
    ],
)
def test_a_limit_that_would_stop_the_run_is_named(limit: str, refused: list[str], tmp_path: Path) -> None:
    shop = Workshop(tmp_path, {"README.md": "hi\n"})
    shop.plan("# Plan\n\n## `a.py`\n\nWrite.\n\n## `b.py`\n\nWrite.\n", [{"path": "a.py"}, {"path": "b.py"}])
    with Peer(lambda question: Say(write_all(question).text, usage=(800, 800))) as peer:
        more = f"generate: {{max_cost_usd: {limit}, jobs: 1}}\n"
        shop.models(peer.url, spec="max_output_tokens: 8000, api_key_env: K", name="openai/gpt-4o-mini", more=more)
        said = shop.doit("estimate").stdout
        run = shop.doit("codegen", env={"K": "a key"})
        asked = [path for question in peer.requests for path in question.paths]
    told = f"a run would stop at max_cost_usd: {limit}, without asking: {', '.join(refused)}\n"
    assert (told in said, "would stop" in said) == (bool(refused), bool(refused))
    assert shop.read("estimate.json")["too_dear"] == refused
    assert (2 - len(asked), run.returncode) == (len(refused), 14 if refused else 0)  # doit says who is first
