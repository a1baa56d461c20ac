"""The table of edge cases: what our applier, git and GNU patch make of our patch, and whether git would print it.

python -m benchmarks.diff_cases          (from the root of the repository)
"""

import shutil
import tempfile
from pathlib import Path

from codegen_tasks.diff import apply_patch, make_patch
from tests.diff_cases import CASES, Case
from tests.diff_trees import applied_by_git, applied_by_gnu_patch, changes_between, git_diff


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = [(case.name, *judge(case, Path(folder))) for case in CASES]
    for row in [("case", "ours", "git apply", "git apply -R", "GNU patch", "equal to git"), *rows]:
        print("{:36}{:8}{:12}{:14}{:20}{}".format(*row))
    print(f"{len(rows)} cases;", *(f"{title}: {sum(row[n] == 'yes' for row in rows)}" for n, title in COLUMNS))


COLUMNS = [(1, "ours"), (2, "git apply"), (3, "git apply -R"), (4, "GNU patch"), (5, "equal to git")]


def judge(case: Case, scratch: Path) -> tuple[str, ...]:
    patch = make_patch(changes_between(case.before, case.after), case.context_lines)
    theirs = git_diff(scratch, case.before, case.after, case.context_lines)
    gnu = "not there"
    if shutil.which("patch"):
        gnu = "yes" if applied_by_gnu_patch(scratch, case.before, patch) == case.after else case.gnu or "NO"
    return (
        "yes" if apply_patch(patch, case.before) == case.after else "NO",
        "yes" if applied_by_git(scratch, case.before, patch) == case.after else "NO",
        "yes" if applied_by_git(scratch, case.after, patch, "-R") == case.before else "NO",
        gnu,
        "yes" if patch == theirs else "delta" if b"\ndelta " in theirs else "NO",
    )


if __name__ == "__main__":
    main()
