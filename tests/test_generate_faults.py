"""Every known fault through `answer`, LiteLLM and a peer: no hang, no false success, no request too many."""

from pathlib import Path

import msgspec
import pytest

from codegen_tasks.errors import CodegenError
from tests.asked import answer, asking, events, key, model, question
from tests.faults import FAULTS, TEXT
from tests.peer import Action, Peer, Question, Raw, Say, http

__all__ = ["key"]  # a fixture

RETRIES = 1


def patience(name: str) -> float:
    """Seconds for one call: short where the peer lets us wait."""
    return 0.3 if name.startswith(("hangs", "stream stalls", "stream drips")) else 20.0


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("prefix", ["openai", "hosted_vllm"])
@pytest.mark.parametrize("name", FAULTS)
def test_a_lone_model_fails_with_the_right_kind(name: str, prefix: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    with Peer(lambda _: fault.action) as peer:
        spec = model(peer, f"{prefix}/m", retries=RETRIES, timeout_s=patience(name))
        with pytest.raises(CodegenError) as failed:
            answer(question("a.py"), {"a.py": None}, (spec,), asking(tmp_path))
        assert (failed.value.kind, len(peer.requests)) == (fault.ends, fault.asked(RETRIES))
    assert fault.says in failed.value.message
    assert failed.value.hint
    assert [tried.model for tried in failed.value.attempts] == [spec.name] * fault.asked(RETRIES)
    assert [event["event"] for event in events(tmp_path)] == ["fault"] * fault.asked(RETRIES)


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("name", FAULTS)
def test_the_next_model_of_the_chain_answers(name: str, tmp_path: Path) -> None:
    def rule(asked: Question) -> Action:
        return FAULTS[name].action if asked.model == "bad" else Say(TEXT)

    with Peer(rule) as peer:
        bad = model(peer, "openai/bad", retries=0, timeout_s=patience(name))
        given = answer(question("a.py"), {"a.py": None}, (bad, model(peer, "openai/good")), asking(tmp_path))
        assert [asked.model for asked in peer.requests] == ["bad", "good"]
    assert [(reply.model, reply.text) for reply in given.replies] == [("openai/good", TEXT)]


@pytest.mark.usefixtures("key")
def test_an_error_without_words_is_its_status(tmp_path: Path) -> None:
    with Peer(lambda _: Raw((http(500, b""),))) as peer, pytest.raises(CodegenError) as failed:
        answer(question("a.py"), {"a.py": None}, (model(peer, "hosted_vllm/m"),), asking(tmp_path))
    assert "500: " in failed.value.message
    assert "xception" not in failed.value.message


@pytest.mark.usefixtures("key")
def test_a_password_in_the_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with Peer() as peer, pytest.raises(CodegenError) as failed:
        spec = msgspec.structs.replace(model(peer), api_base=peer.url.replace("//", "//user:pass@"))
        answer(question("a.py"), {"a.py": None}, (spec,), asking(tmp_path))
    assert (failed.value.kind, peer.requests) == ("provider_refused", [])
    assert "api_base" in failed.value.hint
    assert "user:pass" not in failed.value.message


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("prefix", ["openai", "hosted_vllm"])
def test_nobody_listens(prefix: str, tmp_path: Path) -> None:
    with Peer() as peer:
        spec = model(peer, f"{prefix}/m")
    with pytest.raises(CodegenError) as failed:
        answer(question("a.py"), {"a.py": None}, (spec,), asking(tmp_path))
    assert (failed.value.kind, len(failed.value.attempts)) == ("provider_error", 2)
    assert "0x" not in failed.value.message


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("prefix", ["openai", "hosted_vllm"])
def test_redirects_in_circles_are_followed_once(prefix: str, tmp_path: Path) -> None:
    def rule(asked: Question) -> Action:
        return Raw((http(307, b"", (("Location", asked.path),)),), "keep")

    with Peer(rule) as peer, pytest.raises(CodegenError, match="redirected in circles") as failed:
        answer(question("a.py"), {"a.py": None}, (model(peer, f"{prefix}/m", retries=5),), asking(tmp_path))
    assert (failed.value.kind, len(failed.value.attempts)) == ("provider_refused", 1)
    assert "api_base" in failed.value.hint


@pytest.mark.usefixtures("key")
def test_an_unknown_provider_is_refused(tmp_path: Path) -> None:
    with Peer() as peer, pytest.raises(CodegenError) as failed:
        answer(question("a.py"), {"a.py": None}, (model(peer, "no-such-provider/m"),), asking(tmp_path))
    assert failed.value.kind == "provider_refused"
    assert "no-such-provider/m" in failed.value.message


def test_a_missing_key_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PEER_KEY", raising=False)
    with Peer() as peer, pytest.raises(CodegenError) as failed:
        answer(question("a.py"), {"a.py": None}, (model(peer),), asking(tmp_path))
    assert failed.value.kind == "provider_refused"
    assert "PEER_KEY" in failed.value.message
    assert peer.requests == []
