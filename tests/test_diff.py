"""The patch is git's to the byte, proves itself, and costs nothing for what did not change."""

import base64
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from codegen_tasks.diff import Extent, PackedFragments, PatchError, apply_patch, make_patch, measure_patch
from codegen_tasks.diff.binary import apply_binary, binary_body
from codegen_tasks.diff.names import quote, unquote
from codegen_tasks.records import Blob, FileChange
from tests.diff_cases import CASES, Case
from tests.diff_trees import (
    LINK,
    SCRIPT,
    Tree,
    applied_by_git,
    applied_by_gnu_patch,
    changes_between,
    git,
    git_diff,
    random_pair,
)

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is the judge here")
needs_patch = pytest.mark.skipif(shutil.which("patch") is None, reason="GNU patch is the judge here")
each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def patch_of(case: Case) -> bytes:
    return make_patch(changes_between(case.before, case.after), case.context_lines)


def without_binary(patch: bytes) -> bytes:
    """Git compresses what it writes of a binary change; ours is stored."""
    return re.sub(rb"(?m)^(literal|delta) \d+\n(?:[A-Za-z].+\n)+", b"", patch)


@each_case
def test_each_case_proves_itself(case: Case) -> None:
    assert apply_patch(patch_of(case), case.before) == case.after


@needs_git
@each_case
def test_each_case_is_what_git_prints(case: Case, tmp_path: Path) -> None:
    ours, theirs = patch_of(case), git_diff(tmp_path, case.before, case.after, case.context_lines)
    assert without_binary(ours) == without_binary(theirs)


@needs_git
@each_case
def test_each_case_is_applied_by_git_both_ways(case: Case, tmp_path: Path) -> None:
    assert applied_by_git(tmp_path, case.before, patch_of(case)) == case.after
    assert applied_by_git(tmp_path, case.after, patch_of(case), "-R") == case.before


@needs_patch
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES if case.gnu is None])
def test_each_case_is_applied_by_gnu_patch(case: Case, tmp_path: Path) -> None:
    assert applied_by_gnu_patch(tmp_path, case.before, patch_of(case)) == case.after


def extent_by_git(folder: Path, patch: bytes) -> Extent:
    rows = git(folder, "apply", "--numstat", "-z", "--allow-empty", stdin=patch).stdout.split(b"\0")[:-1]
    fields = [row.split(b"\t", 2) for row in rows]
    inserted, deleted = (sum(int(row[side].replace(b"-", b"0")) for row in fields) for side in (0, 1))
    return Extent(len({name for *_, name in fields}), inserted, deleted)


@needs_git
@pytest.mark.parametrize("seed", range(1000, 1060))
def test_random_trees_against_git(seed: int, tmp_path: Path) -> None:
    before, after = random_pair(seed)
    context_lines = (3, 0, 1, 10)[seed % 4]
    patch = make_patch(changes_between(before, after), context_lines)
    assert apply_patch(patch, before) == after
    assert applied_by_git(tmp_path, before, patch) == after
    assert measure_patch(patch) == extent_by_git(tmp_path, patch)
    assert without_binary(patch) == without_binary(git_diff(tmp_path, before, after, context_lines))


SEVERAL: Tree = {case.name: case.before["f.txt"] for case in CASES if "f.txt" in case.before}
SEVERAL_AFTER: Tree = {case.name: case.after["f.txt"] for case in CASES if "f.txt" in case.after}


@given(st.permutations(changes_between(SEVERAL, SEVERAL_AFTER)[:9]))
def test_the_order_of_changes_does_not_matter(changes: list[FileChange]) -> None:
    assert make_patch(changes) == make_patch(changes_between(SEVERAL, SEVERAL_AFTER)[:9])


few_lines = st.lists(st.sampled_from([b"", b"a", b"b", b" b", b"}", b"c\r", b"d e"]), max_size=14)
contents = st.builds(lambda lines, end: b"\n".join(lines) + end, few_lines, st.sampled_from([b"", b"\n"]))
blobs = st.none() | st.builds(Blob, contents | st.binary(max_size=30), st.sampled_from([0o100644, SCRIPT]))


