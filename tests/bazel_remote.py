"""bazel-remote's HTTP server as its source tells it (server/http.go, cache/disk), as a rule for the peer.

With its default settings: action results are validated when they are put, get the name of who put them, and are only
given out while all content they name is there. Protobuf's own library reads and writes them; no code of ours does.
"""

import hashlib
import re

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

from tests.peer import Question, Raw, http

PATH = re.compile(r"/?(.*/)?(ac|cas)/([a-f0-9]{64})")
KEY = re.compile(r"[a-f0-9]{64}")
EMPTY = hashlib.sha256(b"").hexdigest()
TEXT = (("X-Content-Type-Options", "nosniff"),)

FIELDS = {  # of build.bazel.remote.execution.v2: name, number, type
    "Digest": [("hash", 1, "STRING"), ("size_bytes", 2, "INT64")],
    "OutputFile": [
        ("path", 1, "STRING"),
        ("digest", 2, "Digest"),
        ("is_executable", 4, "BOOL"),
        ("contents", 5, "BYTES"),
    ],
    "ExecutedActionMetadata": [("worker", 1, "STRING")],
    "ActionResult": [
        ("output_files", 2, "OutputFile"),
        ("exit_code", 4, "INT32"),
        ("stdout_digest", 6, "Digest"),
        ("stderr_digest", 8, "Digest"),
        ("execution_metadata", 9, "ExecutedActionMetadata"),
    ],
}


def _message_types() -> dict[str, type[Message]]:
    file = descriptor_pb2.FileDescriptorProto(name="action.proto", package="b", syntax="proto3")
    for name, fields in FIELDS.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            label = "LABEL_REPEATED" if field == "output_files" else "LABEL_OPTIONAL"
            added = message.field.add(name=field, number=number, label=label)
            if kind in FIELDS:
                added.type, added.type_name = added.TYPE_MESSAGE, f".b.{kind}"
            else:
                added.type = added.Type.Value(f"TYPE_{kind}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"b.{name}")) for name in FIELDS}


TYPES = _message_types()


class BazelRemote:
    """The rule. `most_bytes` is what the cache may hold, `largest` the largest content it takes."""

    def __init__(self, most_bytes: int = 2**30, largest: int = 2**30) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}
        self.most_bytes = most_bytes
        self.largest = largest

    def __call__(self, asked: Question) -> Raw:
        status, body = self._answer(asked)
        if status == 200:
            return Raw((http(200, body, kind="application/octet-stream"),), "keep")
        return Raw((http(status, body + b"\n", TEXT, "text/plain; charset=utf-8"),), "keep")

    def _answer(self, asked: Question) -> tuple[int, bytes]:
        if asked.path == "/status":
            return 200, b'{\n "MaxSize": 1073741824,\n "NumFiles": %d\n}\n' % len(self.kept)
        found = PATH.fullmatch(asked.path)
        if found is None:
            return 400, b"resource name must be a SHA256 hash in hex, got '...'"
        kind, key = found[2], found[3]
        if asked.method == "GET":
            data = self._get(kind, key)
            return (404, b"Not found") if data is None else (200, data)
        if asked.method == "PUT":
            return self._put(kind, key, asked)
        return 405, b"Method not supported."

    def _get(self, kind: str, key: str) -> bytes | None:
        if (kind, key) == ("cas", EMPTY):
            return b""
        data = self.kept.get((kind, key))
        if data is None or kind == "cas":
            return data
        return data if all(self._has(digest) for digest in _digests(TYPES["ActionResult"].FromString(data))) else None

    def _has(self, digest: Message) -> bool:
        content = self._get("cas", digest.hash)
        return content is not None and len(content) == digest.size_bytes

    def _put(self, kind: str, key: str, asked: Question) -> tuple[int, bytes]:
        if "content-length" not in asked.headers:
            return 400, b"PUT without Content-Length"
        if asked.headers.get("content-encoding", "identity") != "identity":
            return 400, b"Unsupported content-encoding"  # zstd is taken too, but nobody sends it
        if len(asked.data) > self.largest:
            return 400, b"Blob size exceeds maximum allowed size"
        data = asked.data
        if kind == "ac":
            try:
                data = _validated(data, "127.0.0.1:1")
            except (DecodeError, ValueError) as error:
                return 400, f"Failed to marshal ActionResult: {error}".encode()
        elif hashlib.sha256(data).hexdigest() != key:
            return 500, b"checksums don't match."
        if sum(map(len, self.kept.values())) + len(data) > self.most_bytes:
            return 507, b"Insufficient storage"
        self.kept[kind, key] = data
        return 200, b""


def _digests(result: Message) -> list[Message]:
    """What has to be there for a result to be given out."""
    digests = [file.digest for file in result.output_files if not file.contents]
    return digests + [getattr(result, name) for name in ("stdout_digest", "stderr_digest") if result.HasField(name)]


def _validated(data: bytes, worker: str) -> bytes:
    """The action result as it is kept. Raises DecodeError, ValueError."""
    result = TYPES["ActionResult"].FromString(data)
    if not result.execution_metadata.worker:
        result.execution_metadata.worker = worker
    for file in result.output_files:
        if not file.path or file.path.startswith("/") or not file.HasField("digest"):
            raise ValueError(f"no path, an absolute path, or no digest: {file.path!r}")
    for digest in _digests(result):
        if digest.size_bytes < 0 or not KEY.fullmatch(digest.hash):
            raise ValueError(f"invalid hash: {digest.hash!r}")
    return result.SerializeToString(deterministic=True)
