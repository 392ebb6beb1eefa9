"""Sources of frames: cameras and video files."""
