"""A reply is applied once: generate, materialize and manifest share what came of it."""

from pathlib import Path

from codegen_tasks.edits import apply_replies
from codegen_tasks.pipeline.outcomes import Outcomes, Remarks
from codegen_tasks.records import Answer, Blob, Outside, Reply, encode
from tests.peer import Peer, Say, write_all
from tests.workshop import DODO, Workshop

COUNTING = """
import codegen_tasks.edits as edits
real = edits.apply_replies
def counted(*args):
    with open(".codegen/applied", "a") as log:
        log.write("x")
    return real(*args)
edits.apply_replies = counted
"""
TWO = [{"path": "a.py", "group": "g"}, {"path": "b.py", "group": "g"}]
TEXT = "a.py\n```\nx = 1\n```\nother.py\n```\ny = 2\n```\n"
REPLY = encode(Answer("a.py", "", 1, (Reply("m", TEXT),)))
BEFORE = {"a.py": Blob(b"x = 0\n")}


def test_a_unit_of_two_files_is_applied_once(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, {"README.md": "hi\n"})
    (shop.task / "dodo.py").write_text(COUNTING + DODO)
    applied = shop.task / ".codegen/applied"
    shop.plan("# Plan\n", [*TWO, "c.py"])
    with Peer(write_all) as peer:
        shop.models(peer.url)
        assert shop.doit("codegen").returncode == 0
        assert applied.read_text() == "xx"
        first = shop.outputs()
        assert shop.doit("codegen").returncode == 0
        assert applied.read_text() == "xx"
        (shop.task / "code/files/b.py").unlink()
        (shop.task / "code/manifest.json").unlink()
        assert shop.doit("codegen").returncode == 0
        assert applied.read_text() == "xxx"
        shop.plan("# Plan\n\nSlowly.\n\n## `c.py`\n\nAt once.\n", [*TWO, "c.py"])
        peer.rule = lambda asked: Say("".join(f"{path}\n```\nz = 3\n```\n" for path in asked.paths))
        assert shop.doit("codegen").returncode == 0
        assert applied.read_text() == "xxx" + "xx"
        shop.plan("# Plan\n", [*TWO, "c.py"])
        assert shop.doit("codegen").returncode == 0
    assert shop.outputs() == first


def test_what_is_made_once_is_shared(tmp_path: Path) -> None:
    outcomes = Outcomes(tmp_path / "remarks", "code")
    made = outcomes.of([TEXT], BEFORE, ("a.py",))
    assert made == apply_replies([TEXT], BEFORE, ("a.py",))
    assert outcomes.of_reply(REPLY, BEFORE, ("a.py",)) is made
    assert outcomes.of([TEXT], {"a.py": None}, ("a.py",)) is not made
    assert outcomes.of([TEXT], BEFORE, ("a.py", "other.py")) is not made
    assert outcomes.of([TEXT], {"a.py": Blob(b"x = 0\n", 0o100755)}, ("a.py",)) is not made


def test_remarks_are_kept_and_only_believed_whole(tmp_path: Path) -> None:
    kept, remarks = tmp_path / "remarks", Remarks((Outside("other.py", b"y = 2\n", "not in the plan"),), ())
    first = Outcomes(kept, "code")
    assert first.remarks(REPLY, BEFORE, ("a.py",)) == remarks
    first.save()
    sealed = kept.read_bytes()
    for damaged in (sealed[:-1], sealed.replace(b"other.py", b"OTHER.py"), b"", None):
        kept.unlink() if damaged is None else kept.write_bytes(damaged)
        again = Outcomes(kept, "code")
        assert again.remarks(REPLY, BEFORE, ("a.py",)) == remarks
    kept.write_bytes(sealed)
    known = Outcomes(kept, "code")
    known.remarks(REPLY, BEFORE, ("a.py",))
    known.save()
    assert kept.read_bytes() == sealed
