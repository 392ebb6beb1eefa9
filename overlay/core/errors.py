"""The errors that are meant for people."""


class SigncapError(Exception):
    """An error that the user can mend: the message is one clear sentence that says what to do next."""


class SourceError(SigncapError):
    """A camera, a video file or another source of frames cannot be opened or read."""


class SinkError(SigncapError):
    """A virtual camera, a file or another receiver of pictures cannot be opened or written."""
