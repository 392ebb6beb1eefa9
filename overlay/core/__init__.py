"""The base of every room: errors, settings, time, and measurements."""
