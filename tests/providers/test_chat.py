"""How a server that speaks OpenAI's API is asked: with LiteLLM's body, and no key that was not meant for it."""

import subprocess
import sys
from typing import Any

import pytest

from codegen_tasks.providers import PROVIDERS, ProviderFault, Watch, ask, servers
from codegen_tasks.providers.litellm_ import ask as ask_litellm
from codegen_tasks.records import Message, ModelSpec, Request
from tests.peer import Peer, Question, Raw, Refuse, Say, http

REQUEST = Request("a.py", ("a.py",), (Message("system", "Rules."), Message("user", "Hello, Wörld.")), "whole", 1)
KEY = "sk-proj-AbC/dEf+1234=5678ZxyzQ78900"
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "nothing": {"temperature": None, "max_output_tokens": None},
    "params": {"params": {"reasoning_effort": "low", "seed": 1, "top_k": 3}},
    "other name": {"max_output_tokens": None, "params": {"max_completion_tokens": 5}},
    "extra body": {"params": {"extra_body": {"guided_json": {"a": 1}}}},
}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEER_KEY", "k")


def spec_for(peer: Peer, model: str, **more: Any) -> ModelSpec:
    return ModelSpec(model, api_base=peer.url, **{"api_key_env": "PEER_KEY", "retries": 0, **more})


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("model", ["openai/m", "openai/a/b", "hosted_vllm/m", "litellm_proxy/gpt-5", "lm_studio/m"])
def test_the_question_is_the_one_that_litellm_sends(model: str, settings: str) -> None:
    with Peer(lambda _: Say("hello")) as peer:
        spec = spec_for(peer, model, **SETTINGS[settings])
        assert PROVIDERS["chat"].serves(spec)
        assert ask(spec, REQUEST, Watch()) == ask_litellm(spec, REQUEST, Watch())
        ours, theirs = peer.requests
    assert (ours.path, ours.body) == (theirs.path, theirs.body)
    assert ours.headers["authorization"] == theirs.headers["authorization"]


@pytest.mark.parametrize(
    "model", ["openai/gpt-5", "openai/o3-mini", "openai/gpt-4o-audio-preview", "azure/m", "groq/m"]
)
def test_what_litellm_would_send_otherwise_is_litellms_to_ask(model: str) -> None:
    with Peer() as peer:
        assert not PROVIDERS["chat"].serves(spec_for(peer, model))


def test_litellm_is_not_imported_for_it() -> None:
    program = (
        "import sys, os\nos.environ['PEER_KEY'] = 'k'\n"
        "from codegen_tasks.providers import Watch, ask\n"
        "from codegen_tasks.records import Message, ModelSpec, Request\n"
        "from tests.peer import Peer, Say\n"
        "with Peer(lambda _: Say('hello')) as peer:\n"
        "    spec = ModelSpec('openai/m', api_base=peer.url, api_key_env='PEER_KEY')\n"
        "    ask(spec, Request('a', ('a',), (Message('user', 'x'),), 'whole', 1), Watch())\n"
        "assert 'litellm' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


FOREIGN = {
    "openai/m": "OPENAI_API_KEY",
    "openai/gpt-5": "OPENAI_API_KEY",
    "anthropic/claude-sonnet-4-5": "ANTHROPIC_API_KEY",
    "groq/m": "GROQ_API_KEY",
    "mistral/mistral-small-latest": "MISTRAL_API_KEY",
    "deepseek/deepseek-chat": "DEEPSEEK_API_KEY",
    "azure/m": "AZURE_API_KEY",
    "gemini/gemini-2.5-flash": "GEMINI_API_KEY",
    "openrouter/m": "OPENROUTER_API_KEY",
}


@pytest.mark.parametrize("model", FOREIGN)
def test_the_key_of_a_provider_goes_to_no_other_address(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOREIGN[model], KEY)
    monkeypatch.setenv("AZURE_API_VERSION", "2024-10-21")
    with Peer(lambda _: Refuse(400)) as peer:
        with pytest.raises(ProviderFault):
            ask(ModelSpec(model, api_base=peer.url, retries=0), REQUEST, Watch())
        assert peer.requests
        assert not [asked for asked in peer.requests if KEY in f"{asked.headers} {asked.path}"]


def test_the_key_for_a_server_of_ones_own_goes_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTED_VLLM_API_KEY", KEY)
    with Peer(lambda _: Say("hello")) as peer:
        ask(ModelSpec("hosted_vllm/m", api_base=peer.url), REQUEST, Watch())
        assert peer.requests[0].headers["authorization"] == f"Bearer {KEY}"


REDIRECTS = {
    "another host": "http://localhost:{port}/v1/chat/completions",
    "another port": "http://127.0.0.1:{other}/v1/chat/completions",
    "another scheme": "https://127.0.0.1:{port}/v1/chat/completions",
    "no address": "http://[::1/",
}
MODELS = ["openai/m", "openai/gpt-5", "anthropic/claude-sonnet-4-5", "groq/m"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", REDIRECTS)
@pytest.mark.parametrize("model", MODELS)
def test_no_redirect_takes_key_or_question_elsewhere(model: str, place: str, status: int) -> None:
    with Peer(lambda _: Say("hello")) as other:

        def rule(_: Question) -> Raw:
            where = REDIRECTS[place].format(port=peer.port, other=other.port)
            return Raw((http(status, b"", (("Location", where),)),))

        with Peer(rule) as peer, pytest.raises(ProviderFault, match="redirected to") as failed:
            ask(spec_for(peer, model), REQUEST, Watch())
        assert (len(peer.requests), other.requests) == (1, [])
    assert not failed.value.transient and "api_base" in failed.value.hint


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_drops_the_question_is_not_followed(status: int) -> None:
    def rule(asked: Question) -> Raw:
        return Raw((http(status, b"", (("Location", "/v2/chat/completions"),)),))

    with Peer(rule) as peer, pytest.raises(ProviderFault, match="drops the question") as failed:
        ask(spec_for(peer, "openai/m"), REQUEST, Watch())
    assert len(peer.requests) == 1 and not failed.value.transient


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_at_home_is_followed(status: int) -> None:
    def rule(asked: Question) -> Raw | Say:
        if asked.path.startswith("/v1"):
            return Raw((http(status, b"", (("Location", "/v2/chat/completions"), ("Connection", "close"))),))
        return Say("hello")

    with Peer(rule) as peer:
        assert ask(spec_for(peer, "openai/m"), REQUEST, Watch()).text == "hello"
        assert [asked.body for asked in peer.requests] == [peer.requests[0].body] * 2


def test_openai_itself_gets_its_key_and_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ORG_ID", "org")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project")
    with Peer(lambda _: Say("hello")) as peer:
        monkeypatch.setattr(servers, "OPENAI", peer.url)
        assert PROVIDERS["chat"].serves(ModelSpec("openai/gpt-4o"))
        assert ask(ModelSpec("openai/gpt-4o"), REQUEST, Watch()).text == "hello"
        ask(spec_for(peer, "openai/m"), REQUEST, Watch())
        own, other = (asked.headers for asked in peer.requests)
    names = ("authorization", "openai-organization", "openai-project")
    assert [own.get(name) for name in names] == [f"Bearer {KEY}", "org", "project"]
    assert [other.get(name) for name in names] == ["Bearer k", None, None]


@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "OPENAI_API_BASE"])
def test_an_address_that_the_environment_names_is_litellms_to_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9/v1")
    assert not PROVIDERS["chat"].serves(ModelSpec("openai/gpt-4o"))
