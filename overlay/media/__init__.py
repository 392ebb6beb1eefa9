"""Pictures: what a frame is, where frames come from, and where captioned ones go."""
