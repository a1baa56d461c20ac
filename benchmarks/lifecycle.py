"""The promises of the lifecycle, measured on a real repository and under kill -9.

    python benchmarks/lifecycle.py real REPOSITORY FOLDER     a clone of REPOSITORY, any git directory, meets a plan
    python benchmarks/lifecycle.py kill FOLDER [TIMES]        kill -9 and SIGTERM in turn in runs of 40 units
    python benchmarks/lifecycle.py clean FOLDER [TIMES]       kill -9 at random moments of `doit clean`
    python benchmarks/lifecycle.py jobs FOLDER                8 units, 8 jobs, a peer that takes 2 s; then with 1 job

FOLDER is made anew. The models are a local peer that speaks the chat API.
"""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
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
    """Kills runs of 40 units, and starts them again until they end by themselves; compares with a run left alone.

    Half of the moments lie anywhere in a run, half after its first question: most of a run is LiteLLM's import.
    """
    dice = random.Random(1)
    paths = [f"src/f{i}.py" for i in range(40)]
    entries = [{"path": path, **({"depends_on": [paths[i - 1]]} if i % 8 == 7 else {})} for i, path in enumerate(paths)]
    text = "# Plan\n\n" + "".join(f"## `{path}`\n\nWrite it.\n\n" for path in paths)

    def slow(question: Question) -> Say:
        return Say(author(question).text, delay=dice.uniform(0.05, 0.3))

    def prepare(name: str) -> Workshop:
        shutil.copytree(first.root, folder / name)
        return Workshop.at(folder / name)

    with Peer(slow) as peer:
        first = Workshop(folder / "first", {"README.md": "hi\n"})
        first.plan(text, entries)
        first.models(peer.url, more="generate: {jobs: 8}\n")
        quiet = prepare("quiet")
        started = time.monotonic()
        assert quiet.doit("codegen").returncode == 0
        tally, kills, length = Tally(), 0, time.monotonic() - started
        while kills < times:
            shop = prepare(f"history{tally.histories}")
            kills += _history(shop, peer, dice, range(kills, times), length, tally)
            tally.histories += 1
            tally.same += shop.outputs() == quiet.outputs()
            print(f"{kills} kills: {tally}", flush=True)
            shutil.rmtree(shop.root)
    print(f"{times} kills, SIGKILL and SIGTERM in turn, of runs of {length:.1f} s; {tally}")


@dataclass
class Tally:
    """What the histories came to. A history is one task directory, killed and started again until a run ends."""

    histories: int = 0
    same: int = 0
    asking: int = 0
    twice: int = 0
    in_flight: int = 0

    def __str__(self) -> str:
        return (
            f"{self.asking} of them between the first question and the last reply; in flight when killed: "
            f"{self.in_flight}; paid twice beyond those: {self.twice}; "
            f"bytes of the undisturbed run at the end: {self.same} of {self.histories}"
        )


def _history(shop: Workshop, peer: Peer, dice: random.Random, kills: range, length: float, tally: Tally) -> int:
    """One history; returns how many of `kills` it took."""
    for number in kills:
        before, known = len(peer.requests), _paid(shop)
        run = shop.start("codegen")
        if number % 4 < 2:
            time.sleep(dice.uniform(0.0, length))
        else:
            while len(peer.requests) == before and run.poll() is None:
                time.sleep(0.005)
            time.sleep(dice.uniform(0.0, 1.0))
        run.send_signal(signal.SIGTERM if number % 2 else signal.SIGKILL)
        run.communicate()
        asked = [path for question in peer.requests[before:] for path in question.paths]
        paid = _paid(shop)
        tally.asking += bool(asked) and len(paid) < 40
        tally.twice += len(asked) - len(set(asked) - known)
        tally.in_flight += len(set(asked) - paid)
        if run.returncode == 0:
            return number - kills.start  # it had ended, and nobody was killed
    before, known = len(peer.requests), _paid(shop)
    ended = shop.doit("codegen")
    assert ended.returncode == 0, ended.stdout
    tally.twice += len(peer.requests) - before - (40 - len(known))
    return len(kills)


def _paid(shop: Workshop) -> set[str]:
    """The paths whose reply is in the store."""
    entries = (shop.task / ".codegen/store/reply").rglob("[0-9a-f]" * 64)
    replies = [json.loads(entry.read_bytes().partition(b"\n")[2]) for entry in entries]
    return {reply["text"].partition("\n")[0] for reply in replies}


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
