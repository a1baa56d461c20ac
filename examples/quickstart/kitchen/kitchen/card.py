"""A recipe as a card of plain text."""

from kitchen.recipe import Recipe

WIDTH = 40


def render_card(recipe: Recipe) -> str:
    """The card: a title between rules, then the ingredients with their amounts on the right."""
    rule = "=" * WIDTH
    lines = [rule, recipe.title.center(WIDTH).rstrip(), rule]
    for ingredient in recipe.ingredients:
        amount = f"{ingredient.amount:g} {ingredient.unit}"
        lines.append(f"{ingredient.name} ".ljust(WIDTH - len(amount), ".") + amount)
    if recipe.oven:
        lines.append(f"Oven: {recipe.oven} °F")
    return "\n".join(lines)
