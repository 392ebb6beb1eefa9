"""Reading captions back out of pictures, by comparing them with captions that are drawn anew."""

import cv2
import numpy as np

from overlay.captions.renderer import CaptionRenderer
from overlay.captions.state import CaptionState, Cue
from overlay.core.settings import Settings
from overlay.media.frame import Pixels

GREY = 90


def drawn(text: str, size: tuple[int, int], *, notice: bool = False) -> Pixels:
    """A finished caption's, or a notice's, part of a grey picture, BGR uint8."""
    plain = np.full((size[1], size[0], 3), GREY, np.uint8)
    state = CaptionState() if notice else CaptionState(cues=(Cue(0, text, 0.0, 0.0),))
    captioned = CaptionRenderer().paint(plain, state, 0.0, Settings(), notice=text if notice else None)
    rows = np.flatnonzero((captioned != plain).any(axis=(1, 2)))
    columns = np.flatnonzero((captioned != plain).any(axis=(0, 2)))
    return captioned[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def shown(picture: Pixels, text: str, size: tuple[int, int], *, notice: bool = False) -> float:
    """How much a picture, BGR uint8 (H, W, 3), looks as if it had this caption: 1 exactly, around 0 not at all.

    Args:
        picture: of any size, perhaps scaled on its way.
        text: the whole caption, or the notice.
        size: of the pictures that were captioned.
        notice: look for a notice, at the top, instead of a caption, at the bottom.
    """
    picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    part = picture[: size[1] // 2] if notice else picture[size[1] // 2 :]
    wanted = cv2.cvtColor(drawn(text, size, notice=notice), cv2.COLOR_BGR2GRAY)
    return float(cv2.matchTemplate(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY), wanted, cv2.TM_CCOEFF_NORMED).max())
