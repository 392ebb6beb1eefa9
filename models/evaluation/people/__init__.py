"""Trials with the movements of real people."""
