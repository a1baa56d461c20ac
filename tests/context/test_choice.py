"""What a unit is shown of a real folder: chosen within a budget, the same bytes each time, true until it changes."""

# ruff: noqa: E501 (a file stands in one line)

import os
import subprocess
import sys
from pathlib import Path

import pytest

from codegen_tasks.context import Ambient, Budget, Repository, choose, counter, lapsed, rank, render
from codegen_tasks.records import PlannedFile, Section, Unit

FILES = {
    "README.md": "# Shop\n\nSells things.\n",
    "AGENTS.md": "Never use floats for money.\n",
    "pyproject.toml": '[project]\nrequires-python = ">=3.11"\n[tool.pytest.ini_options]\n',
    "shop/__init__.py": "from shop.money import Money\n",
    "shop/money.py": "class Money:\n    def rounded_to(self, cents: int) -> 'Money':\n        return self\n\ndef parse_money(text):\n    return Money()\n",
    "shop/tax.py": "from shop.money import Money\n\nRATE = 19\n\ndef add_tax(net: Money) -> Money:\n    gross = net\n    return gross\n",
    "shop/cart.py": "from shop.money import Money\nfrom shop.tax import add_tax\n\ndef total(items):\n    return add_tax(Money())\n",
    "shop/mail.py": "def send_mail(to, text):\n    pass\n",
    "tests/test_cart.py": "from shop.cart import total\n\ndef test_total():\n    assert total([])\n",
}  # fmt: skip
UNIT = Unit("shop/cart.py", (PlannedFile("shop/cart.py"),))
PLAN = (Section("Cart", "Round the total.", 1),)
BUDGET = Budget(2000, 400)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def shop(root: Path, **more: str) -> Repository:
    for path, text in {**FILES, **more}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return repository(root)


def repository(root: Path) -> Repository:
    paths = tuple(sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()))

    def read(path: str) -> bytes | None:
        return (root / path).read_bytes() if (root / path).is_file() else None

    return Repository(lambda: paths, read, root.parent / "state", root)


def names(ambient: Ambient) -> list[str]:
    return [fact.name for fact in ambient.facts]


def test_what_the_planned_file_uses_is_shown_first(tmp_path: Path) -> None:
    found = choose(UNIT, PLAN, shop(tmp_path / "r"), BUDGET)
    assert {"add_tax", "Money", "Money.rounded_to"} <= set(names(found))
    assert names(found).index("add_tax") < names(found).index("send_mail")
    assert "total" not in names(found)
    own = render(found).own
    assert "shop/tax.py:\n" in own
    assert "  def add_tax(net: Money) -> Money:\n" in own


def test_the_summary_tells_what_the_repository_is_and_its_rules(tmp_path: Path) -> None:
    shared = render(choose(UNIT, PLAN, shop(tmp_path / "r"), BUDGET)).shared
    for said in ("Sells things.", "Python >=3.11", "tests run by pytest", "Never use floats", "shop/: ", "Central"):
        assert said in shared


def test_all_units_share_the_summary_to_the_byte(tmp_path: Path) -> None:
    repo = shop(tmp_path / "r")
    units = [UNIT, Unit("new.py", (PlannedFile("new.py"),)), Unit("shop/tax.py", (PlannedFile("shop/tax.py"),))]
    assert len({render(choose(unit, PLAN, repo, BUDGET)).shared for unit in units}) == 1


@pytest.mark.parametrize("tokens", [0, 1, 30, 100, 150, 200, 300, 500, 1000, 4000])
def test_the_budget_is_never_exceeded(tmp_path: Path, tokens: int) -> None:
    found = render(choose(UNIT, PLAN, shop(tmp_path / "r"), Budget(tokens, 300)))
    count = counter(())
    assert count(found.shared) + count(found.own) <= tokens


def test_what_there_was_no_room_for_is_said(tmp_path: Path) -> None:
    found = choose(UNIT, PLAN, shop(tmp_path / "r"), Budget(45, 0))
    assert found.left_out
    assert "definitions of lower rank" in found.left_out[0]


def test_a_new_file_is_shown_how_its_neighbours_are_written(tmp_path: Path) -> None:
    found = choose(Unit("n", (PlannedFile("shop/stock.py"),)), PLAN, shop(tmp_path / "r"), BUDGET)
    assert [e.path.startswith("shop/") for e in found.excerpts if "example" in e.what] == [True]


