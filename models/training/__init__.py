"""One loop that trains every network, and what it writes down."""
