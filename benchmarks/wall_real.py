"""The wall on real files: parts left out in the words of `wall_real/remarks.toml`, and edits that leave nothing out.

    python wall_real.py [--show] [--half 0|1]       files of the standard library and of installed packages
    python wall_real.py --repositories PATH...      changed files of real commits (bare or normal clones)

Each remark is put into files of several languages, in places and ways drawn by its own digest, so that every run sees
the same cases. `--half` splits the remarks by their digest: one half to develop on, the other to check.
"""

import argparse
import re
import sys
import sysconfig
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path, PurePosixPath
from random import Random
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from codegen_tasks.edits import apply_replies
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

Remarks = dict[str, list[str]]  # by human language
REMARKS, FITTED = (
    tomllib.loads((Path(__file__).parent / "wall_real" / name).read_text(encoding="utf-8"))
    for name in ("remarks.toml", "fitted.toml")
)
SLASHES = {
    ".ts",
    ".tsx",
    ".js",
    ".mjs",
    ".go",
    ".rs",
    ".java",
    ".kt",
    ".c",
    ".h",
    ".cpp",
    ".hpp",
    ".cs",
    ".php",
    ".swift",
    ".scss",
}
HASHES = {".py", ".rb", ".sh", ".yml", ".yaml", ".toml", ".pyi", "Makefile", "Dockerfile"}
MARKS = {
    ".css": "/* {} */",
    ".html": "<!-- {} -->",
    ".md": "<!-- {} -->",
    ".vue": "<!-- {} -->",
    ".sql": "-- {}",
    ".json": "// {}",
}
PER_KIND = 60  # files of one suffix
ROUNDS = 3  # places for each remark
LINES = range(40, 700)
GOOD_WAYS = ("beside", "new", "rewritten", "beside a loss")
NAME = re.compile(
    r"(?:def|class|function|func|fn|fun|struct|interface|enum|const|let|void|int|public|private|static|override|pub)\s+(\w+)"
)


class File(NamedTuple):
    """A file as it was and as a real change (or none) left it."""

    path: str
    before: str
    after: str


class Case(NamedTuple):
    """A file before and after a reply, and whether something was left out, in which way."""

    name: str
    way: str
    good: bool
    path: str
    before: str | None
    after: str


class Block(NamedTuple):
    """Lines of deeper indentation below a heading: `start` to `end` (exclusive), from 0."""

    start: int
    end: int
    indent: str


def kind_of(path: str) -> str:
    return PurePosixPath(path).suffix or PurePosixPath(path).name


def comment(kind: str, text: str) -> str:
    if kind in SLASHES:
        return f"// {text}"
    return MARKS[kind].format(text) if kind in MARKS else f"# {text}"


def installed() -> Iterator[File]:
    known = SLASHES | HASHES | set(MARKS)
    for root in (sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["purelib"]):
        for path in sorted(Path(root).rglob("*")):
            if kind_of(path.name) in known and path.is_file():
                try:
                    text = path.read_text(encoding="utf-8")
                except (UnicodeDecodeError, OSError):
                    continue
                yield File(path.relative_to(root).as_posix(), text, text)


def committed(repositories: list[str]) -> Iterator[File]:
    import pygit2

    known = SLASHES | HASHES | set(MARKS)
    for repository in repositories:
        store = pygit2.Repository(repository)
        taken: Counter[str] = Counter()
        for number, commit in enumerate(store.walk(store.revparse_single("HEAD").peel(pygit2.Commit).id)):
            if number > 1500 or len(commit.parents) != 1:
                continue
            for delta in store.diff(commit.parents[0].tree, commit.tree).deltas:
                path, kind = delta.new_file.path, kind_of(delta.new_file.path)
                if delta.status_char() != "M" or kind not in known or taken[kind] >= PER_KIND // 2:
                    continue
                try:
                    before, after = (store[side.id].data.decode() for side in (delta.old_file, delta.new_file))
                except (KeyError, UnicodeDecodeError):
                    continue
                taken[kind] += 1
                yield File(path, before, after)


def by_kind(files: Iterator[File]) -> dict[str, list[File]]:
    found: dict[str, list[File]] = {}
    for file in files:
        if file.after.count("\n") in LINES and file.before.count("\n") in LINES and "\r" not in file.after:
            found.setdefault(kind_of(file.path), []).append(file)
    return {
        kind: Random(7).sample(sorted(of_kind), min(len(of_kind), PER_KIND)) for kind, of_kind in sorted(found.items())
    }


def blocks_of(lines: list[str]) -> list[Block]:
    """Runs of at least four lines that are indented deeper than the line above them."""
    depth = [len(line) - len(line.lstrip()) if line.strip() else 999 for line in lines]
    found = []
    for at in range(len(lines) - 4):
        if depth[at] == 999 or depth[at + 1] == 999 or depth[at + 1] <= depth[at]:
            continue
        end = next((i for i in range(at + 1, len(lines)) if depth[i] <= depth[at]), len(lines))
        while end > at + 1 and not lines[end - 1].strip():
            end -= 1
        if end - at > 4:
            found.append(Block(at + 1, end, lines[at + 1][: depth[at + 1]]))
    return found


