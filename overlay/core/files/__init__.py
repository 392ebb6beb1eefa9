"""Files on disk: written whole or not at all, new, private, or gone with the program."""
