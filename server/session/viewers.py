"""The viewers now: browsers that show the picture, and pages that follow captions or figures."""

from overlay.media.sinks.jpeg_preview import StillsSink
from overlay.media.sinks.vp8_preview import StreamSink
from server.session.caption_feed import CaptionFeed


class Viewers:
    """Made in the event loop.

    Attributes:
        stream: gives the picture over WebRTC.
        stills: gives the picture as images.
        clean: gives the picture as images, without captions; to a page that shows the picture already.
        captions: gives the text as it grows.
        pages: a mark for each of the owner's pages that follow figures, settings and the voice.
    """

    def __init__(self) -> None:
        self.stream = StreamSink()
        self.stills = StillsSink()
        self.clean = StillsSink(clean=True)
        self.captions = CaptionFeed()
        self.pages: set[object] = set()

    @property
    def watching_picture(self) -> int:
        """The number of browsers that show the picture."""
        return self.stream.viewers + self.stills.viewers

    @property
    def count(self) -> int:
        """The number of open pages and second screens that show pictures or captions."""
        return self.watching_picture + self.captions.streams + len(self.pages)
