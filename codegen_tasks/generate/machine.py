"""Whether this machine allows as many jobs as are wanted: threads and open files. It starts no job."""

import resource
import threading
from contextlib import suppress

from codegen_tasks.errors import BadConfig

FILES_A_JOB = 5  # a connection or the pipes of a program, the note of its answer, and a file of the store
OTHER_FILES = 64
FEW = 64  # jobs that every machine stands


def check_machine(jobs: int) -> None:
    """Raises BadConfig when so many jobs cannot run at once. Raises the limit of open files where that is allowed."""
    if jobs <= FEW:
        return
    files = _files_allowed(jobs * FILES_A_JOB + OTHER_FILES)
    if files < jobs * FILES_A_JOB + OTHER_FILES:
        most = max(1, (files - OTHER_FILES) // FILES_A_JOB)
        raise _too_many(jobs, f"a process may open {files} files (ulimit -n)", most)
    threads = _threads_allowed(jobs)
    if threads < jobs:
        raise _too_many(jobs, f"a process may start {threads} threads (ulimit -u)", max(1, threads - 8))


def _too_many(jobs: int, limit: str, most: int) -> BadConfig:
    message = f"codegen.yaml: generate.jobs is more than this machine allows: of {jobs} jobs at once, {limit}"
    return BadConfig(message, hint=f"set generate.jobs to {most} or fewer, or raise the limit of the machine")


def _files_allowed(wanted: int) -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _threads_allowed(wanted: int) -> int:
    """How many of them start: there is no other way to know."""
    over, started = threading.Event(), list[threading.Thread]()
    try:
        for _ in range(wanted):
            thread = threading.Thread(target=over.wait, daemon=True)
            thread.start()
            started.append(thread)
    except RuntimeError:
        pass
    finally:
        over.set()
        for thread in started:
            thread.join()
    return len(started)
