"""From letters to text, and from text to lines, painted captions and subtitles."""
