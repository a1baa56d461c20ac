"""Anthropic's messages API, the whole way through LiteLLM: what is sent, what comes back, what goes wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from codegen_tasks.generate import Asking
from codegen_tasks.providers import ProviderFault, Watch, ask, price_of
from codegen_tasks.records import Message, ModelSpec, Reply, Request
from codegen_tasks.store import Store
from tests import claude
from tests.asked import answer
from tests.peer import STREAM_HEAD, Action, Peer, Question, Raw, Say, chunked

MODEL = "anthropic/claude-sonnet-4-5"
TEXT = "a.py\n```\n# é\n```\n"
ASKED = "Hello.\n\n## Write these files\n- a.py\n"
REQUEST = Request("a.py", ("a.py",), (Message("system", "RULES"), Message("user", ASKED)), "whole", 1)
MARK = {"type": "ephemeral"}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEER_KEY", "sk-ant-peer")


def spec(peer: Peer) -> ModelSpec:
    return ModelSpec(MODEL, api_base=f"http://127.0.0.1:{peer.port}", api_key_env="PEER_KEY", max_output_tokens=500)


def asked(rule: Callable[[Question], Action]) -> tuple[Reply, list[Question]]:
    with Peer(rule) as peer:
        return ask(spec(peer), REQUEST, Watch()), peer.requests


def test_the_prefix_is_marked_for_the_cache_and_cached_tokens_are_reported() -> None:
    said = Say(TEXT, usage=(100, 20), cached=60)
    reply, (question,) = asked(lambda _: claude.stream(said, written=30))
    assert question.path == "/v1/messages"
    assert question.headers["x-api-key"] == "sk-ant-peer"
    assert question.body["system"] == [{"type": "text", "text": "RULES", "cache_control": MARK}]
    parts = [{"type": "text", "text": ASKED, "cache_control": MARK}]
    assert question.body["messages"] == [{"role": "user", "content": parts}]
    assert (question.body["max_tokens"], question.body["temperature"]) == (500, 0)
    price = price_of(ModelSpec(MODEL))
    assert price is not None
    cost = round(price.cost(100, 20, cached=60, kept=30), 9)
    assert reply == Reply(MODEL, TEXT, "stop", 100, 20, 60, cost)


def test_a_long_conversation_has_no_more_marks_than_anthropic_takes() -> None:
    turns = tuple(Message(role, f"{role} {n}") for n in range(5) for role in ("user", "assistant"))
    with Peer(lambda _: claude.stream(Say(TEXT))) as peer:
        messages = (Message("system", "RULES"), *turns, Message("user", ASKED))
        ask(spec(peer), Request("a.py", ("a.py",), messages, "whole", 1), Watch())
    body = peer.requests[0].body
    parts = [part for message in (*body["messages"], {"content": body["system"]}) for part in message["content"]]
    assert {part["text"] for part in parts if "cache_control" in part} == {"RULES", "user 0", "user 4", ASKED}


@pytest.mark.parametrize("finish", ["stop", "length", "content_filter"])
def test_stop_reasons_keep_their_meaning(finish: str) -> None:
    reply, _ = asked(lambda _: claude.stream(Say(TEXT, finish=finish)))
    assert (reply.text, reply.finish) == (TEXT, finish)


def test_an_answer_that_was_cut_off_is_gone_on_with(tmp_path: Path) -> None:
    def rule(question: Question) -> Action:
        half = len(TEXT) // 2
        first = len(question.body["messages"]) == 1
        return claude.stream(Say(TEXT[:half], finish="length") if first else Say(TEXT[half:]))

    with Peer(rule) as peer:
        given = answer(REQUEST, {"a.py": None}, (spec(peer),), Asking(Store(tmp_path), ""))
        _, second = peer.requests
    assert [message["role"] for message in second.body["messages"]] == ["user", "assistant", "user"]
    assert [reply.text for reply in given.replies] == [TEXT]


ERROR = claude.event("error", error={"type": "overloaded_error", "message": "Overloaded"})
EVENTS = claude.events(Say(TEXT))


@pytest.mark.parametrize(
    ("action", "transient", "says"),
    [
        pytest.param(claude.refusal(529, "overloaded_error", "Overloaded"), True, "Overloaded", id="529"),
        pytest.param(claude.refusal(429, "rate_limit_error", "Slow down"), True, "Slow down", id="429"),
        pytest.param(claude.refusal(401, "authentication_error", "invalid x-api-key"), False, "invalid", id="401"),
        pytest.param(
            claude.refusal(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
            False,
            "too long",
            id="too-long",
        ),
        pytest.param(
            claude.refusal(400, "invalid_request_error", "Your credit balance is too low to access the API"),
            False,
            "credit balance",
            id="no-credit",
        ),
        pytest.param(
            Raw((STREAM_HEAD, *map(chunked, (*EVENTS[:5], ERROR)), chunked(b"")), "keep"),
            True,
            "Overloaded",
            id="error-event",
        ),
        pytest.param(
            Raw((STREAM_HEAD, *map(chunked, EVENTS[:6]), chunked(b"")), "keep"), True, "finish reason", id="no-end"
        ),
        pytest.param(Raw((STREAM_HEAD, *map(chunked, EVENTS[:5]))), True, "", id="cut"),
    ],
)
def test_what_can_go_wrong(action: Action, transient: bool, says: str) -> None:
    with pytest.raises(ProviderFault) as failed:
        asked(lambda _: action)
    assert failed.value.transient is transient
    assert says in failed.value.message
