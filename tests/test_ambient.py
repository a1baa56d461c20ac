"""What is chosen from the rest of a repository is kept with the question, and dropped when it is true no longer."""

from pathlib import Path

from codegen_tasks.config import ContextSettings
from codegen_tasks.context import Ambient, Fact, Repository, lapsed, read_facts, write_package
from codegen_tasks.pipeline.choices import Choices, kept_under
from codegen_tasks.records import Message, PlannedFile, Request, Unit, encode
from codegen_tasks.store import Store

UNIT = Unit("a.py", (PlannedFile("a.py"),))
BARE = Request("a.py", ("a.py",), (Message("user", "write"),), "whole", 1)
SETTINGS = ContextSettings()
OLD = Fact("lib.py", "price", "def price(net):")
NEW = Fact("lib.py", "price", "def price(net, tax):")


def repository(files: dict[str, bytes], at: Path) -> Repository:
    return Repository(lambda: tuple(sorted(files)), files.get, at / "cache")


def test_a_choice_is_kept_whatever_could_be_chosen_now(tmp_path: Path) -> None:
    files = {"lib.py": b""}
    choices = Choices(Store(tmp_path), repository(files, tmp_path))
    first = choices.settle(BARE, UNIT, (), SETTINGS)
    assert first == Ambient("./: lib.py")
    files["more.py"] = b""
    assert choices.settle(BARE, UNIT, (), SETTINGS) == first
    assert choices.now(UNIT, (), SETTINGS) == Ambient("./: lib.py, more.py")
    assert choices.kept(BARE, ContextSettings(summary_tokens=1)) is None


def test_a_choice_that_lapsed_gives_way_and_comes_back(tmp_path: Path) -> None:
    files = {"lib.py": b"def price(net):\n"}
    store = Store(tmp_path)
    choices = Choices(store, repository(files, tmp_path))
    store.put("pin", kept_under(BARE, SETTINGS), encode([Ambient("old", (OLD,)), Ambient("new", (NEW,))]))
    assert choices.settle(BARE, UNIT, (), SETTINGS).summary == "old"
    files["lib.py"] = b"def price(net, tax):\n"
    assert choices.settle(BARE, UNIT, (), SETTINGS).summary == "new"
    files["lib.py"] = b""
    assert choices.settle(BARE, UNIT, (), SETTINGS) == Ambient("./: lib.py")
    files["lib.py"] = b"def price(net):\n"
    assert choices.settle(BARE, UNIT, (), SETTINGS, untrue=[OLD]) == Ambient("./: lib.py")


def test_facts_travel_with_the_package() -> None:
    assert read_facts(write_package(BARE, (OLD, NEW))) == (OLD, NEW)
    assert read_facts(write_package(BARE)) == read_facts(b"damaged") == ()
    assert b"3 definitions of lower rank" in write_package(BARE, left_out=["3 definitions of lower rank"])


def test_what_lapses(tmp_path: Path) -> None:
    files = repository({"lib.py": b"def price(net):\n"}, tmp_path)
    assert lapsed((OLD, NEW, Fact("gone.py", "f", "def f():")), files) == (NEW, Fact("gone.py", "f", "def f():"))
