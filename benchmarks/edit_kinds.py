"""Kinds of replies that once went wrong, each in many forms: what is accepted must be right to the byte.

    python edit_kinds.py [--show KIND]

Prints how many of each kind came out right, were refused, or WRONG; exit 1 if one is WRONG.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.edits.form_kinds import FORM_KINDS
from tests.edits.kinds import KINDS, judge


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", default="", help="print what was not right in this kind")
    given = parser.parse_args()
    total = Counter[str]()
    print(f"{'kind':44s}{'replies':>8s}{'right':>8s}{'refused':>9s}{'WRONG':>7s}")
    for kind, make in {**KINDS, **FORM_KINDS}.items():
        counts = Counter[str]()
        for case in make():
            outcome, said = judge(case)
            counts[outcome] += 1
            if given.show == kind and outcome != "right":
                print("=" * 20, outcome, case.path, case.reply, "-" * 20, said, sep="\n")
        total += counts
        print(f"{kind:44s}{counts.total():8d}{counts['right']:8d}{counts['refused']:9d}{counts['WRONG']:7d}")
    return 1 if total["WRONG"] else 0


if __name__ == "__main__":
    sys.exit(main())
