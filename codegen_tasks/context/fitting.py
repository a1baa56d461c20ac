"""Files that are too long for the budget are shown in part, and it is said which. It chooses no files.

What the plan names stands in full, the rest of a program without bodies; of what has no definitions the beginning.
"""

from collections.abc import Callable, Collection, Sequence

import msgspec

from codegen_tasks.context.outline import outline
from codegen_tasks.context.shown import Shown
from codegen_tasks.records import Blob
from codegen_tasks.text import decode

_LAST = ("current",)  # what is cut last: the model must change it


def fit(shown: Sequence[Shown], plan: Collection[str], tokens: int, count: Callable[[str], int]) -> list[Shown]:
    """The same files, the longest cut until all fit into `tokens`. `plan` are the names of which the plan speaks."""
    files = list(shown)
    if sum(len(file.blob.data) for file in files if file.blob is not None) <= tokens:
        return files  # no token is shorter than a byte
    sizes = [_size(file, count) for file in files]
    for whole_lines in (False, True):
        order = sorted(range(len(files)), key=lambda i: (files[i].what in _LAST, -sizes[i], files[i].path))
        for i in order:
            over = sum(sizes) - tokens
            if over <= 0:
                return files
            room = sizes[i] - over
            smaller = _beginning(files[i], room, count) if whole_lines else _outlined(files[i], plan)
            if smaller is not None and _size(smaller, count) < sizes[i]:
                files[i], sizes[i] = smaller, _size(smaller, count)
    return files


def _size(file: Shown, count: Callable[[str], int]) -> int:
    return 0 if file.blob is None else count(decode(file.blob.data).text)


def _outlined(file: Shown, plan: Collection[str]) -> Shown | None:
    data = None if file.blob is None else outline(file.path, file.blob.data, plan)
    if file.blob is None or data is None:
        return None
    part = "shown in part: definitions without bodies, but for those that the plan names"
    return msgspec.structs.replace(file, blob=Blob(data, file.blob.mode), part=part)


def _beginning(file: Shown, room: int, count: Callable[[str], int]) -> Shown | None:
    """As many of the first lines as there is room for."""
    if file.blob is None:
        return None
    lines = decode(file.blob.data).text.split("\n")
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high + 1) // 2
        if count("".join(f"{line}\n" for line in lines[:middle])) <= room:
            low = middle
        else:
            high = middle - 1
    some = f"{low} of {len(lines)} lines"
    part = f"{file.part}, of that {some}" if file.part else f"shown in part: {some}"
    text = "".join(f"{line}\n" for line in lines[:low])
    return msgspec.structs.replace(file, blob=Blob(text.encode("utf-8", "replace"), file.blob.mode), part=part)
