"""The repo summary: the tracked tree in as much detail as a budget of tokens allows."""

from collections.abc import Iterable

CHARACTERS_PER_TOKEN = 3  # a low guess for path names, so that the budget holds with most tokenizers


def summarise(paths: Iterable[str], budget_tokens: int) -> str:
    """One line a folder with its files; where that is too long, folders with counts, the deepest joined first."""
    folders: dict[str, list[str]] = {}
    for folder, _, name in sorted(path.rpartition("/") for path in paths):
        folders.setdefault(folder, []).append(name)
    limit = budget_tokens * CHARACTERS_PER_TOKEN
    full = "\n".join(f"{folder or '.'}/: {', '.join(names)}" for folder, names in folders.items())
    if len(full) <= limit:
        return full
    counts = {folder: len(names) for folder, names in folders.items()}
    for depth in range(max((folder.count("/") + 1 for folder in counts if folder), default=0), 0, -1):
        text = "\n".join(f"{folder or '.'}/: {n} files" for folder, n in _joined(counts, depth).items())
        if len(text) <= limit:
            return text
    return _cut([f"{folder or '.'}/: {n} files" for folder, n in _joined(counts, 1).items()], limit)


def _joined(counts: dict[str, int], depth: int) -> dict[str, int]:
    joined: dict[str, int] = {}
    for folder, n in counts.items():
        top = "/".join(folder.split("/")[:depth])
        joined[top] = joined.get(top, 0) + n
    return joined


def _cut(lines: list[str], limit: int) -> str:
    kept: list[str] = []
    for i, line in enumerate(lines):
        rest = f"and {len(lines) - i} more folders"
        if sum(map(len, kept)) + len(kept) + len(line) + len(rest) + 2 > limit:
            return "\n".join([*kept, rest]) if limit >= len(rest) else ""
        kept.append(line)
    return "\n".join(kept)