@given(blobs, blobs, st.integers(0, 4))
def test_before_and_patch_give_after_and_the_numbers_are_those_of_its_lines(
    before: Blob | None, after: Blob | None, context_lines: int
) -> None:
    patch = make_patch([FileChange("f", before, after)], context_lines)
    start = {} if before is None else {"f": before}
    assert apply_patch(patch, start) == ({} if after is None else {"f": after})
    body = re.sub(rb"(?m)^(---|\+\+\+) (a|b|/dev)/.*\n", b"", patch)
    if re.search(rb"(?m)^GIT binary patch$", body):
        assert measure_patch(patch)[1:] == (0, 0)
    else:
        lines = tuple(len(re.findall(sign, body)) for sign in (rb"(?m)^\+", rb"(?m)^-"))
        assert measure_patch(patch)[1:] == lines
    assert measure_patch(patch).files == (before != after)


def test_what_does_not_change_is_left_out() -> None:
    same = Blob(b"a\n")
    assert make_patch([FileChange("f", same, same), FileChange("g", None, None)]) == make_patch([])
    assert make_patch([]) == b""


@given(st.text(st.characters(codec="utf-8"), min_size=1).map(str.encode) | st.binary(min_size=1))
def test_a_quoted_name_is_one_line_and_comes_back(name: bytes) -> None:
    quoted = quote(name)
    assert b"\n" not in quoted
    assert quoted.isascii()
    assert unquote(quoted) == name


def test_what_cannot_be_proved_is_refused() -> None:
    with pytest.raises(PatchError, match="no mode of a file or link"):
        make_patch([FileChange("f", None, Blob(b"a\n", 0o100664))])
    with pytest.raises(ValueError, match="two changes of one file"):
        make_patch([FileChange("f", None, Blob(b"a\n")), FileChange("f", Blob(b"a\n"), None)])


TEXT = "".join(f"line {i} of a text, and what it says is {i * i % 97}\n" for i in range(3000))
NOISE = random.Random(5).randbytes(70_000)
BINARY = {
    "utf-16": (TEXT.encode("utf-16"), TEXT.replace("line 7 ", "LINE seven ").encode("utf-16")),
    "several places": (TEXT.encode("utf-16"), TEXT.replace("is 3\n", "is three\n").encode("utf-16")),
    "new": (b"", NOISE),
    "gone": (NOISE, b""),
    "a byte in the middle": (NOISE, NOISE[:40_000] + b"!" + NOISE[40_000:]),
    "something else": (NOISE, bytes(200_000)),
    "one byte": (b"\0", b"\1"),
}


@needs_git
@pytest.mark.parametrize(("before", "after"), BINARY.values(), ids=BINARY)
def test_git_takes_binary_changes_both_ways(before: bytes, after: bytes, tmp_path: Path) -> None:
    old, new = ({"f": Blob(data + b"\0")} for data in (before, after))
    patch = make_patch(changes_between(old, new))
    assert applied_by_git(tmp_path, old, patch) == new
    assert applied_by_git(tmp_path, new, patch, "-R") == old


def test_an_edit_of_a_large_binary_is_a_small_patch() -> None:
    for name in ("utf-16", "a byte in the middle"):
        before, after = BINARY[name]
        assert len(binary_body(before, after)) < 1000


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_a_binary_body_leads_there_and_is_never_compressed(before: bytes, after: bytes) -> None:
    assume(before != after)
    body = binary_body(before, after)
    assert apply_binary(body.partition(b"\n")[2], before) == after
    packed = [base64.b85decode(line[1:]) for line in body.split(b"\n") if line[:1].isalpha() and b" " not in line]
    assert packed[0][:3] == b"\x78\x01\x01"  # zlib's header and a last block that is stored


TWO_PARTS = binary_body(NOISE, NOISE[:40_000] + b"!" + NOISE[40_000:]).partition(b"\n")[2]


@pytest.mark.parametrize("at", range(0, len(TWO_PARTS), 3))
def test_a_damaged_binary_body_is_refused(at: int) -> None:
    damaged = bytearray(TWO_PARTS)
    damaged[at] ^= 1
    with pytest.raises(ValueError, match=r"\w"):
        apply_binary(bytes(damaged), NOISE)


