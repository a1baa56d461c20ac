"""Placeholders for the secrets of one text: told by where it stands, not by what they are, and exact both ways."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import msgspec

from codegen_tasks.context.masking.detect import Secret, find_secrets
from codegen_tasks.files import content_digest
from codegen_tasks.keys import HIDDEN
from codegen_tasks.records import Blob
from codegen_tasks.text import decode, encode

MARK = "MASKED_SECRET_"
_NAME = re.compile(rf"{MARK}[0-9a-f]+X*_[0-9]+(?![0-9])")
_DIGITS = 6  # of the digest of a source's name
_BINARY_SAMPLE = 8000  # bytes: where git looks for a NUL


@dataclass(frozen=True, repr=False)
class Mask:
    """The placeholders of one source, a file or a part of the plan. It is never written and shows no value."""

    word: str
    secrets: tuple[Secret, ...]

    def hide(self, text: str) -> str:
        """The text with placeholders, longer values first."""
        for value, name in sorted(self._names().items(), key=lambda item: -len(item[0])):
            text = text.replace(value, name)
        return text

    def values(self) -> dict[str, str]:
        """Placeholder to value."""
        return {name: value for value, name in self._names().items()}

    def _names(self) -> dict[str, str]:
        return {secret.value: f"{self.word}_{number}" for number, secret in enumerate(self.secrets, 1)}


def make_mask(source: str, text: str, known: Sequence[Secret] = ()) -> Mask:
    """The mask of a text that stands at `source`. `known` are secrets to be hidden besides what looks like one."""
    word = MARK + content_digest(source.encode("utf-8", "surrogateescape"))[:_DIGITS]
    while word in text:
        word += "X"
    there = {secret.value: secret for secret in (*known, *find_secrets(text)) if secret.value in text}
    return Mask(word, tuple(sorted(there.values(), key=lambda secret: (text.find(secret.value), secret.value))))


def hide(source: str, text: str, known: Sequence[Secret] = ()) -> str:
    """A text as a model may see it."""
    return make_mask(source, text, known).hide(text)


def redact(text: str, known: Sequence[Secret] = ()) -> str:
    """A text without its secrets, for good."""
    for secret in (*known, *find_secrets(text)):
        text = text.replace(secret.value, HIDDEN)
    return text


def holds_secret(text: str, known: Sequence[Secret] = ()) -> bool:
    """Whether there is anything to hide in a text."""
    return any(secret.value in text for secret in known) or bool(find_secrets(text))


def hide_blob(source: str, blob: Blob, known: Sequence[Secret] = ()) -> Blob:
    """A file as a model may see it: in its own encoding, and the same record where it holds no secret."""
    mask = blob_mask(source, blob, known)
    if not mask.secrets:
        return blob
    text = decode(blob.data)
    return Blob(encode(msgspec.structs.replace(text, text=mask.hide(text.text))), blob.mode)


def blob_mask(source: str, blob: Blob, known: Sequence[Secret] = ()) -> Mask:
    """The mask of a file; an empty one for what is no text."""
    binary = blob.data.find(0, 0, _BINARY_SAMPLE) >= 0 and not blob.data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return Mask("", ()) if binary else make_mask(source, decode(blob.data).text, known)


def guesses(data: bytes, values: Sequence[str]) -> Iterator[bytes]:
    """What a hidden file may have been, if all its secrets are among `values`."""
    text = decode(data)
    names = sorted(set(_NAME.findall(text.text)))
    for chosen in permutations(values, len(names)):
        known = dict(zip(names, chosen, strict=True))
        yield encode(msgspec.structs.replace(text, text=_named(text.text, known)))


def reveal(data: bytes, masks: Iterable[Mask]) -> bytes:
    """Content with the values in the place of placeholders. An unknown placeholder stays."""
    text = decode(data)
    if MARK not in text.text:
        return data
    values = {name: value for mask in masks for name, value in mask.values().items()}
    return encode(msgspec.structs.replace(text, text=_named(text.text, values)))


def _named(text: str, values: Mapping[str, str]) -> str:
    return _NAME.sub(lambda match: values.get(match[0], match[0]), text)
