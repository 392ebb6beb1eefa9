"""Streams: events, pictures, WebRTC."""
