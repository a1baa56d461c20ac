"""Which planned files a text names. It knows no sections."""

import re

_WORD = re.compile(r"[\w./+@%~$-]+")
_ODD = re.compile(r"[^\w./+@%~$-]")
_BEFORE, _AFTER = "_@/.", "_."  # what may stand beside a name
_QUOTED = re.compile(r"`+([^`\n]+)`+|\"([^\"\n]+)\"|\*\*([^*\n]+)\*\*")


class Names:
    """Finds planned files in prose: by path, or by file name where only one planned file has it."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        self._known: dict[str, str | None] = {}
        for path in paths:
            name = path.rpartition("/")[2]
            self._known[name] = path if name not in self._known else None
        self._known |= {path: path for path in paths}
        self._odd = [name for name in self._known if _ODD.search(name)]

    def within(self, text: str, heading: str) -> frozenset[str]:
        """The planned files that a text names; `heading` is sure to be one where it is nothing else."""
        sure = {part.strip() for found in _QUOTED.findall(text) for part in found} | {heading.strip()}
        words = (self._path(word, word in sure) for word in {*_WORD.findall(text), *sure})
        odd = (self._known[name] for name in self._odd if _stands_in(name, text))
        return frozenset(path for path in (*words, *odd) if path)

    def _path(self, word: str, sure: bool) -> str | None:
        if word not in self._known and word[:1] not in _BEFORE and word[-1:] not in _AFTER:
            return None
        for spelling in (word, word.rstrip("."), word.strip("_").rstrip("."), word.lstrip("@/").rstrip(".")):
            name = spelling.removeprefix("./")
            if path := self._known.get(name):
                return path if sure or _distinct(name) else None
        return None


def _distinct(name: str) -> bool:
    """Whether a bare word can only mean the file: `run` is prose too, `run.py`, `bin/run` and `Makefile` are not."""
    return "." in name or "/" in name or name != name.lower()


def _stands_in(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w./-]){re.escape(name)}(?![\w/-]|\.\w)", text) is not None
