"""The live path: its threads, what stands between them, and the captions that come out."""
