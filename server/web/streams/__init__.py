"""What goes on being sent: events, pictures, WebRTC."""
