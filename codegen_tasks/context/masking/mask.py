"""One question's placeholders: the same for the same question, whatever the values are, and exact both ways."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from codegen_tasks.context.masking.detect import Secret

_WORD = "MASKED_SECRET"


@dataclass(frozen=True, repr=False)
class Mask:
    """Placeholders for values. It is never written anywhere and does not show its values."""

    word: str
    secrets: tuple[Secret, ...]

    def hide(self, text: str) -> str:
        """The text with placeholders, longer values first."""
        for value, name in sorted(self._names().items(), key=lambda item: -len(item[0])):
            text = text.replace(value, name)
        return text

    def reveal(self, data: bytes) -> bytes:
        """Content with the values in the place of the placeholders. An unknown placeholder stays."""
        values = {name.encode(): value.encode("utf-8", "surrogateescape") for value, name in self._names().items()}
        pattern = re.compile(rb"%s_[0-9]+(?![0-9])" % self.word.encode())
        return pattern.sub(lambda match: values.get(match[0], match[0]), data)

    def _names(self) -> dict[str, str]:
        return {secret.value: f"{self.word}_{number}" for number, secret in enumerate(self.secrets, 1)}


def make_mask(texts: Iterable[str], secrets: Iterable[Secret]) -> Mask:
    """The mask of a question that is made of `texts`: a placeholder for each secret that stands in one of them.

    They are numbered in the order of the texts, so that what all questions share reads the same in all.
    """
    whole = "\n".join(texts)
    word = _WORD
    while word in whole:
        word += "_X"
    placed = sorted((at, secret) for secret in set(secrets) if (at := whole.find(secret.value)) >= 0)
    return Mask(word, tuple(secret for _, secret in placed))
