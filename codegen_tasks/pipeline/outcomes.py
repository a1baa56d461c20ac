"""What accepted replies make of a unit's files: each conversation is applied once in a run, and all stages share that.

It does not know where contents go. What the edits say beside the contents is kept from run to run, as a hint.
"""

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from codegen_tasks.context.masking import Mask, Secret, blob_mask, hide_blob, reveal
from codegen_tasks.files import content_digest, write_atomic
from codegen_tasks.records import Answer, Blob, Diagnostic, FileChange, Outcome, Outside, Record, decode

Before = Mapping[str, Blob | None]


class Remarks(Record, frozen=True):
    """What the replies of a unit amount to beside its contents."""

    outside: tuple[Outside, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


class Outcomes:
    """The outcomes of one run. `kept` is a file for their remarks, believed only under its digest and from `code`.

    Replies are applied to the files as models were shown them, without their secrets, of which some are `known`; who
    asks for an outcome is given the secrets back.
    """

    def __init__(self, kept: Path, code: str, known: tuple[Secret, ...] = ()) -> None:
        self._kept, self._code, self._known = kept, code, known
        self._made: dict[str, Outcome] = {}
        self._remarks: dict[str, Remarks] | None = None
        self._used: dict[str, Remarks] = {}
        self._guard = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}

    def of(self, texts: Sequence[str], before: Before, writes: tuple[str, ...]) -> Outcome:
        """What the conversation makes of the files in `before`, of which `writes` may be written. Raises EditFailed."""
        hidden = self._hidden(before)
        return self._revealed(self._once(self._key(texts, hidden, writes), texts, hidden, writes), before)

    def of_reply(self, reply: bytes, before: Before, writes: tuple[str, ...]) -> Outcome:
        """The same for a file of code/replies."""
        return self.of([said.text for said in decode(reply, Answer).replies], before, writes)

    def remarks(self, reply: bytes, before: Before, writes: tuple[str, ...]) -> Remarks:
        """The outcome without its contents: often known from an earlier run. Raises EditFailed."""
        texts = [said.text for said in decode(reply, Answer).replies]
        hidden = self._hidden(before)
        key = self._key(texts, hidden, writes)
        found = self._load().get(key)
        if found is None:
            outcome = self._once(key, texts, hidden, writes)
            found = Remarks(outcome.outside, outcome.diagnostics)
        self._used[key] = found
        masks = self._masks(before)
        return Remarks(tuple(_outside(claim, masks) for claim in found.outside), found.diagnostics)

    def save(self) -> None:
        """Keeps the remarks that this run asked for."""
        if self._used != self._load() and self._kept.parent.is_dir():
            body = msgspec.msgpack.encode(self._used)
            with suppress(OSError):
                write_atomic(self._kept, self._seal(body) + body)

    def _hidden(self, before: Before) -> Before:
        return {path: None if blob is None else hide_blob(path, blob, self._known) for path, blob in before.items()}

    def _masks(self, before: Before) -> tuple[Mask, ...]:
        found = [blob_mask(path, blob, self._known) for path, blob in before.items() if blob is not None]
        return tuple(mask for mask in found if mask.secrets)

    def _revealed(self, outcome: Outcome, before: Before) -> Outcome:
        masks = self._masks(before)
        if not masks:
            return outcome
        changes = tuple(
            FileChange(change.path, before.get(change.path), _blob(change.after, masks)) for change in outcome.changes
        )
        outside = tuple(_outside(claim, masks) for claim in outcome.outside)
        return msgspec.structs.replace(outcome, changes=changes, outside=outside)

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


def _blob(blob: Blob | None, masks: Sequence[Mask]) -> Blob | None:
    return None if blob is None else Blob(reveal(blob.data, masks), blob.mode)


def _outside(claim: Outside, masks: Sequence[Mask]) -> Outside:
    return claim if claim.data is None else msgspec.structs.replace(claim, data=reveal(claim.data, masks))
