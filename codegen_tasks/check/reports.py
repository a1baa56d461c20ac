"""What a test run reported, read from JUnit XML or TAP. What is torn or contradicts itself is a fault.

Reads what pytest, jest, Go, Maven, ctest and others write; a test is known by file and name where the report tells its
file, else by class and name. Times, hosts and the outputs of tests that pass are not read.
"""

import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import TYPE_CHECKING

from codegen_tasks.records import Record

if TYPE_CHECKING:
    from xml.etree import ElementTree

MOST_TEXT = 8000  # characters kept of what a failing test said
WORST_FIRST = ("failed", "skipped", "passed")
SUFFIXES = (".py", ".js", ".ts", ".tsx", ".jsx", ".mjs", ".java", ".kt", ".go", ".rb", ".rs", ".php", ".cs", ".sh")
_TAP_LINE = re.compile(r"(not )?ok\b(?:\s+(\d+))?\s*(?:-\s+)?(.*)", re.IGNORECASE)
_TAP_PLAN = re.compile(r"1\.\.(\d+)\b(.*)")
_DIRECTIVE = re.compile(r"(?<!\\)#\s*(skip|todo)\b", re.IGNORECASE)


class Case(Record, frozen=True):
    """One test: `state` is passed, failed or skipped, `file` where it stands in the tree (None: not known)."""

    name: str
    state: str
    file: str | None = None
    text: str = ""


class BadReport(Exception):  # noqa: N818 (named as the errors of the package are)
    """A report that tells nothing, and why."""


def parse_report(kind: str, data: bytes, find: Callable[[str], str | None]) -> tuple[Case, ...]:
    """The tests of a report, sorted; of several with one name the worst counts. `find` gives a file of the tree for a
    path, or for a dotted name of a module or class. Raises BadReport."""
    tests = _read_junit(data, find) if kind == "junit" else _read_tap(data)
    found: dict[str, Case] = {}
    for test in tests:
        other = found.get(test.name)
        if other is None or WORST_FIRST.index(test.state) < WORST_FIRST.index(other.state):
            found[test.name] = test
    return tuple(found[name] for name in sorted(found))


def _read_junit(data: bytes, find: Callable[[str], str | None]) -> Iterator[Case]:
    root = _parse_xml(data)
    if root.tag not in ("testsuite", "testsuites"):
        raise BadReport(f"its outermost element is {root.tag[:40]!r}, not testsuites")
    for suite in root.iter("testsuite"):
        _check_counts(suite)
    for case in root.iter("testcase"):
        yield _case(case, find)


def _parse_xml(data: bytes) -> "ElementTree.Element":
    """The document, if it declares nothing: entities are how a small file becomes a large one, or reads another."""
    from xml.etree import ElementTree
    from xml.parsers import expat

    def refuse(*_: object) -> None:
        raise BadReport("it declares a document type")

    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
        return builder.close()
    except (expat.ExpatError, AssertionError, ValueError, LookupError) as error:
        raise BadReport(f"it is no whole XML document: {error}") from error


def _check_counts(suite: "ElementTree.Element") -> None:
    """A suite that says how many tests it holds must hold them: a torn or pieced-together report does not."""
    said = suite.get("tests", "")
    held = sum(1 for _ in suite.iter("testcase"))
    if said.isdigit() and int(said) > held and suite.find("testsuite") is None:
        raise BadReport(f"it says that there are {said} tests and tells of {held}")
    for kind, tags in (("failures", ("failure",)), ("errors", ("error",))):
        said = suite.get(kind, "")
        told = sum(1 for tag in tags for _ in suite.iter(tag))
        if said.isdigit() and int(said) > 0 and told == 0:
            raise BadReport(f"it says that there are {said} {kind} and tells of none")


