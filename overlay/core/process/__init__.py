"""What this program asks of the process and the system that it runs in."""
