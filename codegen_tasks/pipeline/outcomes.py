"""What accepted replies make of a unit's files: each conversation is applied once in a run, and all stages share that.

It does not know where contents go. What the edits say beside the contents is kept from run to run, as a hint.
"""

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from codegen_tasks.files import content_digest, write_atomic
from codegen_tasks.records import Answer, Blob, Diagnostic, Outcome, Outside, Record, decode

Before = Mapping[str, Blob | None]


class Remarks(Record, frozen=True):
    """What the replies of a unit amount to beside its contents."""

    outside: tuple[Outside, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


class Outcomes:
    """The outcomes of one run. `kept` is a file for their remarks, believed only under its digest and from `code`."""

    def __init__(self, kept: Path, code: str) -> None:
        self._kept, self._code = kept, code
        self._made: dict[str, Outcome] = {}
        self._remarks: dict[str, Remarks] | None = None
        self._used: dict[str, Remarks] = {}
        self._guard = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}

    def of(self, texts: Sequence[str], before: Before, writes: tuple[str, ...]) -> Outcome:
        """What the conversation makes of the files in `before`, of which `writes` may be written. Raises EditFailed."""
        return self._once(self._key(texts, before, writes), texts, before, writes)

    def of_reply(self, reply: bytes, before: Before, writes: tuple[str, ...]) -> Outcome:
        """The same for a file of code/replies."""
        return self.of([said.text for said in decode(reply, Answer).replies], before, writes)

    def remarks(self, reply: bytes, before: Before, writes: tuple[str, ...]) -> Remarks:
        """The outcome without its contents: often known from an earlier run. Raises EditFailed."""
        texts = [said.text for said in decode(reply, Answer).replies]
        key = self._key(texts, before, writes)
        found = self._load().get(key)
        if found is None:
            outcome = self._once(key, texts, before, writes)
            found = Remarks(outcome.outside, outcome.diagnostics)
        self._used[key] = found
        return found

    def save(self) -> None:
        """Keeps the remarks that this run asked for."""
        if self._used != self._load() and self._kept.parent.is_dir():
            body = msgspec.msgpack.encode(self._used)
            with suppress(OSError):
                write_atomic(self._kept, self._seal(body) + body)

    def _load(self) -> dict[str, Remarks]:
        if self._remarks is None:
            self._remarks = {}
            with suppress(OSError, msgspec.MsgspecError):
                data = self._kept.read_bytes()
                if data[:32] == self._seal(data[32:]):
                    self._remarks = msgspec.msgpack.decode(data[32:], type=dict[str, Remarks])
        return self._remarks

    def _seal(self, body: bytes) -> bytes:
        return content_digest(self._code.encode() + body).encode()

    def _once(self, key: str, texts: Sequence[str], before: Before, writes: tuple[str, ...]) -> Outcome:
        from codegen_tasks.edits import apply_replies

        with self._guard:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            if key not in self._made:
                self._made[key] = apply_replies(texts, before, writes)
            return self._made[key]

    @staticmethod
    def _key(texts: Sequence[str], before: Before, writes: tuple[str, ...]) -> str:
        return content_digest(msgspec.msgpack.encode((texts, sorted(before.items()), writes)))
