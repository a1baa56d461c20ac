"""What commands of `check:` may do, and what comes of it: `python benchmarks/check_behaviours.py [FOLDER]`.

Each behaviour runs on a small repository as the check stage runs it, two at once. Printed are the verdict and its reason,
the processes that are left, and whether anything was written: to the tree, beside it, to its .git, to the home folder.
"""

import hashlib
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from codegen_tasks.check import Bench, Planned, Rules, Sandboxes, Seen, cut, judge_all, look_at, observe
from codegen_tasks.check.sandbox import Limits
from codegen_tasks.config import CheckCommand
from codegen_tasks.store import Store

MARK = f"CHECKMARK{os.getpid()}"
PY = (sys.executable, "-I", "-S", "-c")
XML = "<testsuites><testsuite tests='1'><testcase classname='t' name='a'{}</testcase></testsuite></testsuites>"
GOOD, BAD = XML.format(">"), XML.format("><failure/>")


def py(code: str) -> tuple[str, ...]:
    return (*PY, code)


def writes(text: str, after: str = "") -> tuple[str, ...]:
    return (*PY, f"import sys; open(sys.argv[1], 'w').write({text!r}); {after}", "$REPORT")


# what it does: (argv, report, the verdict to expect, more settings)
BEHAVIOURS: dict[str, tuple[tuple[str, ...], str, str, dict[str, object]]] = {
    "passes": (py("pass"), "none", "passed", {}),
    "fails": (py("raise SystemExit(3)"), "none", "failed", {}),
    "is not there": (("no-such-program",), "none", "missing", {}),
    "is no program": (("./data.txt",), "none", "missing", {}),
    "needs a folder that is not there": (py("pass"), "none", "missing", {"needs": ("node_modules",)}),
    "hangs": (py("import time; time.sleep(999)"), "none", "timed_out", {"timeout_s": 2}),
    "hangs, deaf to signals": (py("import signal, time\nfor n in (1, 2, 15): signal.signal(n, 1)\ntime.sleep(999)"), "none", "timed_out", {"timeout_s": 2}),
    "spins": (py("while True: pass"), "none", "timed_out", {"timeout_s": 2}),
    "waits for an answer on stdin": (py("raise SystemExit(bool(input()))"), "none", "failed", {}),
    "asks on the terminal": (py("open('/dev/tty').read()"), "none", "failed", {}),
    "forks for ever": (py("import os\nwhile True:\n  try: os.fork()\n  except OSError: pass"), "none", "failed", {"timeout_s": 20}),
    "starts threads for ever": ((sys.executable, "-c", "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(99,)).start()"), "none", "failed or timed_out", {"timeout_s": 20}),
    "fills the disk": (py("f = open('fill', 'wb')\nwhile True: f.write(bytes(1 << 20))"), "none", "failed", {}),
    "fills the disk with many files": (py("for i in range(10**9): open(f'f{i}', 'wb').write(bytes(65536))"), "none", "failed", {}),
    "fills /dev/shm": (py("f = open('/dev/shm/fill', 'wb')\nwhile True: f.write(bytes(1 << 20))"), "none", "failed", {}),
    "takes all memory": (py("import os\nx = []\nwhile True: x.append(os.urandom(1 << 20))"), "none", "failed", {}),
    "writes 10 GB to stdout": (py("import os\nfor _ in range(10 << 10): os.write(1, b'x' * (1 << 20))"), "none", "failed", {}),
    "writes 10 GB to stderr": (py("import os\nfor _ in range(10 << 10): os.write(2, b'x' * (1 << 20))"), "none", "failed", {}),
    "kills its parent": (py("import os\nos.kill(os.getppid(), 9)"), "none", "passed", {}),
    "kills all it can": (py("import os\nos.kill(-1, 9)"), "none", "failed", {}),
    "kills itself": (py("import os\nos.kill(os.getpid(), 11)"), "none", "failed", {}),
    "leaves a daemon": (py(f"import os, time\nif not os.fork():\n  os.setsid()\n  if not os.fork():\n    os.execv(sys.executable, [{MARK!r}, '-c', 'import time; time.sleep(999)'])".replace("import os, time", "import os, sys, time")), "none", "passed", {}),
    "leaves one that holds its output open": (("sh", "-c", "sleep 999 & exit 0"), "none", "passed", {}),
    "writes to the tree": (py("open('data.txt', 'w').write('bad'); open('new.txt', 'w')"), "none", "passed", {}),
    "writes beside the tree": (py("open('../beside.txt', 'w')"), "none", "failed or passed", {}),
    "writes to the home folder": (py("import os; open('{home}/written', 'w')"), "none", "failed", {}),
    "writes through a link out of the tree": (py("open('link_out/written', 'w')"), "none", "failed or passed", {}),
    "writes through a hard link": (py("import os; os.link('data.txt', 'h'); open('h', 'w').write('bad')"), "none", "passed", {}),
    "deletes the tree": (("sh", "-c", "rm -rf -- .[a-z]* *"), "none", "passed", {}),
    "deletes everything": (("sh", "-c", "rm -rf --no-preserve-root / 2>/dev/null"), "none", "failed", {}),
    "changes modes": (("sh", "-c", "chmod -R 000 . ; chmod 700 ."), "none", "failed or passed", {}),
    "mounts something": (("mount", "-t", "tmpfs", "x", "/tmp"), "none", "failed", {}),
    "makes namespaces": (("unshare", "-Ur", "true"), "none", "failed", {}),
    "needs the network": ((sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 80), 5)"), "none", "failed", {}),
    "resolves a name": ((sys.executable, "-c", "import socket; socket.gethostbyname('example.org')"), "none", "failed", {}),
    "talks to a socket of the tree": ((sys.executable, "-c", "import socket; s = socket.socket(1); s.connect('sock')"), "none", "failed", {}),
    "reads a pipe of the tree": (py("open('pipe')"), "none", "failed", {"timeout_s": 5}),
    "looks for keys": (py("import os; assert not [n for n in os.environ if 'KEY' in n or 'TOKEN' in n]; os.listdir(os.path.expanduser('~/.ssh'))"), "none", "failed", {}),
    "reads another's memory": (py("open('/proc/1/environ').read(); open('/proc/1/mem', 'rb')"), "none", "failed", {}),
    "reads what is ignored": (py("open('ignored/secret.txt')"), "none", "failed", {}),
    "passes with a report": (writes(GOOD), "junit", "passed", {}),
    "fails with a report": (writes(BAD, "sys.exit(1)"), "junit", "failed", {}),
    "reports a failure and exits 0": (writes(BAD), "junit", "failed", {}),
    "reports success and exits 1": (writes(GOOD, "sys.exit(1)"), "junit", "failed", {}),
    "writes no report": (py("pass"), "junit", "failed", {}),
    "tears its report": (writes(GOOD[:60]), "junit", "failed", {}),
    "reports entities": (writes("<!DOCTYPE x [<!ENTITY a 'b'>]>" + GOOD), "junit", "failed", {}),
    "reports a file of the machine": (writes("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + GOOD), "junit", "failed", {}),
    "reports a bomb of elements": ((*PY, "import sys; open(sys.argv[1], 'w').write('<testsuites>' + '<a>' * 200_000 + '</a>' * 200_000)", "$REPORT"), "junit", "failed", {}),
    "links its report elsewhere": (("sh", "-c", "ln -s /etc/passwd $0", "$REPORT"), "junit", "failed", {}),
    "makes its report a pipe": (("mkfifo", "$REPORT"), "junit", "failed", {}),
    "leaves the report of another run in the tree": (("cp", "old-report.xml", "elsewhere.xml"), "junit", "failed", {}),
    "writes TAP": (py("print('1..1\\nok 1 - a')"), "tap", "passed", {}),
    "tears its TAP": (py("print('1..2\\nok 1 - a')"), "tap", "failed", {}),
    "bails out": (py("print('1..2\\nok 1 - a\\nBail out!')"), "tap", "failed", {}),
    "prints what is no text": (py("import os; os.write(1, bytes(range(256)) * 100); raise SystemExit(1)"), "none", "failed", {}),
}  # fmt: skip


def make(folder: Path) -> Path:
    root = folder / "repo"
    for path, text in {"data.txt": "data\n", "sub/x.py": "x = 1\n", "ignored/secret.txt": "s", ".git/HEAD": "ref: x\n",
                       "old-report.xml": GOOD, ".gitignore": "ignored/\n"}.items():  # fmt: skip
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "link_out").symlink_to(folder)
    os.mkfifo(root / "pipe")
    os.mknod(root / "sock", 0o140644)
    return root


def fingerprint(*roots: Path) -> str:
    found = hashlib.sha256()
    for root in roots:
        for folder, _, names in sorted(os.walk(root)):
            for name in sorted(names):
                path = Path(folder, name)
                status = path.lstat()
                data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
                found.update(f"{path}\0{status.st_mode}\0{status.st_mtime_ns}\0".encode() + data)
    return found.hexdigest()


def left_over() -> list[str]:
    """Command lines of processes that only a check can have started."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0] == MARK.encode() or words[:2] == [b"sleep", b"999"]:
            found.append(b" ".join(words).decode(errors="replace")[:60])
    return found


def main(folder: Path) -> None:
    root, home = make(folder), Path.home()
    watched = [root, folder / "beside.txt", *[p for p in home.iterdir() if p.name == "written"]]
    before = fingerprint(*watched)
    sandbox = Sandboxes("auto", folder / "scratch")
    small = Limits(memory=1 << 30, processes=200, output=16 << 20, disk=64 << 20)

    class Small:
        profile = "isolated"

        def run(self, job):  # type: ignore[no-untyped-def]
            from dataclasses import replace

            return sandbox.run(replace(job, limits=small))

    bench = Bench(root, Store(folder / "store"), Small(), {**os.environ, "SOME_API_KEY": "k" * 20})
    ignored = lambda path: path.strip("/") in ("ignored", "pipe", "sock")  # noqa: E731
    look = look_at(root, Rules(lambda: (), ignored, lambda _: False), folder / "look")
    tree = cut(look, ("**",), ())

    def one(name: str) -> tuple[str, str, str, float]:
        argv, report, _, more = BEHAVIOURS[name]
        argv = tuple(word.replace("{home}", str(home)) for word in argv)
        command = CheckCommand(name=name, run=argv, report=report, **{"timeout_s": 60, **more})  # type: ignore[arg-type]
        start = time.monotonic()
        seen = Seen(name, observe(command, tree, bench), None, "")
        (verdict,) = judge_all([seen], Planned((), ()))
        return name, verdict.verdict, verdict.reason or ", ".join(verdict.failing), time.monotonic() - start

    print(f"{'what the command does':46} {'verdict':10} {'s':>5}  reason")
    wrong = 0
    with ThreadPoolExecutor(2) as pool:
        for name, verdict, reason, seconds in pool.map(one, BEHAVIOURS):
            fine = verdict in BEHAVIOURS[name][2]
            wrong += not fine
            said = reason.splitlines()[0][:80] if reason else ""
            print(f"{name:46} {verdict:10} {seconds:5.1f}  {said}{'' if fine else '   <-- NOT EXPECTED'}", flush=True)
    written = [str(path) for path in (folder / "beside.txt", home / "written", folder / "written") if path.exists()]
    scratch = list((folder / "scratch").iterdir()) if (folder / "scratch").exists() else []
    print(f"\n{len(BEHAVIOURS)} behaviours, {wrong} with another verdict than expected")
    print(f"fingerprint of the tree equal: {fingerprint(*watched) == before}; written elsewhere: {written or 'nothing'};"
          f" left in scratch: {scratch or 'nothing'}; processes left: {left_over() or 'none'}")  # fmt: skip
    sys.exit(bool(wrong or written or scratch or left_over()))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as made:
        main(Path(made))
