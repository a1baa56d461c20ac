"""A Step: one cached target as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from codegen_tasks.files import content_digest


class SentBack(Exception):  # noqa: N818  a verdict, not an error
    """Raised by a step that does not accept answers: what it found, for the models, by unit.

    The run goes on with each of these units as a further attempt at its question, told that report. `chosen` names
    units whose answers to an earlier attempt shall count instead, by its number; `samples` units that are asked afresh,
    told nothing, by the number of the sample.
    """

    def __init__(
        self,
        reports: Mapping[str, str],
        chosen: Mapping[str, int] | None = None,
        samples: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(", ".join([*reports, *(chosen or {}), *(samples or {})]))
        self.reports = reports
        self.chosen = chosen or {}
        self.samples = samples or {}


@dataclass(frozen=True)
class Step:
    """`run(blobs, *params)` sees the bytes of `reads` and `params`, and both are what is hashed.

    `derived` targets are made again when their bytes are not those that were written; others, code/files, are kept as
    a person left them. What decides how to do it, but not what comes out, is bound in `run` and not hashed.
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
        return content_digest(msgspec.msgpack.encode((code, self.stage, self.unit, self.params), enc_hook=str))
