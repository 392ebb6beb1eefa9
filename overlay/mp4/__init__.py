"""MP4 files of captioned pictures, with sound and subtitles."""
