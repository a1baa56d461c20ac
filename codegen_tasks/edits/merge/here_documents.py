"""Here-documents among lines: their indentation is content, and the word that ends one stands at the edge."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_BEGINS = re.compile(r"(?<!<)<<(?P<kind>[-~]?)\s*(?P<quote>[\"']?)(?P<word>[A-Za-z_]\w*)(?P=quote)(?!\w)")


class Document(NamedTuple):
    """The lines `start` to `end` (half open, the last is the word that ends it), and which indentation may stand before
    that word: none, or tabs ("-"), or any ("~").
    """

    start: int
    end: int
    kind: str


def here_documents(lines: Sequence[str]) -> Iterator[Document]:
    """The here-documents that begin and end among these lines."""
    at = 0
    while at < len(lines):
        found = _BEGINS.search(lines[at]) if "<<" in lines[at] else None
        at += 1
        end = next((i for i in range(at, len(lines)) if lines[i].strip() == found["word"]), -1) if found else -1
        if found and end >= 0:
            yield Document(at, end + 1, found["kind"])
            at = end + 1
