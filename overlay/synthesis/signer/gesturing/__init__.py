"""Gestures that are no letters."""
