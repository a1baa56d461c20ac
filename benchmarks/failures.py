"""Every kind of failure of the contract that exists so far, provoked for real: exit code, `next`, retryable.

    python benchmarks/failures.py FOLDER

FOLDER is made anew. Models are a local peer; a full disk is a small tmpfs where the machine lets us mount one.
"""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.peer import Action, Peer, Question, Refuse, Say, write_all
from tests.workshop import Workshop

Case = Callable[[Workshop, Peer], object]


def say(text: str, finish: str | None = "stop", delay: float = 0.0) -> Callable[[Question], Action]:
    return lambda question: Say(text, finish, delay)


def rule(action: Callable[[Question], Action]) -> Case:
    def case(shop: Workshop, peer: Peer) -> object:
        peer.rule = action
        return shop.doit("codegen")

    return case


def refuse(status: int, message: str, code: str | None = None) -> Case:
    return rule(lambda question: Refuse(status, message, "invalid_request_error", code))


def config(text: str) -> Case:
    def case(shop: Workshop, peer: Peer) -> object:
        (shop.task / "codegen.yaml").write_text(text)
        return shop.doit("codegen")

    return case


def chain(more: str, spec: str = "", name: str = "hosted_vllm/m") -> Case:
    def case(shop: Workshop, peer: Peer) -> object:
        shop.models(peer.url, more=more, spec=spec, name=name)
        return shop.doit("codegen")

    return case


def plan(*entries: object) -> Case:
    def case(shop: Workshop, peer: Peer) -> object:
        shop.plan("# Plan\n\nDo it.\n", entries)
        return shop.doit("codegen")

    return case


def interrupted(number: int) -> Case:
    def case(shop: Workshop, peer: Peer) -> object:
        peer.rule = say("late", delay=60)
        run = shop.start("codegen")
        while not peer.requests:
            assert run.poll() is None
        run.send_signal(number)
        run.wait()
        return run

    return case


def locked(shop: Workshop, peer: Peer) -> object:
    peer.rule = say("late", delay=60)
    first = shop.start("codegen")
    while not peer.requests:
        assert first.poll() is None
    second = shop.doit("codegen")
    first.kill()
    first.wait()
    return second


def moved(shop: Workshop, peer: Peer) -> object:
    assert shop.doit("codegen").returncode == 0
    shop.put("a.py", "moved = 1\n")
    return shop.doit("apply", "--yes")


def full_disk(shop: Workshop, peer: Peer) -> object:
    (shop.task / ".codegen").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=500", "none", str(shop.task / ".codegen")]
    if subprocess.run(mount, capture_output=True).returncode:
        return None
    try:
        (shop.task / ".codegen" / "filler").write_bytes(b"x" * 48_000)
        peer.rule = lambda question: Say(write_all(question).text + "\n\nAnd so on. " * 9000)
        return shop.doit("codegen")
    finally:
        subprocess.run(["umount", str(shop.task / ".codegen")], check=True)


def read_only(shop: Workshop, peer: Peer) -> object:
    if subprocess.run(["mount", "--bind", "-o", "ro", str(shop.task), str(shop.task)], capture_output=True).returncode:
        return None
    subprocess.run(["mount", "-o", "remount,ro,bind", str(shop.task)], check=True)
    try:
        return shop.doit("codegen")
    finally:
        subprocess.run(["umount", str(shop.task)], check=True)


CASES: dict[str, Case] = {
    "a reply writes another file": rule(lambda q: Say(write_all(q).text + "\nother.py\n```\nx = 1\n```\n")),
    "a reply without the file": rule(say("I would rather not.")),
    "a reply writes only another file": rule(say("other.py\n```\nx = 1\n```\n")),
    "503, always": refuse(503, "overloaded"),
    "429, always": refuse(429, "slow down", "rate_limit_exceeded"),
    "nobody listens": config(
        "roles: {codegen: [{model: hosted_vllm/m, api_base: 'http://127.0.0.1:9/v1', retries: 0}]}"
    ),
    "401": refuse(401, "bad key"),
    "404, no such model": refuse(404, "no such model", "model_not_found"),
    "an unknown provider": chain("", name="nobody/nothing"),
    "the key's variable is not set": chain("", spec="api_key_env: NO_SUCH_KEY"),
    "offline without an answer": chain("store: {offline: true}\n"),
    "an unknown price under a budget": chain("generate: {max_cost_usd: 0.01}\n"),
    "a worst case over the budget": chain(
        "generate: {max_cost_usd: 0.0001}\n", name="openai/gpt-4o", spec="api_key_env: PATH"
    ),
    "SEARCH text that is not there": rule(say("a.py\n<<<<<<< SEARCH\nnot = there\n=======\nx = 1\n>>>>>>> REPLACE\n")),
    "a file that does not parse": rule(say("a.py\n```\ndef f(:\n```\n")),
    "cut off for ever": rule(say("a.py\n```\nx = (1,\n", "length")),
    "the working tree moved under apply": moved,
    "a second run at the same time": locked,
    "nothing would change": rule(say("a.py\n```\na = 1\n```\n")),
    "a plan that climbs": plan("../a.py"),
    "no plan.md": lambda shop, peer: ((shop.task / "plan.md").unlink(), shop.doit("codegen"))[1],
    "an unknown key": config("generat: {}\n"),
    "a full disk": full_disk,
    "a read-only task directory": read_only,
    "Ctrl-C": interrupted(signal.SIGINT),
    "SIGTERM": interrupted(signal.SIGTERM),
}


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{'how':36s}{'exit':>5s}  {'kind':18s}{'next':13s}{'retry':7s}requests  ready.json")
    for i, (name, case) in enumerate(CASES.items()):
        with Peer(write_all) as peer:
            shop = Workshop(folder / str(i), {"a.py": "a = 1\n"})
            shop.plan("# Plan\n\nDo it.\n", ["a.py"])
            shop.models(peer.url)
            run = case(shop, peer)
            if run is None:
                print(f"{name:36s}  not provoked: this machine does not let us")
                continue
            failure = shop.read("failure.json") if shop.code("failure.json").exists() else {}
            facts = [str(failure.get(key, "-")) for key in ("kind", "next", "retryable")]
            code = run.returncode  # type: ignore[attr-defined] # a CompletedProcess or a Popen
            signals = "there" if shop.code("ready.json").exists() else "none"
            print(f"{name:36s}{code:5d}  {facts[0]:18s}{facts[1]:13s}{facts[2]:7s}{len(peer.requests):8d}  {signals}")


if __name__ == "__main__":
    main()
