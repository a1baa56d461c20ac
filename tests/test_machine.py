"""More jobs than a machine stands are said to be that, before anything is asked."""

import subprocess
import sys

import pytest

CHECK = "from codegen_tasks.generate.machine import check_machine\nfrom codegen_tasks.errors import BadConfig\n"
TRY = """
try:
    check_machine({jobs})
except BadConfig as error:
    print(error.message, "->", error.hint)
else:
    print("fine")
"""


def said(limit: str, jobs: int) -> str:
    program = f"import resource, threading\n{CHECK}{limit}\n{TRY.format(jobs=jobs)}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


FILES = "resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))"
THREADS = "threading.stack_size(1 << 29)\nresource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32))"


def test_files_that_may_not_be_opened() -> None:
    words = said(FILES.format(soft=200, hard=300), 500)
    assert "generate.jobs" in words and "300 files (ulimit -n)" in words and "to 47 or fewer" in words


def test_a_limit_that_may_be_raised_is_raised() -> None:
    raised = "; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    limit = FILES.format(soft=200, hard=1000)
    assert said(limit, 100) == "fine\n"
    program = f"import resource\n{CHECK}{limit}\ncheck_machine(100){raised}"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "564\n"


def test_threads_that_may_not_be_started() -> None:
    words = said(THREADS, 100)
    assert "generate.jobs" in words and "threads (ulimit -u)" in words


@pytest.mark.parametrize("limit", [FILES.format(soft=100, hard=100), THREADS])
def test_few_jobs_are_not_even_looked_at(limit: str) -> None:
    assert said(limit, 64) == "fine\n"
