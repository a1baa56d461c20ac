"""Trees on disk and at random, and git kept away from everybody's settings: what the tests of the diff share."""

import os
import random
import stat
import subprocess
import tempfile
from pathlib import Path

from codegen_tasks.records import Blob, FileChange

LINK = 0o120000
SCRIPT = 0o100755
HERMETIC = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CEILING_DIRECTORIES": "/",
    "LC_ALL": "C",
}
FORM = ("--binary", "--full-index", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv")

Tree = dict[str, Blob]


def changes_between(before: Tree, after: Tree) -> list[FileChange]:
    return [FileChange(path, before.get(path), after.get(path)) for path in {**before, **after}]


def os_path(root: Path, path: str) -> bytes:
    return os.fsencode(root) + b"/" + path.encode("utf-8", "surrogateescape")


def write_tree(root: Path, tree: Tree) -> None:
    root.mkdir(parents=True, exist_ok=True)
    for path, blob in tree.items():
        place = os_path(root, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if blob.mode == LINK:
            os.symlink(blob.data, place)
            continue
        with open(place, "wb") as file:
            file.write(blob.data)
        os.chmod(place, blob.mode & 0o777)


def read_tree(root: Path) -> Tree:
    tree, top = {}, os.fsencode(root)
    for folder, folders, files in os.walk(top):
        for name in files + [name for name in folders if os.path.islink(os.path.join(folder, name))]:
            place = os.path.join(folder, name)
            tree[os.path.relpath(place, top).decode("utf-8", "surrogateescape")] = read_blob(place)
    return tree


def read_blob(place: bytes) -> Blob:
    mode = os.lstat(place).st_mode
    if stat.S_ISLNK(mode):
        return Blob(os.readlink(place), LINK)
    with open(place, "rb") as file:
        return Blob(file.read(), SCRIPT if mode & stat.S_IXUSR else 0o100644)


def git(folder: Path, *words: str, stdin: bytes = b"", check: bool = True) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *words], cwd=folder, env=HERMETIC, input=stdin, capture_output=True, check=check)


def git_diff(scratch: Path, before: Tree, after: Tree, context_lines: int = 3) -> bytes:
    """What git prints between the two trees, made known to it as two trees of a bare repository."""
    repository = scratch / "objects.git"
    if not repository.exists():
        git(scratch, "init", "-q", "--bare", "objects.git")
    ids = [_import(repository, tree, f"refs/heads/t{number}") for number, tree in enumerate((before, after))]
    return git(repository, "diff", f"-U{context_lines}", *FORM, *ids).stdout


def _import(repository: Path, tree: Tree, ref: str) -> str:
    stream = [b"commit %s\ncommitter a <a> 0 +0000\ndata 0\ndeleteall\n" % ref.encode()]
    for path, blob in tree.items():
        name = path.encode("utf-8", "surrogateescape")
        quoted = b'"' + b"".join(b"\\%03o" % code for code in name) + b'"'
        stream.append(b"M %o inline %s\ndata %d\n%s\n" % (blob.mode, quoted, len(blob.data), blob.data))
    git(repository, "fast-import", "--quiet", "--force", stdin=b"".join(stream) + b"\n")
    return ref


NAMES = [
    "a",
    "b.py",
    "src/x.py",
    "src/y z.txt",
    'q"uote',
    "tab\tname",
    "line\nfeed",
    "é/ü.md",
    "back\\slash",
    "bad\udcff",
    " lead",
    "end ",
]
NAMES += [
    "a-b/c",
    "a.b",
    "-dash",
    "src/deep/er/file",
    "ünï",
    "$dollar",
    "per%cent",
    "star*",
    "semi;colon",
    "trail./x",
    "\x7fdel",
]
LINES = [
    b"",
    b" ",
    b"\t",
    b"def f():",
    b"class A:  ",
    b"  return 1",
    b"}",
    b"x = 1\r",
    b"\x0c",
    b"+plus",
    b"-minus",
    b"@@ -1 +1 @@",
    b"diff --git a/x b/x",
]
LINES += [
    b"\\ No newline at end of file",
    b"caf\xe9",
    "ünï".encode(),
    b"a\rb",
    b"--- a/x",
    b"_under " + b"w" * 90,
    b"$d " + "é".encode() * 45,
    b"name\x0b ",
    b"word\x0c",
]


def random_content(chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.05:
        return b""
    if kind < 0.10:
        return chance.randbytes(chance.randrange(1, 300)) + b"\0"
    if kind < 0.13:
        return "\n".join(chance.choices(["eins", "zwei", ""], k=9)).encode("utf-16")
    lines = chance.choices(LINES, k=chance.randrange(1, chance.choice((4, 12, 60))))
    return b"\n".join(lines) + (b"\n" if chance.random() < 0.8 else b"")


def changed_content(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(lines) + 1)
        lines[at : at + chance.randrange(3)] = chance.choices(LINES, k=chance.randrange(3))
    return b"\n".join(lines)


def random_blob(chance: random.Random) -> Blob:
    if chance.random() < 0.1:
        return Blob(chance.choice([b"x/y", b"../up", b"nowhere/at all", "ziél".encode(), b"new\nline"]), LINK)
    return Blob(random_content(chance), SCRIPT if chance.random() < 0.2 else 0o100644)


def random_pair(seed: int) -> tuple[Tree, Tree]:
    """Two trees that share most of their files. No path is both a file and a folder within one tree."""
    chance = random.Random(seed)
    before = {name: random_blob(chance) for name in chance.sample(NAMES, chance.randrange(0, 7))}
    after = {}
    for path, blob in before.items():
        kind = chance.random()
        if kind < 0.15:
            continue
        if kind < 0.25:
            after[path] = random_blob(chance)
        elif kind < 0.35 and blob.mode != LINK:
            after[path] = Blob(blob.data, SCRIPT if blob.mode != SCRIPT else 0o100644)
        elif kind < 0.85 and blob.mode != LINK:
            after[path] = Blob(changed_content(chance, blob.data), blob.mode)
        else:
            after[path] = blob
    for name in chance.sample(NAMES, chance.randrange(0, 4)):
        after.setdefault(name, random_blob(chance))
    if "a" in before and "a" not in after and chance.random() < 0.5:
        after["a/inside"] = random_blob(chance)
    return before, after


def applied_by_git(scratch: Path, tree: Tree, patch: bytes, *words: str) -> Tree | str:
    """What `git apply` makes of a tree on disk, outside any repository; its complaint if it refuses."""
    root = Path(tempfile.mkdtemp(dir=scratch))
    write_tree(root, tree)
    done = git(root, "apply", "--unidiff-zero", "--allow-empty", *words, "-", stdin=patch, check=False)
    return done.stderr.decode() if done.returncode else read_tree(root)


def applied_by_gnu_patch(scratch: Path, tree: Tree, patch: bytes) -> Tree | str:
    """The same by GNU patch."""
    root = Path(tempfile.mkdtemp(dir=scratch))
    write_tree(root, tree)
    command = ["patch", "-p1", "--binary", "--silent", "--force"]
    done = subprocess.run(command, cwd=root, env=HERMETIC, input=patch, capture_output=True, check=False)
    return done.stdout.decode() if done.returncode else read_tree(root)
