"""Which units a failing check concerns, and what a model is told of it. It reads no files and asks nobody."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from codegen_tasks.check.verdict import Seen, Verdict
from codegen_tasks.records import digest

MOST_SHOWN = 5  # tests of a command that are shown with what they said
MOST_NAMED = 30
MOST_SAID = 2500  # characters of what one test, or a command as a whole, said
LEAST_LINE = 8  # characters of a line that is long enough to give away where it comes from
_IMPORT = re.compile(
    r"^\s*(?:import|from|use|require|include|#include|export)\b.*|.*\b(?:require|import)\s*\(.*|.*\bfrom\s+[\'\"].*"
)


@dataclass(frozen=True)
class Hidden:
    """Files that no model may see: `holds` tells whether a path is one, `lines` are theirs."""

    paths: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()

    @classmethod
    def of(cls, contents: Mapping[str, bytes]) -> "Hidden":
        """The hidden files with these contents."""
        lines = {line.strip() for data in contents.values() for line in data.decode("utf-8", "replace").splitlines()}
        return cls(frozenset(contents), frozenset(line for line in lines if len(line) >= LEAST_LINE))

    def is_in(self, text: str) -> bool:
        """Whether a text names a hidden file, or quotes a line of one."""
        if any(path in text or _module(path) in text for path in self.paths):
            return True
        return bool(self.lines) and any(line in text for line in self.lines)


def _module(path: str) -> str:
    return path.rpartition(".")[0].replace("/", ".") or path


def fingerprint(verdicts: Iterable[Verdict]) -> str:
    """The same for the same failures: repairs that lead to it again lead nowhere."""
    said = [
        f"{v.name}\0{v.verdict}\0{v.reason}\0{test}" for v in verdicts if not v.passes for test in (v.failing or ("",))
    ]
    return digest("\n".join(sorted(said)).encode("utf-8", "surrogateescape"))


def concerned(
    verdict: Verdict, seen: Seen, files: Mapping[str, str], read: Callable[[str], str], hidden: Hidden
) -> frozenset[str]:
    """The units that a failing command concerns: those whose files stand in what the failures say, else those whose
    files the failing tests import, else all. `files` gives each written path's unit, `read` a file's text."""
    own = {seen.after.files.get(test) or test.partition("::")[0] for test in verdict.failing}
    said = "\n".join(text for _, text in _said(verdict, seen, hidden))
    named = {path for path in files if _names(said, path)} | (own & files.keys())
    if named - own:
        return frozenset(files[path] for path in named)
    imports = "\n".join(line for path in sorted(own) for line in read(path).splitlines() if _IMPORT.match(line))
    imported = {path for path in files if path not in own and _is_imported(imports, path)}
    return frozenset(files[path] for path in (named | imported or files))


def imports_any(text: str, paths: Collection[str]) -> bool:
    """Whether a file with this text imports one of these files, as far as its lines tell."""
    imports = "\n".join(line for line in text.splitlines() if _IMPORT.match(line))
    return any(_is_imported(imports, path) for path in paths)


def _names(text: str, path: str) -> bool:
    return re.search(rf"(?<![\w/.-]){re.escape(path)}(?![\w/-])", text) is not None


def _is_imported(imports: str, path: str) -> bool:
    stem, name = path.rpartition(".")[0] or path, ""
    *folders, name = stem.split("/")
    if name in ("__init__", "index", "mod") and folders:
        name = folders[-1]
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", imports) is not None


def _said(verdict: Verdict, seen: Seen, hidden: Hidden) -> Iterator[tuple[str, str]]:
    """What each failing test said, and the command as a whole where its tests say nothing; nothing of hidden files."""
    for test in verdict.failing:
        text = seen.after.texts.get(test, "")
        is_hidden = seen.after.files.get(test) in hidden.paths or hidden.is_in(text)
        yield test, "" if is_hidden else text
    if not verdict.failing or verdict.reason:
        output = seen.after.output
        yield "", verdict.reason if hidden.is_in(output) else f"{verdict.reason}\n{output}".strip()


def make_note(verdicts: Sequence[Verdict], seen: Sequence[Seen], hidden: Hidden) -> str:
    """What a model is told of the failing checks: which tests fail and how, cut. Markdown."""
    parts = [_part(verdict, one, hidden) for verdict, one in zip(verdicts, seen, strict=True) if not verdict.passes]
    return "\n\n".join(parts)


def _part(verdict: Verdict, seen: Seen, hidden: Hidden) -> str:
    lines = [f"The check `{verdict.name}` does not pass with these files."]
    lines += [f"- {test}: {_WORDS[verdict.results[test]]}" for test in verdict.failing[:MOST_NAMED]]
    if len(verdict.failing) > MOST_NAMED:
        lines.append(f"- and {len(verdict.failing) - MOST_NAMED} more")
    shown = [(test, text) for test, text in _said(verdict, seen, hidden) if text.strip()][:MOST_SHOWN]
    for test, text in shown:
        lines += ["", f"{test or 'It printed'}:", *_quoted(_cut(text))]
    return "\n".join(lines)


_WORDS = {
    "regressed": "fails, and did not fail before",
    "missing": "is not run any more, or is planned and not run: tests may not be taken away, renamed or skipped",
    "failing_before": "is planned and still fails",
}


def _quoted(text: str) -> Collection[str]:
    return [f"    {line}".rstrip() for line in text.splitlines()]


def _cut(text: str) -> str:
    if len(text) <= MOST_SAID:
        return text
    return f"{text[: MOST_SAID // 3]}\n…\n{text[-MOST_SAID * 2 // 3 :]}"
