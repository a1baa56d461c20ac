"""Plans that people have already, as tasks in words: spec-kit, OpenSpec, Kiro, lists, issues, diffs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from codegen_tasks.errors import BadPlan
from codegen_tasks.text import decode

MOST = 4 << 20  # bytes of a file
_ORDER = (
    "proposal",
    "spec",
    "requirements",
    "bugfix",
    "research",
    "design",
    "plan",
    "data-model",
    "quickstart",
    "tasks",
)
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[(?P<box>[ xX~/-])\]\s*)?(?P<text>.+)$")
_FENCE = re.compile(r"^\s*(```+|~~~+)")
_DIFF = re.compile(r"^(?:diff --git |--- \S|Index: )", re.MULTILINE)


@dataclass(frozen=True)
class Task:
    """One thing to be done, as it is written: `where` names file and line."""

    text: str
    where: str


@dataclass(frozen=True)
class Source:
    """What was read. `kind` is what it was taken for, `text` the plan in words, `own` the paths that belong to the plan
    itself; `done` counts tasks that are ticked off."""

    kind: str
    title: str
    text: str
    tasks: tuple[Task, ...]
    own: frozenset[str] = frozenset()
    done: int = 0


def read_source(path: Path) -> Source:
    """A folder of a known kind, or a file. Raises BadPlan."""
    if path.is_dir():
        return _folder(path)
    text = _text(path)
    if path.suffix in (".diff", ".patch") or _DIFF.match(text):
        return Source("a unified diff", path.stem, text, ())
    tasks, done = _tasks(path.name, text)
    kind = "a list of tasks" if any(_ITEM.match(line) for line in text.split("\n")) else "text"
    return Source(kind, _title(text) or path.stem, text, tasks, frozenset({path.name}), done)


def _folder(folder: Path) -> Source:
    found = sorted(folder.rglob("*.md"), key=_place)
    names = {path.relative_to(folder).as_posix() for path in found}
    kind = next((kind for kind, needed in _KINDS if needed <= names), None)
    if kind is None:
        hint = "name one with tasks.md beside plan.md (spec-kit), proposal.md (OpenSpec) or design.md (Kiro), or a file"
        raise BadPlan(f"{folder.name} holds no plan of a known kind", hint=hint)
    texts = {path: _text(path) for path in found}
    tasks, done = _tasks("tasks.md", texts[folder / "tasks.md"])
    lead = next(
        path for path in found if path.name in ("plan.md", "proposal.md", "requirements.md", "design.md", "bugfix.md")
    )
    whole = "\n\n".join(text.strip("\n") for text in texts.values()) + "\n"
    return Source(kind, _title(texts[lead]) or folder.name, whole, tasks, frozenset(path.name for path in found), done)


_KINDS = (
    ("a change of OpenSpec", {"proposal.md", "tasks.md"}),
    ("a feature of spec-kit", {"plan.md", "tasks.md"}),
    ("a spec of Kiro", {"design.md", "tasks.md"}),
    ("a spec of Kiro", {"requirements.md", "tasks.md"}),
    ("a list of tasks", {"tasks.md"}),
)


def _place(path: Path) -> tuple[int, str]:
    return (_ORDER.index(path.stem) if path.stem in _ORDER else len(_ORDER) - 2, path.as_posix())


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST:
            raise BadPlan(f"{path.name} has more than {MOST >> 20} MiB", hint="name the plan itself")
        return decode(path.read_bytes()).text
    except OSError as e:
        raise BadPlan(f"{path.name} cannot be read: {e.strerror}", hint="name a file or folder that can be read") from e


def _title(text: str) -> str:
    found = re.search(r"^#\s+(.+?)\s*#*$", text, re.MULTILINE)
    return found[1] if found else ""


def _tasks(name: str, text: str) -> tuple[tuple[Task, ...], int]:
    """The items of lists, or every line of a text without any. What is indented below an item belongs to it."""
    rows = list(_outside_fences(text))
    if not any(_ITEM.match(row) for _, row in rows):
        return tuple(Task(row.strip(), f"{name}:{number}") for number, row in rows if row.strip()), 0
    return _items(name, rows)


def _items(name: str, rows: Sequence[tuple[int, str]]) -> tuple[tuple[Task, ...], int]:
    """Where some items have boxes, those without are remarks: they belong to the item above, if they stand below it."""
    tasks: list[Task] = []
    boxes = any(item["box"] for _, row in rows if (item := _ITEM.match(row)))
    done, skipping = 0, False
    for number, row in rows:
        item = _ITEM.match(row)
        if item is not None and (item["box"] or not boxes):
            skipping = (item["box"] or " ") in "xX"
            done += skipping
            if not skipping:
                tasks.append(Task(item["text"].strip(), f"{name}:{number}"))
        elif row.startswith((" ", "\t")) and row.strip() and tasks and not skipping:
            tasks[-1] = Task(f"{tasks[-1].text} {row.strip()}", tasks[-1].where)
    return tuple(tasks), done


def _outside_fences(text: str) -> Iterator[tuple[int, str]]:
    """Numbered lines that are not inside a code block: what stands there is an example or a tree."""
    fence = ""
    for number, row in enumerate(text.split("\n"), 1):
        mark = _FENCE.match(row)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif not fence:
            yield number, row
