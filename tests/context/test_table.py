"""`doit context` ends with what each unit's package holds; the manifest lists what there was no room for."""

from pathlib import Path

from tests.program import Program
from tests.workshop import Workshop

LIBRARY = "".join(f"def price_{i}(net: int, tax: int) -> int:\n    return net + tax + {i}\n\n\n" for i in range(300))
HEAD = "unit tokens planned context dependencies definitions summary masked left out"


def workshop(at: Path, budget: int) -> Workshop:
    files = {"lib/price.py": LIBRARY, "docs/rules.txt": "Round down.\n", "old.py": "from lib.price import price_7\n"}
    shop, program = Workshop(at / "repo", files), Program(at / "program")
    (shop.task / "codegen.yaml").write_text(program.settings(context={"budget_tokens": budget}))
    new = {"path": "new.py", "depends_on": ["old.py"], "context": ["docs/rules.txt"]}
    key = "sk-proj-" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7" * 2
    shop.plan(f"# Plan\n\nSum up prices. The key is OPENAI_API_KEY={key}.\n", ["old.py", new])
    return shop


def table(out: str) -> dict[str, list[str]]:
    lines = out.splitlines()
    start = next(i for i, line in enumerate(lines) if line.split() == HEAD.split())
    return {line.split()[0]: line.split(maxsplit=8)[1:] for line in lines[start + 1 : start + 3]}


def test_the_table_and_the_manifest(tmp_path: Path) -> None:
    shop = workshop(tmp_path, 4000)
    assert shop.doit("codegen").returncode == 0
    rows = table(shop.doit("context").stdout)
    total, planned, context, dependencies, definitions, summary, masked, left_out = rows["old.py"]
    assert (context, dependencies, masked) == ("0", "0", "1")
    assert 0 < int(planned) < int(definitions) < int(total)
    assert int(total) > int(planned) + int(definitions) + int(summary)
    assert int(rows["new.py"][2]) > 0
    assert int(rows["new.py"][3]) > 0
    assert rows["new.py"][1] == "0"
    said = {entry["unit"]: entry["what"] for entry in shop.read("manifest.json")["left_out"]}
    assert said["old.py"] == [left_out]
    assert "definitions of lower rank" in left_out


def test_what_fits_leaves_nothing_out(tmp_path: Path) -> None:
    shop = workshop(tmp_path, 200_000)
    assert shop.doit("codegen").returncode == 0
    assert {row[-1] for row in table(shop.doit("context").stdout).values()} == {"nothing"}
    assert shop.read("manifest.json")["left_out"] == []


def test_a_plan_that_is_longer_than_the_budget_is_told(tmp_path: Path) -> None:
    shop = workshop(tmp_path, 300)
    shop.plan("# Plan\n\n" + "Sum up all prices there are. " * 200, ["old.py"])
    assert shop.doit("codegen").returncode == 0
    [found] = shop.read("manifest.json")["left_out"]
    over = found["what"][-1]
    assert "tokens over budget_tokens (300) by itself" in over
    assert over in table(shop.doit("context").stdout)["old.py"][-1]
