"""300 units against a peer with latency: `answer` in threads, as doit calls it, beside a bare asyncio + httpx loop.

    python benchmarks/throughput.py [--units 300] [--jobs 64] [--latency 0.2] [--at-once N] [--rounds 3] [--model NAME]

The peer is a process of its own. LiteLLM's import is not counted: one question is asked before the clock starts.
`--at-once 20` makes the peer answer 429 to whoever is the 21st.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from codegen_tasks.generate import Asking, Limits, answer
from codegen_tasks.records import Message, ModelSpec, Request
from codegen_tasks.store import Store

ROOT = Path(__file__).resolve().parent.parent
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
    command = [sys.executable, str(ROOT / "tests" / "peer.py"), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


async def bare(url: str, options: argparse.Namespace) -> None:
    """The same requests, streamed, with nothing around them."""
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
        await asyncio.gather(*(ask(client, number) for number in range(options.units)))


def ours(url: str, folder: Path, options: argparse.Namespace) -> int:
    """All units through `answer`; returns how many calls failed on the way."""
    spec = ModelSpec(options.model, api_base=url, api_key_env="HOME")
    events = folder / "events.jsonl"
    asking = Asking(Store(folder / "store"), "", limits=Limits(options.jobs), events=events)

    def one(number: int) -> None:
        question = request(number)
        answer(question, {question.unit: None}, (spec,), asking)

    with ThreadPoolExecutor(options.jobs) as threads:
        list(threads.map(one, range(options.units)))
    return sum(json.loads(line)["event"] == "fault" for line in events.read_text().splitlines())


def main() -> None:
    """Prints one line a round."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=64)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--at-once", type=int, default=10**6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", default="openai/m")
    options = parser.parse_args()
    with peer(options) as url, tempfile.TemporaryDirectory() as folder:
        ours(url, Path(folder) / "first", argparse.Namespace(**{**vars(options), "units": 1}))
        for number in range(options.rounds):
            started = time.perf_counter()
            asyncio.run(bare(url, options))
            middle = time.perf_counter()
            cpu = time.process_time()
            refused = ours(url, Path(folder) / str(number), options)
            cpu = time.process_time() - cpu
            mine, its = time.perf_counter() - middle, middle - started
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(
                f"ours {mine:.2f} s ({cpu:.2f} s CPU)  bare {its:.2f} s  ratio {mine / its:.2f}"
                f"  failed calls {refused}  peak {peak} MB"
            )


if __name__ == "__main__":
    main()
