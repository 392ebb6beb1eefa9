"""Spell what is shown: phrases that a person spells, how much of them is read, and what is kept of it."""
