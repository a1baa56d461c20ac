"""300 units against a peer with latency: `answer` in threads, as doit calls it, beside a bare asyncio + httpx loop.

    python benchmarks/throughput.py [--units 300] [--jobs 64] [--latency 0.2] [--at-once N] [--rounds 5] [--model NAME]
    python benchmarks/throughput.py --product        a whole `doit codegen` of as many units

The peer and the bare loop are processes of their own. Neither LiteLLM's import is counted (one question is asked before
the clock starts) nor the bare loop's. `--at-once 20` makes the peer answer 429 to whoever is the 21st.
"""

import argparse
import asyncio
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from codegen_tasks.events import EventLog
from codegen_tasks.generate import Asking, Limits
from codegen_tasks.records import Message, ModelSpec, Request
from codegen_tasks.store import Store

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.asked import answer
from tests.peer import Peer, Question, Say, write_all
from tests.workshop import Workshop

PEER = Path(__file__).resolve().parent.parent / "tests" / "peer.py"

SHARED = "You write whole files.\n" + "x" * 4000
PLAN = "y" * 8000


def request(number: int) -> Request:
    """A question of about 3,000 tokens."""
    path = f"unit{number}.py"
    asked = f"{PLAN}\n\n## Write these files\n- {path}\n"
    return Request(path, (path,), (Message("system", SHARED), Message("user", asked)), "whole", 1)


@contextmanager
def peer(options: argparse.Namespace) -> Iterator[str]:
    """A peer in a process of its own; yields its URL."""
    arguments = ["--latency", str(options.latency), "--at-once", str(options.at_once)]
    command = [sys.executable, str(PEER), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


async def bare(url: str, options: argparse.Namespace) -> float:
    """The same requests, streamed, with nothing around them; returns the seconds."""
    places = asyncio.Semaphore(options.jobs)
    limits = httpx.Limits(max_connections=options.jobs)

    async def ask(client: httpx.AsyncClient, number: int) -> None:
        messages = [{"role": message.role, "content": message.content} for message in request(number).messages]
        body = {"model": "m", "messages": messages, "stream": True, "stream_options": {"include_usage": True}}
        async with places, client.stream("POST", f"{url}/chat/completions", json=body) as reply:
            async for line in reply.aiter_lines():
                if line.startswith("data: {"):
                    json.loads(line[6:])

    async with httpx.AsyncClient(limits=limits, timeout=60) as client:
        started = time.perf_counter()
        await asyncio.gather(*(ask(client, number) for number in range(options.units)))
        return time.perf_counter() - started


def bare_elsewhere(url: str, options: argparse.Namespace) -> float:
    """`bare` in a process without LiteLLM, whose heap would slow it down."""
    sizes = ["--units", str(options.units), "--jobs", str(options.jobs)]
    command = [sys.executable, __file__, "--bare", url, *sizes]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def ours(url: str, folder: Path, options: argparse.Namespace) -> int:
    """All units through `answer`; returns how many calls failed on the way."""
    spec = ModelSpec(options.model, api_base=url, api_key_env="HOME")
    events = folder / "events.jsonl"
    asking = Asking(Store(folder / "store"), "", limits=Limits(options.jobs), log=EventLog(events))

    def one(number: int) -> None:
        question = request(number)
        answer(question, {question.unit: None}, (spec,), asking)

    with ThreadPoolExecutor(options.jobs) as threads:
        list(threads.map(one, range(options.units)))
    return sum(json.loads(line)["event"] == "fault" for line in events.read_text().splitlines())


def compare(url: str, folder: Path, options: argparse.Namespace) -> None:
    """A line a round, the two in turn; then the median of their ratio and how far it went."""
    ours(url, folder / "first", argparse.Namespace(**{**vars(options), "units": 1}))
    ratios = []
    for number in range(options.rounds):
        its = bare_elsewhere(url, options)
        started, cpu = time.perf_counter(), time.process_time()
        refused = ours(url, folder / str(number), options)
        mine, cpu = time.perf_counter() - started, time.process_time() - cpu
        ratios.append(mine / its)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"ours {mine:.2f} s ({cpu:.2f} s CPU)  bare {its:.2f} s  ratio {mine / its:.2f}"
            f"  failed calls {refused}  peak {peak} MB  load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    print(f"{options.model}: ratio {statistics.median(ratios):.2f} (median of {options.rounds}), {spread}")


def product(folder: Path, options: argparse.Namespace) -> None:
    """A whole run of doit, and how much of it came after the first question."""
    arrived: list[float] = []

    def rule(question: Question) -> Say:
        arrived.append(time.perf_counter())
        return Say(write_all(question).text, delay=options.latency)

    shop = Workshop(folder, {"README.md": "hi\n"})
    shop.plan("# Plan\n\nWrite them.\n", [f"src/f{number}.py" for number in range(options.units)])
    with Peer(rule) as peer:
        shop.models(
            peer.url, name=options.model, spec="api_key_env: HOME", more=f"generate: {{jobs: {options.jobs}}}\n"
        )
        started = time.perf_counter()
        run = shop.doit("codegen")
        end = time.perf_counter()
    print(f"exit {run.returncode}, {len(arrived)} requests, {end - started:.2f} s in all")
    print(
        f"first to last question {arrived[-1] - arrived[0]:.2f} s, last question to the end {end - arrived[-1]:.2f} s"
    )


def main() -> None:
    """Does what the options say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=64)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--at-once", type=int, default=10**6)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--model", default="openai/m")
    parser.add_argument("--product", action="store_true")
    parser.add_argument("--bare", metavar="URL", help="only the bare loop, against a peer that runs; prints seconds")
    options = parser.parse_args()
    if options.bare:
        print(asyncio.run(bare(options.bare, options)))
        return
    gc.set_threshold(100_000)  # as the tasks set it
    with tempfile.TemporaryDirectory() as folder:
        if options.product:
            product(Path(folder), options)
            return
        with peer(options) as url:
            compare(url, Path(folder), options)


if __name__ == "__main__":
    main()
