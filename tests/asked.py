"""What the tests of providers and of generate share: a small question, and how to ask it of a peer."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from codegen_tasks import generate
from codegen_tasks.edits import apply_replies
from codegen_tasks.events import EventLog
from codegen_tasks.generate import Asking, Budget, Limits
from codegen_tasks.records import Answer, Blob, Message, ModelSpec, Request
from codegen_tasks.store import Store
from tests.peer import Peer

Before = Mapping[str, Blob | None]
REPAIR = "Not so:\n\n{{ refusal }}\n\nAgain, please."
KEY = "sk-a-key-nobody-may-see"


def question(*paths: str, text: str = "Write something.") -> Request:
    """A unit's request, in the shape of the contract."""
    asked = text + "\n\n## Write these files\n" + "".join(f"- {path}\n" for path in paths)
    return Request(paths[0], paths, (Message("system", "You write files."), Message("user", asked)), "whole", 1)


def answer(request: Request, base: Before, chain: tuple[ModelSpec, ...], how: Asking) -> Answer:
    """The unit's answer where the edits of `base` are the judge."""
    return generate.answer(request, _judge(request, base), chain, how)


def stored_answer(request: Request, base: Before, chain: tuple[ModelSpec, ...], how: Asking) -> Answer | None:
    """What the store can give of it."""
    return generate.stored_answer(request, _judge(request, base), chain, how)


def _judge(request: Request, base: Before) -> generate.Judge:
    return generate.judge_edits(lambda texts: apply_replies(texts, base, request.paths), request.paths)


def model(peer: Peer, name: str = "openai/m", **settings: Any) -> ModelSpec:
    """A model that the peer plays."""
    known = {"api_key_env": "PEER_KEY", "timeout_s": 20.0, "retries": 1}
    return ModelSpec(name, api_base=peer.url, **{**known, **settings})


def asking(root: Path, **settings: Any) -> Asking:
    """Patience in milliseconds; the store and the log lie below `root`."""
    kept = {"backoff_s": 0.001, "limits": Limits(8, cool_down_s=0.001), "budget": Budget(), "repairs": 2}
    kept |= {"store": Store(root / "store")} | settings
    return Asking(repair=REPAIR, log=EventLog(root / "events.jsonl", kept["store"].tell), **kept)


def events(root: Path) -> list[dict[str, Any]]:
    """The log, line by line, without the beginnings of runs."""
    path = root / "events.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [line for line in lines if line["event"] != "run_begin"]


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The key that every model of `model` asks for."""
    monkeypatch.setenv("PEER_KEY", KEY)
    return KEY
