"""Each kind of reply that once went wrong, in many forms, files and places: refused, or right to the byte."""

from collections import Counter

import pytest

from tests.edits.form_kinds import FORM_KINDS
from tests.edits.kinds import KINDS, judge

ALL = {**KINDS, **FORM_KINDS}

MAY_BE_REFUSED = {
    "further out than a misquoted line": 1.0,
    "a body that goes by a first line without depth": 1.0,
    "first line flush, the rest as in the file": 0.15,
    "blank rows beyond the end": 0.05,  # a bracket alone at several places
    "newline at the end": 0.12,  # YAML that would not parse
}


@pytest.mark.parametrize("kind", ALL)
def test_kind(kind: str) -> None:
    outcomes = Counter(judge(case)[0] for case in ALL[kind]())
    assert outcomes["WRONG"] == 0
    assert outcomes["refused"] <= MAY_BE_REFUSED.get(kind, 0) * outcomes.total()
    assert outcomes.total() >= 20