def paragraphs_of(lines: list[str]) -> list[Block]:
    """Runs of at least four lines at the left margin or of one paragraph: for files without indentation."""
    starts = [
        i for i in range(1, len(lines)) if lines[i].strip() and not lines[i - 1].strip() and not lines[i][:1].isspace()
    ]
    return [
        Block(a, b, "") for a, b in pairwise([*starts, len(lines)]) if sum(map(bool, map(str.strip, lines[a:b]))) > 3
    ]


def filled(remark: str, lost: list[str]) -> str:
    names = [*dict.fromkeys(NAME.findall("\n".join(lost))), "setup", "render"]
    return remark.replace("{a}", names[0]).replace("{b}", names[1]).replace("{n}", str(len(lost)))


def body(lines: list[str], block: Block, mark: Callable[[str], str], random: Random) -> list[str]:
    return [*lines[: block.start], block.indent + mark("\n".join(lines[block.start : block.end])), *lines[block.end :]]


def part(lines: list[str], block: Block, mark: Callable[[str], str], random: Random) -> list[str]:
    start = random.randrange(block.start, block.end - 3)
    end = random.randrange(start + 3, block.end + 1)
    indent = min(
        (line[: len(line) - len(line.lstrip())] for line in lines[start:end] if line.strip()),
        key=len,
        default=block.indent,
    )
    return [*lines[:start], indent + mark("\n".join(lines[start:end])), *lines[end:]]


def siblings(lines: list[str], block: Block, mark: Callable[[str], str], random: Random) -> list[str]:
    head = lines[block.start - 1]
    start, end = block.start - 1, block.end
    while end < len(lines) and lines[end].strip() and re.match(r"[ \t]*(?:[)\]}]|end\b|</)", lines[end]):
        end += 1
    indent = head[: len(head) - len(head.lstrip())]
    return [*lines[:start], indent + mark("\n".join(lines[start:end])), *lines[end:]]


def rest(lines: list[str], block: Block, mark: Callable[[str], str], random: Random) -> list[str]:
    head = lines[block.start - 1]
    return [
        *lines[: block.start - 1],
        head[: len(head) - len(head.lstrip())] + mark("\n".join(lines[block.start - 1 :])),
        "",
    ]


WAYS = {"body": body, "part": part, "siblings": siblings, "rest": rest}


def bad_cases(
    files: dict[str, list[File]], remarks_of: Remarks = REMARKS["bad"], rounds: int = ROUNDS
) -> Iterator[Case]:
    for human, remarks in remarks_of.items():
        for number, remark in enumerate(remarks):
            random = Random(sha256(remark.encode()).digest())
            for turn in range(rounds):
                kind = list(files)[(number * ROUNDS + turn * 7 + len(human)) % len(files)]
                file = random.choice(files[kind])
                lines = file.after.split("\n")
                blocks = blocks_of(lines) or paragraphs_of(lines)
                if not blocks:
                    continue
                block, way = (
                    random.choice(blocks),
                    random.choice([w for w in WAYS if "{b}" not in remark or w != "part"]),
                )
                bare = kind == ".json" and random.random() < 0.3

                def mark(lost: str, remark: str = remark, kind: str = kind, bare: bool = bare) -> str:
                    text = filled(remark, lost.split("\n"))
                    return text if bare or (kind == ".md" and text.startswith("[")) else comment(kind, text)

                after = "\n".join(WAYS[way](lines, block, mark, random))
                yield Case(f"{human}-{number:02}-{turn}", way, False, file.path, file.before, after)


