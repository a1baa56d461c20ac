"""The page in a real browser: it draws what it holds, answers keys, asks nobody, and runs nothing that it shows."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codegen_tasks.diff import make_patch
from codegen_tasks.records import Blob, FileChange
from codegen_tasks.review import Asked, Material, make_page

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = (
    os.environ.get("CHROMIUM")
    or shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]  # fmt: skip
OLD = "".join(f"line {i} of the file\n" for i in range(60))
NEW = OLD.replace("line 7 of", "line seven of").replace("line 50 of", "line fifty of")
HOSTILE = '</script><script>window.hit=1</script><img src="http://127.0.0.1:9/x" onerror="window.hit=2">\u202egnp.exe\n'
CHANGES = [
    FileChange("src/a.py", Blob(OLD.encode()), Blob(NEW.encode())),
    FileChange("src/b.py", None, Blob(("def area(r):  # a circle\n    return 3.14 * r\n" + HOSTILE).encode())),
    FileChange("z.txt", Blob(b"gone\n"), None),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Iterator[Any]:
    contents = {change.path: change.after.data for change in CHANGES if change.after}
    units = tuple(Asked(c.path, (c.path,), sections=("## `src/a.py`\n\nseven, **not** 7",)) for c in CHANGES)
    target = tmp_path / "review.html"
    hand = {"src/a.py": NEW.replace("line fifty", "line 50").encode()}
    target.write_bytes(make_page(Material("a plan", make_patch(CHANGES), contents, units=units, generated=hand)))
    page = browser.new_page(viewport={"width": 1300, "height": 800})
    page.trouble = []
    page.on("console", lambda message: page.trouble.append(message.text))
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.on("request", lambda request: request.url == target.as_uri() or page.trouble.append(request.url))
    page.goto(target.as_uri())
    page.wait_for_selector(".row")
    yield page
    assert page.trouble == []
    assert page.evaluate("window.hit") is None
    page.close()


def test_it_draws_every_line_that_changed(page: Any) -> None:
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    rows = page.eval_on_selector_all(".row.a, .row.d", "rows => rows.map(row => row.querySelector('code').textContent)")
    assert "line seven of the file" in rows
    assert "line 7 of the file" in rows
    assert len(rows) == 2 + 2 + 3 + 1
    assert page.eval_on_selector_all(".row mark", "marks => marks.map(mark => mark.textContent)") == [
        "7",
        "seven",
        "50",
        "fifty",
    ]
    assert page.eval_on_selector_all(".row.h code", "all => all.map(one => one.textContent)") == [
        "line fifty of the file"
    ]


def test_hostile_content_is_shown_as_text(page: Any) -> None:
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    shown = page.locator("#file-1 .diff").text_content()
    assert "</script><script>window.hit=1</script>" in shown
    assert "U+202E" in shown
    assert "\u202e" not in shown


def test_keys(page: Any) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent.trim()") == "src/b.py"
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent.trim()") == "src/a.py"
    page.keyboard.press("s")
    page.wait_for_selector(".pair")
    assert page.get_attribute("#split", "aria-pressed") == "true"
    page.keyboard.press("f")
    assert page.evaluate("document.getElementById('file-0').classList.contains('folded')")
    page.keyboard.press("/")
    page.keyboard.type("z.t")
    assert page.locator("nav.files li[data-path]:visible").count() == 1
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.evaluate("document.getElementById('help').open")


def test_light_and_dark(page: Any) -> None:
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.keyboard.press("t")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark


def test_it_can_be_read_on_a_narrow_screen(page: Any) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
