"""A Step: one cached target as data, and how a step says that the graph must be another."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from codegen_tasks.bases import Base
from codegen_tasks.files import content_digest
from codegen_tasks.pipeline.places import Places
from codegen_tasks.records import LINK, Accepted

NONE: Mapping[str, Any] = MappingProxyType({})


class SentBack(Exception):  # noqa: N818  a verdict, not an error
    """Raised by a step that does not accept answers: what it found, for the models, by unit.

    The run goes on with each of these units as a further attempt at its question, told that report. `chosen` names
    units whose answers to an earlier attempt shall count instead, by its number; `samples` units that are asked afresh,
    told nothing, by the number of the sample. `accepted`, unless it is None, are the files beyond the plan that shall
    be let in from now on.
    """

    def __init__(
        self,
        reports: Mapping[str, str] = NONE,
        chosen: Mapping[str, int] = NONE,
        samples: Mapping[str, int] = NONE,
        accepted: Sequence[Accepted] | None = None,
    ) -> None:
        super().__init__(", ".join([*reports, *chosen, *samples]))
        self.reports = reports
        self.chosen = chosen
        self.samples = samples
        self.accepted = accepted


@dataclass(frozen=True)
class Step:
    """`run(blobs, *params)` sees the bytes of `reads` and `params`, and both are what is hashed.

    A parameter that has a `key` is hashed by that, all others by their canonical bytes. `derived` targets are made
    again when their bytes are not those that were written; others, code/files, are kept as a person left them. What
    decides how to do it, but not what comes out, is bound in `run` and not hashed.
    """

    stage: str
    unit: str
    reads: tuple[Path, ...]
    params: tuple[object, ...]
    writes: Path
    run: Callable[..., bytes]
    derived: bool = True

    def key(self, code: str) -> str:
        """The digest of what is passed besides files. `code` is the digest of our own source."""
        params = [getattr(param, "key", param) for param in self.params]
        return content_digest(msgspec.msgpack.encode((code, self.stage, self.unit, params), enc_hook=_plain))


def present(places: Places, bases: Iterable[Base]) -> tuple[Path, ...]:
    """The files of the working tree among the planned ones: those that are there, links left out."""
    return tuple(places.original(b.path) for b in bases if b.now is not None and b.now.mode != LINK)


def results(places: Places, paths: Iterable[str], deleted: Collection[str]) -> dict[str, Path]:
    """Where the generated contents of planned files lie, by path; those that are to go have none."""
    return {path: places.result(path) for path in paths if path not in deleted}


def _plain(value: Any) -> object:
    return str(value) if isinstance(value, Path) else value.key
