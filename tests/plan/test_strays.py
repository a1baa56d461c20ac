"""A heading that looks like a path but names no planned file is found; what only resembles one is not."""

from pathlib import Path

import pytest

from codegen_tasks.plan import parse_plan
from codegen_tasks.plan.sections import parse_sections
from codegen_tasks.plan.strays import find_strays
from tests.program import Program
from tests.workshop import Workshop

PATHS = ("src/tax.py", "src/order.py", "docs/guide.md", "Makefile", "web/app.ts")

HEADINGS = {
    "typo": ("`src/tx.py`", ("src/tx.py", "src/tax.py")),
    "another ending": ("`src/tax.pyi`", ("src/tax.pyi", "src/tax.py")),
    "another folder": ("lib/tax.py", ("lib/tax.py", "src/tax.py")),
    "removed": ("`tools/old_importer.rb`", ("tools/old_importer.rb", "")),
    "bare": ("src/orders.py", ("src/orders.py", "src/order.py")),
    "name alone": ("oder.py", ("oder.py", "src/order.py")),
    "numbered": ("3. `web/ap.ts`", ("web/ap.ts", "web/app.ts")),
    "with words": ("Changes in src/taxx.py", ("src/taxx.py", "src/tax.py")),
    "without an ending": ("`bin/runner`", ("bin/runner", "")),
    "a quoted name": ("`zzz_jumping.py`", ("zzz_jumping.py", "")),
    "planned": ("`src/tax.py`", None),
    "planned by name": ("order.py", None),
    "words": ("Read/write and I/O", None),
    "a product": ("Node.js", None),
    "another product": ("ASP.NET and Vue.js", None),
    "a version": ("v1.2", None),
    "a site": ("https://example.com/a.html", None),
    "a bare site": ("www.example.com/index.html", None),
    "a name of code": ("`Order.total`", None),
    "a call": ("`tax.rate()`", None),
    "prose": ("The rules, e.g. of style", None),
}


@pytest.mark.parametrize("name", HEADINGS)
def test_headings(name: str) -> None:
    heading, wanted = HEADINGS[name]
    sections = parse_sections(f"# Plan\n\nAll.\n\n## {heading}\n\nWrite it.\n", PATHS)
    found = [(stray.path, stray.nearest) for stray in find_strays(sections, PATHS)]
    assert found == ([] if wanted is None else [wanted])


TEXTS = {
    "nearly a planned one": ("See `src/ordr.py`.", ["src/ordr.py"]),
    "far from all": ("See `lib/util/strings.py`.", []),
    "planned": ("See `src/order.py` and `src/ordr.py`.", []),
    "not quoted": ("See src/ordr.py.", []),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name: str) -> None:
    text, wanted = TEXTS[name]
    sections = parse_sections(f"# Plan\n\nAll.\n\n## Style\n\n{text}\n", PATHS)
    assert [stray.path for stray in find_strays(sections, PATHS)] == wanted


def test_a_stray_below_a_file_s_heading_is_found_too() -> None:
    sections = parse_sections("# P\n\n## `src/tax.py`\n\nA.\n\n### `src/ordr.py`\n\nB.\n", PATHS)
    assert [(stray.line, stray.path) for stray in find_strays(sections, PATHS)] == [(7, "src/ordr.py")]


def test_a_plan_that_goes_to_all_as_a_whole_has_none() -> None:
    plan = parse_plan(b"# P\n\n## `src/tx.py`\n\nA.\n", b'["src/tax.py"]', by_section=False)
    assert plan.strays == ()


def test_a_run_and_the_context_say_so(tmp_path: Path) -> None:
    shop, program = Workshop(tmp_path / "repo", {"src/other.py": "x = 1\n"}), Program(tmp_path / "program")
    (shop.task / "codegen.yaml").write_text(program.settings())
    text = "# Plan\n\nAll. Mind `src/other.py`.\n\n## `src/tax.py`\n\nA.\n\n## `src/ordr.py`\n\nB.\n"
    shop.plan(text, ["src/tax.py", "src/order.py"])
    table = [line.split() for line in shop.doit("context").stdout.splitlines()]
    rows = ["line section goes to", "1 Plan all 2 units", "5 `src/tax.py` src/tax.py", "9 `src/ordr.py` all 2 units"]
    warning = (
        "warning: plan.md: line 9: the heading names src/ordr.py, which is not planned, so the section is not for a "
        "file of that name; the nearest planned file is src/order.py (unplanned_section)"
    )
    assert [row.split() for row in (*rows, warning)] == table[-6:-1]
    run = shop.doit("codegen")
    assert (run.returncode, warning in run.stdout.splitlines()) == (0, True)
    assert [found["code"] for found in shop.read("ready.json")["diagnostics"]] == ["unplanned_section"]
    shop.plan(text.replace("ordr", "order"), ["src/tax.py", "src/order.py"])
    assert "warning" not in shop.doit("codegen").stdout
    assert shop.read("ready.json")["diagnostics"] == []
