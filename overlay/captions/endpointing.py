"""Endpointing: where a word and a caption end. A pure function, its rules as data.

The manner is that of sherpa-onnx's endpoint rules: each rule names how long something must have lasted.
"""

from enum import Enum
from typing import Final

from overlay.core.settings import Endpointing

LONGEST_WORD: Final = 30  # letters; whoever spells more without a pause spells several words


class Endpoint(Enum):
    """The kind of endpoint at this moment."""

    NOTHING = "nothing"
    WORD = "word"
    CAPTION = "caption"


def endpoint(
    rules: Endpointing,
    *,
    idle: float,
    lowered: float,
    length: float,
    in_word: bool,
    in_caption: bool,
    word: int = 0,
) -> Endpoint:
    """Decide from durations alone what ends now.

    Args:
        rules: how long each thing must last.
        idle: seconds since a letter was last being signed (0 while one is).
        lowered: seconds since a hand was last in view (0 while one is).
        length: seconds since the first letter of the caption.
        in_word: at least one letter was signed since the last word ended.
        in_caption: the caption holds at least one letter.
        word: how many letters were signed since the last word ended.
    """
    if not in_caption:
        return Endpoint.NOTHING
    if idle >= rules.caption_silence:
        return Endpoint.CAPTION
    word_ends = in_word and (
        idle >= rules.word_pause or (lowered >= rules.word_lowered and idle >= rules.word_lowered)
    )
    if length >= rules.caption_longest and (word_ends or not in_word or word >= LONGEST_WORD):
        return Endpoint.CAPTION
    return Endpoint.WORD if word_ends else Endpoint.NOTHING
