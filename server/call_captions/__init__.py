"""Captions as native captions of a call: sent to Zoom or Teams by the link that the meeting gives."""