def cut_cases(files: dict[str, list[File]]) -> Iterator[Case]:
    """Text that stops: in a line, after a line, after a whole block."""
    for kind, of_kind in files.items():
        random = Random(kind)
        for number in range(6):
            file = random.choice(of_kind)
            lines = file.after.rstrip("\n").split("\n")
            blocks = blocks_of(lines) or paragraphs_of(lines)
            if not blocks:
                continue
            block = random.choice(blocks)
            if number % 3 == 0:
                at = random.randrange(len(lines) // 3, len(lines) - 2)
                after = "\n".join([*lines[:at], lines[at][: max(1, len(lines[at]) * 2 // 3)]])
                way = "in a line"
            elif number % 3 == 1:
                at = random.randrange(len(lines) // 3, len(lines) - 2)
                after, way = "\n".join(lines[:at]), "after a line"
            else:
                end = block.end + (block.end < len(lines) and bool(lines[block.end].strip()))
                after, way = "\n".join(lines[:end]), "after a block"
            if len(lines) - after.count("\n") > 3:
                yield Case(
                    f"cut-{kind}-{number}", way, False, file.path, file.before, after + "\n" * (way != "in a line")
                )


def good_cases(
    files: dict[str, list[File]], remarks_of: Remarks = REMARKS["good"], ways: Sequence[str] = GOOD_WAYS
) -> Iterator[Case]:
    for human, remarks in remarks_of.items():
        for number, remark in enumerate(remarks):
            random = Random(sha256(remark.encode()).digest())
            for turn, way in enumerate(ways):
                kinds = [kind for kind in files if kind != ".json"]
                kind = kinds[(number * 4 + turn * 5 + len(human)) % len(kinds)]
                file = random.choice(files[kind])
                lines = file.after.split("\n")
                blocks = blocks_of(lines) or paragraphs_of(lines)
                if not blocks:
                    continue
                after = good_edit(way, lines, random.choice(blocks), comment(kind, remark), random)
                yield Case(
                    f"{human}-{number:02}-{turn}",
                    way,
                    True,
                    file.path,
                    None if way == "new" else file.before,
                    "\n".join(after),
                )


def good_edit(way: str, lines: list[str], block: Block, remark: str, random: Random) -> list[str]:
    noted = block.indent + remark
    if way in ("beside", "new"):
        return [*lines[: block.start], noted, *lines[block.start :]]
    if way == "rewritten":  # three lines or more become half as many new ones with a remark above
        size = block.end - block.start
        fresh = [
            line + "  "
            if not line.strip()
            else re.sub(r"[a-z]{4,}", lambda m: m[0][:3] + "q" + m[0][3:], line, count=1)
            for line in lines[block.start : block.start + max(1, size // 2)]
        ]
        return [*lines[: block.start], noted, *fresh, *lines[block.end :]]
    end = block.end  # the block after the heading goes with its heading, and the remark stands with what comes next
    while end < len(lines) and (not lines[end].strip() or re.match(r"[ \t]*(?:[)\]}]|end\b|</)", lines[end])):
        end += 1
    if end >= len(lines):
        return [*lines[: block.start], noted, *lines[block.start :]]
    indent = lines[end][: len(lines[end]) - len(lines[end].lstrip())]
    return [*lines[: block.start - 1], indent + remark, *lines[end:]]


def plain_cases(files: dict[str, list[File]]) -> Iterator[Case]:
    """Real changes as they are, and files that truly lose a block."""
    for kind, of_kind in files.items():
        random = Random(kind)
        for number, file in enumerate(random.sample(of_kind, min(12, len(of_kind)))):
            yield Case(f"real-{kind}-{number}", "real", True, file.path, file.before, file.after)


def parses_as_before(case: Case) -> bool:
    """Whether a good case is one: what we did to the file did not break it."""
    from codegen_tasks.edits.syntax import gate

    return not gate(case.path, case.before, case.after)


def refusal(case: Case) -> str | None:
    base = {} if case.before is None else {case.path: Blob(case.before.encode())}
    reply = f"Here it is.\n\n{case.path}\n``````\n{case.after.removesuffix(chr(10))}\n``````\n"
    try:
        apply_replies([reply], base, [case.path])
    except EditFailed as error:
        return error.message
    return None


def half_of(case: Case) -> int:
    return sha256(case.name.rpartition("-")[0].encode()).digest()[0] % 2


def changed(case: Case, most: int = 8) -> list[str]:
    """The first lines that came and went, to be read."""
    before, after = (case.before or "").split("\n"), case.after.split("\n")
    gone = [f"- {line}" for line in before if line not in set(after)]
    return [
        *gone[:most],
        f"- and {max(0, len(gone) - most)} more",
        *[f"+ {line}" for line in after if line not in set(before)][:most],
    ]


def table(cases: list[Case], show: bool) -> None:
    rows: dict[tuple[str, str], Counter[str]] = {}
    for case in cases:
        refused = refusal(case)
        row = rows.setdefault(("good" if case.good else "bad", case.way), Counter())
        row["cases"] += 1
        row["wrong"] += case.good == bool(refused)
        if show and case.good == bool(refused):
            print(f"{'FALSE ALARM' if case.good else 'MISSED'} {case.name} {case.way} {case.path}: {refused or ''}")
            print("\n".join(f"    {line}" for line in changed(case)))
    for label in ("bad", "good"):
        for (of, way), row in sorted(rows.items()):
            if of == label:
                print(f"{label:5} {way:15} {row['cases']:5} {row['wrong']:4} wrong")
        total = sum((row for (of, _), row in rows.items() if of == label), Counter[str]())
        rate = total["wrong"] / max(1, total["cases"])
        print(
            f"{label:5} {'all':15} {total['cases']:5} {total['wrong']:4} wrong  "
            + (f"recall {1 - rate:.3f}" if label == "bad" else f"false alarms {rate:.4f}")
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repositories", nargs="+", default=[])
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    chosen = parser.parse_args()
    files = by_kind(committed(chosen.repositories) if chosen.repositories else installed())
    print({kind: len(of_kind) for kind, of_kind in files.items()})
    cases = [*bad_cases(files), *cut_cases(files), *good_cases(files), *plain_cases(files)]
    cases = [c for c in cases if (not c.good or c.way == "real" or parses_as_before(c)) and c.before != c.after]
    table([case for case in cases if chosen.half in (None, half_of(case))], chosen.show)


if __name__ == "__main__":
    main()
