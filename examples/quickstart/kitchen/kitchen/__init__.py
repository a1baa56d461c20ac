"""Recipes in, cards out."""
