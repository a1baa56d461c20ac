"""How many tokens a text has: by the tokenizer of the model where it is at hand offline, else a guess from above."""

import os
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d|\s+|.", re.DOTALL)
_LETTERS = 4  # of a word for each token

_ENCODINGS = {
    **dict.fromkeys(("gpt-4o", "gpt-4.1", "gpt-5", "o1", "o3", "o4"), "o200k_base"),
    **dict.fromkeys(("gpt-4", "gpt-3.5"), "cl100k_base"),
}  # by how a model's name begins, the more special first
_FILES = {  # what tiktoken calls its files
    "cl100k_base": "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
    "o200k_base": "fb374d419588a4632f3f557e76b4b70aebbca790",
}


def counter(models: Sequence[str]) -> Callable[[str], int]:
    """How to count for a chain of models: exactly if all of them share one known tokenizer, else `estimate`."""
    names = {_encoding(model) for model in models}
    if len(names) == 1 and (name := names.pop()) and _at_hand(name):
        return tokenizer(name)
    return estimate


def _encoding(model: str) -> str:
    name = model.rpartition("/")[2]
    return next((encoding for start, encoding in _ENCODINGS.items() if name.startswith(start)), "")


def estimate(text: str) -> int:
    """A number of tokens from above: a token for each four letters of a word, each digit, sign and run of blanks.

    Over 500 files of code and prose in many languages cl100k, o200k and the tokenizer that Claude once published had
    0.59, 0.59 and 0.66 times as many in the median, at most 0.97, 0.97 and 0.93 times (`benchmarks/context_tokens.py`).
    """
    total = 0
    for piece in _PIECE.findall(text):
        if piece == " ":
            continue  # belongs to the word that follows
        if not piece.isascii():
            total += len(piece.encode("utf-8", "replace"))
        else:
            total += 1 + (len(piece) - 1) // _LETTERS if piece.isalpha() or piece.isspace() else 1
    return total


@lru_cache(maxsize=4)
def tokenizer(name: str) -> Callable[[str], int]:
    """The exact count by an encoding of OpenAI's. Raises LookupError if it is not at hand."""
    if not _at_hand(name):
        raise LookupError(name)
    os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(_folder()))
    import tiktoken

    encoding = tiktoken.get_encoding(name)
    return lru_cache(maxsize=20_000)(lambda text: len(encoding.encode(text, disallowed_special=())))


def _folder() -> Path | None:
    """Where LiteLLM keeps the tokenizers it brings along; found without importing it."""
    spec = find_spec("litellm")
    return Path(spec.origin).parent / "litellm_core_utils" / "tokenizers" if spec and spec.origin else None


def _at_hand(name: str) -> bool:
    folder = _folder()
    return folder is not None and name in _FILES and (folder / _FILES[name]).is_file()
