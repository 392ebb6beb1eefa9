"""Recordings from the page, the command line and the desktop."""
