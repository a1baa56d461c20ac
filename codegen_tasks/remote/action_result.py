"""The one protobuf message of Bazel's remote cache that we need: an ActionResult with one output file. No network.

Field numbers are those of build.bazel.remote.execution.v2: ActionResult.output_files = 2, OutputFile.path = 1 and
digest = 2, Digest.hash = 1 and size_bytes = 2.
"""

from collections.abc import Iterator

OUTPUT_FILES, PATH, DIGEST, HASH, SIZE = 2, 1, 2, 1, 2
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def encode_result(path: str, sha256: str, size: int) -> bytes:
    """An ActionResult whose only output is `path` with this content."""
    digest = _bytes(HASH, sha256.encode()) + _varint(SIZE << 3 | VARINT) + _varint(size)
    return _bytes(OUTPUT_FILES, _bytes(PATH, path.encode()) + _bytes(DIGEST, digest))


def decode_result(data: bytes) -> tuple[str, str, int]:
    """Path, sha256 and size of the first output file. Raises ValueError when there is none or the bytes are damaged."""
    output = _field(data, OUTPUT_FILES)
    digest = _field(output, DIGEST)
    sizes = [value for number, value in _fields(digest) if number == SIZE and isinstance(value, int)]
    return _field(output, PATH).decode(), _field(digest, HASH).decode(), sizes[0] if sizes else 0


def _bytes(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | BYTES) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _field(data: bytes, wanted: int) -> bytes:
    for number, value in _fields(data):
        if number == wanted and isinstance(value, bytes):
            return value
    raise ValueError(f"field {wanted} is missing")


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        kind = tag & 7
        if kind == VARINT:
            value, at = _read_varint(data, at)
            yield tag >> 3, value
            continue
        if kind == BYTES:
            size, at = _read_varint(data, at)
        elif kind in (FIXED64, FIXED32):
            size = 8 if kind == FIXED64 else 4
        else:
            raise ValueError(f"wire type {kind} is unknown")
        if at + size > len(data):
            raise ValueError("the message is cut off")
        yield tag >> 3, data[at : at + size]
        at += size


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("the message is cut off")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
    raise ValueError("a number is too long")
