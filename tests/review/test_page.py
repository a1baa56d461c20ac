"""The page tells what artefacts say, and nothing in them can become markup."""

import json
import re
from html.parser import HTMLParser

import pytest

from codegen_tasks.diff import make_patch, measure_patch
from codegen_tasks.errors import Failure
from codegen_tasks.records import Blob, Diagnostic, FileChange
from codegen_tasks.review import Asked, Earlier, Material, make_page
from codegen_tasks.review.origins import hand_written, ranges
from codegen_tasks.review.patches import read_patch
from codegen_tasks.signals import Refused, Scope, failure_report

CHANGES = [
    FileChange("src/a.py", Blob(b"one\ntwo\nthree\n"), Blob(b"one\n2\nthree\nfour")),
    FileChange("src/new file.py", None, Blob(b"x = 1\n")),
    FileChange("gone.txt", Blob(b"a\nb\n"), None),
    FileChange("bin", Blob(b"\0a"), Blob(b"\0b")),
    FileChange("run.sh", Blob(b"x\n"), Blob(b"x\n", 0o100755)),
    FileChange("caf\u00e9.txt", None, Blob(b"--- a\n+++ b\n@@ -1 +1 @@\n")),
]
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>&\u2028\u202e'\"`{{ 7 * 7 }}{% raw %}"


IMAGE = "![x](http://a/b.png)\n\n<script>alert(3)</script>"


class Markup(HTMLParser):
    """The elements of a page, and what its script element with data holds."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def data_of(page: bytes) -> list[object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.decode(), re.DOTALL)
    assert found
    made: list[object] = json.loads(found[1])
    return made


def material(**more: object) -> Material:
    patch = make_patch(CHANGES)
    contents = {change.path: change.after.data for change in CHANGES if change.after}
    return Material(**{"title": "t", "patch": patch, "contents": contents, **more})  # type: ignore[arg-type]


def test_a_patch_is_read_as_it_was_written() -> None:
    files = read_patch(make_patch(CHANGES))
    assert {file.path: file.op for file in files} == {
        "src/a.py": "update",
        "src/new file.py": "create",
        "gone.txt": "delete",
        "bin": "update",
        "run.sh": "update",
        "caf\u00e9.txt": "create",
    }
    told = measure_patch(make_patch(CHANGES))
    assert (sum(f.count("+") for f in files), sum(f.count("-") for f in files)) == (told.insertions, told.deletions)
    by_path = {file.path: file for file in files}
    assert by_path["run.sh"].modes == ("100644", "100755")
    assert by_path["bin"].binary
    lines = [(x.sign, x.old, x.new, x.text, x.ended) for x in by_path["src/a.py"].hunks[0].lines]
    assert lines == [
        (" ", 1, 1, "one", True),
        ("-", 2, 0, "two", True),
        ("+", 0, 2, "2", True),
        (" ", 3, 3, "three", True),
        ("+", 0, 4, "four", False),
    ]


def test_every_added_line_has_an_author() -> None:
    before, generated, after = b"a\nb\nc\n", b"a\nB\nc\nd\n", b"a\nB\nc\nD\ne\n"
    file = read_patch(make_patch([FileChange("f", Blob(before), Blob(after))]))[0]
    assert ranges(file, hand_written(generated, after)) == [(2, 2, "reply"), (4, 5, "hand")]
    assert ranges(file, hand_written(None, after)) == [(2, 2, "reply"), (4, 5, "reply")]


def test_the_page_holds_each_line_and_the_same_bytes_twice() -> None:
    page = make_page(material(generated={"src/a.py": b"one\n2\nthree\n"}))
    assert page == make_page(material(generated={"src/a.py": b"one\n2\nthree\n"}))
    bodies = {body[0]: body[1:] for body in data_of(page) if isinstance(body, list)}
    assert bodies["a.py"][0][1:] == [[0, 1, 1, "one", 0], [2, 2, 0, "two", 0], [1, 0, 2, "2", 0], [0, 3, 3, "three", 0],
                                     [1, 0, 4, "four", 3]]  # fmt: skip


def test_nothing_in_it_becomes_markup() -> None:
    clean = Markup(make_page(material()))
    changes = [FileChange(HOSTILE.replace("/", "_").replace("\u2028", ""), None, Blob(HOSTILE.encode()))]
    page = make_page(
        Material(
            HOSTILE,
            make_patch(changes),
            {},
            failure=failure_report([Failure("edit_failed", HOSTILE, HOSTILE, HOSTILE, HOSTILE)]),
            scope=Scope("codegen.scope/1", (Refused(HOSTILE, HOSTILE, HOSTILE, None, None),), ()),
            quarantine={HOSTILE: HOSTILE.encode()},
            units=(Asked(HOSTILE, (HOSTILE,), sections=(HOSTILE, IMAGE)), Asked("b", ())),
            earlier=(Earlier("0001", HOSTILE, make_patch(changes), {HOSTILE: HOSTILE}),),
            logs={HOSTILE: HOSTILE},
            checks={"checks": [{"name": HOSTILE, "verdict": "no", "reason": HOSTILE, "results": {HOSTILE: HOSTILE}}]},
        )
    )  # fmt: skip
    found = Markup(page)
    assert found.tags.count("script") == clean.tags.count("script") == 2
    assert "img" not in found.tags
    assert found.handlers == []
    assert b'http://a/b.png"' not in page
    assert "\u202e" not in re.sub(r"(?s)<script.*?</script>", "", page.decode())


@pytest.mark.parametrize("text", ["https://", "http://", "//cdn", "@import", "url("])
def test_it_names_no_other_host(text: str) -> None:
    page = make_page(Material("t", b"", {}, units=(Asked("a", ("a",)),))).decode()
    assert text not in re.sub(r"http://www\.w3\.org/\S+", "", page)


def test_notes_stand_with_their_file() -> None:
    from codegen_tasks.signals import Manifest, Usage

    note = Diagnostic("warning", "definitions_gone", "`tax` is gone", "src/a.py")
    manifest = Manifest("codegen.manifest/1", 1, (), (), Usage(0, 0, 0, None), (note,))
    page = make_page(material(manifest=manifest)).decode()
    section = page[page.index('id="file-') :]
    assert "`tax` is gone" in section
