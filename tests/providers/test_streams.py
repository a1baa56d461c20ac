"""How answers end, in the words and shapes of many providers: whole, cut off, or a fault that says what it is."""

import json
from collections.abc import Mapping

import pytest

from codegen_tasks.providers import ProviderFault, Watch, answer, ask
from codegen_tasks.records import Message, ModelSpec, Reply, Request
from tests.peer import DONE, STREAM_HEAD, Action, Peer, Raw, Refuse, Say, chunked, event, http, said, stream

REQUEST = Request("a.py", ("a.py",), (Message("user", "Hello."),), "whole", 1)
USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
BOTH = pytest.mark.parametrize("model", ["openai/m", "hosted_vllm/m"])


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEER_KEY", "k")


def asked(model: str, action: Action, path: str = "/v1") -> Reply:
    with Peer(lambda _: action) as peer:
        base = f"http://127.0.0.1:{peer.port}{path}"
        return ask(ModelSpec(model, api_base=base, api_key_env="PEER_KEY", timeout_s=20.0), REQUEST, Watch())


def gemini(finish: Mapping[str, str]) -> Raw:
    content = {"parts": [{"text": "hello"}], "role": "model"}
    counts = {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10}
    whole = {"candidates": [{"content": content, "index": 0, **finish}], "usageMetadata": counts}
    return stream(b"data: " + json.dumps(whole).encode() + b"\r\n\r\n")


def ollama(*lines: Mapping[str, object]) -> Raw:
    head = STREAM_HEAD.replace(b"text/event-stream", b"application/x-ndjson")
    told = (json.dumps({"model": "m", "created_at": "2026-01-01T00:00:00Z", **line}).encode() + b"\n" for line in lines)
    return Raw((head, *map(chunked, told), chunked(b"")))


HELLO = {"message": {"role": "assistant", "content": "hello"}, "done": False}
NOTHING = {"message": {"role": "assistant", "content": ""}}
COUNTS = {"prompt_eval_count": 7, "eval_count": 3}


@pytest.mark.parametrize(
    ("finish", "ours"), [({"finishReason": "STOP"}, "stop"), ({"finishReason": "MAX_TOKENS"}, "length")]
)
def test_gemini_says_how_it_ends(finish: dict[str, str], ours: str) -> None:
    reply = asked("gemini/gemini-2.0-flash", gemini(finish), "")
    assert (reply.text, reply.finish, reply.input_tokens, reply.output_tokens) == ("hello", ours, 7, 3)


def test_gemini_that_does_not_say_it_has_broken_off() -> None:
    with pytest.raises(ProviderFault, match="without a finish reason"):
        asked("gemini/gemini-2.0-flash", gemini({}), "")


@pytest.mark.parametrize(("word", "ours"), [("stop", "stop"), ("length", "length")])
def test_ollama_sends_an_object_a_line(word: str, ours: str) -> None:
    reply = asked("ollama_chat/m", ollama(HELLO, {**NOTHING, "done": True, "done_reason": word, **COUNTS}), "")
    assert (reply.text, reply.finish, reply.input_tokens, reply.output_tokens) == ("hello", ours, 7, 3)


def test_ollama_that_does_not_come_to_its_end_has_broken_off() -> None:
    with pytest.raises(ProviderFault, match="without a finish reason"):
        asked("ollama_chat/m", ollama(HELLO), "")


@pytest.mark.parametrize("model", ["openai/m", "hosted_vllm/m", "openrouter/m", "deepseek/m", "groq/m"])
def test_a_usage_that_comes_with_an_empty_choice_takes_nothing_back(model: str) -> None:
    reply = asked(model, stream(said("hello"), event({}, "stop"), said("", usage=USAGE), DONE))
    assert (reply.text, reply.finish, reply.input_tokens, reply.output_tokens) == ("hello", "stop", 7, 3)


@BOTH
def test_a_table_of_zeros_is_no_model_gone_mad(model: str) -> None:
    reply = asked(model, stream(*[said(" 0,")] * 150, event({}, "stop"), DONE))
    assert reply.text == " 0," * 150


@BOTH
@pytest.mark.parametrize(
    ("word", "ours"),
    [("stop", "stop"), ("eos", "stop"), ("max_tokens", "length"), ("MAX_TOKENS", "length"), ("model_length", "length")],
)
def test_the_words_of_many_providers(model: str, word: str, ours: str) -> None:
    assert asked(model, stream(said("hello"), event({}, word), DONE)).finish == ours


