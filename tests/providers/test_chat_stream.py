"""Answers in OpenAI's shape as servers write them, read from the bytes: text, usage, errors, and what is none."""

import json

import pytest

from codegen_tasks.providers import ProviderFault, Watch, answer, ask, server_events
from codegen_tasks.records import Message, ModelSpec, Reply, Request
from tests.peer import DONE, STREAM_HEAD, Action, Peer, Raw, Refuse, Say, chunked, completion, event, http, said, stream

REQUEST = Request("a.py", ("a.py",), (Message("user", "Hello."),), "whole", 1)
USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
KEY = "sk-0123456789"
STOP = event({}, "stop")
BOTH = pytest.mark.parametrize("model", ["openai/m", "hosted_vllm/m"])


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEER_KEY", KEY)


def asked(model: str, action: Action, timeout_s: float = 20.0) -> Reply:
    with Peer(lambda _: action) as peer:
        return ask(ModelSpec(model, api_base=peer.url, api_key_env="PEER_KEY", timeout_s=timeout_s), REQUEST, Watch())


def told(value: object) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def with_usage(usage: object) -> Raw:
    return stream(said("hello"), STOP, told({"choices": [], "usage": usage}), DONE)


@BOTH
@pytest.mark.parametrize(
    "wire",
    [
        b'data:{"choices":[{"delta":{"content":"hello"},"finish_reason":"stop"}]}\n\ndata:[DONE]\n\n',
        b'data: {"choices":[{"delta":\ndata: {"content":"hello"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
        b'data: {"choices":[{"delta":{"content":"hel"}}]}\ndata: {"choices":[{"delta":{"content":"lo"}}]}\n'
        b'data: {"choices":[{"finish_reason":"stop"}]}\ndata: [DONE]\n',
        b': hello\r\n\r\nevent: x\r\nid: 1\r\ndata: {"choices":[{"delta":{"content":"hello"}}]}\r\n\r\ndata:\r\n\r\n'
        b'data: {"choices":[{"delta":null,"finish_reason":"stop"}]}\r\n\r\n',
        b'data: {"choices":[{"delta":{"content":[{"type":"text","text":"hel"},{"text":"lo"}]}}]}\n\n'
        b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}',
    ],
    ids=["no space", "over two lines", "no line between", "comments, names, CRLF, no end", "a list of parts"],
)
def test_events_as_servers_write_them(model: str, wire: bytes) -> None:
    for cut in (len(wire), 1, 7):
        pieces = [wire[at : at + cut] for at in range(0, len(wire), cut)]
        reply = asked(model, stream(*pieces))
        assert (reply.text, reply.finish) == ("hello", "stop")


@BOTH
@pytest.mark.parametrize(
    ("action", "words", "transient"),
    [
        (stream(b'data: {"choices":\n\n', said("hello", "stop"), DONE), "no JSON object", True),
        (stream(b"data: [1]\n\n", said("hello", "stop"), DONE), "no JSON object", True),
        (stream(said("hello"), b'data: {"cho'), "no JSON object", True),
        (stream(event({"content": 7}), event({}, "stop"), DONE), "content is no text: 7", True),
        (stream(b'data: {"error": {"message": "no such model", "code": 404}}\n\n'), "no such model", False),
        (stream(b'data: {"error": {"message": "slow down", "code": 429}}\n\n'), "slow down", True),
        (stream(said("hel"), b'data: {"object": "error", "message": "out of memory"}\n\n'), "out of memory", True),
        (stream(said("hel"), b'data: {"error": "out of memory"}\n\n'), "out of memory", True),
        (Raw((http(200, b'{\n "error": {\n  "message": "no such model",\n  "code": 404\n }\n}\n'),)), "no such", False),
        (stream(b"data: " + b"x" * (1 << 20) + b"\n\n"), "no JSON object", True),
    ],
    ids=["cut", "list", "end", "number", "404", "429", "vllm", "words", "no stream", "long"],
)
def test_events_that_are_none(model: str, action: Raw, words: str, transient: bool) -> None:
    with pytest.raises(ProviderFault, match=words) as failed:
        asked(model, action)
    assert failed.value.transient == transient
    assert len(failed.value.message) < 600


def test_a_line_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_events, "LONGEST", 1000)
    with pytest.raises(ProviderFault, match="a line of more than 1000 bytes"):
        asked("openai/m", stream(said("hello"), b"data: " + b"x" * 2000))


