"""Any program that reads a prompt on stdin and prints the reply. It does not know what the program does.

It runs in an empty directory of its own that is removed afterwards: many such programs write where they stand, and the
task and the tree are not theirs to write to.
"""

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import IO

from codegen_tasks.call import ProviderFault, Watch
from codegen_tasks.providers.masking import masked
from codegen_tasks.providers.unreached import too_many
from codegen_tasks.records import Message, ModelSpec, Reply, Request

POLL_S = 0.2
TAIL = 400  # characters of stderr that a message quotes
PIECE_BYTES = 1 << 16
MOST_BYTES = 16 << 20  # of a reply
BY_HAND = "try the program by hand: what it prints on stdout is the reply, as UTF-8"
MOST_STDERR_BYTES = 1 << 16  # that are kept: many times the tail, so that it never begins inside a key
LINGER_S = 1.0  # without a word of the reply after a program's end, while a child of it could still say more
ENDING_S = 0.8  # for programs that were killed to be gone

_changed = threading.Condition()
_running: dict[str, "subprocess.Popen[bytes]"] = {}  # by their folders


def prepare(spec: ModelSpec) -> None:
    """Raises ProviderFault when there is no such program."""
    name = spec.command[0]
    if shutil.which(_program(name)) is None:
        raise _not_run(name, "there is no such program, or it may not be run")


def ask(spec: ModelSpec, request: Request, watch: Watch) -> Reply:
    """Runs the program once. Raises ProviderFault when it is missing, fails or is too slow, and Interrupted."""
    with contextlib.ExitStack() as ending:
        program = _begin(spec, watch, ending)
        out, err = _talk(program, prompt(request).encode(), spec.timeout_s, watch)
    watch.check()  # else a program that was ended with the run would be one that failed
    if program.returncode:
        said = " ".join(masked(err.decode(errors="replace"), spec).split())[-TAIL:] or "nothing on stderr"
        hint = f"try {spec.name} by hand in an empty directory: it runs in one, so name files by their whole paths"
        raise ProviderFault(f"exit code {program.returncode}: {said}", transient=True, hint=hint)
    try:
        text = out.decode()
    except UnicodeDecodeError as error:
        message = f"its output is not UTF-8: byte {error.start} is {out[error.start]:#04x}"
        raise ProviderFault(message, transient=True, hint=BY_HAND) from error
    into = sum(len(message.content) for message in request.messages)
    reply = Reply(spec.name, text, input_tokens=into // 4, output_tokens=len(text) // 4, counted=True)
    watch.keep(reply)
    return reply


def end_all() -> None:
    """Ends all programs at once and removes their folders, for a process that is about to end: a second at most."""
    end = time.monotonic() + ENDING_S
    with _changed:
        while _running and time.monotonic() < end:
            for program in _running.values():
                _kill(program)
            _changed.wait(POLL_S)
        left = tuple(_running)
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)


def _begin(spec: ModelSpec, watch: Watch, ending: contextlib.ExitStack) -> "subprocess.Popen[bytes]":
    """Starts the program; `ending` ends it, removes its folder and only then forgets it."""
    with _changed:
        watch.check()  # when the run is ending, `end_all` must find every program there is
        folder = tempfile.TemporaryDirectory(prefix="codegen-command-", ignore_cleanup_errors=True)
        ending.callback(_forget, folder.name)
        program = ending.enter_context(_start(spec, ending.enter_context(folder)))
        ending.callback(_kill, program)
        _running[folder.name] = program
    return program


def _forget(folder: str) -> None:
    with _changed:
        _running.pop(folder, None)
        _changed.notify_all()


def _start(spec: ModelSpec, folder: str) -> "subprocess.Popen[bytes]":
    name, *arguments = spec.command
    try:
        return subprocess.Popen(
            [_program(name), *arguments],
            cwd=folder,
            env=os.environ | {"PWD": folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that what it started dies with it
        )
    except OSError as error:
        raise too_many(error) or _not_run(name, error.strerror or str(error)) from error


def _program(name: str) -> str:
    return str(Path(name).absolute()) if "/" in name else name


def _not_run(name: str, why: str) -> ProviderFault:
    hint = "check command in codegen.yaml: a list of the program and its arguments"
    return ProviderFault(f"{name} cannot be run: {why}", transient=False, for_all=True, hint=hint)


def prompt(request: Request) -> str:
    """The messages as one text; what the model itself said before is marked."""
    return "\n\n".join(_part(message) for message in request.messages) + "\n"


def _part(message: Message) -> str:
    text = message.content.strip("\n")
    return f"# Your earlier reply\n\n{text}\n\n# What is asked now" if message.role == "assistant" else text


def _talk(program: subprocess.Popen[bytes], text: bytes, timeout_s: float, watch: Watch) -> tuple[bytes, bytes]:
    """All of stdout and the end of stderr."""
    end = time.monotonic() + timeout_s
    threading.Thread(target=_feed, args=(program.stdin, text), daemon=True).start()
    program.stdin = None  # the thread closes it
    watch(0)
    out, err = bytearray(), bytearray()
    with selectors.DefaultSelector() as pipes:
        for pipe, heard in ((program.stdout, out), (program.stderr, err)):
            if pipe is not None:
                pipes.register(pipe, selectors.EVENT_READ, heard)
        at_work = time.monotonic()  # the last time that it ran, or that the reply grew
        while pipes.get_map() or program.poll() is None:
            watch.check()
            length = len(out)
            _hear(program, pipes)
            if len(out) > length or program.poll() is None:
                at_work = time.monotonic()
            elif time.monotonic() >= at_work + LINGER_S:
                break  # it ended, and a child in the background keeps its pipes open
            del err[:-MOST_STDERR_BYTES]
            if len(out) > MOST_BYTES:
                raise ProviderFault(f"its output is longer than {MOST_BYTES >> 20} MiB", transient=True, hint=BY_HAND)
            if at_work >= end:
                hint = "raise timeout_s, or ask for less at once"
                raise ProviderFault(f"no whole answer within {timeout_s:g} s", transient=True, hint=hint)
    return bytes(out), bytes(err)


def _hear(program: subprocess.Popen[bytes], pipes: selectors.BaseSelector) -> None:
    """Hears what the program says, for a moment."""
    if not pipes.get_map():
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(POLL_S)
        return
    for key, _ in pipes.select(POLL_S):
        piece = os.read(key.fd, PIECE_BYTES)
        key.data.extend(piece)
        if not piece:
            pipes.unregister(key.fileobj)


def _feed(pipe: IO[bytes], text: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), pipe:  # a program need not read all of it
        pipe.write(text)


def _kill(program: subprocess.Popen[bytes]) -> None:
    """Ends the program and everything it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, signal.SIGKILL)
