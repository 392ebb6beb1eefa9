"""Captioning video files."""
