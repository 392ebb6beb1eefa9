"""Finding the hand in a picture."""