def test_a_large_repository_is_looked_at_where_the_plan_speaks_of_parts_of_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rank, "_SMALL", 0)
    repo = shop(tmp_path / "r", **{"far/away/rates.py": "def quote_for_shipping(parcel): pass\ndef halve(x): pass\n"})
    found = choose(UNIT, (Section("Cart", "Ask for the shipping quote.", 1),), repo, BUDGET)
    assert {"quote_for_shipping", "halve"} <= set(names(found))


CHANGES = {
    "another file": ("shop/mail.py", "def send_mail(to, text, cc):\n    pass\n", "send_mail"),
    "a body": ("shop/tax.py", FILES["shop/tax.py"].replace("gross = net", "gross = net.twice()"), ""),
    "a place": ("shop/tax.py", FILES["shop/tax.py"].replace("RATE", "# the rate\n\nRATE"), ""),
    "a signature": ("shop/tax.py", FILES["shop/tax.py"].replace("(net: Money)", "(net: Money, rate=RATE)"), "add_tax"),
    "a definition gone": ("shop/tax.py", "RATE = 19\n", "add_tax"),
    "a class of a method": ("shop/money.py", FILES["shop/money.py"].replace("class Money", "class Cash"), "Money"),
    "a new file": ("shop/more.py", "def add_tax(): pass\n", ""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_fact_lapses_when_it_is_true_no_longer(tmp_path: Path, change: str) -> None:
    repo = shop(tmp_path / "r")
    facts = choose(UNIT, PLAN, repo, BUDGET).facts
    assert lapsed(facts, repo) == ()
    path, text, name = CHANGES[change]
    (tmp_path / "r" / path).write_text(text)
    lost = [fact.name for fact in lapsed(facts, repo)]
    assert (name in lost) if name else not lost


def test_a_run_with_nothing_to_do_opens_no_index_and_parses_nothing(tmp_path: Path) -> None:
    repo = shop(tmp_path / "r")
    facts = choose(UNIT, PLAN, repo, BUDGET).facts
    assert lapsed(facts, repo) == ()
    code = (
        "import sys; from pathlib import Path\n"
        "from codegen_tasks.context import Fact, Repository, lapsed\n"
        f"root = Path({str(tmp_path / 'r')!r})\n"
        "repo = Repository(lambda: (), lambda p: (root / p).read_bytes(), root.parent / 'state', root)\n"
        f"assert lapsed({list(facts)!r}, repo) == ()\n"
        "heavy = {'sqlite3', 'tree_sitter', 'codegen_tasks.context.index'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_planned_file_is_shown_as_before_the_plan(tmp_path: Path) -> None:
    disk = shop(tmp_path / "r")
    before = b"def add_tax(net):\n    return net\n"
    repo = Repository(disk.visible, lambda p: before if p == "shop/tax.py" else disk.read(p), disk.cache, disk.root)
    found = choose(UNIT, PLAN, repo, BUDGET)
    assert "add_tax" not in names(found)
    assert lapsed(found.facts, repo) == ()


def test_the_same_bytes_with_any_hash_seed_in_any_folder(tmp_path: Path) -> None:
    shop(tmp_path / "one" / "r")
    shop(tmp_path / "another" / "r")
    code = (
        "import sys; from pathlib import Path\n"
        "from tests.context.test_choice import BUDGET, PLAN, UNIT, repository\n"
        "from codegen_tasks.context import choose, render\n"
        "print(render(choose(UNIT, PLAN, repository(Path(sys.argv[1])), BUDGET)))"
    )
    top = Path(__file__).parents[2]
    texts = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / folder / "r")],
            capture_output=True, check=True, cwd=top, env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C", "PYTHONPATH": str(top)},
        ).stdout
        for folder, seed in (("one", "1"), ("one", "2"), ("another", "3"))
    }  # fmt: skip
    assert len(texts) == 1


@pytest.mark.parametrize("place", ["README.md", "AGENTS.md", "shop/tax.py"])
def test_no_secret_of_the_repository_is_shown(tmp_path: Path, place: str) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    text = f"{FILES[place]}\nTOKEN_VALUE = '{secret}'\n"
    repo = shop(tmp_path / "r", **{place: text})
    found = render(choose(UNIT, PLAN, repo, BUDGET))
    assert secret not in found.shared + found.own
    assert lapsed(choose(UNIT, PLAN, repo, BUDGET).facts, repo) == ()
