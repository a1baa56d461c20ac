"""What every known fault costs: requests that reached the peer, seconds, what the unit ended with.

    python benchmarks/faults.py [--model openai/m] [--retries 2] [--timeout 1.0]

Each fault stands once alone, and once before a model that answers. The faults are those of tests/faults.py.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from codegen_tasks.errors import CodegenError
from codegen_tasks.generate import Asking, Limits
from codegen_tasks.records import Message, ModelSpec, Request
from codegen_tasks.store import Store

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.asked import answer
from tests.faults import FAULTS, TEXT
from tests.peer import Action, Peer, Question, Say

QUESTION = Request("a.py", ("a.py",), (Message("user", "Hello.\n\n## Write these files\n- a.py\n"),), "whole", 1)


def ending(chain: tuple[ModelSpec, ...]) -> tuple[str, float]:
    """What a fresh unit ends with, and the seconds it took."""
    with tempfile.TemporaryDirectory() as folder:
        asking = Asking(Store(Path(folder)), "", backoff_s=0.01, limits=Limits(8, cool_down_s=0.01))
        started = time.perf_counter()
        try:
            end = f"answered by {answer(QUESTION, {'a.py': None}, chain, asking).replies[-1].model}"
        except CodegenError as error:
            end = error.kind
        return end, time.perf_counter() - started


def measure(name: str, options: argparse.Namespace) -> bool:
    """Prints the row of one fault; True if everything is as the table of faults says."""
    fault = FAULTS[name]

    def rule(asked: Question) -> Action:
        return Say(TEXT) if asked.model == "good" else fault.action

    settings = {"api_key_env": "PEER_KEY", "timeout_s": options.timeout, "retries": options.retries}
    with Peer(rule) as peer:
        bad = ModelSpec(options.model, api_base=peer.url, **settings)
        alone, alone_s = ending((bad,))
        asked = len(peer.requests)
        chained, chained_s = ending((bad, ModelSpec("openai/good", api_base=peer.url, **settings)))
        again = len(peer.requests) - asked
    as_expected = (alone, asked, again) == (fault.ends, fault.asked(options.retries), asked + 1)
    right = as_expected and chained == "answered by openai/good"
    flag = "ok" if right else "WRONG"
    print(
        f"{name:36}{asked:>4}{alone_s:>7.2f} s  {alone:18}{again:>4}{chained_s:>7.2f} s  {chained:26}{flag}", flush=True
    )
    return right


def main() -> None:
    """Prints the table; the exit code says whether every row is right."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="openai/m")
    parser.add_argument("--retries", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=1.0)
    options = parser.parse_args()
    os.environ["PEER_KEY"] = "nothing"
    print(f"{'fault':36}{'requests, seconds, end alone':>31}{'requests, seconds, end with another model':>48}")
    rows = [measure(name, options) for name in FAULTS]
    print(f"{sum(rows)} of {len(rows)} faults end as they must")
    sys.exit(not all(rows))


if __name__ == "__main__":
    main()
