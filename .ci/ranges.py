"""Prints the names that pyproject.toml gives ranges for, as alternatives of a regular expression."""

import re
import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
stated = project["dependencies"] + [name for extra in project["optional-dependencies"].values() for name in extra]
sys.stdout.write("|".join(re.match(r"[\w.-]+", requirement)[0] for requirement in stated))