WHOLE: Tree = {
    "text": Blob(b"".join(b"%d\n" % n for n in range(30))),
    "gone": Blob(b"a\nb"),
    "bytes": Blob(b"\0\1\2" * 40),
    "mode": Blob(b"x\n"),
    "link": Blob(b"text", LINK),
    "empty": Blob(b""),
}
WHOLE_AFTER: Tree = {
    "text": Blob(WHOLE["text"].data.replace(b"7\n", b"seven\n").replace(b"25\n", b"")),
    "bytes": Blob(b"\0\3\4" * 40),
    "mode": Blob(b"x\n", SCRIPT),
    "link": Blob(b"mode", LINK),
    "new": Blob(b"n\n"),
}
WHOLE_PATCH = make_patch(changes_between(WHOLE, WHOLE_AFTER))


@pytest.mark.parametrize("change", ["other byte", "no byte", "one more"])
def test_a_patch_with_one_wrong_byte_never_makes_other_contents(change: str) -> None:
    refused = 0
    for at in range(len(WHOLE_PATCH)):
        byte = {"other byte": bytes([WHOLE_PATCH[at] ^ 1]), "no byte": b"", "one more": WHOLE_PATCH[at : at + 1] * 2}[
            change
        ]
        damaged = WHOLE_PATCH[:at] + byte + WHOLE_PATCH[at + 1 :]
        try:
            tree = apply_patch(damaged, WHOLE)
        except PatchError:
            refused += 1
        else:
            assert {path: blob.data for path, blob in tree.items()} == {p: b.data for p, b in WHOLE_AFTER.items()}
    assert refused > 0.9 * len(WHOLE_PATCH)


OVERLAP = make_patch([FileChange("f", Blob(b"a\n"), Blob(b"b\nc\n"))]).partition(b"@@")[0]
OVERLAP += b"@@ -1 +1 @@\n-a\n+b\n@@ -1 +2 @@\n-a\n+c\n"
LEFT = make_patch([FileChange("f", Blob(b"a\nb\n"), None)]).partition(b"@@")[0] + b"@@ -1,2 +1 @@\n a\n-b\n"
MOVED = WHOLE_PATCH.replace(b"@@ -5,7 +5,7 @@", b"@@ -5,7 +6,7 @@")
REFUSED = [
    pytest.param({"f": Blob(b"a\n")}, OVERLAP, "does not fit", id="hunks overlap"),
    pytest.param({"f": Blob(b"a\nb\n")}, LEFT, "something of it is left", id="a deletion that leaves a line"),
    pytest.param(WHOLE, MOVED, "does not fit", id="line number after"),
    pytest.param(
        {**WHOLE, "text": Blob(WHOLE["text"].data + b"x")}, WHOLE_PATCH, "index line", id="other content behind"
    ),
    pytest.param({**WHOLE, "text": Blob(b"x\n" + WHOLE["text"].data)}, WHOLE_PATCH, "does not fit", id="lines moved"),
    pytest.param({**WHOLE, "text": Blob(b"")}, WHOLE_PATCH, "does not fit", id="lines gone"),
    pytest.param({**WHOLE, "new": Blob(b"")}, WHOLE_PATCH, "expected an index line|index line", id="new file is there"),
    pytest.param(
        {p: b for p, b in WHOLE.items() if p != "gone"}, WHOLE_PATCH, "expected b'new file", id="file is gone"
    ),
    pytest.param({**WHOLE, "gone": Blob(b"a\nb\n")}, WHOLE_PATCH, "does not fit", id="newline at the end"),
    pytest.param({**WHOLE, "mode": Blob(b"x\n", SCRIPT)}, WHOLE_PATCH, "expected an index line", id="mode is there"),
    pytest.param({**WHOLE, "bytes": Blob(b"\0")}, WHOLE_PATCH, "binary content before", id="other binary content"),
    pytest.param({}, b"diff --git a/f b/g\nnew file mode 100644\n", "one path twice", id="rename"),
    pytest.param(WHOLE, WHOLE_PATCH[:-1], "line end", id="cut at the last byte"),
    pytest.param(WHOLE, b"Hello\n" + WHOLE_PATCH, "start with a part", id="prose before"),
    pytest.param(WHOLE, WHOLE_PATCH + WHOLE_PATCH, "content before is another", id="twice"),
]


@pytest.mark.parametrize(("tree", "patch", "message"), REFUSED)
def test_the_strict_applier_forgives_nothing(tree: Tree, patch: bytes, message: str) -> None:
    with pytest.raises(PatchError, match=message):
        apply_patch(patch, tree)


