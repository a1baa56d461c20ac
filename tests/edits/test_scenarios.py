"""Golden folders: what a reply makes of files, or the words of the refusal.

A folder holds `before/` (absent: no file), `reply.md` (and `reply.2.md`, … of a conversation) and either `after/`, all
files as they must be, or
`error.txt`, of which each line must stand in the refusal.
"""

from pathlib import Path

import pytest

from codegen_tasks.edits import apply_replies
from codegen_tasks.edits.read import FORMATS
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

ROOT = Path(__file__).parent.parent / "scenarios"
CASES = sorted(path.parent for path in ROOT.glob("*/*/reply.md"))


def _blob(path: Path) -> Blob:
    return Blob(path.read_bytes(), 0o100755 if path.stat().st_mode & 0o100 else 0o100644)


def files_in(folder: Path) -> dict[str, Blob]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != ".gitkeep")
    return {path.relative_to(folder).as_posix(): _blob(path) for path in paths}


def ends_of_formats() -> set[Path]:
    """The first accepted scenario of each format."""
    accepted = [case for case in CASES if (case / "after").exists()]
    return {next(case for case in accepted if case.parent.name == name) for name in FORMATS}


MARKED = [pytest.param(case, marks=pytest.mark.ends if case in ends_of_formats() else ()) for case in CASES]


@pytest.mark.parametrize("case", MARKED, ids=[f"{case.parent.name}/{case.name}" for case in CASES])
def test_scenario(case: Path) -> None:
    before, after = files_in(case / "before"), files_in(case / "after")
    replies = [path.read_bytes().decode() for path in [case / "reply.md", *sorted(case.glob("reply.[0-9].md"))]]
    base: dict[str, Blob | None] = {**dict.fromkeys(after), **before}
    if (case / "error.txt").exists():
        with pytest.raises(EditFailed) as refusal:
            apply_replies(replies, before)
        told = f"{refusal.value.message}\n{refusal.value.hint}"
        assert [line for line in (case / "error.txt").read_text().splitlines() if line not in told] == []
        return
    result = dict(before)
    for change in apply_replies(replies, base).changes:
        assert before.get(change.path) == change.before
        result.pop(change.path, None)
        if change.after is not None:
            result[change.path] = change.after
    assert result == after


def test_there_are_enough() -> None:
    assert len(CASES) >= 80


def test_the_templates_are_those_of_the_table() -> None:
    found = {path.stem for path in (ROOT.parent.parent / "templates").glob("format_*.j2")}
    assert found == {f"format_{name}" for name in FORMATS}


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_has_a_template_and_both_kinds(name: str) -> None:
    assert (ROOT.parent.parent / "templates" / f"format_{name}.j2").is_file()
    assert list((ROOT / name).glob("*/after"))
    assert list((ROOT / name).glob("*/error.txt"))