@BOTH
@pytest.mark.parametrize(
    ("action", "text"),
    [
        (stream(b"\xef\xbb\xbf" + said("hel") + said("lo") + STOP + DONE), "hello"),
        (stream((said("hel") + said("lo") + STOP + DONE).replace(b"\n", b"\r")), "hello"),
        (stream(said("hello"), b"data: null\n\n", STOP, DONE), "hello"),
        (stream(said("hello"), told({"choices": [{"index": 1, "delta": {"content": "no"}}]}), STOP, DONE), "hello"),
        (stream(event({"content": [{"type": "reasoning", "text": "hm"}, "hel", {"text": "lo"}]}), STOP, DONE), "hello"),
        (Raw((http(200, json.dumps(completion(Say("hello"))).encode()),)), "hello"),
        (Raw((http(200, json.dumps(completion(Say("hello")), indent=1).encode()),)), "hello"),
        (stream(told(completion(Say("hello"))), DONE), "hello"),
        (stream(said("hello"), told(completion(Say("hello"))), DONE), "hello"),
        (stream(event({"content": "hello"}, "null"), STOP, DONE), "hello"),
    ],
    ids=["bom", "cr", "null", "second choice", "parts", "no stream", "no stream, in lines", "whole", "twice", "no end"],
)
def test_an_answer_is_read_however_it_is_written(model: str, action: Raw, text: str) -> None:
    reply = asked(model, action)
    assert (reply.text, reply.finish) == (text, "stop")


@BOTH
@pytest.mark.parametrize(
    "rest",
    [
        b'data: {"choices":[],"usa',
        b"data: [DO",
        b": \xe2\x82",
        b"data: oops\n\n",
        b'data: {"error": {"message": "too late"}}\n\n',
        b"nonsense\n\n",
        DONE + b"\xff\xfe\n",
    ],
    ids=["usage", "done", "utf-8", "json", "error", "no event", "behind all"],
)
@pytest.mark.parametrize("ending", ["close", "reset"])
def test_an_answer_that_said_how_it_ends_is_whole_whatever_follows(model: str, rest: bytes, ending: str) -> None:
    reply = asked(model, stream(said("hello"), STOP, rest, ending=ending, close=False))
    assert (reply.text, reply.finish) == ("hello", "stop")


@BOTH
@pytest.mark.parametrize("rest", [(), (DONE,)], ids=["silence", "done"])
def test_an_answer_that_is_whole_is_never_late(model: str, rest: tuple[bytes, ...]) -> None:
    asked(model, Say("hello"))  # what the first call imports is not the answer's time
    assert asked(model, stream(said("hello"), STOP, *rest, ending="hang", close=False), 0.4).text == "hello"


@BOTH
@pytest.mark.parametrize("first", [(), (told({"choices": []}),)], ids=["nothing", "azure"])
def test_an_end_without_an_answer_is_not_waited_upon(model: str, first: tuple[bytes, ...]) -> None:
    with pytest.raises(ProviderFault, match="no part of an answer"):
        asked(model, stream(*first, DONE, ending="hang", close=False))


@BOTH
def test_a_comment_says_that_the_connection_lives(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "STALL_S", 0.4)
    pings = (part for _ in range(6) for part in (0.1, chunked(b": ping\n\n")))
    parts = (STREAM_HEAD, chunked(said("hel")), *pings, chunked(said("lo")), chunked(STOP), chunked(DONE), chunked(b""))
    assert asked(model, Raw(parts)).text == "hello"


@BOTH
def test_what_is_missing_is_never_taken_back(model: str) -> None:
    reply = asked(model, stream(said("hel", "length"), STOP, DONE))
    assert reply.finish == "length"


@BOTH
def test_a_refusal_is_kept_as_what_a_filter_let_through(model: str) -> None:
    reply = asked(model, stream(event({"refusal": "I cannot"}), STOP, DONE))
    assert (reply.text, reply.finish) == ("I cannot", "content_filter")


