"""Thousands of random pairs of trees against git: applied both ways, equal bytes, and the same bytes everywhere.

    python -m benchmarks.diff_trees [--pairs 5000] [--first 0]          (from the root of the repository)

Without context git itself cannot always apply what git prints: those pairs are counted apart.
The bytes are made again in a process with each of several odd environments, from another folder.
"""

import argparse
import collections
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from codegen_tasks.diff import apply_patch, make_patch
from tests.diff_trees import applied_by_git, changes_between, git_diff, random_pair

HOSTILE = """[diff]
\tnoprefix = true
\tmnemonicPrefix = true
\talgorithm = histogram
\tcontext = 0
\tinterHunkContext = 9
\trenames = copies
\tindentHeuristic = false
\texternal = false
\tcolorMoved = zebra
[core]
\tquotePath = false
\tautocrlf = true
\tabbrev = 4
\tattributesFile = {folder}/attributes
[color]
\tui = always
"""
CONTEXTS = (3, 3, 0, 1, 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--digest", action="store_true", help="only print the digest of all patches")
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.pairs)
    if given.digest:
        print(digest(seeds))
        return
    against_git(seeds)
    everywhere(seeds)


def patch_of(seed: int) -> bytes:
    before, after = random_pair(seed)
    return make_patch(changes_between(before, after), CONTEXTS[seed % len(CONTEXTS)])


def against_git(seeds: range) -> None:
    counts: dict[str, collections.Counter[str]] = {group: collections.Counter() for group in ("context", "no context")}
    for seed in seeds:
        before, after = random_pair(seed)
        patch = patch_of(seed)
        with tempfile.TemporaryDirectory() as folder:
            scratch = Path(folder)
            theirs = git_diff(scratch, before, after, CONTEXTS[seed % len(CONTEXTS)])
            delta = b"\ndelta " in theirs
            found = {
                "proved": apply_patch(patch, before) == after,
                "git apply": applied_by_git(scratch, before, patch) == after,
                "git apply -R": applied_by_git(scratch, after, patch, "-R") == before,
                "equal to git": patch == theirs,
                "equal but for a delta": delta and patch != theirs,
            }
        group = "context" if CONTEXTS[seed % len(CONTEXTS)] else "no context"
        counts[group].update(name for name, right in [("pairs", True), *found.items()] if right)
        if not (all(list(found.values())[:3]) and (patch == theirs or delta)):
            print("pair", seed, group, found)
    for group, times in counts.items():
        print(f"{group:12}", ", ".join(f"{name}: {number}" for name, number in times.items()))


def digest(seeds: range) -> str:
    return hashlib.sha256(b"".join(patch_of(seed) for seed in seeds)).hexdigest()


def everywhere(seeds: range) -> None:
    here = digest(seeds)
    root = Path(__file__).parent.parent
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / ".gitconfig").write_text(HOSTILE.format(folder=folder))
        (home / "attributes").write_text("* -diff text eol=crlf\n")
        subprocess.run(["git", "init", "-q", "."], cwd=folder, check=True)
        (home / ".git/config").write_text(HOSTILE.format(folder=folder))
        environments = {
            "again": {},
            "LANG=C": {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
            "Turkish": {"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
            "Turkish, Latin-5": {"LANG": "tr_TR.ISO-8859-9", "LC_ALL": "tr_TR.ISO-8859-9"},
            "hostile git settings": {
                "HOME": folder,
                "GIT_DIFF_OPTS": "-u0",
                "GIT_CONFIG_PARAMETERS": "'diff.noprefix=true'",
            },
            "no git on the path": {"PATH": ""},
        }
        for name, settings in environments.items():
            command = [sys.executable, "-m", "benchmarks.diff_trees", "--digest"]
            command += ["--pairs", str(len(seeds)), "--first", str(seeds.start)]
            env = {**os.environ, "PYTHONPATH": str(root), **settings}
            out = subprocess.run(command, cwd=folder, env=env, capture_output=True, check=True, text=True).stdout
            print(f"{name:24}", "same bytes" if out.strip() == here else "OTHER BYTES")


if __name__ == "__main__":
    main()
