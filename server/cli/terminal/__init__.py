"""Screens of commands in a terminal."""
