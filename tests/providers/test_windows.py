"""Questions that a server cut to its window, and those that it only counted in its own way."""

import json
from pathlib import Path

import pytest

from codegen_tasks.call import window_for
from codegen_tasks.errors import ProviderRefused
from codegen_tasks.providers.prices import output_limit
from codegen_tasks.providers.windows import unread
from codegen_tasks.records import Message, ModelSpec, Reply, Request
from tests.asked import answer, asking, events, key, model
from tests.peer import Peer, Question, Raw, Say, http

__all__ = ["key"]  # a fixture

TEXT = "a.py\n```\n# hello\n```\n"
CODE = Path(__file__).read_text()
TEXTS = {
    "words": "word and more\n" * 6000,
    "code": CODE * 20,
    "prose": "The quick brown fox, as they say, jumps over the lazy dog; and nobody knows why. " * 900,
}


def question(text: str) -> Request:
    return Request("a.py", ("a.py",), (Message("system", "Rules."), Message("user", text)), "whole", 1)


@pytest.mark.parametrize("window", [2048, 4096, 8192])
@pytest.mark.parametrize("text", TEXTS)
def test_a_window_is_seen_in_the_usage(text: str, window: int) -> None:
    fault = unread(question(TEXTS[text]), Reply("m", TEXT, input_tokens=window, output_tokens=9))
    assert fault is not None and not fault.transient and fault.reply is not None
    assert str(window) in fault.message and "num_ctx" in fault.hint


@pytest.mark.parametrize("read", [2047, 1900, 1024 + 7], ids=["less one", "template", "odd"])
def test_so_is_one_that_is_no_round_number(read: int) -> None:
    assert unread(question(TEXTS["words"]), Reply("m", TEXT, input_tokens=read)) is not None


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("a_token", [3.0, 3.6, 4.0, 4.8])
def test_what_tokenizers_count_is_believed(text: str, a_token: float) -> None:
    read = int(len(TEXTS[text]) / a_token)
    assert unread(question(TEXTS[text]), Reply("m", TEXT, input_tokens=read)) is None


@pytest.mark.parametrize(
    "reply",
    [Reply("m", TEXT), Reply("m", TEXT, input_tokens=16), Reply("m", TEXT, input_tokens=2048, counted=True)],
    ids=["none", "a number of somebody's own", "counted by us"],
)
def test_numbers_that_say_nothing_are_no_window(reply: Reply) -> None:
    assert unread(question(TEXTS["words"]), reply) is None


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("prefix", ["openai", "hosted_vllm", "lm_studio", "llamafile"])
def test_a_question_that_was_cut_is_refused_and_its_answer_kept_for_people(prefix: str, tmp_path: Path) -> None:
    with Peer(lambda _: Say(TEXT, usage=(4096, 20))) as peer:
        spec = model(peer, f"{prefix}/m", retries=2)
        with pytest.raises(ProviderRefused, match="it was cut to the window"):
            answer(question(TEXTS["code"]), {"a.py": None}, (spec,), asking(tmp_path))
        assert len(peer.requests) == 1
    (event,) = events(tmp_path)
    assert (event["event"], event["input_tokens"]) == ("fault", 4096)
    assert [path.name.split("-")[0] for path in (tmp_path / "store" / "aside").iterdir()] == ["unusable"]


@pytest.mark.usefixtures("key")
def test_the_next_model_answers_a_question_that_was_cut(tmp_path: Path) -> None:
    with Peer(lambda asked: Say(TEXT, usage=(2048 if asked.model == "small" else 30_000, 20))) as peer:
        chain = (model(peer, "openai/small"), model(peer, "openai/large"))
        given = answer(question(TEXTS["words"]), {"a.py": None}, chain, asking(tmp_path))
    assert [reply.model for reply in given.replies] == ["openai/large"]


@pytest.mark.usefixtures("key")
def test_a_model_known_to_read_less_is_not_asked(tmp_path: Path) -> None:
    with Peer() as peer:
        with pytest.raises(ProviderRefused, match="reads 16385"):
            answer(
                question("a b c d " * 24_000), {"a.py": None}, (model(peer, "openai/gpt-3.5-turbo"),), asking(tmp_path)
            )
        assert peer.requests == []


@pytest.mark.parametrize("text", TEXTS)
def test_ollama_is_given_room_for_question_and_answer(text: str) -> None:
    limit = output_limit(ModelSpec("ollama_chat/m"))
    window = window_for(question(TEXTS[text]), limit)
    assert window >= len(TEXTS[text]) / 4 + 8192
    assert window & (window - 1) == 0
    assert window_for(question("short"), limit) == 16384


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("name", ["ollama_chat", "ollama"])
def test_what_is_set_by_hand_is_what_ollama_hears(name: str, tmp_path: Path) -> None:
    text = {"response": TEXT} if name == "ollama" else {"message": {"role": "assistant", "content": TEXT}}
    counts = {"prompt_eval_count": 30, "eval_count": 9}
    end = {"done": True, "done_reason": "stop"}
    empty = {"response": ""} if name == "ollama" else {"message": {"role": "assistant", "content": ""}}
    said = {"model": "m", **text, "done": False}, {"model": "m", **empty, **end}
    body = "".join(json.dumps(line | counts) + "\n" for line in said).encode()

    def rule(asked: Question) -> Raw:
        return Raw((http(200, body, kind="application/x-ndjson"),))

    windows = []
    for params in ({}, {"num_ctx": 4321}):
        with Peer(rule) as peer:
            spec = ModelSpec(f"{name}/m", api_base=f"http://127.0.0.1:{peer.port}", params=params, retries=0)
            answer(question("x" * len(params)), {"a.py": None}, (spec,), asking(tmp_path))
            windows += [asked.body["options"]["num_ctx"] for asked in peer.requests if "options" in asked.body]
    assert windows == [16384, 4321]
