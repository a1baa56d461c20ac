"""Words by which replies name files and call tools: lists and patterns of `words.toml`, read once."""

import tomllib
from importlib import resources

_TOLD = tomllib.loads(resources.files("codegen_tasks.edits.read").joinpath("words.toml").read_text("utf-8"))
PATTERNS: dict[str, str] = _TOLD["patterns"]
LISTS = {name: tuple(text.split()) for name, text in (_TOLD | _TOLD["calls"]).items() if isinstance(text, str)}