class Counted:
    """Fragments in memory that count what is made anew."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.made = 0

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: str, data: bytes) -> None:
        self.kept[key] = data
        self.made += 1


BOTH = [change for change in changes_between(SEVERAL, SEVERAL_AFTER) if change.before != change.after]


def test_only_what_changed_is_diffed_again() -> None:
    fragments = Counted()
    assert make_patch(BOTH, fragments=fragments) == make_patch(BOTH)
    assert fragments.made == len(BOTH)
    edited = [*BOTH[1:], FileChange(BOTH[0].path, BOTH[0].before, Blob(b"edited\n"))]
    assert make_patch(edited, fragments=fragments) == make_patch(edited)
    assert fragments.made == len(BOTH) + 1


ONE = FileChange("f", Blob(b"a\nb\n"), Blob(b"a\nc\n"))


@pytest.mark.parametrize(
    ("other", "context_lines"),
    [
        pytest.param(FileChange("g", ONE.before, ONE.after), 3, id="path"),
        pytest.param(FileChange("f", Blob(b"a\nb\n", SCRIPT), ONE.after), 3, id="mode before"),
        pytest.param(FileChange("f", ONE.before, Blob(b"a\nc\n", SCRIPT)), 3, id="mode after"),
        pytest.param(FileChange("f", Blob(b"a\n"), ONE.after), 3, id="content before"),
        pytest.param(FileChange("f", ONE.before, Blob(b"b\n")), 3, id="content after"),
        pytest.param(ONE, 0, id="context"),
    ],
)
def test_a_fragment_is_kept_for_exactly_one_change(other: FileChange, context_lines: int) -> None:
    fragments = Counted()
    make_patch([ONE], fragments=fragments)
    assert make_patch([other], context_lines, fragments) == make_patch([other], context_lines)
    assert fragments.made == 2


def test_packed_fragments_outlive_the_run_and_forget_what_is_not_used(tmp_path: Path) -> None:
    pack = tmp_path / "folder" / "fragments"
    first = PackedFragments(pack)
    made = make_patch(BOTH, fragments=first)
    first.save()
    size, written = pack.stat().st_size, pack.stat().st_mtime_ns
    second = PackedFragments(pack)
    assert make_patch(BOTH, fragments=second) == made
    second.save()
    assert pack.stat().st_mtime_ns == written
    third = PackedFragments(pack)
    make_patch(BOTH[:1], fragments=third)
    third.save()
    assert pack.stat().st_size < size


def test_fragments_of_another_maker_are_made_again(tmp_path: Path) -> None:
    first = PackedFragments(tmp_path / "fragments", "old code")
    first.put("key", b"fragment")
    first.save()
    kept = [PackedFragments(tmp_path / "fragments", maker).get("key") for maker in ("old code", "new code")]
    assert kept == [b"fragment", None]


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data[:50] + b"?" + data[51:], lambda data: b""]
)
def test_a_damaged_pack_costs_time_and_nothing_else(damage: object, tmp_path: Path) -> None:
    pack = tmp_path / "fragments"
    first = PackedFragments(pack)
    make_patch(BOTH, fragments=first)
    first.save()
    assert callable(damage)
    pack.write_bytes(damage(pack.read_bytes()))
    second = PackedFragments(pack)
    assert make_patch(BOTH, fragments=second) == make_patch(BOTH)
    second.save()
    assert PackedFragments(pack).get("missing") is None


PRINT = "import sys; from tests.test_diff import SEVERAL, SEVERAL_AFTER, changes_between, make_patch; "
PRINT += "sys.stdout.buffer.write(make_patch(changes_between(SEVERAL, SEVERAL_AFTER)))"


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, id="C"),
        pytest.param({"LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr"}, id="Turkish"),
        pytest.param(
            {"GIT_DIFF_OPTS": "--unified=0", "GIT_EXTERNAL_DIFF": "false", "PATH": ""}, id="no git, odd settings"
        ),
        pytest.param({"PYTHONHASHSEED": "7", "TZ": "Asia/Kathmandu"}, id="other hashes"),
    ],
)
def test_the_bytes_depend_on_nothing_around(settings: dict[str, str]) -> None:
    here = Path(__file__).parent.parent
    run = subprocess.run(
        [sys.executable, "-c", PRINT], cwd=here, env={**os.environ, **settings}, capture_output=True, check=True
    )
    assert run.stdout == make_patch(changes_between(SEVERAL, SEVERAL_AFTER))
