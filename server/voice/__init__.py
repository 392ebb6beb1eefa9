"""The voice that speaks captions into a call, over HTTP."""
