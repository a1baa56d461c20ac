"""`doit review`, by the real command line."""

import re
from pathlib import Path

from tests.program import Program
from tests.review.test_page import data_of
from tests.workshop import Workshop


def shop_at(tmp_path: Path) -> Workshop:
    shop = Workshop(tmp_path / "repo", {"src/a.txt": "one\n"})
    shop.plan("# Plan\n\n## `src/a.txt`\n\nWrite the answer.\n", ["src/a.txt", "src/b.txt"])
    (shop.task / "codegen.yaml").write_text(Program(tmp_path / "program").settings())
    return shop


def test_the_page_of_a_run_says_who_wrote_each_line(tmp_path: Path) -> None:
    shop = shop_at(tmp_path)
    assert shop.doit("codegen").returncode == 0
    (edited := shop.code("files/src/b.txt")).write_text(edited.read_text() + "by hand\n")
    assert shop.doit("codegen").returncode == 0
    before = {path: path.read_bytes() for path in shop.task.rglob("code/*") if path.is_file()}
    run = shop.doit("review")
    assert (run.returncode, "code/review.html" in run.stdout) == (0, True), run.stdout + run.stderr
    page = shop.code("review.html").read_bytes()
    bodies = {body[0]: body[1:] for body in data_of(page) if isinstance(body, list)}
    marks = {line[3]: line[4] for hunk in bodies["b.txt"] for line in hunk[1:]}
    assert marks["by hand"] == 1
    assert set(marks.values()) == {0, 1}
    assert b"Write the answer." in page
    assert {path: path.read_bytes() for path in before} == before
    assert shop.doit("review").returncode == 0
    assert shop.code("review.html").read_bytes() == page


def test_the_page_of_a_failed_run_says_why(tmp_path: Path) -> None:
    shop = shop_at(tmp_path)
    (shop.task / "codegen.yaml").write_text('{"roles": {"codegen": [{"command": ["false"], "retries": 0}]}}')
    failed = shop.doit("codegen").returncode
    assert failed
    assert shop.doit("review").returncode == 0
    page = shop.code("review.html").read_text()
    assert re.search(r'class="badge bad">provider_\w+<', page)
    assert "src/b.txt" in page


def test_without_a_run_there_is_an_empty_page(tmp_path: Path) -> None:
    shop = shop_at(tmp_path)
    assert shop.doit("review").returncode == 0
    assert "not finished" in shop.code("review.html").read_text()
