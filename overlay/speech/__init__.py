"""Finished captions, spoken by an engine of this machine's into a microphone that calls can choose."""
