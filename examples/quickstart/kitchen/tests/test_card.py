import unittest
from pathlib import Path

from kitchen.card import WIDTH, render_card
from kitchen.recipe import parse_recipe

RECIPES = Path(__file__).parents[1] / "recipes"


class Cards(unittest.TestCase):
    def test_no_line_is_wider_than_the_card(self) -> None:
        for path in RECIPES.glob("*.txt"):
            with self.subTest(path.name):
                lines = render_card(parse_recipe(path.read_text(encoding="utf-8"))).split("\n")
                self.assertEqual(max(map(len, lines)), WIDTH)

    def test_amounts_stand_on_the_right(self) -> None:
        card = render_card(parse_recipe("Salad\n1 head lettuce\n"))
        self.assertTrue(card.endswith(".1 head"), card)
