"""Real commits to fit weights on: which definitions of other files do their added lines use? One JSON object a line.

    python benchmarks/context_commits.py REPO... --names NAME... --count 25 --novel 12 --out commits.jsonl

An instance is a commit that touches 1 to 10 files, adds 5 to 200 lines and uses a definition of a
file it does not touch. `--novel` of them must use one that neither the touched files nor the message speak of.
"""

import argparse
import json
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from codegen_tasks.context.focus import without_strings
from codegen_tasks.context.index import Index, open_index

CODE = (".py", ".go", ".ts", ".tsx", ".js", ".mjs")
NAME = re.compile(r"[A-Za-z_$][\w$]{3,}")


def git(repo: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", repo, *words], capture_output=True, check=True).stdout.decode(errors="replace")


def checkout(repos: Path, cache: Path, name: str, commit: str) -> Path:
    """A clone of `repos/name` below `cache`, at a commit."""
    work = cache / name
    if not work.is_dir():
        subprocess.run(["git", "clone", "-q", "--shared", "--no-checkout", repos / name, work], check=True)
    git(work, "checkout", "-f", "-q", "--detach", commit)
    return work


def used_names(code: str) -> set[str]:
    """Names that are called, looked into or imported, and those in mixed case: the others may be anybody's variable."""
    firm = set(re.findall(r"([A-Za-z_$][\w$]{3,})\s*[(.]", code))
    for line in code.split("\n"):
        if re.match(r"\s*(from|import)\b", line):
            firm.update(NAME.findall(line))
    found = {name for name in NAME.findall(code) if not name.islower() or name in firm}
    bare = set(
        re.findall(r"(?<![.\w$])([a-z]{4,})\b", code)
    )  # a single word is a definition's name where it is an attribute
    return {
        name
        for name in found
        if not name.startswith("_") and (name not in bare or not name.isalpha() or not name.islower())
    }


def added_lines(repo: Path, commit: str, parent: str, paths: list[str]) -> dict[str, list[str]]:
    """The lines that a commit adds to files of code."""
    code = [path for path in paths if path.endswith(CODE)]
    patch = git(repo, "diff", "-U0", "--no-renames", "--no-color", parent, commit, "--", *code)
    added: dict[str, list[str]] = {}
    path = ""
    for line in patch.split("\n"):
        if line.startswith("+++ "):
            path = line[6:]
        elif line.startswith("+"):
            added.setdefault(path, []).append(line[1:])
    return added


def instance(index: Index, work: Path, repo: str, commit: str, parent: str, status: dict[str, str]) -> dict | None:
    """The instance of a commit whose parent is checked out in `work`, or None if it shows nothing."""
    added = added_lines(work, commit, parent, list(status))
    count = sum(map(len, added.values()))
    used = {name for path, lines in added.items() for name in used_names(without_strings(path, "\n".join(lines)))}
    message = git(work, "log", "-1", "--format=%B", commit).strip()
    spoken = set(NAME.findall(message))
    before = {n for p in status if (work / p).is_file() for n in NAME.findall((work / p).read_text(errors="replace"))}
    touched = {index.rows[p] for p in status if p in index.rows}
    truth = []
    names = index.names(used)
    for name in sorted(used):
        rows = set(names[name][1])
        if not rows or rows & touched or len(rows) > 3:
            continue
        found = [
            (index.paths[row], d)
            for row in sorted(rows)
            for d in index.outlines([row])[row].definitions
            if d.name == name
        ]
        found = [(p, d) for p, d in found if p.endswith(CODE) and d.kind not in ("heading", "key")]
        if not found or len(found) > 3:
            continue
        defs = [
            {"path": p, "line": d.line, "kind": d.kind, "text": d.signature[:80], "prefix": d.signature[:40]}
            for p, d in found
        ]
        truth.append({"name": name, "defs": defs, "in_message": name in spoken, "in_planned": name in before})
    if not truth or len(truth) > 16:
        return None
    return {"repo": repo, "parent": parent, "commit": commit, "paths": sorted(status), "status": status,
            "message": message, "added_lines": count, "truth": truth}  # fmt: skip


def instances(repo: Path, name: str, count: int, novel: int, cache: Path) -> Iterator[dict]:
    work = cache / name.replace("/", "+")
    if not work.is_dir():
        subprocess.run(["git", "clone", "-q", "--shared", "--no-checkout", repo, work], check=True)
    log = git(repo, "log", "--no-merges", "--format=%x00%H %P", "--name-status", "--no-renames", "-n", "6000")
    commits = []
    for block in log.split("\0")[1:]:
        head, *rest = [line for line in block.split("\n") if line]
        changed = [line.split("\t") for line in rest if line[:1] in "AMD" and "\t" in line]
        if len(head.split()) == 2 and 1 <= len(changed) <= 10 and any(path.endswith(CODE) for _, path in changed):
            commits.append((*head.split(), changed))
    random.Random(7).shuffle(commits)
    for commit, parent, changed in commits[: 12 * (count + novel)]:
        if count + novel == 0:
            return
        status = {path: letter for letter, path in changed}
        if not 5 <= sum(map(len, added_lines(repo, commit, parent, list(status)).values())) <= 200:
            continue
        git(work, "checkout", "-f", "-q", "--detach", parent)
        paths = sorted(path for path in git(work, "ls-files", "-z").split("\0") if path)
        if sum(path.endswith(CODE) for path in paths) < 20:
            continue
        index = open_index(work, paths, cache / f"{name.replace('/', '+')}.sqlite")
        made = instance(index, work, name, commit, parent, status)
        if made is None:
            continue
        is_novel = any(not t["in_planned"] and not t["in_message"] for t in made["truth"])
        if is_novel and novel:
            novel -= 1
        elif count:
            count -= 1
        else:
            continue
        yield made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repos", nargs="+", type=Path)
    parser.add_argument("--names", nargs="+", required=True)
    parser.add_argument("--count", type=int, default=25)
    parser.add_argument("--novel", type=int, default=12)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    args = parser.parse_args()
    cache = args.cache or Path(tempfile.mkdtemp(prefix="context-commits-"))
    cache.mkdir(parents=True, exist_ok=True)
    with args.out.open("a") as out:
        for repo, name in zip(args.repos, args.names, strict=True):
            n = 0
            for made in instances(repo, name, args.count, args.novel, cache):
                out.write(json.dumps(made) + "\n")
                out.flush()
                n += 1
            print(name, n, "instances", flush=True)
    if not args.cache:
        shutil.rmtree(cache)


if __name__ == "__main__":
    main()
