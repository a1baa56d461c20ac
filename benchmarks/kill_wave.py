"""kill -9 at random moments of a run of 24 units, 8 of them asked at once: what was answered and is asked again.

    python benchmarks/kill_wave.py FOLDER [TIMES] [SECONDS]

A question counts as answered once the peer, which takes SECONDS for each, has sent its last byte. Half of the moments
lie anywhere in the run, half within a fifth of a second after an answer. FOLDER is made anew. Before the kill the
process is stopped, and the sockets are counted that hold bytes which it had not read: on a busy machine it may not have
run at all since they came. What is asked again beyond these is lost.
"""

import random
import shutil
import signal
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.peer import Peer, Question, Say, write_all
from tests.workshop import Workshop

UNITS, JOBS = 24, 8


def stored(shop: Workshop) -> dict[str, float]:
    """When the reply of each path was on disk, in seconds of the monotonic clock."""
    ahead = time.time() - time.monotonic()
    found = {}
    for entry in (shop.task / ".codegen/store/reply").rglob("[0-9a-f]" * 64):
        path = entry.read_text().partition('"text": "')[2].partition("\\n")[0]
        found[path] = entry.stat().st_mtime - ahead
    return found


def prepared(folder: Path, peer: Peer) -> Workshop:
    """A task of which nothing was asked."""
    shop = Workshop(folder, {"README.md": "hi\n"})
    paths = [f"src/f{i}.py" for i in range(UNITS)]
    shop.plan("# Plan\n\n" + "".join(f"## `{path}`\n\nWrite it.\n\n" for path in paths), paths)
    shop.models(peer.url, more=f"generate: {{jobs: {JOBS}}}\n", name="openai/m")
    return shop


def unread(port: int, process: int) -> int:
    """How many of a process's connections to the port hold bytes that it has not read."""
    own = {str(handle.readlink()) for handle in Path(f"/proc/{process}/fd").iterdir() if handle.is_symlink()}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    full = [row for row in rows if row[2].endswith(f":{port:04X}") and int(row[4].partition(":")[2], 16)]
    return sum(f"socket:[{row[9]}]" in own for row in full)


def killed(
    shop: Workshop, peer: Peer, dice: random.Random, length: float, after_answer: bool
) -> tuple[int, list[float], int]:
    """Kills one run. Returns how many questions had been answered; for each of these that is asked again how long
    before the kill that was, in milliseconds; and how many answers had not been read."""
    before, done = len(peer.requests), len(peer.answered)
    run = shop.start("codegen")
    if after_answer:
        while len(peer.answered) == done and run.poll() is None:
            time.sleep(0.001)
        time.sleep(dice.uniform(0.0, 0.2))
    else:
        time.sleep(dice.uniform(0.0, length))
    moment = time.monotonic()
    run.send_signal(signal.SIGSTOP)
    waiting = unread(peer.port, run.pid)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    answered = {path: when for question, when in peer.answered[done:] if when < moment for path in question.paths}
    asked = len(peer.requests)
    assert shop.doit("codegen").returncode == 0
    again = {path for question in peer.requests[asked:] for path in question.paths}
    assert len(peer.requests) >= before + UNITS
    return len(answered), [1000 * (moment - when) for path, when in answered.items() if path in again], waiting


def main(folder: Path, times: int, seconds: float) -> None:
    """Prints how long replies wait to be stored, then the kills."""
    dice = random.Random(1)

    def author(question: Question) -> Say:
        return Say(write_all(question).text, delay=seconds)

    shutil.rmtree(folder, ignore_errors=True)
    with Peer(author) as peer:
        shop = prepared(folder / "quiet", peer)
        began = time.monotonic()
        assert shop.doit("codegen").returncode == 0
        length, there = time.monotonic() - began, stored(shop)
        waits = sorted(1000 * (there[path] - when) for question, when in peer.answered for path in question.paths)
        middle = statistics.median(waits)
        print(
            f"run {length:.2f} s; a reply is on disk {middle:.0f} ms (median), {waits[-1]:.0f} ms (most) after it came"
        )
        lost, answered, with_loss, beyond = list[float](), 0, 0, 0
        for number in range(times):
            shop = prepared(folder / str(number), peer)
            came, again, waiting = killed(shop, peer, dice, length, number % 2 == 1)
            lost, answered, with_loss = lost + again, answered + came, with_loss + bool(again)
            beyond += max(0, len(again) - waiting)
            shutil.rmtree(shop.root)
        print(f"{times} kills, {answered} questions answered before them")
        late = f", come at most {max(lost):.1f} ms before" if lost else ""
        print(f"asked again: {len(lost)}, in {with_loss} kills{late}; {beyond} of them had been read")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(Path(given[0]), int(given[1]) if len(given) > 1 else 200, float(given[2]) if len(given) > 2 else 0.3)
