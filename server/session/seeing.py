"""Tells the user when the signing hand cannot be seen well."""

from collections.abc import Callable

from overlay.media.frame import Frame
from overlay.pipeline.pipeline import Pipeline
from overlay.pipeline.result import CaptionResult
from overlay.recognition.seeing import Seeing


def tell_seeing(pipeline: Pipeline, tell: Callable[[str | None], None]) -> Callable[[], None]:
    """Tell, from now on, when light or size of the hand begins to be too little, and when it is no longer.

    Args:
        pipeline: whose frames are looked at.
        tell: called with a sentence, or None, whenever that changes; in the recognise thread.

    Returns:
        A function that ends it.
    """
    seeing, told = Seeing(), None

    def accept(frame: Frame, reading: CaptionResult) -> None:
        nonlocal told
        seeing.accept(frame, reading.hand)
        if seeing.sentence != told:
            told = seeing.sentence
            tell(told)

    return pipeline.listen_frames(accept)
