"""Where contents of code/files came from: what we generated, from what, and what a person edited, which stays."""

from collections.abc import Sequence

import msgspec

from codegen_tasks.archive import keep_edited
from codegen_tasks.bases import Base, Output, output_key
from codegen_tasks.context.masking import Secret, blob_mask, guesses, hide_blob
from codegen_tasks.files import Snapshot
from codegen_tasks.pipeline.places import Places
from codegen_tasks.records import Blob, decode, digest, encode
from codegen_tasks.signals import Manifest, ReadyFile
from codegen_tasks.store import Store

_MOST_SECRETS = 6  # of one file: all orders of them are tried


class Origins:
    """The records of one task's contents, in the store. Of secrets, some are `known`."""

    def __init__(self, store: Store, snapshot: Snapshot, places: Places, known: tuple[Secret, ...] = ()) -> None:
        self._store, self._snapshot, self._places, self._known = store, snapshot, places, known

    def of(self, path: str, data: bytes | None) -> Output | None:
        """Where a content of a planned file came from, if we know it."""
        found = self._store.get("output", output_key(path, None if data is None else digest(data)))
        return decode(found, Output) if found is not None else None

    def remember(self, origin: Output, base: Blob | None) -> None:
        """Keeps an origin and the content it starts from, before anybody relies on them.

        An answer that changes nothing does not hide from what the content was made when it was new.
        """
        key = output_key(origin.path, origin.after)
        if origin.before == origin.after:
            found = self._store.get("output", key)
            known = decode(found, Output) if found is not None else origin
            origin = msgspec.structs.replace(known, answer=origin.answer, edited=origin.edited)
        elif base is not None:
            self._store.put("base", digest(base.data), hide_blob(origin.path, base, self._known).data)
        for name in (key, output_key(origin.path, origin.after, origin.question)):
            self._store.put("output", name, encode(origin), replace=True)

    def keep_or_replace(self, generated: bytes, origin: Output) -> bytes:
        """What code/files shall hold. A person's edit that gives way goes to the archive."""
        kept, replaced = self.choose_content(generated, origin)
        if replaced is not None:
            keep_edited(self._places.archive, origin.path, replaced)
        return kept

    def choose_content(self, generated: bytes, origin: Output) -> tuple[bytes, bytes | None]:
        """What code/files shall hold, and the edit that gives way to it: an edit of this very answer stays."""
        there = self._snapshot.read(self._places.result(origin.path))
        if there is None or there == generated:
            return generated, None
        published, known = self._published(origin.path), self.of(origin.path, there)
        if known is not None and not known.edited:
            return generated, None
        put_since = published is not None and published.sha256 != digest(there)
        edited_from = known.answer if known and not put_since else published.reply if published else None
        if edited_from is None and self.of(origin.path, generated) is not None:
            edited_from = origin.answer
        return (there, None) if edited_from == origin.answer else (generated, there)

    def _published(self, path: str) -> ReadyFile | None:
        """What the last manifest says of a file."""
        try:
            manifest = decode(self._snapshot.read(self._places.manifest) or b"", Manifest)
        except msgspec.MsgspecError:
            return None
        return next((file for file in manifest.files if file.path == path), None)


def stored_base(key: str, path: str, now: Blob | None, store: Store, known: Sequence[Secret]) -> bytes | None:
    """What a file was generated from, by its sha256. Its secrets are not kept: those that it holds `now` are tried."""
    found = store.get("base", key)
    if found is None or digest(found) == key:
        return found
    mask = None if now is None else blob_mask(path, now, known)
    values = [] if mask is None else [secret.value for secret in mask.secrets][:_MOST_SECRETS]
    return next((data for data in guesses(found, values) if digest(data) == key), None)


def make_origin(base: Base, data: bytes | None, answer: str, question: str, *, edited: bool = False) -> Output:
    """The origin of a content that an answer to `question`, or a person on top of it, has made just now."""
    before, mode = base.seen
    return Output(base.path, None if data is None else digest(data), before, mode, answer, question, edited)
