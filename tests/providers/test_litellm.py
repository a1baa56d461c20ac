"""How little of LiteLLM a call needs."""

import os
import threading

import pytest

from codegen_tasks.errors import Interrupted
from codegen_tasks.providers import ProviderFault, Watch, ask
from codegen_tasks.providers.litellm_ import load
from codegen_tasks.records import Message, ModelSpec, Reply, Request
from tests.peer import Peer, Raw, Say

REQUEST = Request("a.py", ("a.py",), (Message("user", "Hello."),), "whole", 1)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEER_KEY", "k")


@pytest.mark.parametrize("model", ["openai/m", "hosted_vllm/m"])
def test_litellm_neither_builds_nor_prices_a_whole_answer(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    litellm, called = load(), list[str]()
    monkeypatch.setattr(litellm, "stream_chunk_builder", lambda *_, **__: called.append("built"))
    monkeypatch.setattr(litellm.cost_calculator, "completion_cost", lambda *_, **__: called.append("priced"))
    with Peer(lambda _: Say("hello", usage=(7, 3), cached=2)) as peer:
        reply = ask(ModelSpec(model, api_base=peer.url, api_key_env="PEER_KEY"), REQUEST, Watch())
    assert reply == Reply(model, "hello", "stop", 7, 3, 2)
    assert called == []


@pytest.mark.parametrize("usage", [(7, 3), None])
@pytest.mark.parametrize("model", ["openai/m", "hosted_vllm/m"])
def test_a_character_cut_in_two_is_made_whole(model: str, usage: tuple[int, int] | None) -> None:
    with Peer(lambda _: Say("\ud83d\ude00", pieces=2, usage=usage)) as peer:
        reply = ask(ModelSpec(model, api_base=peer.url, api_key_env="PEER_KEY"), REQUEST, Watch())
    assert reply.text == "\N{GRINNING FACE}"


def test_the_end_of_the_run_drops_a_silent_call() -> None:
    stop = threading.Event()
    with Peer(lambda _: (stop.set(), Raw((), "hang"))[1]) as peer:
        spec = ModelSpec("openai/m", api_base=peer.url, api_key_env="PEER_KEY", timeout_s=20.0)
        with pytest.raises(Interrupted):  # and no fault when the time is over
            ask(spec, REQUEST, Watch(stop))


@pytest.mark.parametrize(
    "model", ["openai/m", "azure/gpt-4o", "gemini/gemini-2.5-flash", "anthropic/claude-sonnet-4-5"]
)
def test_a_key_that_is_nowhere_is_no_fault_that_passes(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.endswith(("_KEY", "_TOKEN")) or name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    with pytest.raises(ProviderFault) as failed:
        ask(ModelSpec(model), REQUEST, Watch())
    assert (failed.value.transient, failed.value.for_all, bool(failed.value.hint)) == (False, True, True)
    assert "Traceback" not in failed.value.message


def test_a_model_that_completes_text_is_no_chat_model() -> None:
    with Peer(lambda _: Say("hello")) as peer, pytest.raises(ProviderFault, match="no chat model") as failed:
        ask(ModelSpec("text-completion-openai/m", api_base=peer.url, api_key_env="PEER_KEY"), REQUEST, Watch())
    assert not failed.value.transient


def test_a_library_that_is_missing_is_no_fault_that_passes() -> None:
    with pytest.raises(ProviderFault, match="No module named 'vllm'") as failed:
        ask(ModelSpec("vllm/m"), REQUEST, Watch())
    assert (failed.value.transient, failed.value.for_all) == (False, True)
