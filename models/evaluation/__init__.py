"""Trials of a model: situations before the whole live path, and what was read in them."""
