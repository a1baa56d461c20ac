"""Every command of docs/ is run, in the order it stands there; what is said to come out comes out.

A block of `sh` is run, unless its info string has more words (`sh network`: it needs a network or a key). A block of
`text` after it shows lines of its output, in their order; `…` is anything.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from codegen_tasks.config import parse_config
from tests.check.conftest import trouble  # noqa: F401  (a fixture)
from tests.program import Program
from tests.workshop import LEAN, Workshop

DOCS = Path(__file__).parent.parent / "docs"
FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```$", re.M | re.S)
ENV = {**LEAN, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


class Block(NamedTuple):
    info: str
    text: str
    line: int


def blocks(name: str) -> list[Block]:
    text = (DOCS / name).read_text(encoding="utf-8")
    return [Block(m[2].strip(), m[3], text.count("\n", 0, m.start()) + 1) for m in FENCE.finditer(text)]


def scripts(name: str) -> Iterator[tuple[Block, list[str]]]:
    """The blocks to run, each with the lines that its output holds."""
    found = blocks(name)
    for block, after in zip(found, [*found[1:], None], strict=True):
        if block.info == "sh":
            yield block, after.text.splitlines() if after is not None and after.info == "text" else []


def check_all(name: str, folder: Path) -> None:
    """Runs the blocks one after the other; each begins in the folder where the one before ended."""
    at = folder
    for block, shown in scripts(name):
        script = f"set -euo pipefail\ncd {at}\n{block.text}\npwd > {folder}/.at\n"
        run = subprocess.run(
            ["bash", "-c", script], cwd=folder, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert run.returncode == 0, f"docs/{name}:{block.line}\n{run.stdout}"
        pattern = "".join(f"(?:^|\n){'.*'.join(map(re.escape, line.split('…')))}(?=\n|$)(?s:.*?)" for line in shown)
        assert re.search(pattern, run.stdout), f"docs/{name}:{block.line}: not so:\n{run.stdout}"
        at = Path((folder / ".at").read_text().strip())


def test_the_tutorial(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if request.getfixturevalue("trouble"):
        pytest.skip("no sandbox can be made on this machine")
    check_all("tutorial.md", tmp_path)


def test_the_how_to(tmp_path: Path) -> None:
    """Run in a repository with a task directory `codegen` whose model is a program."""
    shop = Workshop(tmp_path / "repo", {"README.md": "hi\n", "src/price.py": "old = 1\n"}, task="codegen")
    shop.plan("# Plan\n\nx\n", ["src/price.py", "src/tax.py"])
    (shop.task / "codegen.yaml").write_text(Program(tmp_path / "program").settings())
    check_all("how-to.md", shop.task)


@pytest.mark.parametrize("path", sorted(DOCS.glob("*.md")), ids=lambda path: path.name)
def test_every_block_is_run_or_says_why_not(path: Path) -> None:
    """A new page with commands is run by a test above; settings are settings."""
    found = blocks(path.name)
    assert {block.info for block in found} <= {"", "sh", "sh network", "text", "yaml", "json", "mermaid"}
    assert path.name in ("tutorial.md", "how-to.md") or not any(block.info.startswith("sh") for block in found)
    for block in found:
        if block.info == "yaml":
            parse_config(block.text.encode())


def test_links_lead_somewhere() -> None:
    pages = [*DOCS.glob("*.md"), DOCS.parent / "README.md"]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))]
    assert links
    assert [(page.name, link) for page, link in links if "://" not in link and not (page.parent / link).exists()] == []
