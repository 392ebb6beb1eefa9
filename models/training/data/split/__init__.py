"""Which pictures are trained on, and which are kept to test."""
