"""Recordings of the captioned picture, with sound and captions: made while they grow to survive a crash."""
