"""What GitHub Actions understands of a log: groups, annotations, the job's summary. It knows no runs.

A line that a model or a plan brings must never be a command there: `inert` sees to it.
"""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from codegen_tasks.files import append_line
from codegen_tasks.text import seen

_COMMAND = re.compile(r"^(\s*):(?=:)|##(?=\[)", re.MULTILINE)


def is_listening(environment: Mapping[str, str]) -> bool:
    """Whether GitHub reads what is written."""
    return environment.get("GITHUB_ACTIONS", "") == "true"


def inert(text: str) -> str:
    """The text with nothing in it that would be a command."""
    return _COMMAND.sub(lambda found: found[0] + " ", text)


def annotation(level: str, title: str, text: str, path: str = "") -> str:
    """The command that shows an `error` or a `warning` at the run, and at the file where there is one."""
    facts = {"title": title} | ({"file": path} if path else {})
    said = ",".join(f"{name}={_escape(fact, ':,')}" for name, fact in facts.items())
    return f"::{level} {said}::{_escape(text, '')}"


def _escape(text: str, more: str) -> str:
    for sign in ("%", "\r", "\n", *more):
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


def add_job_summary(title: str, lines: Iterable[str], environment: Mapping[str, str] = os.environ) -> None:
    """Adds these lines, as they stand, to the page of the job; where there is none, nothing happens."""
    name = environment.get("GITHUB_STEP_SUMMARY")
    if name and (path := Path(name)).parent.is_dir():
        text = seen("\n".join(lines))
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
        with suppress(OSError):  # a page that cannot be written changes no run
            append_line(path, f"### {title}\n\n{fence}text\n{text}\n{fence}\n".encode())
