"""What tells answers apart when several are compared: their content but for layout, how near they come to passing."""

from collections.abc import Collection, Mapping, Sequence

from codegen_tasks.check.verdict import Verdict, is_test
from codegen_tasks.records import digest

Contents = Mapping[str, bytes | None]


def badness(verdicts: Sequence[Verdict]) -> tuple[int, int]:
    """How far from passing a state is: commands that fail as a whole, then tests that keep one from passing."""
    whole = sum(not v.passes and (not v.failing or bool(v.reason)) for v in verdicts)
    return whole, sum(len(v.failing) for v in verdicts)


def planned_passed(verdicts: Sequence[Verdict], written: Collection[str]) -> int:
    """How many tests of planned files pass."""
    tests = {path for path in written if is_test(path)}
    return sum(
        word in ("passed", "fixed") and test.partition("::")[0] in tests
        for verdict in verdicts
        for test, word in verdict.results.items()
    )


def shape(files: Contents) -> str:
    """The same for contents that differ in layout and comments only, where their language is known."""
    return digest("\0".join(f"{path}\0{_normal(path, data)}" for path, data in sorted(files.items())).encode())


def _normal(path: str, data: bytes | None) -> str:
    if data is None:
        return "-"
    leaves = _leaves(path, data)
    return digest(data) if leaves is None else "\1".join(leaves)


def _leaves(path: str, data: bytes) -> list[str] | None:
    """The words of the syntax tree in order, comments left out; None for a language nobody knows or a broken text."""
    language = LANGUAGES.get(path.rpartition(".")[2])
    if language is None:
        return None
    from tree_sitter_language_pack import get_parser

    root = get_parser(language).parse(data).root_node  # type: ignore[arg-type] # a name of the pack
    if root.has_error:
        return None
    found, pending = [], [root]
    while pending:
        node = pending.pop()
        if "comment" in node.type:
            continue
        if node.child_count:
            found.append(node.type)  # what indentation means stands in the tree only
            pending.extend(reversed(node.children))
        else:
            found.append((node.text or b"").decode("utf-8", "replace"))
    return found


LANGUAGES = {
    "py": "python", "js": "javascript", "mjs": "javascript", "jsx": "javascript", "ts": "typescript", "tsx": "tsx",
    "go": "go", "rs": "rust", "java": "java", "rb": "ruby", "c": "c", "h": "c", "cpp": "cpp", "cs": "csharp",
    "php": "php", "kt": "kotlin", "sh": "bash", "json": "json", "css": "css", "html": "html",
}  # fmt: skip
