"""Measures of grandmother's cookbook. No recipe has used them for years."""

TEASPOONS_PER_GILL = 24
CUPS_PER_PECK = 38.75


def gills_to_teaspoons(gills: float) -> float:
    """Return the teaspoons in so many gills."""
    return gills * TEASPOONS_PER_GILL


def pecks_to_cups(pecks: float) -> float:
    """Return the cups in so many pecks."""
    return pecks * CUPS_PER_PECK