@BOTH
@pytest.mark.parametrize(
    ("action", "counts"),
    [
        (with_usage({**USAGE, "prompt_tokens": 7.0}), (7, 3, 0, False)),
        (with_usage({**USAGE, "prompt_tokens": "7"}), (7, 3, 0, False)),
        (with_usage({**USAGE, "prompt_tokens": 7.5}), (6, 3, 0, True)),
        (with_usage({**USAGE, "prompt_tokens": "many"}), (6, 3, 0, True)),
        (with_usage({**USAGE, "prompt_tokens": -7}), (6, 3, 0, True)),
        (with_usage({"prompt_tokens": 7}), (7, 2, 0, True)),
        (with_usage({"total_tokens": 10}), (6, 2, 0, True)),
        (with_usage({"prompt_tokens": None, "completion_tokens": None}), (6, 2, 0, True)),
        (with_usage([7, 3]), (6, 2, 0, True)),
        (with_usage({**USAGE, "prompt_tokens_details": []}), (7, 3, 0, False)),
        (with_usage({**USAGE, "prompt_tokens_details": {"cached_tokens": "x", "self": 1}, "a": 1}), (7, 3, 0, False)),
        (with_usage({**USAGE, "prompt_tokens_details": {"cached_tokens": 5000}}), (7, 3, 7, False)),
        (with_usage({**USAGE, "prompt_cache_hit_tokens": 4}), (7, 3, 4, False)),
        (with_usage({**USAGE, "cached_tokens": 4}), (7, 3, 4, False)),
        (with_usage({"input_tokens": 7, "output_tokens": 3}), (7, 3, 0, False)),
        (stream(said("hello"), told({"choices": [{"finish_reason": "stop", "usage": USAGE}]})), (7, 3, 0, False)),
        (stream(said("hello"), event({}, "stop", x_groq={"usage": USAGE}), DONE), (7, 3, 0, False)),
        (stream(event({"reasoning_content": "x" * 400}), said("hello"), STOP, DONE), (6, 102, 0, True)),
    ],
    ids=[
        "fraction of nothing", "text", "half", "words", "negative", "in part", "total", "null", "list", "details list",
        "names of ours", "more than was read", "deepseek", "moonshot", "anthropic", "in the choice", "groq", "thoughts",
    ],
)  # fmt: skip
def test_a_usage_is_taken_number_by_number(model: str, action: Raw, counts: tuple[int, int, int, bool]) -> None:
    reply = asked(model, action)
    assert (reply.input_tokens, reply.output_tokens, reply.cached_tokens, reply.counted) == counts
    assert (reply.text, reply.finish) == ("hello", "stop")


@BOTH
@pytest.mark.parametrize(
    ("error", "says", "transient", "slow_down"),
    [
        ({"message": "Provider failed", "code": 429, "metadata": {"raw": "busy"}}, "Provider failed: busy", True, True),
        ({"message": "slow", "code": "429"}, "slow", True, True),
        ({"message": "slow", "code": "rate_limit_exceeded"}, "slow", True, True),
        ({"message": "who?", "code": "401"}, "who?", False, False),
        ({"message": "no more", "type": "insufficient_quota"}, "no more", False, False),
        ({"message": "odd", "type": "content_filter"}, "stopped by a content filter: odd", False, False),
        ({"message": "context length", "code": 400}, "the context is too long: context length", False, False),
    ],
    ids=["openrouter", "text", "word", "key", "quota", "filter", "long"],
)
def test_an_error_among_the_events_is_told_as_any_other(
    model: str, error: dict[str, object], says: str, transient: bool, slow_down: bool
) -> None:
    with pytest.raises(ProviderFault) as failed:
        asked(model, stream(said("hel"), told({"error": error})))
    fault = failed.value
    assert (fault.message, fault.transient, fault.slow_down) == (says, transient, slow_down)


@BOTH
@pytest.mark.parametrize(
    ("wire", "says"),
    [
        (b'event: error\ndata: {"message": "boom", "code": 500}\n\n', "boom"),
        (b"event: error\ndata: boom\n\n", "boom"),
        (b'error: {"message": "boom"}\n\n', "boom"),
        (b'data: {"error": true, "message": "boom"}\n\n', "boom"),
    ],
    ids=["named", "words", "llama.cpp", "true"],
)
def test_errors_in_other_forms(model: str, wire: bytes, says: str) -> None:
    with pytest.raises(ProviderFault) as failed:
        asked(model, stream(said("hel"), wire))
    assert failed.value.message == says


@BOTH
@pytest.mark.parametrize("wire", [event({"content": {"k": KEY}}), event({}, KEY)], ids=["content", "end"])
def test_no_key_is_told(model: str, wire: bytes) -> None:
    with pytest.raises(ProviderFault) as failed:
        asked(model, stream(said("hel"), wire, DONE))
    assert KEY[:8] not in failed.value.message


@BOTH
@pytest.mark.parametrize(
    ("status", "body", "headers", "transient", "slow_down"),
    [
        (429, "Try again in 20s. Add a payment method at /account/billing.", (), True, True),
        (429, "You exceeded your current quota", (("Retry-After", "1"),), True, True),
        (429, "You exceeded your current quota", (), False, False),
        (503, "the module billing restarts", (), True, False),
        (400, "Rate limit reached", (), True, True),
        (400, "unknown field content_filter_policy", (), False, False),
    ],
    ids=["soon", "when", "empty", "module", "400", "field"],
)
def test_words_that_speak_of_limits(
    model: str, status: int, body: str, headers: tuple[tuple[str, str], ...], transient: bool, slow_down: bool
) -> None:
    with pytest.raises(ProviderFault) as failed:
        asked(model, Refuse(status, body, headers=headers))
    fault = failed.value
    assert (fault.transient, fault.slow_down) == (transient, slow_down)
    assert fault.message == f"{status}: {body}"


