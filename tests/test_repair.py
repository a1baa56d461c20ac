"""Edits that go wrong at first, from the real command line to code/files, with every request counted."""

from pathlib import Path

from tests.peer import Action, Peer, Question, Say
from tests.workshop import Workshop

BASE = "def total(prices):\n    result = 0\n    for price in prices:\n        result += price\n    return result\n"
AFTER = BASE.replace("return result", "return round(result, 2)")


def block(search: str, replace: str) -> str:
    return f"src/price.py\n```python\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n```\n"


RIGHT = block("    return result", "    return round(result, 2)")
WRONG = block(
    "        result += price\n    return sum(prices)", "        result += price\n    return round(sum(prices))"
)


def shop_in(folder: Path, *urls: str, more: str = "") -> Workshop:
    shop = Workshop(folder / "repo", {"src/price.py": BASE})
    shop.plan("# Plan\n\nRound `src/price.py`.\n", ["src/price.py"])
    shop.models(*urls, more=more)
    return shop


def test_refused_then_mended(tmp_path: Path) -> None:
    with Peer(lambda asked: Say(WRONG if asked.number == 1 else RIGHT)) as peer:
        shop = shop_in(tmp_path, peer.url)
        assert shop.doit("codegen").returncode == 0
        assert shop.doit("codegen").returncode == 0
        first, second = (asked.texts for asked in peer.requests)
    assert shop.files() == {"src/price.py": AFTER.encode()}
    assert second[: len(first) + 1] == (*first, WRONG)
    assert "you wrote:     `    return sum(prices)`\n   line 5 reads: `    return result`" in second[-1]
    assert shop.read("ready.json")["usage"]["replies"] == 2


def test_cut_off_then_continued(tmp_path: Path) -> None:
    at = RIGHT.index("round") + 3
    with Peer(lambda asked: Say(RIGHT[:at], finish="length") if asked.number == 1 else Say(RIGHT[at:])) as peer:
        shop = shop_in(tmp_path, peer.url)
        assert shop.doit("codegen").returncode == 0
        assert [asked.texts[-2:-1] for asked in peer.requests[1:]] == [(RIGHT[:at],)]
    assert shop.files() == {"src/price.py": AFTER.encode()}


def test_three_repairs_in_vain_then_the_next_model(tmp_path: Path) -> None:
    def rule(asked: Question) -> Action:
        return Say(RIGHT if asked.model == "m1" else WRONG)

    with Peer(rule) as peer:
        shop = shop_in(tmp_path, peer.url, peer.url, more="generate: {repairs: 3}\n")
        assert shop.doit("codegen").returncode == 0
        assert [asked.model for asked in peer.requests] == ["m"] * 4 + ["m1"]
    assert shop.files() == {"src/price.py": AFTER.encode()}