def _case(case: "ElementTree.Element", find: Callable[[str], str | None]) -> Case:
    classname, name = case.get("classname") or "", case.get("name") or ""
    bad = [child for child in case if child.tag in ("failure", "error", "rerunFailure")]
    skipped = any(child.tag in ("skipped", "disabled") for child in case) or case.get("status") in (
        "notrun",
        "disabled",
    )
    state = "failed" if bad or case.get("status") == "fail" else "skipped" if skipped else "passed"
    path, rest = _place(case.get("file"), classname, find)
    if path is None and not classname and name and (found := find(name)):  # a file that could not be read by the runner
        path, name = found, ""
    name = "::".join(part for part in (path or "", rest, name) if part) or "(nameless)"
    text = "\n".join(part for child in bad for part in (child.get("message") or "", child.text or "") if part.strip())
    return Case(name, state, path, _ends(text))


def _place(file: str | None, classname: str, find: Callable[[str], str | None]) -> tuple[str | None, str]:
    """The file of a test and what of its class's name says more than that."""
    path = find(file) if file else None
    parts = re.split(r"[.]", classname) if " " not in classname else [classname]
    for length in range(len(parts), 0, -1):
        found = find(".".join(parts[:length]))
        if found is not None and path in (None, found):
            return found, "::".join(parts[length:])
    return path, "" if path and classname and "/" in classname else classname


def _ends(text: str) -> str:
    if len(text) <= MOST_TEXT:
        return text
    return f"{text[: MOST_TEXT // 4]}\n…\n{text[-MOST_TEXT * 3 // 4 :]}"


def _read_tap(data: bytes) -> Iterator[Case]:
    """TAP 12 to 14: indented lines, which are subtests or diagnostics, belong to the test line beside them."""
    planned: int | None = None
    tests: list[Case] = []
    said: list[str] = []
    for line in data.decode("utf-8", "replace").splitlines():
        if line.startswith("Bail out!"):
            raise BadReport(f"the run gave up: {line[9:].strip()[:200]}")
        if (plan := _TAP_PLAN.fullmatch(line)) is not None:
            planned = int(plan[1])
        elif (test := _TAP_LINE.match(line)) is not None and not line[0].isspace():
            tests.append(_tap_test(test, len(tests) + 1))
            said = []
        elif tests and tests[-1].state == "failed" and (line[:1].isspace() or line.startswith("#")):
            said.append(line)
            last = tests[-1]
            tests[-1] = Case(last.name, last.state, last.file, _ends("\n".join(said)))
    if planned is None:
        raise BadReport("it has no plan (1..N)")
    if planned != len(tests):
        raise BadReport(f"it plans {planned} tests and tells of {len(tests)}")
    yield from tests


def _tap_test(line: re.Match[str], number: int) -> Case:
    said = _DIRECTIVE.split(line[3], maxsplit=1)
    directive = said[1].lower() if len(said) > 1 else ""
    name = said[0].strip() or f"test {line[2] or number}"
    state = "skipped" if directive else "failed" if line[1] else "passed"
    return Case(name, state)


def find_in(files: Collection[str], cwd: str, root: str) -> Callable[[str], str | None]:
    """Tells which file of a tree a report means by a path (absolute, or relative to `cwd` or the tree) or by a dotted
    name; None if there is none, or if several could be meant."""
    known = frozenset(files)
    by_end: dict[str, list[str]] = {}
    for path in known:
        if path.endswith(SUFFIXES):
            by_end.setdefault(_dotted(path).rpartition(".")[2], []).append(path)
    at = "" if cwd in ("", ".") else f"{cwd.strip('/')}/"

    @cache
    def find(name: str) -> str | None:
        plain = name.removeprefix(f"{root}/").removeprefix("./").replace("\\", "/")
        near = next((path for path in (at + plain, plain) if path in known), None)
        if near is not None or " " in plain:
            return near
        wanted = plain.replace("/", ".").strip(".")
        same_end = by_end.get(wanted.rpartition(".")[2], [])
        for exact in (at.replace("/", ".") + wanted, wanted):
            if len(found := [path for path in same_end if _dotted(path) == exact]) == 1:
                return found[0]
        found = [path for path in same_end if "." in wanted and _dotted(path).endswith(f".{wanted}")]
        return found[0] if len(found) == 1 else None

    return find


def _dotted(path: str) -> str:
    return path.rpartition(".")[0].replace("/", ".")
