"""Trees whose git settings convert contents: what `git apply` makes of our diff, beside what `doit apply` writes.

python -m benchmarks.diff_attributes          (from the root of the repository)

Each setting gets a repository, checked out afresh, so that the working tree is what git makes of it. `doit apply`
writes the contents of code/files to the byte; where it says "the same", git does so, too.
"""

import subprocess
import tempfile
from pathlib import Path

from codegen_tasks.diff import make_patch
from codegen_tasks.records import Blob, FileChange
from tests.diff_trees import HERMETIC

TEXT = b"one $Id$\ntwo\nthree\n"
SETTINGS: list[tuple[str, str, dict[str, str]]] = [
    ("none", "", {}),
    ("core.autocrlf=true", "", {"core.autocrlf": "true"}),
    ("core.autocrlf=input", "", {"core.autocrlf": "input"}),
    ("text=auto", "* text=auto\n", {}),
    ("text eol=crlf", "* text eol=crlf\n", {}),
    ("text eol=lf", "* text eol=lf\n", {}),
    ("working-tree-encoding", "* text working-tree-encoding=UTF-16LE-BOM\n", {}),
    ("ident", "* ident\n", {}),
    ("filter", "* filter=up\n", {"filter.up.clean": "tr A-Z a-z", "filter.up.smudge": "tr a-z A-Z"}),
]


def git(folder: Path, settings: dict[str, str], *words: str) -> subprocess.CompletedProcess[bytes]:
    named = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    return subprocess.run(["git", *who, *named, *words], cwd=folder, env=HERMETIC, capture_output=True)


def changes_of(now: bytes) -> dict[str, FileChange]:
    """The ways a file of the tree changes, and a new one comes, as a model would write them."""
    return {
        "update": FileChange("f.txt", Blob(now), Blob(now + now)),
        "delete": FileChange("f.txt", Blob(now), None),
        "new, LF": FileChange("new.txt", None, Blob(b"one\ntwo\n")),
        "new, CRLF": FileChange("new.txt", None, Blob(b"one\r\ntwo\r\n")),
    }


def judge(folder: Path, attributes: str, settings: dict[str, str], kind: str) -> str:
    git(folder, {}, "init", "-q", ".")
    (folder / ".gitattributes").write_text(attributes)
    (folder / "f.txt").write_bytes(TEXT)
    git(folder, {}, "add", ".gitattributes")
    oid = git(folder, {}, "hash-object", "-w", "--no-filters", "f.txt").stdout.strip().decode()
    git(folder, {}, "update-index", "--add", "--cacheinfo", f"100644,{oid},f.txt")
    git(folder, {}, "commit", "-qm", "start")
    (folder / "f.txt").unlink()
    git(folder, settings, "checkout", "--", "f.txt")
    change = changes_of((folder / "f.txt").read_bytes())[kind]
    (folder / ".git/diff.patch").write_bytes(make_patch([change]))
    run = git(folder, settings, "apply", ".git/diff.patch")
    if run.returncode:
        return "refused"
    place = folder / change.path
    found = place.read_bytes() if place.exists() else None
    wanted = None if change.after is None else change.after.data
    return "the same" if found == wanted else f"writes {(found or b'')[:12]!r}"


def main() -> None:
    kinds = list(changes_of(TEXT))
    print("{:24}".format("setting"), *(f"{kind:34}" for kind in kinds))
    for name, attributes, settings in SETTINGS:
        cells = []
        for kind in kinds:
            with tempfile.TemporaryDirectory() as folder:
                cells.append(judge(Path(folder), attributes, settings, kind))
        print(f"{name:24}", *(f"{cell:34}" for cell in cells))


if __name__ == "__main__":
    main()
