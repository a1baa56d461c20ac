"""What reports of test runs tell, and which of them are not believed."""

import pytest

from codegen_tasks.check.reports import BadReport, Case, find_in, parse_report

FILES = frozenset({"tests/test_tax.py", "src/pkg/test_it.py", "web/sum.test.js", "src/test/java/org/acme/SumTest.java"})


def read(kind: str, text: str) -> tuple[Case, ...]:
    return parse_report(kind, text.encode(), find_in(FILES, ".", "/home/me/repo"))


def case(attributes: str, inner: str = "") -> str:
    return f"<testsuites><testsuite><testcase {attributes}>{inner}</testcase></testsuite></testsuites>"


NAMES = {
    "pytest": ('classname="tests.test_tax" name="test_zero" time="0.1"', "tests/test_tax.py::test_zero"),
    "pytest, in a class": (
        'classname="tests.test_tax.TestTax" name="test_zero"',
        "tests/test_tax.py::TestTax::test_zero",
    ),
    "pytest, by parameter": ('classname="tests.test_tax" name="test_zero[a-1]"', "tests/test_tax.py::test_zero[a-1]"),
    "pytest, with file": ('classname="tests.test_tax" name="t" file="tests/test_tax.py"', "tests/test_tax.py::t"),
    "pytest, file not importable": ('classname="" name="tests.test_tax"', "tests/test_tax.py"),
    "unittest, below a source folder": ('classname="pkg.test_it.It" name="t"', "src/pkg/test_it.py::It::t"),
    "jest, absolute": (
        'classname="sum adds" name="sum adds" file="/home/me/repo/web/sum.test.js"',
        "web/sum.test.js::sum adds::sum adds",
    ),
    "surefire": ('classname="org.acme.SumTest" name="adds"', "src/test/java/org/acme/SumTest.java::adds"),
    "a class nobody knows": ('classname="far.away" name="t"', "far.away::t"),
    "no name at all": ("", "(nameless)"),
}


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    attributes, expected = NAMES[name]
    assert [test.name for test in read("junit", case(attributes))] == [expected]


STATES = {
    "": "passed",
    "<system-out>ok</system-out>": "passed",
    "<failure message='no'/>": "failed",
    "<error>trace</error>": "failed",
    "<skipped/>": "skipped",
    "<properties/><skipped message='later'/>": "skipped",
    "<skipped/><error>teardown</error>": "failed",
}


@pytest.mark.parametrize("inner", STATES)
def test_states(inner: str) -> None:
    assert [test.state for test in read("junit", case("name='t'", inner))] == [STATES[inner]]


def test_of_two_with_one_name_the_worst_counts() -> None:
    text = "<testsuite><testcase name='t'/><testcase name='t'><failure/></testcase><testcase name='t'/></testsuite>"
    assert [test.state for test in read("junit", text)] == ["failed"]


NOT_BELIEVED = {
    "nothing": ("junit", "", "no whole XML"),
    "torn": ("junit", "<testsuites><testsuite><testcase name='t'/>", "no whole XML"),
    "text": ("junit", "2 passed", "no whole XML"),
    "another document": ("junit", "<html/>", "outermost element"),
    "entities": ("junit", "<!DOCTYPE a [<!ENTITY b 'c'>]><testsuites>&b;</testsuites>", "document type"),
    "a thousand laughs": (
        "junit",
        "<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;'>]><testsuites>&c;</testsuites>",
        "document type",
    ),
    "a file of the machine": (
        "junit",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><testsuite>&b;</testsuite>",
        "document type",
    ),
    "fewer tests than it says": (
        "junit",
        "<testsuite tests='3'><testcase name='t'/></testsuite>",
        "says that there are 3",
    ),
    "failures that it does not tell": (
        "junit",
        "<testsuite failures='1'><testcase name='t'/></testsuite>",
        "1 failures",
    ),
    "no plan": ("tap", "ok 1 - a\n", "no plan"),
    "fewer than planned": ("tap", "1..2\nok 1 - a\n", "plans 2"),
    "given up": ("tap", "1..2\nok 1 - a\nBail out! no database\n", "no database"),
    "empty TAP": ("tap", "", "no plan"),
}


@pytest.mark.parametrize("name", NOT_BELIEVED)
def test_what_is_not_believed(name: str) -> None:
    kind, text, why = NOT_BELIEVED[name]
    with pytest.raises(BadReport, match=why):
        read(kind, text)


def test_tap_with_subtests_diagnostics_and_directives() -> None:
    text = (
        "TAP version 14\n1..4\n"
        "ok 1 - adds\n"
        "# Subtest: group\n    1..1\n    not ok 1 - inner\n"
        "not ok 2 - group\n  ---\n  message: 3 is not 4\n  ...\n"
        "ok 3 - later # SKIP no network\nnot ok 4 - one day # TODO\n"
    )
    found = {test.name: (test.state, test.text) for test in read("tap", text)}
    assert {name: state for name, (state, _) in found.items()} == {
        "adds": "passed", "group": "failed", "later": "skipped", "one day": "skipped",
    }  # fmt: skip
    assert "3 is not 4" in found["group"][1]
