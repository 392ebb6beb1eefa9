"""Keeps finished captions in files, and finds them again: only where the user has asked for it.

One session has two files: `ID.jsonl`, which history is made of, and `ID.txt` for people and other programs.
"""
