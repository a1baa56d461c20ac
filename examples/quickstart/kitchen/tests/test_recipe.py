import unittest

from kitchen.recipe import Ingredient, parse_recipe, shopping_list

TEXT = """Banana bread
serves 8
oven 350

2 cups flour
3 whole ripe bananas
"""


class Recipes(unittest.TestCase):
    def test_everything_is_read(self) -> None:
        recipe = parse_recipe(TEXT)
        self.assertEqual((recipe.title, recipe.servings, recipe.oven), ("Banana bread", 8, 350))
        self.assertEqual(recipe.ingredients[1], Ingredient(3.0, "whole", "ripe bananas"))

    def test_the_oven_is_optional(self) -> None:
        self.assertEqual(parse_recipe("Salad\n1 head lettuce\n").oven, 0)

    def test_the_shopping_list_is_sorted(self) -> None:
        self.assertEqual(
            shopping_list(parse_recipe("Salad\n1 head lettuce\n2 spoons dressing\n")), ["dressing", "lettuce"]
        )
