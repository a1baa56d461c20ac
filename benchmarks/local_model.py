"""How often the embedded model's replies are well-formed, and how often they are right: prints a table.

    python benchmarks/local_model.py [--show] [WORD …]

Each task is a plan section put to the provider as the pipeline puts it. *Well-formed*: the edit engine applies
the reply and the file parses. *Right*: an expression over the file's names holds. `--show` prints what was not right;
with words, only the tasks that hold one of them run.
"""

import argparse
import ast
import re
import time
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from codegen_tasks.call import ProviderFault, Watch
from codegen_tasks.context import Rendered, Shown, Templates, build_request
from codegen_tasks.edits import apply_replies
from codegen_tasks.errors import EditFailed
from codegen_tasks.local import EMBEDDED, ask
from codegen_tasks.records import Blob, Intent, ModelSpec, PlannedFile, Section, Unit

FUNCTIONS = (  # signature, docstring, what must hold
    (
        "clamp(value: float, low: float, high: float) -> float",
        "Return value limited to the range from low to high, using min and max.",
        "(clamp(5, 0, 10), clamp(-1, 0, 10), clamp(11, 0, 10)) == (5, 0, 10)",
    ),
    (
        "count_words(text: str) -> int",
        "Split the text at whitespace and return the number of words.",
        "count_words('a b  c\\n') == 3 and count_words('') == 0",
    ),
    (
        "count_lines(text: str) -> int",
        "Return the length of text.splitlines().",
        "count_lines('a\\nb') == 2 and count_lines('') == 0",
    ),
    (
        "count_letters(text: str) -> int",
        "Return how many characters of the text are letters.",
        "count_letters('a1 b2') == 2",
    ),
    (
        "count_vowels(text: str) -> int",
        "Return how many characters of the text are in 'aeiou'.",
        "count_vowels('banana') == 3",
    ),
    (
        "reading_minutes(words: int, words_per_minute: int = 200) -> float",
        "Return words divided by words_per_minute.",
        "reading_minutes(400) == 2 and reading_minutes(300, 100) == 3",
    ),
    (
        "average_word_length(words: list[str]) -> float",
        "Return the sum of the lengths of the words divided by the number of words.",
        "average_word_length(['a', 'abc']) == 2",
    ),
    (
        "longest_word(words: list[str]) -> str",
        "Return the longest of the words.",
        "longest_word(['a', 'abc', 'ab']) == 'abc'",
    ),
    (
        "unique_words(words: list[str]) -> list[str]",
        "Return the words without duplicates, sorted.",
        "unique_words(['b', 'a', 'b']) == ['a', 'b']",
    ),
    (
        "slugify(title: str) -> str",
        "Return the title in lower case with every space replaced by a dash.",
        "slugify('Hello Big World') == 'hello-big-world'",
    ),
    ("shout(text: str) -> str", "Return the text in upper case.", "shout('hi') == 'HI'"),
    (
        "is_palindrome(word: str) -> bool",
        "Return True if the word is equal to its reverse.",
        "is_palindrome('anna') and not is_palindrome('bob2')",
    ),
    (
        "celsius_to_fahrenheit(celsius: float) -> float",
        "Return celsius times 9 / 5 plus 32.",
        "celsius_to_fahrenheit(0) == 32 and celsius_to_fahrenheit(100) == 212",
    ),
    (
        "fahrenheit_to_celsius(fahrenheit: float) -> float",
        "Subtract 32, then multiply by 5 / 9.",
        "fahrenheit_to_celsius(32) == 0 and fahrenheit_to_celsius(212) == 100",
    ),
    (
        "kilometers_to_miles(kilometers: float) -> float",
        "One mile is 1.609344 kilometers.",
        "abs(kilometers_to_miles(10) - 6.21371) < 0.01",
    ),
    (
        "miles_to_kilometers(miles: float) -> float",
        "One mile is 1.609344 kilometers.",
        "abs(miles_to_kilometers(10) - 16.09344) < 0.01",
    ),
    (
        "discounted(price: float, percent: float) -> float",
        "Return price minus price * percent / 100.",
        "discounted(200, 10) == 180",
    ),
    (
        "mean(numbers: list[float]) -> float",
        "Return the sum of the numbers divided by how many there are.",
        "mean([1, 2, 3]) == 2 and mean([4.0]) == 4",
    ),
    (
        "spread(numbers: list[float]) -> float",
        "Return the largest number minus the smallest number.",
        "spread([3, 9, 4]) == 6",
    ),
    (
        "median(numbers: list[float]) -> float",
        "Return the middle of the sorted numbers.",
        "median([3, 1, 2]) == 2 and median([5, 1, 2, 3, 4]) == 3",
    ),
    (
        "rectangle_perimeter(width: float, height: float) -> float",
        "Return 2 * (width + height).",
        "rectangle_perimeter(2, 3) == 10",
    ),
    (
        "title_case(text: str) -> str",
        "Return the text with each word capitalized.",
        "title_case('hello big world') == 'Hello Big World'",
    ),
    (
        "is_leap_year(year: int) -> bool",
        "A year is a leap year if it is divisible by 4 and not by 100, or divisible by 400.",
        "[y for y in (1900, 2000, 2023, 2024) if is_leap_year(y)] == [2000, 2024]",
    ),
    (
        "initials(name: str) -> str",
        "Return the first letter of each word of the name, joined.",
        "initials('Ada Lovelace') == 'AL'",
    ),
    ("hours_to_minutes(hours: float) -> float", "Return hours times 60.", "hours_to_minutes(1.5) == 90"),
    ("cups_to_milliliters(cups: float) -> float", "One cup is 240 milliliters.", "cups_to_milliliters(2) == 480"),
    (
        "scale(amounts: list[float], factor: float) -> list[float]",
        "Return each amount multiplied by the factor.",
        "scale([1, 2], 3) == [3, 6]",
    ),
    (
        "total(prices: list[float], tax: float) -> float",
        "Return the sum of the prices times (1 + tax).",
        "total([10, 20], 0.5) == 45",
    ),
)
SETTINGS = '''"""Settings of the shop."""

CURRENCY = "EUR"
TAX = 0.19
PAGE_SIZE = 20
DEBUG = True


def label(price: float) -> str:
    """The price as text."""
    return f"{price} {CURRENCY}"
'''
EDITS = (  # what the plan says, what must hold
    ("Set `TAX` to 0.07.", "TAX == 0.07 and PAGE_SIZE == 20"),
    ("Change `PAGE_SIZE` from 20 to 50.", "PAGE_SIZE == 50 and TAX == 0.19"),
    ("Turn `DEBUG` off: it becomes False.", "DEBUG is False and CURRENCY == 'EUR'"),
    ('The currency becomes "USD".', "CURRENCY == 'USD' and label(1) == '1 USD'"),
    ('`label` shows the price with two decimals: `f"{price:.2f} {CURRENCY}"`.', "label(1) == '1.00 EUR'"),
    ("Replace `DEBUG = True` by `DEBUG = False`.", "DEBUG is False and CURRENCY == 'EUR'"),
)
FREE = tuple((f"A module with the function `{signature}`. {text}", holds) for signature, text, holds in FUNCTIONS[::3])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--show", action="store_true")
    parser.add_argument("word", nargs="*")
    options = parser.parse_args()
    templates = _templates(Path(__file__).parents[1] / "templates")
    print(f"{'kind':28} {'asked':>6} {'well-formed':>12} {'right':>6} {'seconds':>8}")
    for kind, tasks in _tasks().items():
        chosen = [task for task in tasks if not options.word or any(word in str(task) for word in options.word)]
        start, formed, right = time.perf_counter(), 0, 0
        for section, before, holds in chosen:
            text = _written(section, before, templates)
            ok = _holds(text, holds)
            formed, right = formed + _parses(text), right + ok
            if options.show and not ok:
                print(f"--- {section}\n{text}\n---")
        print(f"{kind:28} {len(chosen):6} {formed:12} {right:6} {time.perf_counter() - start:8.1f}")


