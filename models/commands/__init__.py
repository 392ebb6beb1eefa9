"""The commands that `signcap` finds by `server/web/training_side.py`; light to import, torch comes when asked."""
