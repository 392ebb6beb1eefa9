"""The one loop that trains every network."""
