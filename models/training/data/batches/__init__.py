"""From the pictures of a split to what a network takes."""
