"""From pixels to letters: hand, crop, features, window, letter model and decoder."""
