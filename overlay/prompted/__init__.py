"""Prompted spelling: words that a signer is shown to spell, and how much of them is read."""
