"""What an envelope leaves in new text goes or is refused; what a file may well hold stays."""

import importlib.util
from pathlib import Path

import pytest

from codegen_tasks.edits import apply_replies
from codegen_tasks.errors import EditFailed
from codegen_tasks.records import Blob

KINDS = Path(__file__).parent.parent.parent / "benchmarks" / "edit_residues.py"


def test_no_kind_of_residue_lands() -> None:
    spec = importlib.util.spec_from_file_location("edit_residues", KINDS)
    assert spec and spec.loader
    kinds = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kinds)
    verdicts = [(kind, kinds.verdict(reply, file)) for kind in kinds.SPOILS for reply, file in kinds.cases(kind)]
    assert len(verdicts) > 50 * len(kinds.SPOILS)
    assert not [kind for kind, came in verdicts if came == "WRONG"]
    assert {kind for kind, came in verdicts if came == "right"} >= {*kinds.SPOILS} - kinds.REFUSED


STAYS = {
    "heading-at-the-end": ("n.rst", "A\n", "Heading\n=======\n"),
    "content-element": ("p.html", "<a></a>\n", "<content>\n<a></a>\n</content>\n"),
    "end-of-a-longer-element": ("p.xml", "<r>\n<content>\n</content>\n</r>\n", "<r>\n<content>\nx\n</content>\n</r>\n"),
    "section-of-a-configuration": ("a.conf", "Listen 80\n", "<VirtualHost *:80>\n  ServerName a\n</VirtualHost>\n"),
    "struck-out": ("p.html", "<p>a</p>\n", "<p><s>a</s></p>\n"),
    "table-of-numbers": ("t.csv", "1\ta\n2\tb\n", "1\ta\n2\tc\n3\td\n"),
    "tokens-of-a-model": ("t.txt", "a\n", "<s>\n</s>\n<|im_end|>\n"),
    "tokens-in-strings": ("t.py", 'a = ["<|x|>"]\n', 'a = ["<|x|>",\n     "<|im_end|>"]\n'),
    "page-with-a-block": ("n.md", "a\n", "```\ncode\n```\n"),
    "quotation": ("n.md", "a\n", "> b\n> c\n"),
    "one-line-with-an-escape": ("a.py", "print(1)\n", 'print("a\\nb\\nc")\n'),
    "escaped-quotes-as-there": ("a.sh", 'echo "\\"a\\""\n', 'echo "\\"b\\""\n'),
    "entities-of-a-page": ("a.html", "<p>a</p>\n", "<p>&lt;b&gt;</p>\n"),
    "list-of-pluses": ("n.md", "a\n", "+ one\n+ two\n"),
    "patch": ("x.patch", "@@ -3 +3 @@\n", "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n"),
    "mapping-of-numbers": ("a.yaml", "1: a\n2: b\n", "1: c\n2: d\n"),
}


@pytest.mark.parametrize(("path", "before", "after"), STAYS.values(), ids=STAYS)
def test_what_a_file_may_hold_stays(path: str, before: str, after: str) -> None:
    for reply in (f"{path}\n~~~~\n{after}~~~~\n", f"{path}\n<<<<<<< SEARCH\n{before}=======\n{after}>>>>>>> REPLACE\n"):
        (change,) = apply_replies([reply], {path: Blob(before.encode())}).changes
        assert change.after == Blob(after.encode())


@pytest.mark.parametrize("tag", ["content", "new_text", "file_content"])
def test_a_pair_of_tags_around_a_page_goes(tag: str) -> None:
    (change,) = apply_replies([f"n.md\n~~~~\n<{tag}>\n# A\n\nb\n</{tag}>\n~~~~\n"], {"n.md": Blob(b"# A\n")}).changes
    assert change.after == Blob(b"# A\n\nb\n")


PAGE = "<!DOCTYPE html>\n<html>\n<body>{}</body>\n</html>\n"


@pytest.mark.parametrize("before", [None, Blob(PAGE.format("a").encode())], ids=["new", "there"])
def test_a_pair_of_tags_around_a_file_of_tags_goes(before: Blob | None) -> None:
    page = PAGE.format("b")
    (change,) = apply_replies(
        [f'<file path="n.html">\n<content>\n{page}</content>\n</file>'], {"n.html": before}
    ).changes
    assert change.after == Blob(page.encode())


def test_a_mark_of_character_data_goes_at_both_ends() -> None:
    reply = '```xml\n<file path="n.css"><![CDATA[\na {}\nb {}\nc {}\nd {}\n]]></file>\n```\n'
    (change,) = apply_replies([reply], {"n.css": Blob(b"a {}\nb {}\nc {}\n")}).changes
    assert change.after == Blob(b"a {}\nb {}\nc {}\nd {}\n")


@pytest.mark.parametrize("path", ["n.html", "n.xml"])
def test_a_tag_of_a_form_in_place_of_all_that_a_file_of_tags_holds_is_refused(path: str) -> None:
    reply = f'<file path="{path}">\n<content>\n<edit>\nb\n</edit>\n</content>\n</file>'
    with pytest.raises(EditFailed):
        apply_replies([reply], {path: Blob(b"<page>\n<a>a</a>\n</page>\n")})


@pytest.mark.parametrize("path", ["n.css", "n.sql", "n.yaml"])
def test_a_mark_in_the_middle_is_refused_with_its_line(path: str) -> None:
    for mark in ("```", "<|im_end|>"):
        with pytest.raises(EditFailed) as refusal:
            apply_replies([f"{path}\n~~~~\na\n{mark}\nb\n~~~~\n"], {path: Blob(b"c\n")})
        assert f"`{mark}`" in refusal.value.message
