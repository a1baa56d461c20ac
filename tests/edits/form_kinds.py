"""Kinds of forms that once went wrong: patches, calls, tags, heads of diffs, titles, repairs, each in many variants."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import product

from tests.edits.kinds import FILES, FORMS, Case, Rows, _block, _diff, _inserted, _lines, _patch, _places

F = "```"
OTHER = ("lib/other.txt", "one\ntwo\n")


def _edits(most: int = 4) -> Iterator[tuple[str, str, Rows, str]]:
    """Files with a line that is put in, at some places: path, text, the rows and the text after."""
    for path, text in FILES.items():
        for at in list(_places(text))[:most]:
            yield path, text, *_inserted(path, text, at)


def _sides(rows: Rows) -> tuple[str, str]:
    old, new = ("\n".join(line for sign, line in rows if sign != other) for other in "+-")
    return old, new


def _variants(changes: dict[str, Callable[[str], str]], make: Callable[[str, Rows], str]) -> Iterator[Case]:
    """An edit in one form, with each of some changes to how that is written."""
    for (path, text, rows, after), change in product(_edits(), changes.values()):
        yield Case(path, text, change(make(path, rows)), after)


def _patches() -> Iterator[Case]:
    """The marks of a patch in other letters and words, behind spaces, in fences, with what stands around."""
    return _variants(
        {
            "end behind a space": lambda t: t.replace("*** End", " *** End"),
            "end as a row": lambda t: t.replace("*** End", "+*** End"),
            "end with stars": lambda t: t.replace("End Patch", "End Patch ***"),
            "end of patch": lambda t: t.replace("End Patch", "End of Patch"),
            "end of file": lambda t: t.replace("*** End Patch", "*** End of File\n*** End Patch"),
            "small": lambda t: t.replace("Begin Patch", "begin patch").replace("Update File", "update file"),
            "modify": lambda t: t.replace("Update", "Modify"),
            "edit": lambda t: t.replace("Update", "Edit"),
            "colon": lambda t: t.replace("File:", "File :"),
            "no space": lambda t: t.replace("*** Update", "***Update").replace("*** Begin", "***Begin"),
            "begin behind a space": lambda t: " " + t,
            "fence": lambda t: f"{F}\n{t}{F}\n",
            "named fence": lambda t: f"{F}patch\n{t}{F}\n",
            "words": lambda t: f"I change it.\n\n{t}\nThat is all.\n",
            "shell": lambda t: f"{F}bash\napply_patch <<'EOF'\n{t}EOF\n{F}\n",
            "tag": lambda t: f"<patch>\n{t}</patch>\n",
            "no begin": lambda t: t.partition("\n")[2],
            "anchor and range": lambda t: t.replace("\n@@\n", "\n@@ -1,3 +1,4 @@\n"),
            "line ends": lambda t: t.replace("\n", "\r\n"),
        },
        _patch,
    )


def _call(path: str, rows: Rows) -> dict[str, object]:
    old, new = _sides(rows)
    return {"name": "str_replace", "arguments": {"path": path, "old_string": old, "new_string": new}}


def _calls() -> Iterator[Case]:
    """A call of a tool with old and new text: in a tag, a fence or bare, in one line or more, its keys anyhow."""
    keys = (("old_string", "new_string"), ("oldText", "newText"), ("search", "replace"), ("old_str", "new_str"))
    frames: tuple[Callable[[str], str], ...] = (
        lambda t: f"<tool_call>{t}</tool_call>",
        lambda t: f"I do it.\n<tool_call>\n{t}\n</tool_call>\nDone.",
        lambda t: f"<|tool_call|>{t}<|/tool_call|>",
        lambda t: f"[TOOL_CALLS] [{t}]",
        lambda t: f"{F}json\n{t}\n{F}\n",
        lambda t: t,
        lambda t: f"[{t}]",
        lambda t: json.dumps({"tool_calls": [json.loads(t)]}),
        lambda t: f"<function_call>{json.dumps(json.loads(t), indent=2)}</function_call>",
    )
    for (path, text, rows, after), (old, new), frame in product(_edits(3), keys, frames):
        told = json.dumps(_call(path, rows)).replace("old_string", old).replace("new_string", new)
        yield Case(path, text, frame(told), after)


def _patches_in_calls() -> Iterator[Case]:
    """A patch, a diff or blocks as the argument of a call."""
    for path, text, rows, after in _edits(3):
        patch, diff, block = _patch(path, rows), _diff(path, rows), _block(path, rows).partition("\n")[2]
        bare = "\n".join(["@@ @@", *(sign + line for sign, line in rows)])
        for told in (
            {"name": "apply_patch", "arguments": {"input": patch}},
            {"name": "apply_patch", "arguments": json.dumps({"input": patch})},
            {"patch": patch},
            {"command": ["apply_patch", patch]},
            {"path": path, "diff": diff},
            {"path": path, "diff": bare},
            {"file_path": path, "diff": block},
            {"tool": "edit", "parameters": {"path": path, "patch": diff}},
        ):
            for frame in ("{}", "<tool_call>{}</tool_call>", f"{F}json\n{{}}\n{F}\n"):
                yield Case(path, text, frame.replace("{}", json.dumps(told)), after)


def _tags() -> Iterator[Case]:
    """Whole files and edits in tags of many names, the path inside, beside, or as an attribute."""
    for path, text, rows, after in _edits(3):
        old, new = _sides(rows)
        body = after.removesuffix("\n")
        for tag in ("file", "document", "write_file", "PlandexBlock", "antArtifact", "code", "snippet", "edited-file"):
            for key in ("path", "filename", "file_path"):
                yield Case(path, text, f'<{tag} {key}="{path}">\n{body}\n</{tag}>\n', after)
        for tag, sign in product(("write_to_file", "create_file"), ("", "\n")):
            inner = f"<path>{path}</path>\n<content>{sign}{body}{sign}</content>"
            yield Case(path, text, f"<{tag}>\n{inner}\n</{tag}>\n", after)
        for one, two in (("old_text", "new_text"), ("old_string", "new_string"), ("search", "replace")):
            pair = f"<{one}>\n{old}\n</{one}>\n<{two}>\n{new}\n</{two}>"
            yield Case(path, text, f"<edit_file>\n<path>{path}</path>\n{pair}\n</edit_file>\n", after)
            yield Case(path, text, f'<edit_file path="{path}">\n{pair}\n</edit_file>\n', after)
            told = f'<parameter name="path">{path}</parameter>\n'
            both = f'<parameter name="{one}">{old}</parameter>\n<parameter name="{two}">{new}</parameter>'
            yield Case(path, text, f'<invoke name="str_replace">\n{told}{both}\n</invoke>\n', after)


def _line_ends() -> Iterator[Case]:
    """Strings of JSON whose lines end otherwise than those of the file, or as they do."""
    for (path, text, rows, after), its, ours in product(_edits(3), ("\n", "\r\n"), ("\n", "\r\n")):
        old, new = _sides(rows)
        before, wanted = text.replace("\n", its), after.replace("\n", its)
        yield Case(path, before, json.dumps({"path": path, "content": after.replace("\n", ours)}), wanted)
        sides = {"old_string": old.replace("\n", ours), "new_string": new.replace("\n", ours)}
        yield Case(path, before, json.dumps({"path": path, **sides}), wanted)
        for form in FORMS:
            yield Case(path, before, form(path, rows).replace("\n", ours), wanted)


def _unseen_signs() -> Iterator[Case]:
    """Signs without a width in the path."""
    for (path, text, rows, after), sign in product(_edits(2), ("\u200b", "\u200e", "\u200f", "\u2066", "\ufeff")):
        for name in (sign + path, path + sign, path.replace(".", f"{sign}.")):
            yield Case(path, text, _block(name, rows), after)
            yield Case(path, text, f"{name}\n{F}\n{after}{F}\n", after)
            yield Case(path, text, _patch(name, rows), after)


def _versions() -> Iterator[Case]:
    """A word of versions behind both paths of a diff; one path alone may be a file of its own."""
    pairs = (("-v1", "-v2"), (".orig", ".new"), (".old", ""), ("~", ""), ("_before", "_after"), (".bak", ""))
    for (path, text, rows, after), (old, new) in product(_edits(2), pairs):
        diff = _diff(path, rows).replace(f"--- a/{path}", f"--- a/{path}{old}")
        yield Case(path, text, diff.replace(f"+++ b/{path}", f"+++ b/{path}{new}"), after)
        yield Case(path, text, _patch(path + (new or old), rows), None)


def _titles_of_others() -> Iterator[Case]:
    """A block under the title of a file that nobody planned."""
    titles = (
        "{}", "`{}`", "**{}**", "### `{}`", "### {}:", "File: {}", "**File: `{}`**", "New file `{}`:", "# {}", "1. {}",
        "Create `{}`:", "{} (new)", "- `{}`",
    )  # fmt: skip
    for (path, text, _, after), title, name in product(_edits(1), titles, ("helpers", "src/extra/tools")):
        other = f"{name}.{path.rpartition('.')[2]}"
        for info in ("", path.rpartition(".")[2]):
            yield Case(path, text, f"{title.format(other)}\n\n{F}{info}\n{after}{F}\n", None)
        yield Case(path, text, f"{F}{path.rpartition('.')[2]} {other}\n{after}{F}\n", None)


def _modes() -> Iterator[Case]:
    """A head that gives the file other bits, alone or with rows."""
    for path, text, rows, after in _edits(4):
        head = f"diff --git a/{path} b/{path}\nold mode 100644\nnew mode 100755\n"
        index = "index 1234567..89abcde\n"
        for told, wanted in (
            (head, text),
            (head + index + _diff(path, rows), after),
            (head + _diff(path, rows), after),
        ):
            for frame in ("{}", f"{F}diff\n{{}}{F}\n", "I do it.\n\n{}\n"):
                yield Case(path, text, frame.replace("{}", told), wanted, mode=0o100755)


def _moves() -> Iterator[Case]:
    """A file gets another path, as it is or with an edit, told in the old path or the new one."""
    for path, text, rows, after in _edits(3):
        for to in (f"lib/new_{path}", f"new_{path}"):
            git = f"diff --git a/{path} b/{to}\nsimilarity index 90%\nrename from {path}\nrename to {to}\n"
            hunk = _diff(path, rows).split("\n", 2)[2]
            patch = f"*** Begin Patch\n*** Update File: {path}\n*** Move to: {to}\n"
            body = "".join(f"{sign}{line}\n" for sign, line in rows)
            for told, wanted in (
                (git, text),
                (f"{git}--- a/{path}\n+++ b/{to}\n{hunk}", after),
                (f"{git}index 1..2 100644\n--- a/{path}\n+++ b/{to}\n{hunk}", after),
                (f"{git}\n{_block(path, rows)}", after),
                (f"{git}\n{_block(to, rows)}", after),
                (f"{patch}@@\n{body}*** End Patch\n", after),
                (f"{patch}*** End Patch\n", text),
            ):
                yield Case(path, text, told, wanted, others=(OTHER,), to=to)
                yield Case(path, text, f"I do it.\n\n{F}\n{told}{F}\n", wanted, others=(OTHER,), to=to)


def _not_told_by_rows() -> Iterator[Case]:
    """Binary changes, links, submodules, copies, and new files whose rows are missing."""
    for path, text, rows, _ in _edits(1):
        head = f"diff --git a/{path} b/{path}\n"
        fresh = "diff --git a/n b/n\nnew file mode {}\nindex 000..123\n--- /dev/null\n+++ b/n\n{}"
        for told in (
            f"{head}index 1..2 100644\nBinary files a/{path} and b/{path} differ\n",
            f"{head}similarity index 57%\nrename from {path}\nrename to n\nBinary files a/{path} and b/n differ\n",
            f"{head}index 1..2 100644\nGIT binary patch\nliteral 3\nKcmZ\n",
            f"{head}index 1..2 120000\n{_diff(path, rows)}",
            f"{head}old mode 100644\nnew mode 120000\n",
            fresh.format(120000, f"@@ -0,0 +1 @@\n+{path}\n"),
            fresh.format(160000, "@@ -0,0 +1 @@\n+Subproject commit 1\n"),
            fresh.format(100644, "@@ -0,0 +1,12 @@\n"),
            f"diff --git a/{path} b/n\nsimilarity index 100%\ncopy from {path}\ncopy to n\n",
            f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,2 @@\n",
        ):
            for frame in ("{}", f"{F}diff\n{{}}{F}\n"):
                yield Case(path, text, frame.replace("{}", told), None)


def _folders() -> Iterator[Case]:
    """A folder that holds files is deleted, moved or written."""
    for path, text, rows, _ in _edits(1):
        for folder in ("lib", "lib/"):
            for told in (
                f"*** Begin Patch\n*** Delete File: {folder}\n*** End Patch\n",
                f"*** Begin Patch\n*** Add File: {folder}\n+x\n*** End Patch\n",
                f"--- a/{folder}\n+++ /dev/null\n",
                f"diff --git a/{folder} b/src\nsimilarity index 100%\nrename from {folder}\nrename to src\n",
                json.dumps({"action": "delete", "path": folder}),
                f'<delete_file path="{folder}"/>\n',
            ):
                yield Case(path, text, told, None, others=(OTHER,))
                yield Case(path, text, _block(path, rows) + "\n" + told, None, others=(OTHER,))


def _repairs() -> Iterator[Case]:
    """A reply that was refused, then one that repairs it: what was refused is the base of nothing."""
    for path, text, rows, after in _edits(3):
        lines = _lines(after)
        listed = "".join(f"{i}: {line}\n" for i, line in enumerate(lines, 1))
        refused = (
            f"{path}\n{F}\n{after}<<<<<<< ours\n{F}\n",
            f"{path}\n{F}\n{listed}{F}\n",
            f"{path}\n{F}\n{F}\n",
            f"{path}\n{F}\n{after}",
            f"{path}\n{F}\n((\n{after}{F}\n",
            f"{path}\n{F}\n{after}... rest of the code ...\n{F}\n",
            f"{path}\n<<<<<<< SEARCH\nnot there at all\n=======\n{lines[0]}\n>>>>>>> REPLACE\n",
        )
        for first, form in product(refused, FORMS):
            yield Case(path, text, form(path, rows), after, earlier=(first,))
        for first in refused:
            yield Case(path, text, f"{path}\n{F}\n{after}{F}\n", after, earlier=(first,))
            stale = f"{path}\n<<<<<<< SEARCH\nnot there at all\n=======\nfine\n>>>>>>> REPLACE\n"
            yield Case(path, text, stale, None, earlier=(first,))


def _numbered_quotes() -> Iterator[Case]:
    """Numbers of a listing before the lines of a block, on both sides or on the quoted one alone."""
    for path, text, rows, after in _edits(4):
        at = next((i for i, line in enumerate(_lines(text)) if (" ", line) == rows[0]), 0) + 1
        for sign in ("{}: ", "{:4} | ", "{}\t", "{:5}\u2192", "L{}: ", "{}|"):
            old, new = ([sign.format(n) + line for n, line in enumerate(side.split("\n"), at)] for side in _sides(rows))
            plain = _sides(rows)[1].split("\n")
            for ours in (new, plain):
                body = [path, "<<<<<<< SEARCH", *old, "=======", *ours, ">>>>>>> REPLACE", ""]
                yield Case(path, text, "\n".join(body), after)


LABELS = (
    ("Before:", "After:"), ("Replace this:", "with:"), ("**Old:**", "**New:**"), ("Find:", "Replace with:"),
    ("Change this code:", "to:"), ("### Before", "### After"), ("Original:", "Updated:"), ("Instead of:", "Use:"),
    ("SEARCH:", "REPLACE:"), ("Current code:", "New code:"),
)  # fmt: skip


def _pairs_in_words() -> Iterator[Case]:
    """Two blocks that words call the old and the new lines: nobody reads them as an edit, or as a file."""
    for (path, text, rows, after), (one, two) in product(_edits(2), LABELS):
        old, new = _sides(rows)
        for head in (f"## {path}", f"`{path}`:", f"In `{path}`:", "", path, f"File: {path}\n\n### Step 1"):
            told = f"{head}\n\n{one}\n\n{F}\n{old}\n{F}\n\n{two}\n\n{F}\n{new}\n{F}\n"
            yield Case(path, text, told, after if old == text.removesuffix("\n") else None)


def _commands() -> Iterator[Case]:
    """Commands that change files beside a here-document."""
    commands = (
        "rm lib/other.txt", "git rm -q lib/other.txt", "mv lib/other.txt a", "sed -i s/one/1/ lib/other.txt", "touch n",
        "echo x >> lib/other.txt", "echo x > lib/other.txt", "cp lib/other.txt n", "git apply x.patch",
        "cd lib && rm other.txt", "cat >> lib/other.txt <<'E'\nx\nE", "python - <<'E'\nx\nE", "perl -pi -e s/a/b/ a",
        "$ mv a b",
    )  # fmt: skip
    for (path, text, _, after), command in product(_edits(2), commands):
        written = f"cat > {path} <<'EOF'\n{after}EOF\n"
        yield Case(path, text, f"{F}bash\n{written}{command}\n{F}\n", None, others=(OTHER,))
    quiet = ("python -m pytest 2>&1 | tail -3", "git commit -m 'rm it'", "ls > /dev/null", "# rm it", "mkdir -p lib")
    for (path, text, _, after), command in product(_edits(2), quiet):
        written = f"cat > {path} <<'EOF'\n{after}EOF\n"
        yield Case(path, text, f"{F}bash\n{written}{command}\n{F}\n", after, others=(OTHER,))


def _glued() -> Iterator[Case]:
    """A mark of a block in other letters, with the path beside it, in a list or with more signs."""
    changes: dict[str, Callable[[str], str]] = {
        "small": lambda t: t.replace("SEARCH", "search").replace("REPLACE", "replace"),
        "original": lambda t: t.replace("SEARCH", "ORIGINAL").replace("REPLACE", "UPDATED"),
        "dashes": lambda t: t.replace("<<<<<<< SEARCH", "------- SEARCH").replace(">>>>>>> REPLACE", "+++++++ REPLACE"),
        "more signs": lambda t: t.replace("<<<<<<< ", "<<<<<<<<< ").replace(">>>>>>> ", ">>>>>>>>> "),
        "fewer signs": lambda t: t.replace("<<<<<<< ", "<<<<< ").replace(">>>>>>> ", ">>>>> "),
        "no fence": lambda t: t.replace(f"{F}\n", ""),
        "list": lambda t: re.sub(r"(?m)^(?=.)", "  ", t),
        "words": lambda t: f"I put it in.\n\n{t}\nThat is all.\n",
        "tokens": lambda t: f"<|im_start|>assistant\n{t}<|im_end|>",
        "thoughts": lambda t: f"<think>\nWhere?\n</think>\n{t}",
        "line number": lambda t: t.replace("SEARCH\n", "SEARCH\n:start_line:1\n-------\n"),
    }
    return _variants(changes, _block)


FORM_KINDS: dict[str, Callable[[], Iterator[Case]]] = {
    "marks of a patch": _patches,
    "marks of a block": _glued,
    "calls of tools": _calls,
    "patches in calls": _patches_in_calls,
    "tags of many names": _tags,
    "line ends of strings": _line_ends,
    "signs without width in a path": _unseen_signs,
    "versions behind a path": _versions,
    "titles of other files": _titles_of_others,
    "modes": _modes,
    "moves": _moves,
    "what no row can tell": _not_told_by_rows,
    "folders": _folders,
    "repairs": _repairs,
    "numbers before quoted lines": _numbered_quotes,
    "old and new in words": _pairs_in_words,
    "commands beside here-documents": _commands,
}
