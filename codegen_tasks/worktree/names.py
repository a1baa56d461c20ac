"""What a path tells by its name: can it be shown, does it match? It reads nothing."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from fnmatch import translate
from re import Pattern
from re import compile as regex


def is_readable(path: str) -> bool:
    """Whether a name is UTF-8: another one can neither be shown nor planned."""
    return path.isascii() or not any("\ud800" <= c <= "\udfff" for c in path)


def matching(pattern: str, paths: Sequence[str]) -> list[str]:
    """Those of the sorted paths that a glob matches."""
    literal = pattern[: min((i for i, c in enumerate(pattern) if c in "*?["), default=len(pattern))]
    folder = literal[: literal.rfind("/") + 1]
    first, match, found = bisect_left(paths, folder), matcher(pattern), []
    for path in paths[first:]:
        if not path.startswith(folder):
            break
        if match(path):
            found.append(path)
    return found


def matcher(pattern: str) -> Callable[[str], bool]:
    """Tells which paths a glob matches: `*`, `?` and `[…]` within a name, `**` any folders."""
    wanted = tuple(None if part == "**" else regex(translate(part)) for part in pattern.split("/"))
    last = wanted[-1]

    def fits(parts: tuple[str, ...], rest: tuple[Pattern[str] | None, ...]) -> bool:
        if not rest:
            return not parts
        if rest[0] is None:
            return fits(parts, rest[1:]) or (bool(parts) and fits(parts[1:], rest))
        return bool(parts) and rest[0].match(parts[0]) is not None and fits(parts[1:], rest[1:])

    def matches(path: str) -> bool:
        if last is not None and last.match(path.rpartition("/")[2]) is None:
            return False
        return fits(tuple(path.split("/")), wanted)

    return matches
