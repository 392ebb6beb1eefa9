"""Hands cut out of pictures, and what became of each picture."""
