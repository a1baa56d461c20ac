"""Earlier attempts are kept whole, whatever happens meanwhile."""

import threading
from pathlib import Path

from codegen_tasks.archive import drop_unfinished, keep, keep_edited
from tests.workshop import tree


def test_numbers_go_up_and_hold_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "files/src").mkdir(parents=True)
    (tmp_path / "files/src/a.py").write_text("a")
    (tmp_path / "ready.json").write_text("{}")
    items = [tmp_path / "ready.json", tmp_path / "files", tmp_path / "missing"]
    first = keep(tmp_path / "archive", items)
    second = keep_edited(tmp_path / "archive", "src/b.py", b"mine")
    assert first is not None
    assert (first.name, second.name) == ("0001", "0002")
    assert tree(tmp_path / "archive") == {
        "0001/files/src/a.py": b"a",
        "0001/ready.json": b"{}",
        "0002/files/src/b.py": b"mine",
    }
    assert (tmp_path / "files/src/a.py").read_text() == "a"


def test_nothing_to_keep(tmp_path: Path) -> None:
    assert keep(tmp_path / "archive", [tmp_path / "missing"]) is None
    assert not (tmp_path / "archive").exists()


def test_several_at_once_get_a_number_each(tmp_path: Path) -> None:
    threads = [threading.Thread(target=keep_edited, args=(tmp_path, f"{i}", b"%d" % i)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = tree(tmp_path)
    assert sorted(kept.values()) == sorted(b"%d" % i for i in range(20))
    assert sorted({path[:4] for path in kept}) == [f"{i:04d}" for i in range(1, 21)]


def test_what_a_killed_run_was_building_goes(tmp_path: Path) -> None:
    (tmp_path / ".unfinished-x/files").mkdir(parents=True)
    keep_edited(tmp_path, "a", b"a")
    drop_unfinished(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0001"]