@BOTH
@pytest.mark.parametrize("word", ["insufficient_system_resource", "error", "abort", "network_error", "anything"])
def test_an_answer_that_was_given_up_is_none(model: str, word: str) -> None:
    with pytest.raises(ProviderFault, match=word) as failed:
        asked(model, stream(said("hello"), event({}, word), DONE))
    assert failed.value.transient


@BOTH
def test_a_server_that_falls_silent_after_the_end_has_said_all(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "LINGER_S", 0.1)
    action = stream(said("hello"), event({}, "stop"), event({}, choices=[], usage=USAGE), ending="hang", close=False)
    reply = asked(model, action)
    assert (reply.text, reply.input_tokens, reply.output_tokens) == ("hello", 7, 3)


@BOTH
def test_a_server_that_falls_silent_before_the_end_is_named_so(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "STALL_S", 0.1)
    with pytest.raises(ProviderFault, match=r"fell silent for 0\.1 s"):
        asked(model, stream(said("hello"), ending="hang", close=False))


@BOTH
@pytest.mark.parametrize("ending", ["keep", "hang"])
def test_a_connection_serves_again_if_the_server_ends_its_answer(
    model: str, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "DRAIN_S", 0.3)
    told = map(chunked, (said("hello"), event({}, "stop"), DONE))
    action = Raw((STREAM_HEAD, *told, *((0.05, chunked(b"")) if ending == "keep" else ())), ending)
    with Peer(lambda _: action) as peer:
        spec = ModelSpec(model, api_base=peer.url, api_key_env="PEER_KEY", timeout_s=20.0)
        assert [ask(spec, REQUEST, Watch()).text for _ in range(3)] == ["hello"] * 3
        assert peer.connections == (1 if ending == "keep" else 3)


def error(**said: object) -> bytes:
    return json.dumps(said).encode()


@pytest.mark.parametrize(
    "model",
    ["openai/m", "hosted_vllm/m", "anthropic/claude-3", "gemini/m", "ollama_chat/m", "deepseek/m", "groq/m"],
)
@pytest.mark.parametrize(
    ("status", "body", "says", "transient", "slow_down"),
    [
        (429, b"", "429: the server gives no reason", True, True),
        (429, b"Error: too many\nof them", "429: Error: too many of them", True, True),
        (529, error(type="error", error={"type": "overloaded_error", "message": "busy"}), "529: busy", True, False),
        (503, error(error="loading"), "503: loading", True, False),
        (429, b"[" + error(error={"code": 429, "message": "exhausted"}) + b"]", "429: exhausted", True, True),
        (401, error(error={"message": "not you"}), "401: not you", False, False),
        (422, error(detail="no field x"), "422: no field x", False, False),
    ],
    ids=["nothing", "text", "anthropic", "a word", "gemini", "key", "fastapi"],
)
def test_an_error_is_told_in_the_server_s_words(
    model: str, status: int, body: bytes, says: str, transient: bool, slow_down: bool
) -> None:
    with pytest.raises(ProviderFault) as failed:
        asked(model, Raw((http(status, body, (("Retry-After", "7"),)),)), "/v1" if model[0] in "hdg" else "")
    fault = failed.value
    assert (fault.message, fault.transient, fault.slow_down, fault.free) == (says, transient, slow_down, True)
    assert fault.retry_after == (7.0 if transient else None)


@BOTH
def test_an_error_page_is_read_in_part(model: str) -> None:
    page = b"<html>" + b"x" * 100_000
    with pytest.raises(ProviderFault) as failed:
        asked(model, Raw((http(502, page, kind="text/html"),)))
    assert failed.value.transient
    assert len(failed.value.message) < 600


@pytest.mark.parametrize("key", ["sk-1\nsk-2", "sk-ключ"], ids=["two lines", "no ascii"])
def test_what_can_be_no_key_is_not_sent(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEER_KEY", key)
    with Peer() as peer, pytest.raises(ProviderFault, match="PEER_KEY") as failed:
        ask(ModelSpec("openai/m", api_base=peer.url, api_key_env="PEER_KEY"), REQUEST, Watch())
    assert (failed.value.transient, failed.value.for_all, peer.requests) == (False, True, [])


@BOTH
@pytest.mark.parametrize("value", ["Mon, 99999999999999999999 Jan 2026 00:00:00 GMT", "soon"])
def test_a_retry_after_that_is_no_time_is_none(model: str, value: str) -> None:
    with pytest.raises(ProviderFault) as failed:
        asked(model, Refuse(429, "slow down", headers=(("Retry-After", value),)))
    assert (failed.value.slow_down, failed.value.retry_after) == (True, None)


def test_an_answer_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "MOST_CHARACTERS", 100)
    with pytest.raises(ProviderFault, match="more than 100 characters"):
        asked("openai/m", Say("x" * 300, pieces=30))
