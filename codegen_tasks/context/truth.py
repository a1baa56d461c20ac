"""Whether what was shown is still true. It reads the files that were shown, and parses only contents it has not met.

What was found true of a content is remembered by digest, so a run with nothing to do parses nothing and opens no index.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path

import msgspec
import xxhash

from codegen_tasks.context.facts import Fact
from codegen_tasks.files import write_atomic

_KEPT = 20_000  # digests that are remembered; more are thrown away together


class Memory:
    """What was found true, by digest of content and fact; read once, written when something is added."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def known(self) -> set[bytes]:
        """The digests."""
        try:
            return msgspec.msgpack.decode(self._path.read_bytes(), type=set[bytes])
        except (OSError, msgspec.MsgspecError):
            return set()

    def add(self, fresh: set[bytes]) -> None:
        """Remembers more."""
        if len(self.known) > _KEPT:
            self.known.clear()
        self.known.update(fresh)
        write_atomic(self._path, msgspec.msgpack.encode(sorted(self.known)))


def untrue(facts: Sequence[Fact], read: Callable[[str], bytes | None], memory: Memory) -> tuple[Fact, ...]:
    """The facts that no longer hold: their file lost the definition, or it has another signature now."""
    fresh: set[bytes] = set()
    lost: set[Fact] = set()
    for path, group in groupby(sorted(facts, key=lambda fact: fact.path), key=lambda fact: fact.path):
        claims, data = list(group), read(path)
        if data is None:
            lost.update(claims)
            continue
        content = xxhash.xxh3_128_digest(data)
        unknown = [fact for fact in claims if _key(content, fact) not in memory.known]
        if unknown:
            shown = set(facts_of(path, data))
            lost.update(fact for fact in unknown if fact not in shown)
            fresh.update(_key(content, fact) for fact in unknown if fact in shown)
    if fresh:
        memory.add(fresh)
    return tuple(fact for fact in facts if fact in lost)


def facts_of(path: str, data: bytes) -> list[Fact]:
    """All that could be shown of a file: its definitions."""
    from codegen_tasks.context.index.extract import extract

    outline, _ = extract(path, data)
    return [Fact(path, f"{d.parent}.{d.name}" if d.parent else d.name, d.signature) for d in outline.definitions]


def _key(content: bytes, fact: Fact) -> bytes:
    return xxhash.xxh3_128_digest(content + f"{fact.path}\0{fact.name}\0{fact.signature}".encode("utf-8", "replace"))
