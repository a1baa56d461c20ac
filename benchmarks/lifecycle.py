"""The promises of the lifecycle, measured on a real repository and under kill -9.

    python benchmarks/lifecycle.py real REPOSITORY FOLDER     a clone of REPOSITORY, any git directory, meets a plan
    python benchmarks/lifecycle.py kill FOLDER [TIMES]        kill -9 at random moments of a 12-unit run
    python benchmarks/lifecycle.py clean FOLDER [TIMES]       kill -9 at random moments of `doit clean`
    python benchmarks/lifecycle.py jobs FOLDER                8 units, 8 jobs, a peer that takes 2 s; then with 1 job

FOLDER is made anew. The models are a local peer that speaks the chat API.
"""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.peer import Peer, Question, Say
from tests.workshop import DODO, LEAN, Workshop, fingerprint, git, tree


def author(question: Question) -> Say:
    """Whole new files; the same question always has the same answer."""
    return Say("\n".join(f"{path}\n```\nwritten = {path!r}\n```" for path in question.paths))


def real(repository: str, folder: Path) -> None:
    """A plan of 6 and more files that creates, updates and deletes, carried out on somebody else's repository."""
    subprocess.run(["git", "clone", "-q", repository, str(folder)], env=LEAN, check=True)
    tracked = git(folder, "ls-files", "-z").split("\0")[:-1]
    sources = [path for path in tracked if path.endswith((".py", ".go", ".ts", ".js"))]
    update, delete = sources[:: max(1, len(sources) // 4)][:4], sources[-2:]
    create = ["planned/one.py", "planned/two/three.py", "a new name.txt"]
    shop = Workshop.at(folder)
    shop.task.mkdir()
    (shop.task / "dodo.py").write_text(DODO)
    entries = [{"path": p, "intent": "update"} for p in update] + [{"path": p, "intent": "delete"} for p in delete]
    entries += [{"path": p, "intent": "create"} for p in create]
    shop.plan("# Plan\n\n" + "".join(f"## `{entry['path']}`\n\nDo it.\n\n" for entry in entries), entries)
    (folder / ".git/info/exclude").write_text("task/\n")
    before = (fingerprint(folder, shop.task), git(folder, "status", "--porcelain"), git(folder, "for-each-ref"))
    with Peer(author) as peer:
        shop.models(peer.url, spec="format: whole")
        run = shop.doit("codegen")
        first = len(peer.requests)
        again = shop.doit("codegen")
        second = len(peer.requests) - first
    after = (fingerprint(folder, shop.task), git(folder, "status", "--porcelain"), git(folder, "for-each-ref"))
    patch = str(shop.code("diff.patch"))
    print(f"tracked files {len(tracked)}; plan: {len(update)} updates, {len(create)} creates, {len(delete)} deletions")
    print(f"exit {run.returncode}, again {again.returncode}; requests {first}, again {second}")
    print(f"working tree, index, refs, config, stash the same: {before == after}")
    git(folder, "apply", "--check", patch)
    git(folder, "apply", patch)
    written = shop.files()
    equal = all((folder / path).read_bytes() == data for path, data in written.items())
    gone = not any((folder / path).exists() for path in delete)
    print(f"git apply --check: ok; applied equals code/files: {equal and gone} ({len(written)} files)")


def kill(folder: Path, times: int) -> None:
    """Kills a run at random moments, then lets it end; compares with a run that was left alone."""
    paths = [f"src/f{i}.py" for i in range(12)]
    entries = [{"path": path, **({"depends_on": [paths[i - 1]]} if i % 3 == 2 else {})} for i, path in enumerate(paths)]
    text = "# Plan\n\n" + "".join(f"## `{path}`\n\nWrite it.\n\n" for path in paths)
    random.seed(1)

    def slow(question: Question) -> Say:
        return Say(author(question).text, delay=random.uniform(0.05, 0.3))

    def prepare(name: str, url: str) -> Workshop:
        shop = Workshop(folder / name, {"README.md": "hi\n"})
        shop.plan(text, entries)
        shop.models(url)
        return shop

    with Peer(slow) as peer:
        quiet = prepare("quiet", peer.url)
        started = time.monotonic()
        assert quiet.doit("codegen").returncode == 0
        length = time.monotonic() - started
        want = {k: v for k, v in quiet.outputs().items() if k != "ready.json"}
        same, twice, ended = 0, 0, 0
        for turn in range(times):
            shop = prepare(f"k{turn}", peer.url)
            start = len(peer.requests)
            run = shop.start("codegen")
            time.sleep(random.uniform(0.0, length))
            run.send_signal(signal.SIGKILL)
            run.wait()
            ended += run.returncode == 0
            stored = len(tree(shop.task / ".codegen/store/reply"))
            asked = len(peer.requests) - start
            last = shop.doit("codegen")
            assert last.returncode == 0, last.stdout
            total = len(peer.requests) - start
            twice += max(0, total - 12 - max(0, asked - stored))
            same += {k: v for k, v in shop.outputs().items() if k != "ready.json"} == want
            shutil.rmtree(shop.root)
    print(f"kills {times} within {length:.1f} s (run had ended before: {ended})")
    print(f"final bytes equal to the undisturbed run's: {same} of {times}")
    print(f"questions asked twice beyond those in flight at the kill: {twice}")


def clean(folder: Path, times: int) -> None:
    """Kills `doit clean` at random moments: the outputs must be all there or all gone, and the next run ends well."""
    paths = [f"src/f{i}.py" for i in range(300)]
    shop = Workshop(folder / "clean", {"README.md": "hi\n"})
    shop.plan("# Plan\n\nWrite them.\n", [{"path": path, "group": "all"} for path in paths])
    random.seed(2)
    old, new, mixed, lost = 0, 0, 0, 0
    with Peer(author) as peer:
        shop.models(peer.url)
        assert shop.doit("codegen").returncode == 0
        began = time.monotonic()
        shop.doit("clean")
        length = time.monotonic() - began
        for _ in range(times):
            run = shop.doit("codegen")
            assert run.returncode == 0, run.stdout
            before = {k: v for k, v in shop.outputs().items() if not k.startswith(("context/", "replies/", ".git"))}
            kept = len(list(shop.code("archive").glob("[0-9]*")))
            started = shop.start("clean")
            time.sleep(random.uniform(0.3, 1.0) * length)
            started.send_signal(signal.SIGKILL)
            started.wait()
            after = {k: v for k, v in shop.outputs().items() if not k.startswith(("context/", "replies/", ".git"))}
            old, new = old + (after == before), new + (not after)
            mixed += bool(after) and after != before
            shop.doit("list")
            assert shop.doit("codegen").returncode == 0
            archives = sorted(shop.code("archive").glob("[0-9]*"))
            lost += len(archives) < kept or any(tree(a / "files") != tree(archives[0] / "files") for a in archives)
    print(f"kills {times}: old state {old}, new state {new}, a mixture {mixed}; archives lost or torn {lost}")


def jobs(folder: Path) -> None:
    """Wall time after LiteLLM's import, from the first request's arrival to the end of the process."""
    paths = [f"src/f{i}.py" for i in range(8)]
    arrived: list[float] = []

    def slow(question: Question) -> Say:
        arrived.append(time.monotonic())
        return Say(author(question).text, delay=2.0)

    outputs = []
    with Peer(slow) as peer:
        for count in (8, 1):
            arrived.clear()
            shop = Workshop(folder / f"jobs{count}", {"README.md": "hi\n"})
            shop.plan("# Plan\n\n" + "".join(f"## `{path}`\n\nWrite it.\n\n" for path in paths), paths)
            shop.models(peer.url, more=f"generate: {{jobs: {count}}}\n")
            assert shop.doit("codegen").returncode == 0
            print(f"jobs {count}: {time.monotonic() - arrived[0]:.2f} s from the first request to the end")
            outputs.append({k: v for k, v in shop.outputs().items() if k != "ready.json"})
    print(f"the same bytes: {outputs[0] == outputs[1]}")


def main() -> None:
    what, *args = sys.argv[1:]
    folder = Path(args[1] if what == "real" else args[0]).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    if what == "real":
        real(args[0], folder)
    elif what in ("kill", "clean"):
        (kill if what == "kill" else clean)(folder, int(args[1]) if len(args) > 1 else 50)
    else:
        jobs(folder)


if __name__ == "__main__":
    main()
