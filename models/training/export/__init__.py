"""From trained networks to files that the live path runs."""
