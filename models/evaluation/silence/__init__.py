"""Trials of silence: what is read where nobody signs."""
