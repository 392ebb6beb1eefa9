"""Kept captions on the pages: switched, listed, searched, saved and deleted."""
