"""What each unit was asked with, as leaves: noted when its question is rendered, counted when its reply is accepted.

A log that may be lost: it explains, and decides nothing.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from codegen_tasks.config import ContextSettings
from codegen_tasks.context import Ambient
from codegen_tasks.context.masking import Secret, detector, redact
from codegen_tasks.files import append_line, content_digest, read_own, write_atomic
from codegen_tasks.pipeline.question import (
    Chain,
    Leaf,
    Question,
    dependency_leaf,
    leaf_of,
    plain_text,
    settings_leaves,
)
from codegen_tasks.pipeline.questions import Privacy
from codegen_tasks.records import Record, Request, digest, encode

_SEAL = 32
_LONGEST = 100_000  # characters of a text that is kept to show how it changed
_SPARE = 100  # notes that are out of date and may lie in the log, beside three for each unit
_ASKED, _REPLY, _TEXT = b"asked ", b"reply ", b"text  "
_SAID = len(_ASKED) + _SEAL


class Asked(Record, frozen=True, array_like=True):
    """A unit's question: `key` tells what is asked of whom; its leaves; a digest of the repo summary it was shown."""

    unit: str
    key: str
    leaves: tuple[Leaf, ...]
    summary: str = ""


class _Log:
    """The log as it was read: the notes of each unit by key, which of them was answered last, the texts."""

    def __init__(self, data: bytes) -> None:
        self.notes: dict[str, dict[str, Asked]] = {}
        self.accepted: dict[str, str] = {}
        self.texts: dict[str, bytes] = {}
        self.lines = 0
        for line in data.split(b"\n"):
            with suppress(msgspec.MsgspecError):
                self._take(line[: len(_ASKED)], line)

    def _take(self, kind: bytes, line: bytes) -> None:
        if kind == _TEXT:
            self.texts[line[_SAID + 1 : _SAID + 65].decode("ascii", "replace")] = line
        elif kind in (_ASKED, _REPLY) and (body := _unsealed(line)) is not None:
            self.lines += 1
            if kind == _ASKED:
                note = msgspec.json.decode(body, type=Asked)
                self.notes.setdefault(note.unit, {})[note.key] = note
            else:
                unit, key = msgspec.json.decode(body, type=tuple[str, str])
                self.accepted[unit] = key

    def text(self, digest: str) -> str | None:
        body = _unsealed(self.texts.get(digest, b""))
        return None if body is None else msgspec.json.decode(body[64:], type=str)

    def compact(self) -> Iterator[bytes]:
        """The lines that still tell something: of each unit what was answered last, and what was noted last."""
        kept = set[str]()
        for unit, notes in self.notes.items():
            for key in {*list(notes)[-1:], self.accepted.get(unit, "")} & notes.keys():
                kept.update(leaf.digest for leaf in notes[key].leaves)
                yield _sealed(_ASKED, msgspec.json.encode(notes[key]))
        yield from (_sealed(_REPLY, msgspec.json.encode(pair)) for pair in self.accepted.items())
        yield from (line for digest, line in self.texts.items() if digest in kept)


class AskedLog:
    """The log of one task directory at `path`. Safe for steps of several threads of one run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._known: set[str] | None = None

    def note(self, asked: Asked, texts: Mapping[str, str], secrets: Sequence[Secret] = ()) -> None:
        """Keeps what a unit is asked with; `texts` are those of its leaves, by the digests of these. No secret of a
        text is kept, nor those that are known besides."""
        with self._guard, suppress(OSError):
            known = self._begun()
            fresh = {digest: text for digest, text in texts.items() if digest not in known and len(text) <= _LONGEST}
            told = ((key, redact(text, secrets)) for key, text in fresh.items())
            self._append(_sealed(_TEXT, key.encode() + msgspec.json.encode(text)) for key, text in told)
            known.update(fresh)
            self._append([_sealed(_ASKED, msgspec.json.encode(asked))])

    def accept(self, unit: str, key: str) -> None:
        """The unit's reply to the question with this key counts from now on."""
        with self._guard, suppress(OSError):
            self._append([_sealed(_REPLY, msgspec.json.encode((unit, key)))])

    def read(self) -> "Answered":
        """The log as it is now."""
        return Answered(_Log(_content(self._path)))

    def _begun(self) -> set[str]:
        """The digests of the texts that are kept. What is out of date goes before a run adds to it."""
        if self._known is None:
            log = _Log(_content(self._path))
            if log.lines > 3 * len(log.notes) + _SPARE:
                write_atomic(self._path, b"\n".join(log.compact()) + b"\n")
                log = _Log(_content(self._path))
            self._known = set(log.texts)
        return self._known

    def _append(self, lines: Iterable[bytes]) -> None:
        if data := b"\n".join(lines):
            append_line(self._path, b"\n" + data)  # what a kill cut off ends where this begins


class Answered:
    """What the accepted reply of each unit was asked with."""

    def __init__(self, log: _Log) -> None:
        self._log = log

    def of(self, unit: str) -> Asked | None:
        """None if that is not known."""
        return self._log.notes.get(unit, {}).get(self._log.accepted.get(unit, ""))

    def text(self, leaf: Leaf) -> str | None:
        """What a leaf said then; None if it is not kept."""
        return self._log.text(leaf.digest)


def _content(path: Path) -> bytes:
    try:
        return read_own(path) or b""
    except OSError:
        return b""


def _sealed(kind: bytes, body: bytes) -> bytes:
    return kind + content_digest(body).encode() + b" " + body


def _unsealed(line: bytes) -> bytes | None:
    body = line[_SAID + 1 :]
    return body if line[len(_ASKED) : _SAID] == content_digest(body).encode() else None


def describe(
    question: Question,
    reference: Mapping[str, bytes],
    generated: Mapping[str, bytes | None],
    settings: ContextSettings,
    privacy: Privacy,
    ambient: Ambient,
    request: Request,
) -> tuple[Asked, dict[str, str]]:
    """A rendered question as leaves, and the texts of these."""
    leaves = primary_leaves(question, generated, settings, privacy)
    texts = question.texts(reference) | {leaf_of(fact).digest: fact.signature for fact in ambient.facts}
    for path, data in generated.items():
        if data is not None and (text := plain_text(data)) is not None:
            texts[dependency_leaf(path, data).digest] = text
    facts = tuple(map(leaf_of, ambient.facts))
    key = asked_key(digest(encode(request)), question.chain)
    return Asked(question.unit.name, key, (*leaves, *facts), digest(ambient.summary.encode())), texts


def asked_key(request: str, chain: Chain) -> str:
    """What the log knows a question by: the sha256 of the request, and who may answer it."""
    return content_digest(msgspec.json.encode((request, chain.key)))


def primary_leaves(
    question: Question, generated: Mapping[str, bytes | None], settings: ContextSettings, privacy: Privacy
) -> tuple[Leaf, ...]:
    """The leaves of a question that stand before anything is chosen from the repository for it."""
    needed = (dependency_leaf(path, data) for path, data in generated.items())
    return (*question.leaves, *needed, *settings_leaves(settings), *_masking(privacy))


def _masking(privacy: Privacy) -> Iterator[Leaf]:
    """Who finds secrets, and a mark of those that are known, too short to tell of them."""
    yield Leaf("masking", "by", detector())
    yield Leaf("masking", "of the environment's secrets", content_digest(msgspec.json.encode(privacy.known))[:4])
