"""Checks of cameras, those that film and those that calls can choose."""
