"""Checks of the machine, its Python and packages, and Signcap's own files."""
