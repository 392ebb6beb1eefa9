"""One frame of the source that is running, for who wants no more of it."""

import asyncio
from typing import Final

from overlay.core.errors import SigncapError
from overlay.media.frame import Frame, Pixels
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.result import CaptionResult

FRAME_SECONDS: Final = 5.0  # to wait for it


async def next_frame(pipeline: Pipeline) -> Pixels:
    """Wait for the next frame that is recognised, and copy it, without captions.

    Raises:
        SigncapError: none comes.
    """
    loop = asyncio.get_running_loop()
    coming: asyncio.Future[Pixels] = loop.create_future()

    def put(pixels: Pixels) -> None:
        if not coming.done():
            coming.set_result(pixels)

    def take(frame: Frame, _reading: CaptionResult) -> None:
        if not coming.done():
            loop.call_soon_threadsafe(put, frame.pixels.copy())

    unlisten = pipeline.listen_frames(take)
    try:
        async with asyncio.timeout(FRAME_SECONDS):
            return await coming
    except TimeoutError:
        if pipeline.finished.is_set():
            raise SigncapError("The source has ended: start Signcap again, or choose a picture.") from None
        raise SigncapError("No picture came from the camera: look at the page Live, then try again.") from None
    finally:
        unlisten()
