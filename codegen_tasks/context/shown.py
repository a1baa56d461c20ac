"""A file as it is shown to a model."""

from codegen_tasks.records import Blob, Record


class Shown(Record, frozen=True):
    """`what` is current (planned), reference (existing), generated (depended on), or interface.

    Without a `blob` it says what is `missing`; `part` says which part is shown where it is not all.
    """

    what: str
    path: str
    blob: Blob | None
    missing: str = ""
    part: str = ""
