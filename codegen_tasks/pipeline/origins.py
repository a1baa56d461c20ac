"""Where contents of code/files came from: what we generated, from what, and what a person edited, which stays."""

import msgspec

from codegen_tasks.archive import keep_edited
from codegen_tasks.bases import Output, blob_digest, output_key
from codegen_tasks.pipeline.phase import Phase
from codegen_tasks.records import Blob, decode, digest, encode
from codegen_tasks.signals import Manifest


def origin_of(path: str, data: bytes | None, phase: Phase) -> Output | None:
    """Where a content of a planned file came from, if we know it."""
    found = phase.tools.store.get("output", output_key(path, None if data is None else digest(data)))
    return decode(found, Output) if found is not None else None


def make_origin(path: str, data: bytes | None, answer: str, unit: str, phase: Phase, *, edited: bool = False) -> Output:
    """The origin of a content that `unit`'s answer, or a person on top of it, has made just now."""
    base = phase.bases[path].before
    after = None if data is None else digest(data)
    return Output(path, after, blob_digest(base), base.mode if base else 0, answer, phase.keys[unit], edited)


def remember(origin: Output, base: Blob | None, phase: Phase) -> None:
    """Keeps an origin and the content it starts from, before anybody relies on them.

    An answer that changes nothing does not hide from what the content was made when it was new.
    """
    store, key = phase.tools.store, output_key(origin.path, origin.after)
    if origin.before == origin.after:
        found = store.get("output", key)
        known = decode(found, Output) if found is not None else origin
        origin = msgspec.structs.replace(known, answer=origin.answer, edited=origin.edited)
    elif base is not None:
        store.put("blob", digest(base.data), base.data)
    for name in (key, output_key(origin.path, origin.after, origin.question)):
        store.put("output", name, encode(origin), replace=True)


def keep_or_replace(generated: bytes, origin: Output, phase: Phase) -> bytes:
    """What code/files shall hold. A person's edit that gives way goes to the archive."""
    kept, replaced = choose_content(generated, origin, phase)
    if replaced is not None:
        keep_edited(phase.places.archive, origin.path, replaced)
    return kept


def choose_content(generated: bytes, origin: Output, phase: Phase) -> tuple[bytes, bytes | None]:
    """What code/files shall hold, and the edit that gives way to it: an edit of this very answer stays."""
    there = phase.tools.snapshot.read(phase.places.result(origin.path))
    if there is None or there == generated:
        return generated, None
    known = origin_of(origin.path, there, phase)
    if known is not None and not known.edited:
        return generated, None
    edited_from = known.answer if known else _published(origin.path, phase)
    if edited_from is None and origin_of(origin.path, generated, phase) is not None:
        edited_from = origin.answer
    return (there, None) if edited_from == origin.answer else (generated, there)


def _published(path: str, phase: Phase) -> str | None:
    """The answer that the last manifest names for a file."""
    try:
        manifest = decode(phase.tools.snapshot.read(phase.places.manifest) or b"", Manifest)
    except msgspec.MsgspecError:
        return None
    return next((file.reply for file in manifest.files if file.path == path), None)
