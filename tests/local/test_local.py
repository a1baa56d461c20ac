"""The real embedded model: what it may not get wrong, however weak it is. Needs its weights on this machine."""

import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest

from codegen_tasks.edits import apply_replies
from codegen_tasks.errors import Interrupted
from codegen_tasks.local import engine
from codegen_tasks.local.weights import SMOLLM2, present_weights
from codegen_tasks.providers import ProviderFault, Watch, ask
from codegen_tasks.records import Blob, Message, ModelSpec, Request
from tests.local.test_steering import STUB, question

SPEC = ModelSpec("local/smollm2")
OLD = '"""Settings."""\n\nDEBUG = True\nPAGE_SIZE = 20\n'

weights_needed = pytest.mark.skipif(
    present_weights(SMOLLM2) is None, reason="no weights on this machine: run `doit codegen` once"
)


def written(request: Request, path: str, before: str | None = None) -> bytes:
    base = {path: None if before is None else Blob(before.encode())}
    changes = apply_replies((ask(SPEC, request, Watch()).text,), base, {path}).changes
    after = changes[0].after
    assert after is not None
    return after.data


@weights_needed
def test_the_body_it_writes_stands_in_the_skeleton() -> None:
    code = written(question(f"## a.py\n\n{STUB}", "a.py"), "a.py").decode()
    assert code.startswith('def double(n: int) -> int:\n    """Return n * 2."""\n    return ')
    names: dict[str, object] = {}
    exec(code, names)
    assert eval("double(21)", names) == 42


@weights_needed
def test_the_line_it_edits_is_the_only_one_that_changes() -> None:
    plan = "## a.py\n\nReplace `DEBUG = True` by `DEBUG = False`."
    assert written(question(plan, "a.py", now=OLD), "a.py", OLD) == OLD.replace("True", "False").encode()


@weights_needed
def test_a_line_that_it_has_to_choose_is_one_line_of_the_file() -> None:
    text = ask(SPEC, question("## a.py\n\nDebugging is over.", "a.py", now=OLD), Watch()).text
    search = text.partition("<<<<<<< SEARCH\n")[2].partition("\n=======\n")[0]
    assert search in OLD.split("\n")


@weights_needed
def test_the_same_question_gets_the_same_reply_whatever_was_asked_between() -> None:
    first = ask(SPEC, question(f"## a.py\n\n{STUB}", "a.py"), Watch())
    ask(SPEC, question(f"## a.py\n\n{STUB.replace('double', 'twice')}", "a.py"), Watch())
    assert ask(SPEC, question(f"## a.py\n\n{STUB}", "a.py"), Watch()) == first
    assert (first.model, first.finish, first.cost_usd) == ("local/smollm2", "stop", 0.0)
    assert first.input_tokens > 0 < first.output_tokens


@weights_needed
def test_what_is_no_python_is_a_fault_and_no_reply() -> None:
    broken = STUB.replace("def double(n: int)", "def double(n: int, 2)")
    with pytest.raises(ProviderFault, match="is not Python") as caught:
        ask(SPEC, question(f"## a.py\n\n{broken}", "a.py"), Watch())
    assert not caught.value.transient


@weights_needed
def test_a_context_that_is_too_long() -> None:
    with pytest.raises(ProviderFault, match=r"context too long for the embedded model: \d+ of 8192 tokens") as caught:
        ask(SPEC, question("## a.py\n\n" + "very " * 9000, "a.py"), Watch())
    assert not caught.value.transient


@weights_needed
def test_a_run_that_ends_stops_the_model() -> None:
    watch = Watch(threading.Event(), lambda tokens: watch.stop.set())
    with pytest.raises(Interrupted):
        ask(SPEC, question("## a.md\n\nA long story.", "a.md"), watch)


@weights_needed
def test_a_deadline_that_passes_is_a_passing_fault() -> None:
    with pytest.raises(ProviderFault, match="no whole answer within 1e-06 s") as caught:
        ask(ModelSpec("local/smollm2", timeout_s=1e-6), question("## a.md\n\nA story.", "a.md"), Watch())
    assert caught.value.transient


@weights_needed
def test_a_repair_may_say_something_else_and_a_redo_does_not() -> None:
    wanted = ("scale(amounts: list, by: int) -> list", "portion(cake: int) -> float", "shout(text: str) -> str")
    stubs = "\n\n".join(f'def {name}:\n    """Return what the name says."""\n    ...' for name in wanted)
    request = question(f"## a.py\n\n```python\n{stubs}\n```", "a.py")
    again = (*request.messages, Message("assistant", "nonsense"), Message("user", "Try again."))
    first = ask(SPEC, request, Watch())
    assert ask(SPEC, msgspec.structs.replace(request, messages=again), Watch()).text != first.text
    assert ask(SPEC, msgspec.structs.replace(request, attempt=2), Watch()).text == first.text


def test_another_embedded_model_is_not_there() -> None:
    with pytest.raises(ProviderFault, match="there is no embedded model local/other") as caught:
        ask(ModelSpec("local/other"), question("x", "a.py"), Watch())
    assert not caught.value.transient
    assert "the only embedded model is local/smollm2" in caught.value.hint


def test_without_the_package_the_fault_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    monkeypatch.setattr(engine, "_engines", {})
    with pytest.raises(ProviderFault, match="needs the package xllamacpp") as caught:
        ask(SPEC, question("x", "a.py"), Watch())
    assert "pip install 'codegen-tasks[local]'" in caught.value.hint


def test_importing_the_provider_imports_no_model() -> None:
    code = "import sys, codegen_tasks.providers; sys.exit(bool({'xllamacpp', 'importlib.metadata'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_model_file_that_is_not_there() -> None:
    with pytest.raises(ProviderFault, match=r"there is no model file /nowhere/m\.gguf") as caught:
        ask(ModelSpec("local//nowhere/m.gguf"), question("x", "a.py"), Watch())
    assert not caught.value.transient and "whole path" in caught.value.hint


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"no model")
    with pytest.raises(ProviderFault, match="did not start") as caught:
        ask(ModelSpec(f"local/{tmp_path}/m.gguf"), question("x", "a.py"), Watch())
    assert not caught.value.transient


@weights_needed
def test_any_model_file_answers_in_its_own_words() -> None:
    name = f"local/{present_weights(SMOLLM2)}"
    asked = Request("a", ("a",), (Message("user", "Say hello."),), "whole", 1)
    spec = ModelSpec(name, max_output_tokens=12)
    first, again = ask(spec, asked, Watch()), ask(spec, asked, Watch())
    assert first == again
    assert (first.model, first.cost_usd) == (name, 0.0)
    assert first.text.strip() and first.finish in ("stop", "length") and first.input_tokens > 0 < first.output_tokens