def _tasks() -> dict[str, list[tuple[str, str, str]]]:
    stubs = [
        (f'```python\ndef {signature}:\n    """{text}"""\n    ...\n```', holds) for signature, text, holds in FUNCTIONS
    ]
    return {
        "new file, body to fill": [(stub, "", holds) for stub, holds in stubs],
        "old file, function to add": [(f"Add this:\n\n{stub}", SETTINGS, holds) for stub, holds in stubs[1::3]],
        "old file, one line": [(text, SETTINGS, holds) for text, holds in EDITS],
        "new file, free": [(text, "", holds) for text, holds in FREE],
    }


def _written(section: str, before: str, templates: Templates) -> str:
    """The file after the reply, or why there is none."""
    blob = Blob(before.encode()) if before else None
    unit = Unit("shop.py", (PlannedFile("shop.py", Intent.UPDATE if before else Intent.CREATE),))
    plan = (
        Section("Aim", "# Aim\n\nA small shop.", 1),
        Section("shop.py", f"## shop.py\n\n{section}", 4, ("shop.py",)),
    )
    shown = (Shown("current", "shop.py", blob),)
    name = "search_replace" if before else "whole"
    request = build_request(unit, plan, shown, templates, formats=(name,), ambient=Rendered("./: shop.py, README.md"))
    try:
        reply = ask(ModelSpec(EMBEDDED), request, Watch())
        outcome = apply_replies((reply.text,), {"shop.py": blob})
    except (EditFailed, ProviderFault) as error:
        return f"? {error.message}"
    after = outcome.changes[0].after if outcome.changes else None
    return after.data.decode() if after else "? nothing"


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _holds(text: str, expression: str) -> bool:
    names: dict[str, object] = {}
    try:
        with redirect_stdout(StringIO()):  # wrong code likes to show itself
            exec(text, names)
        return bool(eval(expression, names))
    except Exception:  # whatever wrong code raises, it is wrong
        return False


def _templates(folder: Path) -> Templates:
    formats = {re.sub("^format_", "", path.stem): path.read_text() for path in folder.glob("format_*.j2")}
    return Templates((folder / "system.j2").read_text(), (folder / "unit.j2").read_text(), formats)


if __name__ == "__main__":
    main()
