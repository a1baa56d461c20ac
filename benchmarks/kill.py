"""Kills a run at random moments, by SIGKILL and SIGTERM in turn, and counts what was paid twice.

    python benchmarks/kill.py [--kills 200] [--units 40] [--jobs 8] [--seed 1]

A run is a child that was forked after LiteLLM's import, so that the moments fall into the asking. It is started again
until it comes to its end. No unit may be asked for again once its reply is in the store.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from codegen_tasks.files import write_atomic
from codegen_tasks.generate import Asking, Limits
from codegen_tasks.providers import chat
from codegen_tasks.records import Message, ModelSpec, Request, digest, encode
from codegen_tasks.store import Store, question_digest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.asked import answer
from tests.peer import Peer, Question, Say, write_all


def request(number: int) -> Request:
    """The question of a unit."""
    path = f"u{number}.py"
    return Request(path, (path,), (Message("user", f"Hello.\n\n## Write these files\n- {path}\n"),), "whole", 1)


def run(root: Path, spec: ModelSpec, options: argparse.Namespace) -> None:
    """The child: all units, then the digest of all answers."""
    asking = Asking(Store(root / "store"), "", limits=Limits(options.jobs))
    signal.signal(signal.SIGTERM, lambda *_: (asking.stop.set(), os._exit(143)))

    def one(number: int) -> bytes:
        asked = request(number)
        return encode(answer(asked, {asked.unit: None}, (spec,), asking))

    with ThreadPoolExecutor(options.jobs) as threads:
        answers = b"".join(threads.map(one, range(options.units)))
    write_atomic(root / "digest", digest(answers).encode())


def forked(root: Path, spec: ModelSpec, options: argparse.Namespace) -> int:
    """The process id of a run of its own."""
    child = os.fork()
    if child == 0:
        try:
            run(root, spec, options)
        finally:
            os._exit(0)
    return child


def paid(root: Path, spec: ModelSpec, options: argparse.Namespace) -> set[str]:
    """The units whose reply is in the store."""
    store = Store(root / "store")
    units = [request(number) for number in range(options.units)]
    return {asked.unit for asked in units if store.get_reply(question_digest(asked, spec)) is not None}


def measure(options: argparse.Namespace, root: Path, peer: Peer) -> None:
    """Kills and goes on until all kills are spent; a run that came to its end starts afresh elsewhere."""
    dice = random.Random(options.seed)
    spec = ModelSpec("openai/m", api_base=peer.url, api_key_env="HOME")
    os.waitpid(forked(root / "undisturbed", spec, options), 0)
    expected = (root / "undisturbed" / "digest").read_bytes()
    rounds, twice, other, lost_in_flight = 0, 0, 0, 0
    kills = options.kills
    while kills:
        rounds += 1
        work = root / f"round{rounds}"
        while True:
            known, before = paid(work, spec, options), len(peer.requests)
            child = forked(work, spec, options)
            if kills:
                time.sleep(dice.uniform(0.0, options.longest))
                os.kill(child, signal.SIGKILL if kills % 2 else signal.SIGTERM)
                kills -= 1
            os.waitpid(child, 0)
            asked = [path for question in peer.requests[before:] for path in question.paths]
            twice += sum(path in known for path in asked)
            lost_in_flight += len(set(asked) - paid(work, spec, options))
            if (work / "digest").exists():
                break
        other += (work / "digest").read_bytes() != expected
    print(f"{options.kills} kills in {rounds} runs of {options.units} units")
    print(f"asked again although the reply was stored: {twice}; in flight when killed: {lost_in_flight}")
    print(f"runs with other answers at the end than the undisturbed one: {other}")


def main() -> None:
    """Imports LiteLLM once, starts the peer, and kills."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--units", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=1.5, help="seconds until the latest kill")
    options = parser.parse_args()
    assert chat, "imported here, or every child would spend its life on it"

    def rule(asked: Question) -> Say:
        return Say(write_all(asked).text, delay=0.05 + asked.number * 37 % 251 / 1000)

    with Peer(rule) as peer, tempfile.TemporaryDirectory() as folder:
        measure(options, Path(folder), peer)


if __name__ == "__main__":
    main()
