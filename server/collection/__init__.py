"""Collecting pictures of signers: takes on disk, and when a picture is taken. Used by the page and the terminal."""
