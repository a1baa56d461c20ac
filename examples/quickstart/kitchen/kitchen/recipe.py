"""A recipe and how it is read from text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ingredient:
    """So much of something: 1.5 cups of flour."""

    amount: float
    unit: str
    name: str


@dataclass(frozen=True)
class Recipe:
    """What to take and how hot the oven has to be, in Fahrenheit; 0 for no oven."""

    title: str
    servings: int
    oven: int
    ingredients: tuple[Ingredient, ...]


def parse_recipe(text: str) -> Recipe:
    """Reads a title, `serves N`, perhaps `oven N`, and a line `amount unit name` for each ingredient."""
    title, *lines = [line.strip() for line in text.splitlines() if line.strip()]
    facts = {"serves": 1, "oven": 0}
    ingredients = []
    for line in lines:
        first, rest = line.split(maxsplit=1)
        if first in facts:
            facts[first] = int(rest)
        else:
            unit, name = rest.split(maxsplit=1)
            ingredients.append(Ingredient(float(first), unit, name))
    return Recipe(title, facts["serves"], facts["oven"], tuple(ingredients))


def shopping_list(recipe: Recipe) -> list[str]:
    """The names of the ingredients, in alphabetical order."""
    return sorted(ingredient.name for ingredient in recipe.ingredients)
