"""Prints the recipes named on the command line."""

import sys
from pathlib import Path

from kitchen.card import render_card
from kitchen.recipe import parse_recipe

for name in sys.argv[1:]:
    print(render_card(parse_recipe(Path(name).read_text(encoding="utf-8"))))
