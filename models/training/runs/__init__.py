"""What is kept of a training, and shown of it."""
