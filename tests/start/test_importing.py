"""Plans from elsewhere: what is taken over, and what is said of the rest."""

from pathlib import Path

import pytest

from codegen_tasks.errors import BadPlan
from codegen_tasks.plan import parse_files
from codegen_tasks.start import plan_files, plan_text, read_source

THERE = (
    "src/app.py",
    "src/models/user.py",
    "web/index.ts",
    "api/index.ts",
    "README.md",
    "old.py",
    "docs/a.md",
    "Changelog",
    "z.1",
    "a b.txt",
)


def placed(tmp_path: Path, text: str, name: str = "tasks.md") -> dict[str, str]:
    (tmp_path / name).write_text(text)
    return {file.path: file.intent for file in plan_files(read_source(tmp_path / name), THERE).files}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- [ ] T012 [P] [US1] Create the User model in src/models/account.py", {"src/models/account.py": "create"}),
        ("- [ ] T013 Extend `src/app.py:10-20` for it", {"src/app.py": "update"}),
        ("- [ ] 2.1 Change user.py", {"src/models/user.py": "update"}),
        ("- [ ] Remove `old.py`", {"old.py": "delete"}),
        ("- [ ] Remove the flag from `src/app.py` and tell README.md", {"src/app.py": "update", "README.md": "update"}),
        ("- [ ] Add .prettierrc and a Makefile", {".prettierrc": "create", "Makefile": "create"}),
        ("- [ ] Remove `Changelog`", {"Changelog": "delete"}),
        ("- [ ] Tell `z.1` and `a b.txt`, not the Changelog of z.1", {"z.1": "update", "a b.txt": "update"}),
        ("- [ ] See [the file](src/app.py)", {"src/app.py": "update"}),
        ("- [ ] Read https://example.org/src/app.py first", {}),
        ("- [ ] Compare before/after with Node.js, e.g. v1.2.3", {}),
        ("- [ ] Edit index.ts", {}),
        ("- [ ] Edit `src/*.py`", {}),
        ("- [ ] Edit `../up.py` and `/etc/passwd.txt`", {}),
        ("- [x] T001 Create src/done.py", {}),
        ("1. Write `lib/new.rs`\n2. Write `lib/other.rs`", {"lib/new.rs": "create", "lib/other.rs": "create"}),
        ("Please make `src/app.py` faster.", {"src/app.py": "update"}),
        ("- [ ] Do it\n  - in `src/app.py`\n  - and `src/b.py`", {"src/app.py": "update", "src/b.py": "create"}),
        ("```\nsrc/example.py\n```\n- [ ] nothing", {}),
    ],
)
def test_what_a_task_names(tmp_path: Path, line: str, expected: dict[str, str]) -> None:
    assert placed(tmp_path, f"# T\n\n{line}\n") == expected


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Edit index.ts", "may be any of api/index.ts, web/index.ts"),
        ("Edit `src/*.py`", "is a pattern"),
        ("Create Dialog.xaml", "say in which folder"),
        ("Put it into `src/models/`", "looks like a folder"),
        ("Remove `src/nowhere.py`", "it is not there"),
        ("Run the tests", "it names no file"),
    ],
)
def test_what_is_not_placed_says_why(tmp_path: Path, line: str, why: str) -> None:
    (tmp_path / "tasks.md").write_text(f"- [ ] {line}\n")
    (found,) = plan_files(read_source(tmp_path / "tasks.md"), THERE).unplaced
    assert why in found[1]
    assert found[0].where == "tasks.md:1"


DIFF = """diff --git a/src/app.py b/src/app.py
index 1..2 100644
--- a/src/app.py
+++ b/src/app.py
@@ -1 +1 @@
-a
+b
diff --git a/new.py b/new.py
new file mode 100644
--- /dev/null
+++ b/new.py
@@ -0,0 +1 @@
+x
diff --git a/old.py b/old.py
deleted file mode 100644
--- a/old.py
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git a/a b.py b/c d.py
similarity index 100%
rename from a b.py
rename to c d.py
"""


def test_a_diff(tmp_path: Path) -> None:
    found = placed(tmp_path, DIFF, "change.diff")
    assert found == {
        "src/app.py": "update",
        "new.py": "create",
        "old.py": "delete",
        "c d.py": "update",
        "a b.py": "delete",
    }


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("plan.md", "spec.md", "tasks.md"), "a feature of spec-kit"),
        (("proposal.md", "tasks.md", "specs/x/spec.md"), "a change of OpenSpec"),
        (("requirements.md", "design.md", "tasks.md"), "a spec of Kiro"),
    ],
)
def test_folders(tmp_path: Path, names: tuple[str, ...], kind: str) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n\nWords of {name}\n")
    (tmp_path / "tasks.md").write_text("- [ ] Write `src/b.py`\n- [ ] Keep plan.md\n")
    source = read_source(tmp_path)
    plan = plan_files(source, THERE)
    assert (source.kind, [file.path for file in plan.files]) == (kind, ["src/b.py"])
    assert [file.path for file in parse_files(plan.json().encode())] == ["src/b.py"]
    assert all(f"Words of {name}" in plan_text(source, plan.files) for name in names if name != "tasks.md")


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPlan, match="no plan of a known kind"):
        read_source(tmp_path)
