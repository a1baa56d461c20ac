"""The rows of a diff become a hunk, and where they lost their signs the other ways to read them. It knows no files."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from codegen_tasks.edits.operations import Hunk


def make_hunk(
    rows: Sequence[tuple[str, str]], number: int = 0, anchors: tuple[str, ...] = (), *,
    at_end: bool = False, at: int = 0,
) -> Hunk:  # fmt: skip
    """The hunk of some rows: each a sign (" ", "-", "+", or "" where it is lost) and a line."""
    hunks = [
        Hunk(
            before=tuple(line for sign, line in way if sign != "+"),
            after=tuple(line for sign, line in way if sign != "-"),
            signs="".join(sign or " " for sign, _ in way),
            number=number,
            anchors=anchors,
            at_end=at_end,
            at=at,
        )
        for way in _readings(rows)
    ]
    return msgspec.structs.replace(hunks[0], ways=tuple(hunks[1:]))


def _readings(rows: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    """The rows as they stand; then, for lost signs, with empty lines between or beside new ones as new ones too, and
    all of these once more with the context as it is written.
    """
    between, beside = (
        [("+", "") if _is_beside_new(rows, i, sides) else row for i, row in enumerate(rows)] for sides in (all, any)
    )
    found = [rows, between, beside]
    found += [[(sign, " " + line) if sign == " " and line else (sign, line) for sign, line in way] for way in found]
    yield from dict.fromkeys(map(tuple, found))


def _is_beside_new(rows: Sequence[tuple[str, str]], at: int, sides: Callable[[Iterable[bool]], bool]) -> bool:
    """Whether a row is an empty line without a sign, and the lines above and below it are new ones.

    Context at both ends must tell how many empty lines are the file's.
    """
    if rows[at] != ("", "") or {rows[0][0], rows[-1][0]} & {"+", "-"}:
        return False
    above = next((row for row in reversed(rows[:at]) if row != ("", "")), (" ", ""))
    below = next((row for row in rows[at:] if row != ("", "")), (" ", ""))
    return sides(row[0] == "+" for row in (above, below))
