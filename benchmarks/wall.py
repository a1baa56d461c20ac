"""How many replies that leave code out does the wall stop, and how many good ones? Prints a table per language.

    python wall.py [--dev | --held-out] [--show] [--peek TEXT]
    python wall.py --commits REPOSITORY...     how many files of real commits it would refuse (bare or normal clones)

A case file holds base files cut into named chunks, and replies made of chunks and new text: see `wall_cases/README.md`.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from codegen_tasks.edits import apply_replies, is_cut_off
from codegen_tasks.edits.completeness import check
from codegen_tasks.edits.syntax import gate
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

CASES = Path(__file__).parent / "wall_cases"


class Case(NamedTuple):
    """A reply to a base file, and what is right to do with it."""

    name: str
    good: bool
    format: str
    path: str
    before: str | None
    after: str
    reply: str

    @property
    def held_out(self) -> bool:
        """Half of the cases, chosen by their content: never looked at while the rules were made."""
        return sha256(self.reply.encode()).digest()[0] % 2 == 1


def read_cases(file: Path) -> Iterator[Case]:
    chunks: dict[str, str] = {}
    path, count = "", 0
    for part in file.read_text(encoding="utf-8").split("§")[1:]:
        head, _, body = part.partition("\n")
        word, *rest = head.split()
        if word == "base":
            path, chunks = rest[0], {}
        elif word in ("good", "bad"):
            count += 1
            yield build(f"{file.stem}-{count:02}", word == "good", rest, path, chunks, body)
        else:
            chunks[word] = body


def build(name: str, good: bool, kind: list[str], path: str, chunks: dict[str, str], body: str) -> Case:
    text = "".join(included(line, chunks) for line in body.splitlines(keepends=True))
    base = "".join(chunks.values())
    if kind[0] == "new":
        return Case(name, good, "new", kind[1], None, text, fenced(kind[1], text))
    if kind[0] == "cut":
        return Case(name, good, "cut", path, base, text, fenced(path, text).removesuffix("`````\n"))
    if kind[0] == "whole":
        return Case(name, good, "whole", path, base, text if text.endswith("\n") else text + "\n", fenced(path, text))
    search = chunks[kind[1]]
    after = "".join(text if key == kind[1] else chunk for key, chunk in chunks.items())
    block = f"{path}\n`````\n<<<<<<< SEARCH\n{search}=======\n{text.removesuffix(chr(10))}\n>>>>>>> REPLACE\n`````\n"
    return Case(name, good, "edit", path, base, after, block)


def fenced(path: str, text: str) -> str:
    return f"Here is the file.\n\n{path}\n`````\n{text.removesuffix(chr(10))}\n`````\n"


def included(line: str, chunks: dict[str, str]) -> str:
    key, _, share = line.strip()[1:].partition("%")
    if not line.startswith("=") or key not in chunks:
        return line
    chunk = chunks[key]
    return chunk[: len(chunk) * int(share) // 100].rstrip("\n") if share else chunk


def refusal(case: Case) -> str | None:
    """What a reply is refused with: by the engine from the raw reply on, the wall and the gate included."""
    if is_cut_off(case.reply):
        return "cut off"
    base = {} if case.before is None else {case.path: Blob(case.before.encode())}
    try:
        outcome = apply_replies([case.reply], base, [case.path])
    except EditFailed as error:
        return error.message
    for change in outcome.changes:
        after = change.after.data.decode() if change.after else ""
        reason = check(change.path, case.before, after) or gate(change.path, case.before, after)
        if reason:
            return reason
    return None


def directly(case: Case) -> str | None:
    if is_cut_off(case.reply):
        return "cut off"
    return check(case.path, case.before, case.after) or gate(case.path, case.before, case.after)


def table(cases: list[Case], judge: object, show: bool) -> None:
    rows: dict[str, Counter[str]] = {}
    for case in cases:
        refused = judge(case)  # type: ignore[operator] # one of the two functions above
        row = rows.setdefault(case.name.rpartition("-")[0], Counter())
        row["good" if case.good else "bad"] += 1
        if case.good == bool(refused):
            row["false alarm" if case.good else "missed"] += 1
            if show:
                print(
                    f"  {'FALSE ALARM' if case.good else 'MISSED'} {case.name} {case.format}: {refused or case.reply}"
                )
    total = sum(rows.values(), Counter[str]())
    print(f"{'':12} {'bad':>5} {'stopped':>8} {'recall':>7} {'good':>6} {'alarms':>7} {'rate':>7}")
    for name, row in [*sorted(rows.items()), ("all", total)]:
        stopped = row["bad"] - row["missed"]
        print(
            f"{name:12} {row['bad']:5} {stopped:8} {stopped / max(1, row['bad']):7.3f}"
            f" {row['good']:6} {row['false alarm']:7} {row['false alarm'] / max(1, row['good']):7.4f}"
        )


def changed_files(repository: str, limit: int) -> Iterator[tuple[str, str, str | None, str]]:
    import pygit2

    store, left = pygit2.Repository(repository), limit
    for commit in store.walk(store.revparse_single("HEAD").peel(pygit2.Commit).id):
        if len(commit.parents) != 1 or left <= 0:
            continue
        for delta in store.diff(commit.parents[0].tree, commit.tree).deltas:
            try:
                after = store[delta.new_file.id].data.decode()
                before = store[delta.old_file.id].data.decode() if delta.status_char() == "M" else None
            except (KeyError, ValueError):
                continue
            if delta.status_char() in "AM" and len(after) < 500_000:
                left -= 1
                yield str(commit.id)[:9], delta.new_file.path, before, after


def commits(repositories: list[str], limit: int, show: bool) -> None:
    print(f"{'repository':50} {'files':>6} {'wall':>5} {'gate':>5} {'ms a file':>10}")
    for repository in repositories:
        count, seconds, walls, gates = 0, 0.0, 0, 0
        for commit, path, before, after in changed_files(repository, limit):
            started = time.process_time()
            wall = check(path, before, after)
            seconds += time.process_time() - started
            syntax = gate(path, before, after)
            count, walls, gates = count + 1, walls + bool(wall), gates + bool(syntax)
            if show and (wall or syntax):
                print(f"  {commit} {wall or syntax}")
        print(f"{repository[-50:]:50} {count:6} {walls:5} {gates:5} {1000 * seconds / max(1, count):10.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="only the half the rules were made on")
    parser.add_argument("--held-out", action="store_true", help="only the other half")
    parser.add_argument("--direct", action="store_true", help="ask the wall itself instead of the whole engine")
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    parser.add_argument("--file", type=Path, action="append", help="this case file instead of all of them")
    parser.add_argument("--commits", nargs="+", metavar="REPOSITORY")
    parser.add_argument("--limit", type=int, default=2000, help="changed files per repository")
    chosen = parser.parse_args()
    if chosen.commits:
        commits(chosen.commits, chosen.limit, chosen.show)
        return
    cases = [case for file in chosen.file or sorted(CASES.glob("*.txt")) for case in read_cases(file)]
    if chosen.dev or chosen.held_out:
        cases = [case for case in cases if case.held_out == chosen.held_out]
    table(cases, directly if chosen.direct else refusal, chosen.show)


if __name__ == "__main__":
    main()
