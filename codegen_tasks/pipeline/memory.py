"""What was parsed once and need not be parsed again: a hint on disk, checked by digests, that may be lost."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from codegen_tasks.files import content_digest, read_own, write_atomic

T = TypeVar("T")
_DIGEST = 32


def remembered(
    path: Path,
    kind: type[T],
    inputs: tuple[object, ...],
    make: Callable[[], T],
    keep: Callable[[], bool] = lambda: True,
) -> T:
    """The value that `make` gives for `inputs`: the one kept at `path` if it was made from the same, else a new one.

    Nothing is kept before the folder of `path` is there, nor what is not to be kept at all.
    """
    key = content_digest(msgspec.msgpack.encode(inputs)).encode()
    with suppress(OSError, msgspec.MsgspecError):
        data = read_own(path) or b""
        seal, body = data[: 2 * _DIGEST], data[2 * _DIGEST :]
        if seal == key + content_digest(body).encode():
            return msgspec.msgpack.decode(body, type=kind)
    value = make()
    if path.parent.is_dir() and keep():
        body = msgspec.msgpack.encode(value)
        with suppress(OSError):
            write_atomic(path, key + content_digest(body).encode() + body)
    return value
