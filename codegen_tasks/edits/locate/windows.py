"""Lists of lines as numbers in bytes: comparing windows of them costs next to nothing. Knows no hunks."""

from array import array
from collections.abc import Callable, Mapping, Sequence

WIDTH = array("I").itemsize


def numbered(lines: Sequence[str], numbers: Mapping[str, int]) -> bytes:
    """The lines, each as the number it has."""
    return array("I", [numbers[line] for line in lines]).tobytes()


def standing(lines: Sequence[str], wanted: Sequence[str], starts: Sequence[int]) -> list[int]:
    """At which of these places the wanted lines stand."""
    numbers = {line: number for number, line in enumerate({*lines, *wanted})}
    text, block = numbered(lines, numbers), numbered(wanted, numbers)
    return [at for at in starts if text.startswith(block, WIDTH * at)]


def graded(
    lines: Sequence[str], size: int, starts: Sequence[int], grade: Callable[[Sequence[str]], int]
) -> list[tuple[int, int]]:
    """The grade of the window of so many lines at each place, and the place. The same lines are graded once."""
    text = numbered(lines, {line: number for number, line in enumerate(set(lines))})
    found, block, last = list[tuple[int, int]](), b"", 0
    for at in starts:
        if not block or not text.startswith(block, WIDTH * at):
            block, last = text[WIDTH * at : WIDTH * (at + size)], grade(lines[at : at + size])
        found.append((last, at))
    return found
