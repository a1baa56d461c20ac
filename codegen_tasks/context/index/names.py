"""What names of files and of definitions tell by themselves."""

import posixpath
import re
from functools import lru_cache

_SUBWORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_TEST = re.compile(
    r"(^|/)(tests?|testing|__tests__|specs?|test_\w+)/|(^|/)(test_[^/]*|conftest\.py)$|_test\.\w+$|\.(test|spec)\.\w+$"
)
_TEST_STEM = re.compile(r"^test_|_test$|\.(test|spec)$|-test$")


def subwords(name: str) -> list[str]:
    """The words a name or a path is put together from, in lower case, those of one or two characters left out."""
    return [word.lower() for word in _SUBWORD.findall(name) if len(word) > 2]


@lru_cache(maxsize=100_000)
def is_test(path: str) -> bool:
    """Whether a path is that of a test or of what tests share."""
    return bool(_TEST.search(path))


@lru_cache(maxsize=100_000)
def stem(path: str) -> str:
    """A file's name without its ending and without what marks a test."""
    return _TEST_STEM.sub("", posixpath.splitext(posixpath.basename(path))[0])