@pytest.mark.parametrize(
    ("words", "wait"),
    [
        ("Please try again in 20s.", 20.0),
        ("Please try again in 1m12.5s. Visit us", 72.5),
        ("try again in 250ms", 0.25),
        ("try again in 250 milliseconds", 0.25),
        ("Please retry in 34.07 seconds", 34.07),
        ("Retry after 2 minutes", 120.0),
        ("try again in a moment", None),
        ("try again in 5 minutes", 300.0),
        ("slow down", None),
    ],
)
def test_a_wait_that_is_asked_for_in_words(words: str, wait: float | None) -> None:
    with pytest.raises(ProviderFault) as failed:
        asked("openai/m", Refuse(429, f"Rate limit reached. {words}"))
    assert failed.value.retry_after == (wait if wait is None else pytest.approx(wait))


@pytest.mark.parametrize("provider", ["nvidia_nim", "deepinfra", "sambanova", "hyperbolic", "groq", "together_ai"])
def test_no_provider_is_asked_more_than_once(provider: str) -> None:
    with Peer(lambda _: Refuse(500, headers=(("Retry-After", "0"),))) as peer:
        spec = ModelSpec(f"{provider}/m", api_base=peer.url, api_key_env="PEER_KEY", timeout_s=20.0)
        with pytest.raises(ProviderFault):
            ask(spec, REQUEST, Watch())
        assert len(peer.requests) == 1


@pytest.mark.parametrize("model", ["openai/m", "hosted_vllm/m", "deepseek/m", "together_ai/m", "nvidia_nim/m"])
def test_who_speaks_this_shape_is_read_here(model: str) -> None:
    assert asked(model, with_usage({**USAGE, "prompt_tokens": "7"})).input_tokens == 7


@BOTH
def test_a_word_for_the_end_that_comes_too_soon_proves_nothing(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "LINGER_S", 0.2)
    spread = (part for n in range(5) for part in (chunked(said(f"{n}", "stop")), 0.1))
    assert asked(model, Raw((STREAM_HEAD, *spread, chunked(DONE), chunked(b"")))).text == "01234"
    with pytest.raises(ProviderFault):
        asked(model, stream(said("hel", "stop"), said("lo", "stop"), ending="reset", close=False))
    with pytest.raises(ProviderFault, match="overloaded"):
        asked(model, stream(said("hel", "stop"), said("lo", "stop"), told({"error": {"message": "overloaded"}})))


@BOTH
@pytest.mark.parametrize(
    "action",
    [
        stream(said("hel"), b"y" * 1990 + KEY.encode() + b"\n\n"),
        stream(said("hel"), b"y" * 490 + KEY.encode() + b"\n\n"),
        stream(event({"content": 1, "x": KEY}), DONE),
        Raw((f"HTTP/1.1 300 F\r\nLocation: https://h/v?key={KEY}\r\nContent-Length: 0\r\n\r\n".encode(),)),
    ],
    ids=["at a cut", "at the end", "beside", "redirect"],
)
def test_no_part_of_a_key_is_told(model: str, action: Raw) -> None:
    with pytest.raises(ProviderFault) as failed:
        asked(model, action)
    assert KEY[:5] not in failed.value.message
    assert len(failed.value.message) <= 510


@BOTH
@pytest.mark.parametrize(
    ("status", "body", "transient", "slow_down", "for_all"),
    [
        (400, {"error": {"message": "API key not valid.", "status": "INVALID_ARGUMENT"}}, False, False, True),
        (500, {"error": {"message": "cannot render 'Write services/billing.py'"}}, True, False, False),
        (400, {"error": {"message": "cannot parse 'Add a rate limiter to the login'"}}, False, False, False),
        (429, {"error": {"message": "x" * 600 + " Please retry in 3s. current quota"}}, True, True, False),
        (429, [{"error": {"message": "current quota", "details": [{"@type": "a.RetryInfo"}]}}], True, True, False),
        (429, {"error": {"message": "Insufficient balance"}}, False, False, True),
        (429, {"error": {"message": "Request too large for m: Limit 30000, Requested 45012"}}, False, False, False),
    ],
    ids=["key", "billing", "limiter", "long", "gemini", "balance", "never fits"],
)
def test_errors_as_providers_word_them(
    model: str, status: int, body: object, transient: bool, slow_down: bool, for_all: bool
) -> None:
    with pytest.raises(ProviderFault) as failed:
        asked(model, Raw((http(status, json.dumps(body).encode()),)))
    fault = failed.value
    assert (fault.transient, fault.slow_down, fault.for_all) == (transient, slow_down, for_all)


@BOTH
@pytest.mark.parametrize("code", ["context_length_exceeded", "invalid_api_key", "model_not_found"])
def test_what_does_not_pass_does_not_pass_in_a_stream_either(model: str, code: str) -> None:
    with pytest.raises(ProviderFault) as failed:
        asked(model, stream(told({"error": {"message": "no", "code": code}})))
    assert not failed.value.transient
