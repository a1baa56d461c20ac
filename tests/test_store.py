"""The store: durable, first writer wins, damage is found and named."""

from pathlib import Path

import msgspec
import pytest

from codegen_tasks.records import Message, ModelSpec, Reply, Request
from codegen_tasks.store import Store, question_digest

KEY = "0" * 64
REQUEST = Request("u", ("a.py",), (Message("user", "write a.py"),), "whole", 1)
SPEC = ModelSpec("openai/m")


def heard_store(root: Path) -> tuple[Store, list[str]]:
    heard: list[str] = []
    return Store(root, tell=heard.append), heard


def test_keeps_what_was_put(tmp_path: Path) -> None:
    Store(tmp_path).put("pin", KEY, b"one\ntwo\n")
    assert Store(tmp_path).get("pin", KEY) == b"one\ntwo\n"
    assert Store(tmp_path).get("blob", KEY) is None


def test_first_writer_wins_unless_told_otherwise(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("pin", KEY, b"first")
    store.put("pin", KEY, b"second")
    assert store.get("pin", KEY) == b"first"
    store.put("pin", KEY, b"third", replace=True)
    assert store.get("pin", KEY) == b"third"


def test_put_reply_returns_the_reply_that_counts(tmp_path: Path) -> None:
    store, first, late = Store(tmp_path), Reply("m", "first"), Reply("m", "late")
    assert store.put_reply(KEY, first) == first
    assert store.put_reply(KEY, late) == first


@pytest.mark.parametrize("position", [0, 20, 90, 150, -1])
def test_one_flipped_bit_is_found_set_aside_and_named(tmp_path: Path, position: int) -> None:
    store, heard = heard_store(tmp_path)
    store.put_reply(KEY, Reply("m", "text"))
    path = tmp_path / "reply" / "00" / KEY
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)
    assert store.get_reply(KEY) is None
    assert heard == [f"the store's reply {KEY} is damaged; it was moved to aside/damaged-reply-{KEY}"]
    assert (tmp_path / "aside" / f"damaged-reply-{KEY}").read_bytes() == bytes(data)


def test_an_entry_under_a_wrong_key_is_damaged(tmp_path: Path) -> None:
    store, heard = heard_store(tmp_path)
    store.put("reply", KEY, b"x")
    other = "00" + "1" * 62
    (tmp_path / "reply" / "00" / KEY).rename(tmp_path / "reply" / "00" / other)
    assert store.get("reply", other) is None
    assert len(heard) == 1


def test_a_damaged_entry_does_not_win_as_first(tmp_path: Path) -> None:
    store, heard = heard_store(tmp_path)
    store.put("reply", KEY, b"paid")
    (tmp_path / "reply" / "00" / KEY).write_bytes(b"torn")
    store.put("reply", KEY, b"paid")
    assert store.get("reply", KEY) == b"paid"
    assert len(heard) == 1


def test_a_sound_entry_that_is_no_reply_is_damaged(tmp_path: Path) -> None:
    store, heard = heard_store(tmp_path)
    store.put("reply", KEY, b'{"model": 1}')
    assert store.get_reply(KEY) is None
    assert len(heard) == 1


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        pytest.param({"api_base": "http://user:secret@elsewhere"}, True, id="api_base"),
        pytest.param({"api_key_env": "OTHER_KEY"}, True, id="api_key_env"),
        pytest.param({"timeout_s": 1.0, "retries": 9}, True, id="patience"),
        pytest.param({"format": "udiff"}, True, id="format-of-the-model"),
        pytest.param({"model": "openai/n"}, False, id="model"),
        pytest.param({"temperature": 0.5}, False, id="temperature"),
        pytest.param({"max_output_tokens": 5}, False, id="max_output_tokens"),
        pytest.param({"command": ("cat",)}, False, id="command"),
    ],
)
def test_what_of_a_model_is_part_of_the_question(changed: dict[str, object], same: bool) -> None:
    other = msgspec.structs.replace(SPEC, **changed)
    assert (question_digest(REQUEST, other) == question_digest(REQUEST, SPEC)) is same


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        pytest.param({"unit": "renamed"}, True, id="unit"),
        pytest.param({"paths": ("b.py",)}, False, id="paths"),
        pytest.param({"messages": (Message("user", "other"),)}, False, id="messages"),
        pytest.param({"format": "udiff"}, False, id="format"),
        pytest.param({"attempt": 2}, False, id="attempt"),
    ],
)
def test_what_of_a_request_is_part_of_the_question(changed: dict[str, object], same: bool) -> None:
    other = msgspec.structs.replace(REQUEST, **changed)
    assert (question_digest(other, SPEC) == question_digest(REQUEST, SPEC)) is same
