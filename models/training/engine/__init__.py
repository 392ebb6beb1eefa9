"""The loop that trains every network, and what a run needs around it."""
