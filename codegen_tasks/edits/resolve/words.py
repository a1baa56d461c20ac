"""The words and lines by which a block of a reply is judged, and those of refusals, from `words.toml`."""

import tomllib
from importlib import resources

_TOLD = tomllib.loads(resources.files("codegen_tasks.edits.resolve").joinpath("words.toml").read_text("utf-8"))
SAYS: dict[str, str] = _TOLD["says"]
WORDS: dict[str, frozenset[str]] = {name: frozenset(words.split()) for name, words in _TOLD["words"].items()}
LINES: dict[str, str] = {name: rf"\s*(?:{'|'.join(lines)})" for name, lines in _TOLD["lines"].items()}
