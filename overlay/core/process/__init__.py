"""Settings of the process, and of the system that it runs in."""
